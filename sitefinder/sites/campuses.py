"""Campuses grown from cells: national best-first selection, and single campuses around a given cell."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sitefinder.cache import digest
from sitefinder.config import Config
from sitefinder.grid import Land
from sitefinder.kernels.components import grow
from sitefinder.kernels.spacing import select_campuses
from sitefinder.units import M2_PER_ACRE, M_PER_KM

#: a campus may reach this many times the radius of a circle of its area before its land counts as too scattered
REACH_FACTOR = 4.0
#: least reach in cells, so that coarse grids can still combine neighbours
MIN_REACH_CELLS = 3
#: more seeds than wanted campuses are grown, because a campus can score below its seed
SPARE = 1.3
#: side of the lattice that names a place, metres: the identity of a site survives small shifts of its seed
NAME_LATTICE_M = 5000.0


@dataclass(frozen=True)
class Campus:
    """One contiguous piece of land.

    Parameters
    ----------
    cells : (n,) int32
        Flat grid cells; the first is the seed, around which it grew.
    share : (n,) float64
        Share of each cell that belongs to the campus: 1 for grown campuses.
    acres : float
        Buildable acres.
    enough : bool
        False when a user's land holds fewer buildable acres than the project needs.
    excluded : (m,) int32
        Further cells of a user's parcel that a gate excludes: they count neither as land nor in the score.
    excluded_share : (m,) float64
        Share of each of those cells that belongs to the parcel.
    parcel : shapely geometry or None
        The user's polygon in EPSG:5070; None for land that is made of whole cells.
    wanted : float or None
        Buildable acres that the user's row asks for; None = what the project needs.
    cleared : tuple of str
        Causes of taken land that the user states to be gone.
    """

    cells: np.ndarray
    share: np.ndarray
    acres: float
    enough: bool = True
    excluded: np.ndarray = dataclasses.field(default_factory=lambda: np.empty(0, np.int32))
    excluded_share: np.ndarray = dataclasses.field(default_factory=lambda: np.empty(0, np.float64))
    parcel: Any = None
    wanted: float | None = None
    cleared: tuple[str, ...] = ()


@dataclass(frozen=True)
class Field:
    """Scores and buildable acres as rasters, in which campuses grow.

    Parameters
    ----------
    land : Land
    score : (rows, columns) float32, NaN = excluded or not land
    acres : (rows, columns) float32
    beginning : (rows, columns) bool or None
        Cells in which a campus of a list may begin; None = all.
    """

    land: Land
    score: np.ndarray
    acres: np.ndarray
    beginning: np.ndarray | None = None

    @classmethod
    def of(cls, land: Land, score: np.ndarray, buildable_pct: np.ndarray) -> Field:
        """From (n_land,) scores and buildable percentages; unknown buildable land counts as none."""
        acres = cls.acres_of(land, buildable_pct)
        return cls(land, land.expand(score, np.nan), land.expand(acres, 0.0))

    @staticmethod
    def acres_of(land: Land, buildable_pct: np.ndarray) -> np.ndarray:
        """(n,) float32 buildable acres of cells from their buildable percentages."""
        return np.nan_to_num(buildable_pct) * np.float32(land.grid.cell_acres / 100.0)

    def without(self, occupied: np.ndarray) -> Field:
        """The same field with no score, so no campus, on the (n_land,) cells that are marked."""
        score = self.score.copy()
        score.reshape(-1)[self.land.cells[occupied]] = np.nan
        return dataclasses.replace(self, score=score)

    def beginning_in(self, inside: np.ndarray | None) -> Field:
        """The same field, in which campuses of a list begin on the (n_land,) marked cells only; None = anywhere."""
        return self if inside is None else dataclasses.replace(self, beginning=self.land.expand(inside, False))

    def mean_score(self, campus: Campus) -> float:
        """Mean score of a campus, weighted by buildable acres; NaN if a cell is excluded."""
        score = self.score.reshape(-1)[campus.cells].astype(np.float64)
        acres = self.acres.reshape(-1)[campus.cells] * campus.share
        return float((score * acres).sum() / acres.sum()) if acres.sum() > 0 else float("nan")


@dataclass(frozen=True)
class Footprints:
    """The land of campuses, cell by cell, one campus after the other.

    Parameters
    ----------
    index : (n_cells,) int32
        Places of the cells in the land index.
    first : (n,) int64
        Where each campus starts; its first cell is the seed.
    share : (n_cells,) float64
        Weight of each cell in its campus: its buildable acres, or its area where none is buildable; sums to 1 per campus.
    """

    index: np.ndarray
    first: np.ndarray
    share: np.ndarray

    @classmethod
    def of(cls, campuses: Sequence[Campus], field: Field) -> Footprints:
        """The land of at least one campus."""
        first = np.cumsum([0] + [c.cells.size for c in campuses[:-1]])
        index = field.land.index_of(np.concatenate([c.cells for c in campuses]))
        return cls(index, first, np.concatenate([_land_share(c, field) for c in campuses]))

    @property
    def size(self) -> int:
        """Number of campuses."""
        return len(self.first)

    @property
    def seeds(self) -> np.ndarray:
        """(n,) places of the first cells in the land index."""
        return self.index[self.first]

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Means over the land of each campus, (..., n), of (..., n_cells) values."""
        return np.add.reduceat(values * self.share, self.first, axis=-1)


