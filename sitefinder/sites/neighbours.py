"""People around a campus: residents within one and five kilometres of its footprint, and distance to the nearest homes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sitefinder.cache import code_of, digest
from sitefinder.grid import Grid
from sitefinder.kernels.shape import distance_to_cells
from sitefinder.layers.files import PEOPLE, PLACES, POPULATION
from sitefinder.layers.package import DataPackage, read_points
from sitefinder.layers.residents import read_residents
from sitefinder.layers.stack import LayerStack
from sitefinder.sites.campuses import Campus
from sitefinder.units import M_PER_KM

#: files that this stage reads itself
FILES = (POPULATION, PLACES, PEOPLE)
#: files of the points that stand for homes
POINTS = (POPULATION, PLACES)
#: distances from the footprint within which people are counted, km
WITHIN_KM = (1, 5)
#: side of the squares by which points are sorted, metres
TILE_M = 10_000.0
#: largest distance at which homes are searched, km: every place of the country has some nearer
FARTHEST_KM = 2000.0
#: squares along the side of a cell of the raster of residents: who lives in a square is as near as its middle
SQUARES = 4
#: version of the sorting of points: part of the name in the cache
VERSION = 2
#: sorted points that stay in the cache: the latest and those before
KEPT = 2


@dataclass(frozen=True)
class Homes:
    """Centres of population of census block groups, and town points, sorted by tile.

    Parameters
    ----------
    x, y : (n,) float64
        EPSG:5070 metres.
    tile : (n,) int64
        Tile row and column in one number, ascending.
    """

    x: np.ndarray
    y: np.ndarray
    tile: np.ndarray

    @classmethod
    def of(cls, x: np.ndarray, y: np.ndarray) -> Homes:
        """Sorted from any order; points of one tile keep theirs."""
        tile = _tile(_steps(x), _steps(y))
        order = np.argsort(tile, kind="stable")
        return cls(*(np.ascontiguousarray(a[order], t) for a, t in ((x, float), (y, float), (tile, np.int64))))

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


@dataclass(frozen=True)
class People:
    """Where people live: residents of each cell of a grid, and the points that stand for homes.

    Parameters
    ----------
    residents : (rows, columns) float32
    grid : Grid
        Of the residents; finer or coarser than that of a run.
    homes : Homes
    """

    residents: np.ndarray
    grid: Grid
    homes: Homes

    def squares(self, bounds: tuple[float, float, float, float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Middles x, y (metres) and residents of the squares of all cells that a box (west, south, east, north) touches."""
        west, south, east, north = bounds
        (top, bottom), (left, right) = self.grid.cell_at(np.array([west, east]), np.array([north, south]))
        rows = np.arange(max(int(top), 0), min(int(bottom) + 1, self.grid.height))
        cols = np.arange(max(int(left), 0), min(int(right) + 1, self.grid.width))
        part = (np.arange(SQUARES) + 0.5) / SQUARES - 0.5
        row, col = ((at[:, None] + part).ravel() for at in (rows, cols))
        x, y = self.grid.centre(*np.meshgrid(row, col, indexing="ij"))
        people = self.residents[np.ix_(rows, cols)].repeat(SQUARES, axis=0).repeat(SQUARES, axis=1) / SQUARES**2
        return x.ravel(), y.ravel(), people.ravel().astype(np.float64)


def open_people(stack: LayerStack, package: DataPackage) -> People:
    """The raster of residents, and the points of homes, sorted once and kept beside the stack.

    Raises
    ------
    DataError
        A file of ``FILES`` is missing or damaged.
    OutputError
        The cache cannot be written.
    """
    name = f"homes-{digest([[package.entry(f)['hash'] for f in POINTS], code_of('sitefinder.layers.package'), VERSION])}"

    def sort() -> np.ndarray:
        groups, towns = (read_points(package, f, ("population",)) for f in POINTS)
        lived_in = groups["population"] > 0
        ordered = Homes.of(*(np.concatenate([groups[k][lived_in], towns[k]]) for k in ("x", "y")))
        return np.stack([ordered.x, ordered.y])

    # read whole: it is small, and single pages of a memory map are slow to index
    x, y = np.array(stack.cache.array(name, sort, keep=KEPT))
    residents, grid = _kept_residents(stack, package)
    return People(residents, grid, Homes(x, y, _tile(_steps(x), _steps(y))))


def _kept_residents(stack: LayerStack, package: DataPackage) -> tuple[np.ndarray, Grid]:
    """The raster of residents, of which single windows are read, and its grid."""
    name = f"residents-{digest([package.entry(PEOPLE)['hash'], code_of('sitefinder.layers.residents')])}"
    residents = stack.cache.array(name, lambda: read_residents(package)[0], keep=KEPT)
    return residents, Grid(stack.cache.json(name, lambda: read_residents(package)[1].resolution_m, keep=KEPT))


class Neighbours(NamedTuple):
    """People around a campus.

    Parameters
    ----------
    people : mapping
        Kilometres of ``WITHIN_KM`` -> residents of the land as near to the footprint, and of the footprint itself.
    homes_estimate_km : float
        Distance from the footprint to the nearest centre of population of a block group or town point. An
        estimate: a rural block group is one point for about a thousand people, whose farmhouses may stand anywhere in it.
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
    bounds = _bounds(campus, centre, half)
    x, y, residents = people.squares(_around(bounds, max(WITHIN_KM)))
    away = _distance(campus, x, y, centre, half)
    counts = {k: float(residents[away <= k * M_PER_KM].sum()) for k in WITHIN_KM}
    reach_km: float = max(WITHIN_KM)
    while True:
        rows = people.homes.near(_around(bounds, reach_km))
        nearest = _distance(campus, people.homes.x[rows], people.homes.y[rows], centre, half).min(initial=np.inf) / M_PER_KM
        if nearest <= reach_km or reach_km > FARTHEST_KM:
            return Neighbours(counts, float(nearest))
        reach_km *= 2


def _around(bounds: tuple[float, float, float, float], km: float) -> tuple[float, float, float, float]:
    west, south, east, north = bounds
    more = km * M_PER_KM
    return west - more, south - more, east + more, north + more


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
