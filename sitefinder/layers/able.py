"""Where a campus can join the grid: stations with what is left of their headroom, and lines that it can be cut into.

The point chosen for a place here is the one that its points, headroom, dates, route and costs rest on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from sitefinder.layers.files import CAMPUS_LABELS, HEADROOM, LINES
from sitefinder.layers.given_stations import BY_THE_USER, Given, matches, read_given, settings_of
from sitefinder.layers.line_pieces import Pieces, pieces
from sitefinder.layers.package import DataPackage, read_features, read_points
from sitefinder.units import M_PER_KM

if TYPE_CHECKING:
    from sitefinder.config.added import GivenStations
    from sitefinder.config.delivery import Delivery

#: compiled files that the choice rests on
FILES = (HEADROOM, LINES, CAMPUS_LABELS)
#: radius within which the station with most headroom stands in where none can carry the load: 15 miles of line are common
REACH_KM = 25.0
#: longest piece into which a line is cut, so that headroom can vary along it
PIECE_KM = 2.0
#: columns of the headroom with one line out, and with all in service: P10, P50 and P90 over the draws
QUANTILES, INTACT = ("n1_p10", "n1_p50", "n1_p90"), ("n0_p10", "n0_p50", "n0_p90")
MEDIAN = 1


@dataclass(frozen=True)
class GridPoints:
    """Stations and lines at which a campus may join the grid.

    Parameters
    ----------
    geometry : (n,) array of shapely points and lines, EPSG:5070
    name : (n,) object
        Of the station, or of the line with a new switching station.
    kv : (n,) int64
        Voltage class.
    cut_in : (n,) bool
        A new switching station has to be built: on a line, or at a junction of lines without a known yard.
    before_mw : (n, 3) float64
        Headroom with one line out, P10, P50, P90; NaN = unknown. That of a piece of a line is the least of four: one circuit;
        what either end has with all in service (one side out, the other carries all); with another line out what either end has,
        over the share of the load that it carries, the nearer one the more, and at most twice that of the weaker end (see
        :func:`between_ends`); what a station of the class has that stands beside it.
    claimed_mw : (n,) float64
        Largest planned power of the campuses within ``delivery.grid.claimed.within_km``, as far as it is known.
    left_mw : (n, 3) float64
        Headroom less the stated share of what is claimed, at least 0.
    intact_mw : (n, 3) float64
        The same with all lines in service, for load that stands back when one is out. Of a line the least of either end and of
        one circuit: on every other branch, load between the ends does no more than a mix of load at both.
    """

    geometry: np.ndarray
    name: np.ndarray
    kv: np.ndarray
    cut_in: np.ndarray
    before_mw: np.ndarray
    claimed_mw: np.ndarray
    left_mw: np.ndarray
    intact_mw: np.ndarray

    @property
    def is_line(self) -> np.ndarray:
        """(n,) bool: a piece of a line between two stations, not a point."""
        return shapely.get_dimensions(self.geometry) == 1

    def able(self, mw: float) -> np.ndarray:
        """(n,) bool: the median of the headroom left carries the load; unknown does not."""
        return np.nan_to_num(self.left_mw[:, MEDIAN], nan=-1.0) >= mw

    def usable(self, mw: float) -> np.ndarray:
        """(n,) bool: able, and of several classes at one place the lowest that is: its line is the cheapest and soonest."""
        able = self.able(mw)
        rows = np.flatnonzero(able & ~self.is_line)
        xy = shapely.get_coordinates(self.geometry[rows])
        order = rows[np.lexsort((self.kv[rows], xy[:, 1], xy[:, 0]))]
        x, y = shapely.get_coordinates(self.geometry[order]).T.reshape(2, -1)
        able[order[1:][(x[1:] == x[:-1]) & (y[1:] == y[:-1])]] = False
        return able

    def take(self, rows: np.ndarray) -> GridPoints:
        """Some of them, in the order given."""
        return GridPoints(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def choice_settings(delivery: Delivery, mw: float) -> Mapping[str, Any]:
    """What the choice depends on besides the files."""
    grid = delivery.grid
    return {
        "cut_in": grid.cut_in.model_dump(mode="json"),
        "claimed": grid.claimed.model_dump(mode="json"),
        "search_km": grid.search_km,
        "mw": mw,
        **settings_of(grid.stations),
    }


def grid_points(package: DataPackage, delivery: Delivery, mw: float) -> GridPoints:
    """All stations with an estimate of headroom, then the pieces of lines that carry the load when a campus is cut into them.

    Parameters
    ----------
    package : DataPackage
    delivery : Delivery
    mw : float
        Load.

    Raises
    ------
    DataError
        A file of ``FILES`` is missing or damaged.
    """
    stations, intact_mw = _stations(package, delivery)
    more = []
    if delivery.grid.stations is not None:
        given = read_given(delivery.grid.stations)
        stations, intact_mw, new = _as_given(stations, intact_mw, given, delivery.grid.stations)
        more = [_new_stations(given, new, package, delivery)]
    lines = _cut_ins(package, delivery, stations, intact_mw, mw)
    parts = [stations, *more, lines]
    return GridPoints(**{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(GridPoints)})


def _as_given(
    stations: GridPoints, intact_mw: np.ndarray, given: Given, asked: GivenStations
) -> tuple[GridPoints, np.ndarray, np.ndarray]:
    """Stations with the megawatts that the user states, their (n, 3) intact ones, and the rows of the user's that are new ones.

    What others plan is not taken off a stated number: whoever states it knows them.
    """
    row = matches(given, stations.geometry, stations.kv, asked.match_km)
    new, mine = np.flatnonzero(row < 0), np.flatnonzero(row >= 0)
    at, blank = row[mine], np.full(stations.before_mw.shape, np.nan)
    before, left, intact, whole = (
        (blank if asked.only else mw).copy() for mw in (stations.before_mw, stations.left_mw, stations.intact_mw, intact_mw)
    )
    before[at] = left[at] = given.out_mw[mine, None]
    intact[at] = whole[at] = given.intact_mw[mine, None]
    name, cut_in = stations.name.copy(), stations.cut_in.copy()
    name[at], cut_in[at] = [f"{given.name[i]}, {BY_THE_USER}" for i in mine], False
    changed = replace(stations, name=name, cut_in=cut_in, before_mw=before, left_mw=left, intact_mw=intact)
    return changed, whole, new


def _new_stations(given: Given, rows: np.ndarray, package: DataPackage, delivery: Delivery) -> GridPoints:
    """Rows of the user's that are no mapped station."""
    claimed = claimed_mw(package, shapely.get_coordinates(given.geometry[rows]), delivery.grid.claimed.within_km)
    out, intact = (np.repeat(mw[rows, None], 3, axis=1) for mw in (given.out_mw, given.intact_mw))
    name = np.array([f"{given.name[i]}, {BY_THE_USER}" for i in rows], object)
    return GridPoints(given.geometry[rows], name, given.kv[rows], np.zeros(rows.size, bool), out, claimed, out, intact)


