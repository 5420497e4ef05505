"""Shape of each campus and land for its extension: compactness, largest rectangle, room."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely

from sitefinder.config import Config
from sitefinder.grid import Grid, to_wgs84
from sitefinder.kernels.shape import connected, largest_rectangle, outline_sides, polsby_popper
from sitefinder.sites.campuses import MIN_REACH_CELLS, Campus, Field
from sitefinder.units import M2_PER_ACRE

#: multiples of the project for which room is measured
MULTIPLES = (2, 5)
#: land counts as room if it lies within this many times the radius of a disc of the larger campus: a campus that is
#: extended farther is two campuses (J: half of what growth may reach)
ROOM_RADII = 2.0
#: rows or columns of the lattice on which the largest rectangle within a parcel is looked for
LATTICE = 64
#: window cells looked at together: bounds the memory
BLOCK_CELLS = 4_000_000


class Shape(NamedTuple):
    """Shape of a campus and the land around it.

    Parameters
    ----------
    compactness : float
        Polsby-Popper of the footprint, at most pi/4 where it consists of cells.
    largest_rectangle_acres : float
        Buildable acres in the best axis-parallel rectangle of free land within the footprint.
    expansion_acres : mapping
        Multiple of ``MULTIPLES`` -> buildable acres of free land that is connected to the campus, itself included, within the
        square of :func:`room_acres` around its seed.
    expandable_to_x : int
        The largest multiple whose acres are there, 0 where the campus itself falls short.
    """

    compactness: float
    largest_rectangle_acres: float
    expansion_acres: Mapping[int, float]
    expandable_to_x: int


def shapes(campuses: Sequence[Campus], field: Field, config: Config) -> list[Shape]:
    """Shape of each campus and the land around it.

    Parameters
    ----------
    campuses : sequence of Campus
    field : Field
        Scores (NaN = excluded) and buildable acres.
    config : Config
    """
    room = {k: room_acres(campuses, field, config, k) for k in MULTIPLES}
    rows = []
    for i, campus in enumerate(campuses):
        wanted = campus.wanted or config.campus_acres
        fits = [k for k in MULTIPLES if room[k][i] >= k * wanted]
        rows.append(
            Shape(
                _compactness(campus, field),
                _rectangle_acres(campus, field),
                {k: float(room[k][i]) for k in MULTIPLES},
                max(fits, default=1) if campus.enough else 0,
            )
        )
    return rows


def _compactness(campus: Campus, field: Field) -> float:
    if campus.parcel is not None:
        return polsby_popper(campus.parcel.area, campus.parcel.length)
    return polsby_popper(campus.cells.size, outline_sides(campus.cells, field.land.grid.width))


def _rectangle_acres(campus: Campus, field: Field) -> float:
    if campus.parcel is not None:
        return _parcel_rectangle(campus, field)
    width = field.land.grid.width
    places = [divmod(cell, width) for cell in campus.cells.tolist()]
    top, left = min(r for r, _ in places), min(c for _, c in places)
    window = (slice(top, max(r for r, _ in places) + 1), slice(left, max(c for _, c in places) + 1))
    free = np.zeros(field.score[window].shape, bool)
    for row, col in places:
        free[row - top, col - left] = True
    free &= ~np.isnan(field.score[window])
    return largest_rectangle(field.acres[window], free)[0]


def _parcel_rectangle(campus: Campus, field: Field) -> float:
    """Buildable acres of the largest rectangle within a polygon, on a lattice that divides the cells: short by a step a side."""
    import shapely

    grid, parcel = field.land.grid, campus.parcel
    west, south, east, north = parcel.bounds
    per_cell = max(1, round(LATTICE * grid.resolution_m / max(east - west, north - south)))
    step = grid.resolution_m / per_cell
    x = grid.west + step * np.arange(np.floor((west - grid.west) / step), np.ceil((east - grid.west) / step))
    y = grid.north - step * np.arange(np.floor((grid.north - north) / step), np.ceil((grid.north - south) / step))
    row, col = grid.cell_at(x[None, :] + step / 2, y[:, None] - step / 2)
    known = grid.inside(row, col)
    flat = np.where(known, row * grid.width + col, 0)
    free = known & ~np.isnan(field.score.reshape(-1)[flat])
    shapely.prepare(parcel)
    free &= shapely.covers(parcel, shapely.box(x[None, :], y[:, None] - step, x[None, :] + step, y[:, None]))
    return largest_rectangle(field.acres.reshape(-1)[flat] / per_cell**2, free)[0]


def room_acres(campuses: Sequence[Campus], field: Field, config: Config, multiple: float) -> np.ndarray:
    """Buildable acres of the free land connected to each campus within reach of a campus of ``multiple`` times its acres.

    Reach is a square around the seed, half as wide as twice the diameter of a disc of those acres, and never smaller than
    the campus. Growth from the same seed over that square reaches the larger target exactly when this holds it.

    Parameters
    ----------
    campuses : sequence of Campus
    field : Field
    config : Config
    multiple : float

    Returns
    -------
    (n,) float64
    """
    out = np.zeros(len(campuses))
    if not campuses:
        return out
    halves = _half_windows(campuses, field, config, multiple)
    for half in np.unique(halves):
        members = np.flatnonzero(halves == half)
        step = max(1, BLOCK_CELLS // int(2 * half + 1) ** 2)
        for start in range(0, len(members), step):
            part = members[start : start + step]
            out[part] = _room([campuses[i] for i in part], field, int(half))
    return out


def reach_cells(config: Config, grid: Grid, multiple: float, acres: float | None = None) -> int:
    """Cells on each side of a seed within which a campus of ``multiple`` times the acres wanted is looked for."""
    radius_m = math.sqrt(multiple * (acres or config.campus_acres) * M2_PER_ACRE / math.pi)
    return max(MIN_REACH_CELLS, math.ceil(ROOM_RADII * radius_m / grid.resolution_m))


def _half_windows(campuses: Sequence[Campus], field: Field, config: Config, multiple: float) -> np.ndarray:
    """(n,) int: cells on each side of the seed that are looked at."""
    reach = np.array([reach_cells(config, field.land.grid, multiple, c.wanted) for c in campuses])
    size = np.array([c.cells.size for c in campuses])
    first = np.cumsum(size) - size
    rows, cols = np.divmod(np.concatenate([c.cells for c in campuses]), field.land.grid.width)
    apart = np.maximum(np.abs(rows - np.repeat(rows[first], size)), np.abs(cols - np.repeat(cols[first], size)))
    return np.maximum(reach, np.maximum.reduceat(apart, first))


def _room(campuses: Sequence[Campus], field: Field, half: int) -> np.ndarray:
    width, height = field.land.grid.width, field.land.grid.height
    seed = np.array([c.cells[0] for c in campuses], np.int64)
    around = np.arange(-half, half + 1)
    row = (seed // width)[:, None, None] + around[None, :, None]
    col = (seed % width)[:, None, None] + around[None, None, :]
    within = (row >= 0) & (row < height) & (col >= 0) & (col < width)
    flat = np.where(within, row * width + col, 0)
    free = within & ~np.isnan(field.score.reshape(-1)[flat])
    own = np.concatenate([c.cells for c in campuses]).astype(np.int64)
    group = np.repeat(np.arange(len(campuses)), [c.cells.size for c in campuses])
    start = np.zeros(free.shape, bool)
    start[group, own // width - seed[group] // width + half, own % width - seed[group] % width + half] = True
    joined = connected(start, free) & ~start
    beyond = np.where(joined, field.acres.reshape(-1)[flat], 0.0).sum(axis=(1, 2), dtype=np.float64)
    return beyond + np.array([_own_land(c, field) for c in campuses])


def _own_land(campus: Campus, field: Field) -> float:
    """Buildable acres of the cells of a campus: of a parcel's cells also what lies free beyond its border."""
    if campus.parcel is None:
        return campus.acres
    free = ~np.isnan(field.score.reshape(-1)[campus.cells])
    return max(campus.acres, float(field.acres.reshape(-1)[campus.cells][free].sum(dtype=np.float64)))


def footprints(cells: Sequence[np.ndarray], grid: Grid) -> list[Any]:
    """Outline of each group of cells as a WGS 84 geometry that follows the cells.

    Parameters
    ----------
    cells : sequence of (n,) int32
        Flat grid cells.
    grid : Grid
    """
    size = grid.resolution_m
    group = np.repeat(np.arange(len(cells)), [c.size for c in cells])
    flat = np.concatenate(cells)
    x, y = grid.centre(flat // grid.width, flat % grid.width)
    boxes = shapely.box(x - size / 2, y - size / 2, x + size / 2, y + size / 2)
    outlines = [shapely.union_all(boxes[group == g]) for g in range(len(cells))]
    return list(to_wgs84(outlines))
