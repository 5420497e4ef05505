"""Best-first selection of campuses, compiled: for a program that selects again and again.

It chooses what :mod:`spacing` and :mod:`components` choose, the same seeds in the same order with the same cells: every number is
computed by the same operations in double precision, and what could differ between two libraries (lengths of hypotenuses) comes in
as a table. A tile is looked through again only when it may hold the best cell: what it held before can only have become less.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from sitefinder.kernels.components import SIDES_PER_NEIGHBOUR
from sitefinder.kernels.spacing import TILE, disc


class Frame:
    """A raster of scores that is filled again and again, with what does not change between two selections.

    Parameters
    ----------
    shape : (rows, columns)
    cells : (n,) int32
        Flat cells that have a score, ascending; all others have none.
    seeds : (n,) bool
        Which of them may become a seed.
    acres : (n,) float32
    """

    def __init__(self, shape: tuple[int, int], cells: np.ndarray, seeds: np.ndarray, acres: np.ndarray) -> None:
        rows, columns = shape
        self.cells = cells
        self.may_begin = seeds
        self.width = columns
        across = -(-columns // TILE)
        self.tile = (cells // columns // TILE * across + cells % columns // TILE).astype(np.int32)
        self.best = np.empty((-(-rows // TILE), across), np.float32)
        self.score = np.full(shape, np.nan, np.float32)  # land not yet taken by a campus
        self.open = np.full(shape, -np.inf, np.float32)  # score of cells that may still become a seed
        self.acres = np.zeros(shape, np.float32)
        self.acres.reshape(-1)[cells] = acres


def select(
    frame: Frame, score: np.ndarray, growth: tuple[float, int, float], spacing: float, limit: int
) -> tuple[np.ndarray, np.ndarray]:
    """Take the best cell, grow a campus there, close its surroundings, repeat.

    Parameters
    ----------
    frame : Frame
    score : (n,) float32
        Of the cells of the frame.
    growth, spacing, limit
        As of :func:`sitefinder.kernels.spacing.select_campuses`.

    Returns
    -------
    cells : (n,) int32
        Flat cells of all campuses one after the other: the seed of each, then its other cells, ascending.
    offset : (n_campuses + 1,) int64
        Where each campus starts in ``cells``.
    """
    target, reach, drift = growth
    far = np.array([[math.hypot(r, c) for c in range(reach + 1)] for r in range(reach + 1)])
    _fill(frame.cells, score, frame.may_begin, frame.tile, frame.score, frame.open, frame.best)
    rasters = frame.score, frame.open, frame.acres, frame.best
    return _select(rasters, (float(target), float(drift)), reach, far, disc(spacing), limit)


@njit(cache=True, nogil=True)
def _fill(
    cells: np.ndarray,
    score: np.ndarray,
    may_begin: np.ndarray,
    tile: np.ndarray,
    land: np.ndarray,
    seeds: np.ndarray,
    best: np.ndarray,
) -> None:
    """Write scores into the rasters, and the best seed of every tile."""
    flat_land, flat_seeds, flat_best = land.reshape(-1), seeds.reshape(-1), best.reshape(-1)
    flat_best[:] = -np.inf
    for i in range(cells.size):
        value = score[i]
        flat_land[cells[i]] = value
        if may_begin[i] and not np.isnan(value):
            flat_seeds[cells[i]] = value
            if value > flat_best[tile[i]]:
                flat_best[tile[i]] = value
        else:
            flat_seeds[cells[i]] = -np.inf


@njit(cache=True, nogil=True)
def _best_of(seeds: np.ndarray, tile_row: int, tile_col: int) -> tuple[np.float32, int, int]:
    """Best seed of a tile, the first of equal ones in the order of the map, and where it is; -inf where there is none."""
    most, row, col = np.float32(-np.inf), tile_row * TILE, tile_col * TILE
    for r in range(tile_row * TILE, min((tile_row + 1) * TILE, seeds.shape[0])):
        for c in range(tile_col * TILE, min((tile_col + 1) * TILE, seeds.shape[1])):
            if seeds[r, c] > most:
                most, row, col = seeds[r, c], r, c
    return most, row, col


@njit(cache=True, nogil=True)
def _first_best(best: np.ndarray, of_row: np.ndarray) -> tuple[int, int]:
    """Tile that may hold the best seed: the first of equal ones in the order of the map."""
    row = 0
    for r in range(1, of_row.size):
        if of_row[r] > of_row[row]:
            row = r
    col = 0
    for c in range(1, best.shape[1]):
        if best[row, c] > best[row, col]:
            col = c
    return row, col


@njit(cache=True, nogil=True)
def _select(
    rasters: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    terms: tuple[float, float],
    reach: int,
    far: np.ndarray,
    near: np.ndarray,
    limit: int,
) -> tuple[np.ndarray, np.ndarray]:
    land, seeds, acres, best = rasters
    width = land.shape[1]
    of_row = np.empty(best.shape[0], np.float32)
    for r in range(best.shape[0]):
        of_row[r] = best[r].max()
    side = 2 * reach + 1
    place, met, inside = np.empty((side, side), np.int64), np.empty(side * side, np.int64), np.empty(side * side, np.int64)
    campus, cells = np.empty(side * side, np.int32), np.empty(side * side * 8, np.int32)
    offset = np.zeros(limit + 1, np.int64)
    count = 0
    while count < limit:
        tile_row, tile_col = _first_best(best, of_row)
        if best[tile_row, tile_col] == -np.inf:
            break
        most, row, col = _best_of(seeds, tile_row, tile_col)
        if most != best[tile_row, tile_col]:  # what was here has been taken or closed: another tile may be better
            best[tile_row, tile_col] = most
            of_row[tile_row] = best[tile_row].max()
            continue
        size, amount = _grow((row, col), land, acres, terms, far, (place, met, inside, campus))
        seeds[row, col] = -np.inf
        if amount < terms[0]:
            continue
        _sort(campus[1:size])
        start, end = offset[count], offset[count] + size
        if end > cells.size:
            longer = np.empty(2 * end, np.int32)
            longer[:start] = cells[:start]
            cells = longer
        cells[start:end] = campus[:size]
        count += 1
        offset[count] = end
        for cell in campus[:size]:
            land[cell // width, cell % width] = np.nan
            seeds[cell // width, cell % width] = -np.inf
        _close(seeds, near, row, col)
    return cells[: offset[count]], offset[: count + 1]


@njit(cache=True, nogil=True)
def _sort(cells: np.ndarray) -> None:
    """Few cells, ascending."""
    for i in range(1, cells.size):
        cell, k = cells[i], i
        while k > 0 and cells[k - 1] > cell:
            cells[k] = cells[k - 1]
            k -= 1
        cells[k] = cell


@njit(cache=True, nogil=True)
def _close(seeds: np.ndarray, near: np.ndarray, row: int, col: int) -> None:
    half = near.shape[0] // 2
    for r in range(max(0, row - half), min(seeds.shape[0], row + half + 1)):
        for c in range(max(0, col - half), min(seeds.shape[1], col + half + 1)):
            if near[r - row + half, c - col + half]:
                seeds[r, c] = -np.inf


@njit(cache=True, nogil=True)
def _grow(
    seed: tuple[int, int],
    land: np.ndarray,
    acres: np.ndarray,
    terms: tuple[float, float],
    far: np.ndarray,
    around: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> tuple[int, float]:
    """Number of cells of a campus around a seed, and their acres; see :func:`sitefinder.kernels.components.grow`.

    The last array takes the cells in the order they were added. The cells met so far stand in the order in which they were met,
    each with its latest offer: the first of the lowest ones is next.
    """
    (target, drift), (place, met, inside, cells), width = terms, around, land.shape[1]
    reach = far.shape[0] - 1
    offer = np.empty(met.size, np.float64)
    row0, col0 = seed
    place[:] = -1
    place[reach, reach] = 0
    met[0], offer[0], count, size, amount = row0 * width + col0, 0.0, 1, 0, 0.0
    while amount < target:
        best = -1
        for i in range(count):
            if offer[i] < (np.inf if best < 0 else offer[best]):
                best = i
        if best < 0:
            break
        offer[best] = np.inf
        cells[size] = met[best]
        size += 1
        r, c = met[best] // width, met[best] % width
        amount += np.float64(acres[r, c])
        for down, right in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            rr, cc = r + down, c + right
            away, aside = abs(rr - row0), abs(cc - col0)
            if away > reach or aside > reach or not (0 <= rr < land.shape[0] and 0 <= cc < width) or np.isnan(land[rr, cc]):
                continue
            i = place[rr - row0 + reach, cc - col0 + reach]
            if i >= 0 and offer[i] == np.inf:  # it has been taken
                continue
            if i < 0:
                i, count = count, count + 1
                place[rr - row0 + reach, cc - col0 + reach] = i
                met[i], inside[i] = rr * width + cc, 0
            inside[i] += 1
            offer[i] = drift * (far[away, aside] - SIDES_PER_NEIGHBOUR * inside[i]) - np.float64(land[rr, cc])
    return size, amount
