"""Growing one campus over connected free land."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def grow(
    seed: tuple[int, int], score: np.ndarray, acres: np.ndarray, target: float, reach: int, drift: float
) -> tuple[np.ndarray, float]:
    """Cells of a campus grown around a seed until it holds ``target`` buildable acres.

    The next cell is always the free 4-neighbour with the best score less ``drift`` points per cell of distance from
    the seed, so that a campus stays compact unless farther land is clearly better.

    Parameters
    ----------
    seed : (row, column)
    score : (rows, columns) float32, NaN = excluded
    acres : (rows, columns) float32
    target : float
        Acres.
    reach : int
        Largest row or column distance from the seed, cells.
    drift : float
        Score points per cell of distance.

    Returns
    -------
    cells : (n,) int32
        Flat cells in the order they were added.
    amount : float
        Their acres; below ``target`` when the reachable land falls short.
    """
    height, width = score.shape
    row0, col0 = seed
    side = 2 * reach + 1
    seen = np.zeros((side, side), np.bool_)
    cells = np.empty(side * side, np.int32)
    edge = np.empty(side * side, np.int32)
    rank = np.empty(side * side, np.float64)
    edge[0], rank[0], n_edge, n = row0 * width + col0, 0.0, 1, 0
    seen[reach, reach] = True
    amount = 0.0
    while n_edge > 0 and amount < target:
        best = 0
        for i in range(1, n_edge):
            if rank[i] > rank[best]:
                best = i
        cell = edge[best]
        n_edge -= 1
        edge[best], rank[best] = edge[n_edge], rank[n_edge]
        r, c = cell // width, cell % width
        cells[n] = cell
        n += 1
        amount += acres[r, c]
        for k in range(4):
            rr = r + (k == 0) - (k == 1)
            cc = c + (k == 2) - (k == 3)
            if not (0 <= rr < height and 0 <= cc < width):
                continue
            if abs(rr - row0) > reach or abs(cc - col0) > reach or seen[rr - row0 + reach, cc - col0 + reach]:
                continue
            seen[rr - row0 + reach, cc - col0 + reach] = True
            if np.isnan(score[rr, cc]):
                continue
            edge[n_edge] = rr * width + cc
            rank[n_edge] = score[rr, cc] - drift * np.sqrt((rr - row0) ** 2 + (cc - col0) ** 2)
            n_edge += 1
    return cells[:n], amount
