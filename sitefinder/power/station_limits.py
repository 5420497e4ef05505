"""What limits the station that a site connects to, what strengthening that brings and costs, and how strong the grid is there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sitefinder.layers.able import Chosen
from sitefinder.layers.files import HEADROOM
from sitefinder.layers.package import DataPackage

_TEXTS, _NUMBERS = ("limit", "lost", "limit_kind"), ("limit_kv", "limit_km", "typical_mw", "lifted_mw", "short_circuit_mva")


@dataclass(frozen=True)
class StationLimits:
    """Of the station of each site; None and NaN = unknown, as for every line that a campus is cut into.

    Parameters
    ----------
    limit, lost : (n,) object
        Element that reaches its limit first in the typical case, and the outage behind it (None: all in service).
    limit_kind : (n,) object
        ``line``, ``transformer``, ``feeder``; None where idle generation limits.
    limit_kv, limit_km : (n,) float64
        Its class and length.
    typical_mw, lifted_mw : (n,) float64
        Headroom of the typical case with one line out, as it is and with that element strengthened.
    short_circuit_mva : (n,) float64
        Proxy of strength.
    """

    limit: np.ndarray
    lost: np.ndarray
    limit_kind: np.ndarray
    limit_kv: np.ndarray
    limit_km: np.ndarray
    typical_mw: np.ndarray
    lifted_mw: np.ndarray
    short_circuit_mva: np.ndarray

    def short_circuit_ratio(self, mw: float) -> np.ndarray:
        """(n,) short-circuit power over a load of this many MW."""
        return self.short_circuit_mva / mw


def station_limits(package: DataPackage, chosen: Chosen) -> StationLimits:
    """Network facts of the stations chosen; the rows of stations among the points are those of the table.

    Raises
    ------
    DataError
        The file is missing, damaged, or lacks a column.
    """
    table = package.columns(HEADROOM, (*_TEXTS, *_NUMBERS))
    row, station = chosen.row, ~chosen.points.is_line
    texts = {name: _texts(table[name], row, station) for name in _TEXTS}
    numbers = {name: np.full(len(row), np.nan) for name in _NUMBERS}
    for name, values in numbers.items():
        values[station] = table[name][row[station]]
    return StationLimits(**texts, **numbers)


def _texts(column: np.ndarray, row: np.ndarray, station: np.ndarray) -> np.ndarray:
    return np.array([plain(column[r]) if known else None for r, known in zip(row, station, strict=True)], object)


def plain(element: str | None) -> str | None:
    """An element of the grid in words that say each thing once.

    >>> plain("345 kV near Moore - near Moore"), plain("230 kV near at Belews Creek - Sadler"), plain("345 kV Tidd - Collier")
    ('345 kV near Moore', '230 kV near Belews Creek - Sadler', '345 kV Tidd - Collier')
    """
    if not isinstance(element, str):
        return element
    words = element.replace(" near at ", " near ")
    volts, _, between = words.partition(" kV ")
    first, _, second = between.partition(" - ")
    return f"{volts} kV {first}" if second and first == second else words