def _stations(package: DataPackage, delivery: Delivery) -> tuple[GridPoints, np.ndarray]:
    """All stations, and their headroom with all lines in service, (n, 3)."""
    table = read_features(package, HEADROOM, ("name", "near", "kv", "junction", *QUANTILES, *INTACT))
    xy = shapely.get_coordinates(table["geometry"])
    claimed = claimed_mw(package, xy, delivery.grid.claimed.within_km)
    before, intact = (np.maximum(np.stack([table[q] for q in c], axis=1).astype(np.float64), 0.0) for c in (QUANTILES, INTACT))
    left, intact_left = (np.maximum(x - delivery.grid.claimed.share * claimed[:, None], 0.0) for x in (before, intact))
    junction = table["junction"].astype(bool)
    words = zip(table["name"], table["near"], table["kv"], junction, strict=True)
    name = [shown(n, near, kv, "junction" if cut_in else "station") for n, near, kv, cut_in in words]
    kv = table["kv"].astype(np.int64)
    return GridPoints(table["geometry"], np.array(name, object), kv, junction, before, claimed, left, intact_left), intact


def shown(name: str | None, near: str | None, kv: int, kind: str = "station") -> str:
    """Words for a station: its name, or where it lies.

    >>> shown("Kammer", None, 765), shown(None, "Piketon OH, 4 km", 345)
    ('Kammer', 'unnamed 345 kV station near Piketon OH, 4 km')
    """
    if isinstance(name, str) and name:
        return name
    return f"unnamed {kv} kV {kind} near {near}" if near else f"unnamed {kv} kV {kind}"