def _land_share(campus: Campus, field: Field) -> np.ndarray:
    acres = field.acres.reshape(-1)[campus.cells] * campus.share
    return acres / acres.sum() if acres.sum() > 0 else campus.share / campus.share.sum()


def growth(config: Config, land: Land, acres: float | None = None) -> tuple[float, int, float]:
    """Acres wanted, reach in cells and drift in points per cell, for the growing kernel.

    Parameters
    ----------
    config : Config
    land : Land
    acres : float, optional
        Instead of the acres that the project needs.
    """
    cell_m = land.grid.resolution_m
    wanted = float(acres or config.campus_acres)
    radius_m = np.sqrt(wanted * M2_PER_ACRE / np.pi)
    reach = max(MIN_REACH_CELLS, int(np.ceil(REACH_FACTOR * radius_m / cell_m)))
    return wanted, reach, float(config.candidates.compactness * cell_m / M_PER_KM)


def spacing_cells(config: Config, land: Land) -> float:
    """Least distance between two seeds, in cells."""
    return config.candidates.spacing_km * 1000.0 / land.grid.resolution_m


def seeds_tried(wanted: int) -> int:
    """How many campuses are grown for a list of so many."""
    return int(np.ceil(wanted * SPARE))


def national_campuses(field: Field, config: Config) -> list[Campus]:
    """The best campuses of the country, best first by the mean score of their land.

    Seeds are taken best-first at the minimum spacing; ties in the final order fall to the more northern seed.
    """
    wanted = config.candidates.count
    spacing = spacing_cells(config, field.land)
    limit, terms = seeds_tried(wanted), growth(config, field.land)
    window = _window(field, terms[1])
    score, acres = field.score[window], field.acres[window]
    begin = None if field.beginning is None else field.beginning[window]
    cells, offset = select_campuses(score, acres, terms, spacing, limit, begin=begin)
    row, col = np.divmod(cells, score.shape[1])
    cells = ((row + window[0].start) * field.land.grid.width + col + window[1].start).astype(np.int32)
    campuses = [_grown(field, cells[offset[i] : offset[i + 1]]) for i in range(len(offset) - 1)]
    campuses.sort(key=lambda c: (-round(field.mean_score(c), 6), int(c.cells[0])))
    return campuses[:wanted]


def _window(field: Field, reach: int) -> tuple[slice, slice]:
    """Rows and columns that hold all cells where campuses may begin, and those around that they may reach."""
    height, width = field.land.grid.shape
    if field.beginning is None or not field.beginning.any():
        return slice(0, height), slice(0, width)
    rows, cols = (np.flatnonzero(field.beginning.any(axis=axis)) for axis in (1, 0))
    top, left = max(0, int(rows[0]) - reach), max(0, int(cols[0]) - reach)
    return slice(top, min(height, int(rows[-1]) + reach + 1)), slice(left, min(width, int(cols[-1]) + reach + 1))


def key_of(campus: Campus) -> str:
    """Key of a grown campus among the records of its grid: it changes with its seed and its cells."""
    return digest(campus.cells.tolist())


def campus_at(field: Field, config: Config, seed: tuple[int, int], acres: float | None = None) -> Campus:
    """The campus that grows around a given cell, whether or not its land suffices.

    Parameters
    ----------
    field : Field
    config : Config
    seed : (row, column)
    acres : float, optional
        Instead of the acres that the project needs.
    """
    wanted, reach, drift = growth(config, field.land, acres)
    cells, amount = grow(seed, field.score, field.acres, wanted, reach, drift)
    return dataclasses.replace(_grown(field, cells), enough=bool(amount >= wanted), wanted=acres)


def _grown(field: Field, cells: np.ndarray) -> Campus:
    """The seed stays first; the other cells stand in their order on the map, so that the same land is the same campus."""
    cells = np.concatenate([cells[:1], np.sort(cells[1:])])
    return Campus(cells, np.ones(cells.size), float(field.acres.reshape(-1)[cells].sum(dtype=np.float64)))


def site_name(field: Field, campus: Campus, state: str) -> str:
    """Name of the place: state and the 5 km lattice cell of the seed, the same in every run that puts a seed there."""
    grid = field.land.grid
    row, col = divmod(int(campus.cells[0]), grid.width)
    x, y = grid.centre(np.array(row), np.array(col))
    east = int((x - grid.west) // NAME_LATTICE_M)
    south = int((grid.north - y) // NAME_LATTICE_M)
    return f"{state}-{east:03d}{south:03d}"
