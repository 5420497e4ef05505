"""Best-first selection of campuses under a minimum spacing."""

from __future__ import annotations

import numpy as np

from sitefinder.kernels.components import grow

#: side of the tiles whose best score is remembered, so that the next seed is found without reading the whole raster
TILE = 32


def select_campuses(
    score: np.ndarray,
    acres: np.ndarray,
    growth: tuple[float, int, float],
    spacing: float,
    limit: int,
    *,
    begin: np.ndarray | None = None,
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
    begin : (rows, columns) bool, optional
        Cells that may become a seed; all by default. A campus may grow beyond them.

    Returns
    -------
    cells : (n,) int32
        Flat cells of all campuses one after the other; the first of each is its seed. No cell belongs to two.
    offset : (n_campuses + 1,) int64
        Where each campus starts in ``cells``.
    """
    target, width = growth[0], score.shape[1]
    taken = np.zeros(score.shape, bool)  # by a campus
    seeds = _padded(
        score if begin is None else np.where(begin, score, np.float32(np.nan))
    )  # score of cells that may still become a seed, -inf elsewhere
    best = _tile_best(seeds)  # at least: what a tile held at first can only have become less
    near = disc(spacing)
    campuses: list[np.ndarray] = []
    while len(campuses) < limit:
        tile_row, tile_col = divmod(int(best.argmax()), best.shape[1])
        if best[tile_row, tile_col] == -np.inf:
            break
        window = seeds[tile_row * TILE : (tile_row + 1) * TILE, tile_col * TILE : (tile_col + 1) * TILE]
        r, c = divmod(int(window.argmax()), TILE)
        if window[r, c] != best[tile_row, tile_col]:  # what was here is taken or closed: another tile may be better
            best[tile_row, tile_col] = window[r, c]
            continue
        row, col = tile_row * TILE + r, tile_col * TILE + c
        cells, amount = _grown((row, col), score, taken, acres, growth)
        seeds[row, col] = -np.inf
        if amount >= target:
            campuses.append(cells)
            taken.reshape(-1)[cells] = True
            seeds[cells // width, cells % width] = -np.inf
            _close(seeds, near, row, col)
    offset = np.cumsum([0] + [c.size for c in campuses])
    return np.concatenate([*campuses, np.empty(0, np.int32)]), offset


def _grown(
    seed: tuple[int, int], score: np.ndarray, taken: np.ndarray, acres: np.ndarray, growth: tuple[float, int, float]
) -> tuple[np.ndarray, float]:
    """Flat cells of a campus around a seed on land that no other one took, and their acres."""
    target, reach, drift = growth
    top, left = max(0, seed[0] - reach), max(0, seed[1] - reach)
    window = slice(top, seed[0] + reach + 1), slice(left, seed[1] + reach + 1)
    free = np.where(taken[window], np.float32(np.nan), score[window])
    cells, amount = grow((seed[0] - top, seed[1] - left), free, acres[window], target, reach, drift)
    row, col = np.divmod(cells, np.int32(free.shape[1]))
    return (row + top) * np.int32(score.shape[1]) + (col + left), amount


def _padded(score: np.ndarray) -> np.ndarray:
    """Scores on whole tiles, -inf where excluded or outside."""
    rows, cols = (-(-n // TILE) * TILE for n in score.shape)
    padded = np.full((rows, cols), -np.inf, np.float32)
    inner = padded[: score.shape[0], : score.shape[1]]
    np.fmax(score, np.float32(-np.inf), out=inner)
    return padded


def _tile_best(seeds: np.ndarray) -> np.ndarray:
    rows, cols = seeds.shape
    return seeds.reshape(rows // TILE, TILE, cols // TILE, TILE).max(axis=(1, 3))


def disc(spacing: float) -> np.ndarray:
    """True for the cells nearer than ``spacing`` to the middle one."""
    reach = max(0, int(np.ceil(spacing)) - 1)
    row, col = np.ogrid[-reach : reach + 1, -reach : reach + 1]
    return row**2 + col**2 < spacing**2


def _close(seeds: np.ndarray, disc: np.ndarray, row: int, col: int) -> None:
    reach = len(disc) // 2
    top, left = row - reach, col - reach
    part = seeds[max(0, top) : row + reach + 1, max(0, left) : col + reach + 1]
    part[disc[max(0, -top) :, max(0, -left) :][: part.shape[0], : part.shape[1]]] = -np.inf
