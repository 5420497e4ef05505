"""Best-first selection of campuses under a minimum spacing."""

from __future__ import annotations

import numpy as np
from numba import njit

from sitefinder.kernels.components import grow

#: side of the tiles whose best cell is remembered
TILE = 32


@njit(cache=True, nogil=True)
def _tile_best(score: np.ndarray, tile_row: int, tile_col: int) -> tuple[float, int]:
    height, width = score.shape
    best, cell = -np.inf, -1
    for row in range(tile_row * TILE, min(height, (tile_row + 1) * TILE)):
        for col in range(tile_col * TILE, min(width, (tile_col + 1) * TILE)):
            if score[row, col] > best:
                best, cell = score[row, col], row * width + col
    return best, cell


@njit(cache=True, nogil=True)
def _refresh(score: np.ndarray, rows: tuple[int, int], cols: tuple[int, int], best: np.ndarray, cell: np.ndarray) -> None:
    for tr in range(rows[0] // TILE, rows[1] // TILE + 1):
        for tc in range(cols[0] // TILE, cols[1] // TILE + 1):
            best[tr, tc], cell[tr, tc] = _tile_best(score, tr, tc)


@njit(cache=True, nogil=True)
def _close(open_score: np.ndarray, row: int, col: int, radius: float) -> None:
    """Close every cell nearer than ``radius`` to a seed, and the seed itself."""
    height, width = open_score.shape
    reach = int(np.floor(radius))
    for r in range(max(0, row - reach), min(height, row + reach + 1)):
        for c in range(max(0, col - reach), min(width, col + reach + 1)):
            if (r - row) ** 2 + (c - col) ** 2 < radius * radius:
                open_score[r, c] = -np.inf
    open_score[row, col] = -np.inf


@njit(cache=True, nogil=True)
def select_campuses(
    score: np.ndarray,
    acres: np.ndarray,
    growth: tuple[float, int, float],
    spacing: float,
    limit: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Take the best cell, grow a campus there, close its surroundings, repeat.

    Parameters
    ----------
    score : (rows, columns) float32, NaN = excluded
    acres : (rows, columns) float32
    growth : (target, reach, drift)
        As in :func:`sitefinder.kernels.components.grow`.
    spacing : float
        Least distance between seeds, in cells.
    limit : int
        Number of campuses to find.

    Returns
    -------
    cells : (n,) int32
        Flat cells of all campuses one after the other; the first of each is its seed.
    offset : (n_campuses + 1,) int64
        Where each campus starts in ``cells``.
    """
    height, width = score.shape
    target, reach, drift = growth
    left = score.copy()  # land not yet taken by a campus
    open_score = np.where(np.isnan(score), np.float32(-np.inf), score)
    shape = ((height + TILE - 1) // TILE, (width + TILE - 1) // TILE)
    best, cell = np.empty(shape, np.float64), np.empty(shape, np.int64)
    _refresh(open_score, (0, height - 1), (0, width - 1), best, cell)
    found = np.empty((limit, (2 * reach + 1) ** 2), np.int32)
    size = np.zeros(limit, np.int64)
    n = 0
    while n < limit:
        tile = np.argmax(best)
        tr, tc = tile // shape[1], tile % shape[1]
        if best[tr, tc] == -np.inf:
            break
        row, col = cell[tr, tc] // width, cell[tr, tc] % width
        campus, amount = grow((row, col), left, acres, target, reach, drift)
        radius = 0.0
        if amount >= target:
            found[n, : campus.size] = campus
            for flat in campus:
                left[flat // width, flat % width] = np.nan
                open_score[flat // width, flat % width] = -np.inf
            size[n] = campus.size
            n += 1
            radius = spacing
        _close(open_score, row, col, radius)
        touched = max(reach, int(radius))
        rows = (max(0, row - touched), min(height - 1, row + touched))
        cols = (max(0, col - touched), min(width - 1, col + touched))
        _refresh(open_score, rows, cols, best, cell)
    offset = np.zeros(n + 1, np.int64)
    offset[1:] = np.cumsum(size[:n])
    cells = np.empty(offset[n], np.int32)
    for i in range(n):
        cells[offset[i] : offset[i + 1]] = found[i, : size[i]]
    return cells, offset
