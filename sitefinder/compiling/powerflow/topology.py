"""The mapped lines and stations as a network: buses, lines between them, transformers between voltage classes.

The line register gives voltage classes and shapes, nothing else. Ends are tied to stations by nearness, open ends to lines of the
same class that they touch. How many circuits a shape stands for is unknown and is left to the parameters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from sitefinder.units import M_PER_KM

#: ends this close are one point: coordinates are rounded to 2 m, shapes thinned by 12 m
MEET_M = 15.0
#: 90 % of the ends of 230 kV and more lie within 20 m of a station, 93 % within 100 m, and hardly more up to 500 m
SNAP_M = 100.0
#: an end that leads nowhere is tied to a station of its class within this distance, or to a line of its class
REACH_M = 1000.0
TOUCH_M = 60.0
#: switchyards this close are one station
YARD_M = 300.0


@dataclass(frozen=True)
class Network:
    """Buses and branches.

    Parameters
    ----------
    kv : (n_buses,) int
        Voltage class.
    xy : (n_buses, 2) float64
        EPSG:5070, metres.
    station : (n_buses,) int
        Row of the station table, -1 for a junction of lines.
    start, end : (n_branches,) int
        Buses.
    km : (n_branches,) float64
        Length of a line; 0 for a transformer.
    is_transformer : (n_branches,) bool
    """

    kv: np.ndarray
    xy: np.ndarray
    station: np.ndarray
    start: np.ndarray
    end: np.ndarray
    km: np.ndarray
    is_transformer: np.ndarray

    @property
    def branch_kv(self) -> np.ndarray:
        """(n_branches,) class of a line; the higher class of a transformer."""
        return np.maximum(self.kv[self.start], self.kv[self.end])

    def islands(self) -> tuple[int, np.ndarray]:
        """Number of connected parts, and the part of each bus, numbered by falling size."""
        links = coo_array((np.ones(self.start.size), (self.start, self.end)), shape=(self.kv.size, self.kv.size))
        count, part = connected_components(links, directed=False)
        rank = np.empty(count, np.int64)
        rank[np.argsort(-np.bincount(part), kind="stable")] = np.arange(count)
        return count, rank[part]

    def keep(self, branches: np.ndarray) -> Network:
        """The network with some branches only; buses stay."""
        return Network(
            self.kv,
            self.xy,
            self.station,
            self.start[branches],
            self.end[branches],
            self.km[branches],
            self.is_transformer[branches],
        )


@dataclass(frozen=True)
class Stations:
    """Stations of the register.

    Parameters
    ----------
    xy : (n, 2) float64
    kv : (n,) int
        Highest class, 0 unknown.
    """

    xy: np.ndarray
    kv: np.ndarray


def build_network(lines: np.ndarray, line_kv: np.ndarray, stations: Stations) -> Network:
    """Tie lines to stations and to each other.

    Parameters
    ----------
    lines : (n_lines,) object
        Shapely LineStrings in EPSG:5070, direct-current lines left out.
    line_kv : (n_lines,) int
        Voltage class of each, above 0.
    stations : Stations
    """
    ends = np.concatenate([shapely.get_coordinates(shapely.get_point(lines, at)) for at in (0, -1)])
    end_line = np.tile(np.arange(lines.size), 2)
    end_kv = line_kv[end_line]
    point = _merged(ends, end_kv, MEET_M)
    xy, kv = _first(point, ends), _first(point, end_kv)
    station = _stations_of(xy, kv, np.bincount(point), stations)
    touching, at_line, along = _touches(xy, kv, station, point, lines=lines, line_kv=line_kv)
    measure = np.concatenate([np.zeros(lines.size), shapely.length(lines), along])
    on_line = np.concatenate([end_line, at_line])
    node = np.concatenate([point, touching])
    order = np.lexsort((measure, on_line))
    on_line, node, measure = on_line[order], node[order], measure[order]
    same = on_line[1:] == on_line[:-1]
    start, end = node[:-1][same], node[1:][same]
    km = (measure[1:] - measure[:-1])[same] / M_PER_KM
    return _with_transformers(xy, kv, station, (start, end, km), stations)


def _merged(xy: np.ndarray, kv: np.ndarray, distance: float) -> np.ndarray:
    """Group of each point: points of one class within a distance of each other, chained."""
    pairs = cKDTree(xy).query_pairs(distance, output_type="ndarray")
    pairs = pairs[kv[pairs[:, 0]] == kv[pairs[:, 1]]]
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(xy), len(xy)))
    return np.asarray(connected_components(links, directed=False)[1])


def _first(group: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Value of the first member of each group."""
    return values[np.unique(group, return_index=True)[1]]


def _stations_of(xy: np.ndarray, kv: np.ndarray, ends: np.ndarray, stations: Stations) -> np.ndarray:
    """Station of each point, -1 without one: the nearest, farther away only for a single open end and a station of its class."""
    distance, nearest = cKDTree(stations.xy).query(xy)
    station = np.where(distance <= SNAP_M, nearest, -1)
    for level in np.unique(kv):
        same = np.flatnonzero(stations.kv >= level)
        loose = np.flatnonzero((station < 0) & (kv == level) & (ends == 1))
        if len(same) and len(loose):
            far, row = cKDTree(stations.xy[same]).query(xy[loose])
            station[loose[far <= REACH_M]] = same[row[far <= REACH_M]]
    return station


def _touches(
    xy: np.ndarray, kv: np.ndarray, station: np.ndarray, point: np.ndarray, *, lines: np.ndarray, line_kv: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points without a station that lie on the inside of another line of their class: point, line, metres along the line."""
    loose = np.flatnonzero(station < 0)
    if not loose.size:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    shapes = shapely.points(xy[loose])
    row, line = shapely.STRtree(lines).query(shapes, predicate="dwithin", distance=TOUCH_M)
    own = (point[line] == loose[row]) | (point[line + lines.size] == loose[row])
    fits = (kv[loose[row]] == line_kv[line]) & ~own
    row, line = row[fits], line[fits]
    along = shapely.line_locate_point(lines[line], shapes[row])
    inside = (along > 0.0) & (along < shapely.length(lines[line]))
    return loose[row[inside]], line[inside], along[inside]


def _with_transformers(
    xy: np.ndarray, kv: np.ndarray, station: np.ndarray, branches: tuple[np.ndarray, ...], stations: Stations
) -> Network:
    """Points become buses, one per station yard and class; neighbouring classes of a yard are joined by a transformer."""
    yard = _merged(stations.xy, np.zeros(len(stations.xy), int), YARD_M)
    head = np.unique(yard, return_index=True)[1]
    levels = np.unique(kv)
    place = np.where(station >= 0, yard[station], yard.max() + 1 + np.arange(len(xy)))
    key = place * len(levels) + np.searchsorted(levels, kv)
    keys, first, bus = np.unique(key, return_index=True, return_inverse=True)
    own_station = np.where(station[first] >= 0, head[yard[station[first]]], -1)
    start, end, km = bus[branches[0]], bus[branches[1]], branches[2]
    real = start != end
    same_place = np.flatnonzero(keys[1:] // len(levels) == keys[:-1] // len(levels))
    n_lines, n_joints = int(real.sum()), len(same_place)
    return Network(
        kv[first],
        np.where(own_station[:, None] >= 0, stations.xy[own_station], xy[first]),
        own_station,
        np.concatenate([start[real], same_place]),
        np.concatenate([end[real], same_place + 1]),
        np.concatenate([km[real], np.zeros(n_joints)]),
        np.concatenate([np.zeros(n_lines, bool), np.ones(n_joints, bool)]),
    )