def claimed_mw(package: DataPackage, xy: np.ndarray, within_km: float) -> np.ndarray:
    """(n,) largest planned power of the campuses within a radius of each place, MW; unknown power counts nothing."""
    campuses = read_points(package, CAMPUS_LABELS, ("mw",))
    known = ~np.isnan(campuses["mw"].astype(np.float64))
    total = np.zeros(len(xy))
    for x, y, mw in zip(*(campuses[c][known] for c in ("x", "y", "mw")), strict=True):
        total += mw * (np.hypot(xy[:, 0] - x, xy[:, 1] - y) <= within_km * M_PER_KM)
    return total


def _cut_ins(package: DataPackage, delivery: Delivery, stations: GridPoints, intact_mw: np.ndarray, mw: float) -> GridPoints:
    """Pieces of lines between two stations that carry the load with either side out; other ends are unknown."""
    terms = delivery.grid.cut_in
    strong = tuple(k for k in line_classes(package) if float(terms.mw(np.array([k]))[0]) >= mw)
    kv, a, b, cut = _lines_cut(package, strong, terms.end_km)
    at = cut.line
    one = terms.mw(kv)[:, None]
    whole_mw = (intact_mw, stations.intact_mw)
    sides = zip((stations.before_mw, stations.left_mw), whole_mw, strict=True)
    beside = _beside(cut.geometry, kv[at], stations, terms.beside_km)
    before, left = (
        _capped(np.minimum(between_ends(v[a][at], v[b][at], cut.share), np.minimum(np.minimum(w[a], w[b]), one)[at]), v, beside)
        for v, w in sides
    )
    title = [line_name(v, _end(stations.name[i]), _end(stations.name[j])) for v, i, j in zip(kv, a, b, strict=True)]
    claimed = np.maximum(stations.claimed_mw[a], stations.claimed_mw[b])
    intact = np.minimum(np.minimum(stations.intact_mw[a], stations.intact_mw[b]), one)
    new = np.ones(len(at), bool)
    between = GridPoints(cut.geometry, np.array(title, object)[at], kv[at], new, before, claimed[at], left, intact[at])
    return between.take(np.flatnonzero(between.able(mw)))


class Cut(NamedTuple):
    """Lines between two stations: (n,) class in kV and rows of the stations at both ends, and the pieces of all of them."""

    kv: np.ndarray
    first: np.ndarray
    second: np.ndarray
    pieces: Pieces


@cache
def line_classes(package: DataPackage) -> tuple[int, ...]:
    """Voltage classes of the lines, ascending, kV."""
    return tuple(np.unique(package.columns(LINES, ("kv_class",))["kv_class"].astype(np.int64)).tolist())


