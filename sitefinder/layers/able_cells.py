"""The point of the grid chosen for every land cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from sitefinder.layers.able import MEDIAN, REACH_KM, GridPoints, choice_settings, grid_points
from sitefinder.layers.sources import Sources
from sitefinder.units import M_PER_KM

if TYPE_CHECKING:
    from sitefinder.config import Config


def able_settings(config: Config) -> Mapping[str, Any]:
    """What the choice of a station depends on."""
    return choice_settings(config.section("delivery"), config.project.mw)


@dataclass(frozen=True)
class Everywhere:
    """The point of the grid chosen for each land cell, by the rule of :func:`sitefinder.layers.able.choose`.

    Parameters
    ----------
    points : GridPoints
    able_row : (n_land,) int32
        The nearest that carries the load, however far; -1 where there is none at all.
    worth_km : (n_land,) float32
        Distance to it, a new switching station counting as some kilometres of line; NaN where there is none.
    row : (n_land,) int32
        That one, or where it is out of reach the one that stands in.
    km : (n_land,) float32
        Straight distance to the latter.
    """

    points: GridPoints
    able_row: np.ndarray
    worth_km: np.ndarray
    row: np.ndarray
    km: np.ndarray

    @property
    def left_mw(self) -> np.ndarray:
        """(n_land,) float32 median of the headroom left."""
        return self.points.left_mw[self.row, MEDIAN].astype(np.float32)


def everywhere(sources: Sources) -> Everywhere:
    """The choice for all land cells, made once."""

    def make() -> Everywhere:
        delivery, mw = sources.config.section("delivery"), sources.project.mw
        points = grid_points(sources.package, delivery, mw)
        able, worth = points.usable(mw), np.float32(delivery.grid.cut_in.worth_km)
        station, station_km = _nearest(sources, points, able & ~points.cut_in)
        line, line_km = _nearest(sources, points, able & points.cut_in)
        closer = station_km <= line_km + worth
        able_row, km = np.where(closer, station, line), np.where(closer, station_km, line_km)
        worth_km = np.minimum(station_km, line_km + worth)
        row = np.where(worth_km <= delivery.grid.search_km, able_row, -1)
        for stand_in in (_roomiest(sources, points), _nearest(sources, points, ~points.is_line)[0]):
            row = np.where(row >= 0, row, stand_in)
        away = np.where(row == able_row, km, _apart_km(sources, points, row))
        return Everywhere(
            points,
            able_row.astype(np.int32),
            np.where(able_row >= 0, worth_km, np.float32(np.nan)).astype(np.float32),
            row.astype(np.int32),
            away.astype(np.float32),
        )

    return sources.once(("able grid",), make)


def _nearest(sources: Sources, points: GridPoints, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row of the nearest of some points of every land cell and its distance, km; -1 and infinite where there is none."""
    rows = np.flatnonzero(wanted)
    if not rows.size:
        return np.full(sources.land.size, -1, np.int32), np.full(sources.land.size, np.inf, np.float32)
    built = sources.distance_km(points.geometry[rows])
    return rows[built.nearest].astype(np.int32), built.values


def _roomiest(sources: Sources, points: GridPoints) -> np.ndarray:
    """(n_land,) station with most headroom left within ``REACH_KM``, -1 = none."""
    rows = np.flatnonzero(~points.is_line)
    best = sources.largest_within_km(points.geometry[rows], np.nan_to_num(points.left_mw[rows, MEDIAN], nan=-1.0), REACH_KM)
    return np.where(best >= 0, rows[best], -1)


def _apart_km(sources: Sources, points: GridPoints, row: np.ndarray) -> np.ndarray:
    """(n_land,) distance to the station of a row; of a line to its middle, which nobody asks for."""
    place = shapely.get_coordinates(shapely.centroid(points.geometry))[row]
    x, y = sources.land.grid.centre(*sources.land.rows_cols(np.arange(sources.land.size)))
    return np.hypot(x - place[:, 0], y - place[:, 1]) / M_PER_KM
