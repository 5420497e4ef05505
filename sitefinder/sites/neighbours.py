"""People around a campus: residents within one and five kilometres of its footprint, and distance to the nearest homes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sitefinder.cache import code_of, digest
from sitefinder.grid import Grid
from sitefinder.kernels.shape import distance_to_cells
from sitefinder.layers.files import PLACES, POPULATION
from sitefinder.layers.package import DataPackage, read_points
from sitefinder.layers.stack import LayerStack
from sitefinder.sites.campuses import Campus
from sitefinder.units import M_PER_KM

#: files that this stage reads itself
FILES = (POPULATION, PLACES)
#: distances from the footprint within which people are counted, km
WITHIN_KM = (1, 5)
#: side of the squares by which points are sorted, metres
TILE_M = 10_000.0
#: largest distance at which homes are searched, km: every place of the country has some nearer
FARTHEST_KM = 2000.0
#: version of the sorting of points: part of the name in the cache
VERSION = 1
#: sorted points that stay in the cache: the latest and those before
KEPT = 2


@dataclass(frozen=True)
class People:
    """Centres of population of census block groups, and town points without people of their own, sorted by tile.

    Parameters
    ----------
    x, y : (n,) float64
        EPSG:5070 metres.
    people : (n,) float64
        Residents of the block group; 0 for a town point, whose people are counted in block groups.
    tile : (n,) int64
        Tile row and column in one number, ascending.
    """

    x: np.ndarray
    y: np.ndarray
    people: np.ndarray
    tile: np.ndarray

    @classmethod
    def of(cls, x: np.ndarray, y: np.ndarray, people: np.ndarray) -> People:
        """Sorted from any order; points of one tile keep theirs."""
        tile = _tile(_steps(x), _steps(y))
        order = np.argsort(tile, kind="stable")
        return cls(*(np.ascontiguousarray(a[order], t) for a, t in ((x, float), (y, float), (people, float), (tile, np.int64))))

    def near(self, bounds: tuple[float, float, float, float]) -> np.ndarray:
        """Rows of the points within a box (west, south, east, north), metres."""
        west, south, east, north = bounds
        left, bottom, right, top = _steps(np.array(bounds))
        down = np.arange(bottom, top + 1)
        first = np.searchsorted(self.tile, _tile(left, down))
        last = np.searchsorted(self.tile, _tile(right, down), side="right")
        rows = np.concatenate([np.arange(a, b) for a, b in zip(first, last, strict=True)])
        x, y = self.x[rows], self.y[rows]
        return rows[(x >= west) & (x <= east) & (y >= south) & (y <= north)]


def _steps(metres: np.ndarray) -> np.ndarray:
    return np.floor(np.asarray(metres) / TILE_M).astype(np.int64)


def _tile(column: np.ndarray, row: np.ndarray) -> np.ndarray:
    return row * 1_000_000 + column


def open_people(stack: LayerStack, package: DataPackage) -> People:
    """Points of residents and towns, sorted once and kept beside the stack.

    Raises
    ------
    DataError
        A file of ``FILES`` is missing or damaged.
    OutputError
        The cache cannot be written.
    """
    name = f"people-{digest([[package.entry(f)['hash'] for f in FILES], code_of('sitefinder.layers.package'), VERSION])}"

    def sort() -> np.ndarray:
        groups, towns = (read_points(package, f, ("population",)) for f in FILES)
        lived_in = groups["population"] > 0
        ordered = People.of(
            np.concatenate([groups["x"][lived_in], towns["x"]]),
            np.concatenate([groups["y"][lived_in], towns["y"]]),
            np.concatenate([groups["population"][lived_in], np.zeros(len(towns["x"]))]),
        )
        return np.stack([ordered.x, ordered.y, ordered.people])

    # read whole: it is small, and single pages of a memory map are slow to index
    x, y, people = np.array(stack.cache.array(name, sort, keep=KEPT))
    return People(x, y, people, _tile(_steps(x), _steps(y)))


class Neighbours(NamedTuple):
    """People around a campus.

    Parameters
    ----------
    people : mapping
        Kilometres of ``WITHIN_KM`` -> residents of the block groups whose centre of population lies as near to the footprint.
    homes_estimate_km : float
        Distance from the footprint to the nearest such centre or town point. An estimate: a rural block group is one point for
        about a thousand people, whose farmhouses may stand anywhere in it.
    """

    people: Mapping[int, float]
    homes_estimate_km: float


def neighbours(campuses: Sequence[Campus], people: People, grid: Grid) -> list[Neighbours]:
    """People around each campus.

    Parameters
    ----------
    campuses : sequence of Campus
    people : People
    grid : Grid
    """
    return [_neighbours(campus, people, grid) for campus in campuses]


def _neighbours(campus: Campus, people: People, grid: Grid) -> Neighbours:
    centre = np.stack(grid.centre(campus.cells // grid.width, campus.cells % grid.width), axis=1)
    half = grid.resolution_m / 2
    west, south, east, north = _bounds(campus, centre, half)
    reach = max(WITHIN_KM) * M_PER_KM
    while True:
        rows = people.near((west - reach, south - reach, east + reach, north + reach))
        away = _distance(campus, people.x[rows], people.y[rows], centre, half)
        nearest = away.min(initial=np.inf)
        if nearest <= reach or reach > FARTHEST_KM * M_PER_KM:
            break
        reach *= 2
    residents = {k: float(people.people[rows[away <= k * M_PER_KM]].sum()) for k in WITHIN_KM}
    return Neighbours(residents, float(nearest / M_PER_KM))


def _bounds(campus: Campus, centre: np.ndarray, half: float) -> tuple[float, float, float, float]:
    if campus.parcel is not None:
        return tuple(float(v) for v in campus.parcel.bounds)  # type: ignore[return-value]
    (west, south), (east, north) = centre.min(axis=0) - half, centre.max(axis=0) + half
    return float(west), float(south), float(east), float(north)


def _distance(campus: Campus, x: np.ndarray, y: np.ndarray, centre: np.ndarray, half: float) -> np.ndarray:
    if campus.parcel is None:
        return distance_to_cells(x, y, centre, half)
    import shapely

    shapely.prepare(campus.parcel)
    return shapely.distance(shapely.points(x, y), campus.parcel)