@lru_cache(maxsize=4)
def _lines_cut(package: DataPackage, classes: tuple[int, ...], end_km: float) -> Cut:
    """Lines of alternating current of some classes between two stations, cut into pieces: the same for every load they carry."""

    def wanted(table: Mapping[str, np.ndarray]) -> np.ndarray:
        return np.isin(table["kv_class"], classes) & ~table["is_dc"].astype(bool)

    lines = read_features(package, LINES, ("kv_class", "is_dc"), where=wanted)
    stations = read_features(package, HEADROOM, ("kv",))
    kv = lines["kv_class"].astype(np.int64)
    points = (shapely.get_point(lines["geometry"], at) for at in (0, -1))
    ends = [_station_at(end, kv, stations["geometry"], stations["kv"].astype(np.int64), end_km) for end in points]
    whole = (ends[0] >= 0) & (ends[1] >= 0) & (ends[0] != ends[1])
    cut = pieces(lines["geometry"][whole], end_km * M_PER_KM, PIECE_KM * M_PER_KM)
    return Cut(kv[whole], ends[0][whole], ends[1][whole], cut)


def between_ends(a_mw: np.ndarray, b_mw: np.ndarray, share: np.ndarray) -> np.ndarray:
    """(n, 3) MW with another line out that a load between two stations can have, by what either end has.

    In a linear power flow a load at the share x of a line acts on the rest of the grid as 1 - x of it at the first end and x at
    the second: beside an end it is that end's load. So neither end may carry more than it has, and in the middle the weaker end
    limits the load to twice what it has.

    Parameters
    ----------
    a_mw, b_mw : (n, 3) float64
        Headroom of either end.
    share : (n, 2) float64
        Shares of the line at which a piece begins and ends, 0..1; the least over the piece is told.

    >>> ends = (np.full((3, 1), 891.0), np.full((3, 1), 1500.0), np.array([[0.0, 0.02], [0.45, 0.5], [0.9, 0.95]]))
    >>> between_ends(*ends).round().ravel().tolist()
    [891.0, 1620.0, 1579.0]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        most = [np.minimum(a_mw / (1.0 - x), b_mw / x) for x in share.T[:, :, None]]
    return np.minimum(np.minimum(*most), 2.0 * np.minimum(a_mw, b_mw))


def _beside(cut: np.ndarray, kv: np.ndarray, stations: GridPoints, within_km: float) -> tuple[np.ndarray, np.ndarray]:
    """Piece and station of each pair of one class that are so near that the new station would stand beside the old one."""
    piece, row = shapely.STRtree(stations.geometry).query(cut, predicate="dwithin", distance=within_km * M_PER_KM)
    same = (stations.kv[row] == kv[piece]) & ~stations.cut_in[row]
    return piece[same], row[same]


def _capped(mw: np.ndarray, station_mw: np.ndarray, beside: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """(n, 3) MW of pieces, no more than that of any station beside them; a station of unknown headroom limits nothing."""
    piece, row = beside
    np.minimum.at(mw, piece, np.nan_to_num(station_mw[row], nan=np.inf))
    return mw


def line_name(kv: int, first: str, second: str) -> str:
    """Words for a line between two stations; two that go by one place are said once.

    >>> line_name(345, "Kammer", "Tidd"), line_name(345, "near Bellevue NE", "near Bellevue NE")
    ('345 kV line Kammer - Tidd', '345 kV line near Bellevue NE')
    """
    return f"{kv} kV line {first}" if first == second else f"{kv} kV line {first} - {second}"


def _end(name: str) -> str:
    """Words for a station at the end of a line.

    >>> _end("unnamed 345 kV station near Piketon OH, 4 km")
    'near Piketon OH'
    """
    return f"near {name.split(' near ')[1].split(',')[0]}" if name.startswith("unnamed ") and " near " in name else name


def _station_at(ends: np.ndarray, kv: np.ndarray, stations: np.ndarray, station_kv: np.ndarray, within_km: float) -> np.ndarray:
    """(n,) row of the station of the same class at each end of a line, -1 where none is near."""
    rows = np.full(len(ends), -1, np.int64)
    for level in np.unique(kv):
        of, at = np.flatnonzero(kv == level), np.flatnonzero(station_kv == level)
        if at.size:
            tree = shapely.STRtree(stations[at])
            (line, near) = tree.query_nearest(ends[of], max_distance=within_km * M_PER_KM, all_matches=False)
            rows[of[line]] = at[near]
    return rows


@dataclass(frozen=True)
class Chosen:
    """The point of the grid chosen for each of some places.

    Parameters
    ----------
    row : (n,) int64
        Of all points.
    points : GridPoints
        The chosen ones, one for each place.
    km : (n,) float64
        Straight distance.
    able : (n,) bool
        It carries the load; elsewhere network upgrades have to bring the rest.
    """

    row: np.ndarray
    points: GridPoints
    km: np.ndarray
    able: np.ndarray

    @classmethod
    def joined(cls, parts: Sequence[Chosen]) -> Chosen:
        """Choices of several lists as one list, in the order given."""
        points = {f.name: np.concatenate([getattr(p.points, f.name) for p in parts]) for f in fields(GridPoints)}
        others = {name: np.concatenate([getattr(p, name) for p in parts]) for name in ("row", "km", "able")}
        return cls(points=GridPoints(**points), **others)


def choose(points: GridPoints, delivery: Delivery, mw: float, xy: np.ndarray) -> Chosen:
    """The nearest point that carries the load, a new switching station counting as some kilometres of line.

    Length decides because cost and months of a line grow with it, and stations of unlike size cost and last much the same. Where
    none lies within ``delivery.grid.search_km``, the station with most headroom within 25 km is taken, else the nearest.

    Parameters
    ----------
    points : GridPoints
    delivery : Delivery
    mw : float
    xy : (n, 2) float64, EPSG:5070 metres
    """
    places, able = shapely.points(xy), points.usable(mw)
    worth = delivery.grid.cut_in.worth_km
    station, station_km = _nearest(points, able & ~points.cut_in, places)
    line, line_km = _nearest(points, able & points.cut_in, places)
    row, km = np.where(station_km <= line_km + worth, (station, station_km), (line, line_km))
    in_reach = np.minimum(station_km, line_km + worth) <= delivery.grid.search_km
    for i in np.flatnonzero(~in_reach):
        row[i], km[i] = _stand_in(points, places[i])
    row = row.astype(np.int64)
    return Chosen(row, points.take(row), km, in_reach)


def chosen_at(points: GridPoints, delivery: Delivery, mw: float, xy: np.ndarray, row: np.ndarray) -> Chosen:
    """The same where the rows are known already, as from a layer of all cells; arguments as for :func:`choose`."""
    taken = points.take(row.astype(np.int64))
    km = shapely.distance(shapely.points(xy), taken.geometry) / M_PER_KM
    worth = km + np.where(taken.cut_in, delivery.grid.cut_in.worth_km, 0.0)
    return Chosen(row.astype(np.int64), taken, km, taken.able(mw) & (worth <= delivery.grid.search_km))


def _nearest(points: GridPoints, wanted: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row of the nearest of some points of each place and its distance, km; -1 and infinite where there is none."""
    rows = np.flatnonzero(wanted)
    nearest, km = np.full(len(places), -1, np.int64), np.full(len(places), np.inf)
    if rows.size and len(places):
        place, at = shapely.STRtree(points.geometry[rows]).query_nearest(places, all_matches=False)
        nearest[place] = rows[at]
        km[place] = shapely.distance(places[place], points.geometry[rows[at]]) / M_PER_KM
    return nearest, km


def _stand_in(points: GridPoints, place: Any) -> tuple[int, float]:
    """Station with most headroom within ``REACH_KM`` of a place, else the nearest, and its distance, km."""
    rows = np.flatnonzero(~points.is_line)
    km = shapely.distance(place, points.geometry[rows]) / M_PER_KM
    room = np.where(km <= REACH_KM, np.nan_to_num(points.left_mw[rows, MEDIAN], nan=-1.0), -2.0)
    best = int(np.lexsort((km, -room))[0])
    return int(rows[best]), float(km[best])
