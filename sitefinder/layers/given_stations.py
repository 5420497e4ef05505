"""Stations whose megawatts the user knows, among those that have an estimate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from sitefinder.errors import DataError
from sitefinder.layers.vectors import column_of, numbers, read_vector, stamps_of
from sitefinder.units import M_PER_KM

if TYPE_CHECKING:
    from sitefinder.config.added import GivenStations

PLACE = "delivery.grid.stations"
#: names of columns, in lower case without signs: name, voltage class, megawatts with one line out, and with all in service
NAME = ("name", "station", "substation", "stationname", "busname", "bus")
KV = ("kv", "voltage", "basekv", "voltagekv", "nominalkv")
OUT = ("mw", "n1mw", "n1", "headroommw", "headroom", "n1p50")
INTACT = ("n0mw", "n0", "n0p50")
#: what stands behind the name of such a station
BY_THE_USER = "as stated"


@dataclass(frozen=True)
class Given:
    """Rows of the user's table.

    Parameters
    ----------
    geometry : (n,) shapely points, EPSG:5070
    name : (n,) object
    kv : (n,) int64
    out_mw, intact_mw : (n,) float64
        Megawatts with any one line out, and with all in service; NaN = unknown.
    """

    geometry: np.ndarray
    name: np.ndarray
    kv: np.ndarray
    out_mw: np.ndarray
    intact_mw: np.ndarray


def read_given(stations: GivenStations) -> Given:
    """The user's table: points with ``kv`` and ``mw``; ``name`` and ``n0_mw`` (all lines in service) where it has them.

    Raises
    ------
    DataError
        The file cannot be used, a column is missing, or a voltage or a number of megawatts is none.
    """
    path = Path(stations.file)
    frame = read_vector(path, PLACE)
    columns = {key: column_of(frame, names) for key, names in (("name", NAME), ("kv", KV), ("mw", OUT), ("n0_mw", INTACT))}
    for key in ("kv", "mw"):
        if columns[key] is None:
            raise DataError(f"No column '{key}' in {path} named in {PLACE}. Add it: voltage in kV, megawatts of new load.")
    if not len(frame):
        raise DataError(f"No station in {path} named in {PLACE}. Give one at least.")
    kv, out = (numbers(frame, str(columns[key]), path, PLACE) for key in ("kv", "mw"))
    intact = numbers(frame, columns["n0_mw"], path, PLACE) if columns["n0_mw"] else out
    for key, values, wrong in (("kv", kv, ~(kv > 0)), ("mw", out, out < 0), ("n0_mw", intact, intact < 0)):
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise DataError(f"Invalid {path} named in {PLACE}: {key} {values[row]:g} in row {row + 1}. Give a number above 0.")
    titles = frame[columns["name"]] if columns["name"] else [None] * len(frame)
    name = [str(n) if isinstance(n, str) and n.strip() else f"station {i}" for i, n in enumerate(titles, start=1)]
    points = shapely.centroid(frame.geometry.values)
    return Given(points, np.array(name, object), np.round(kv).astype(np.int64), out, np.fmax(intact, out))


def settings_of(stations: GivenStations | None) -> Mapping[str, Any]:
    """What a choice of stations depends on: the table, and when its file was written; empty without one."""
    if stations is None:
        return {}
    return {"stations": {**stations.model_dump(mode="json"), "files": stamps_of(Path(stations.file))}}


def matches(given: Given, geometry: np.ndarray, kv: np.ndarray, within_km: float) -> np.ndarray:
    """(n,) row of the nearest mapped station of the class of each row of the user's, within some kilometres; -1 = none.

    Parameters
    ----------
    given : Given
    geometry, kv : (m,) arrays
        Of the mapped stations.
    within_km : float
    """
    row = np.full(len(given.kv), -1, np.int64)
    for level in np.unique(given.kv):
        mine, mapped = np.flatnonzero(given.kv == level), np.flatnonzero(kv == level)
        if mapped.size:
            tree = shapely.STRtree(geometry[mapped])
            near, at = tree.query_nearest(given.geometry[mine], max_distance=within_km * M_PER_KM, all_matches=False)
            row[mine[near]] = mapped[at]
    return row
