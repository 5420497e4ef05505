"""Growing one campus over connected free land."""

from __future__ import annotations

import heapq
import math

import numpy as np


def grow(
    seed: tuple[int, int], score: np.ndarray, acres: np.ndarray, target: float, reach: int, drift: float
) -> tuple[np.ndarray, float]:
    """Cells of a campus grown around a seed until it holds ``target`` buildable acres.

    The next cell is always the free 4-neighbour with the best score less ``drift`` points per cell of distance from
    the seed, so that a campus stays compact unless farther land is clearly better. A tie falls to the cell met first.

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
    width = score.shape[1]
    row0, col0 = seed
    top, left = max(0, row0 - reach), max(0, col0 - reach)
    near = score[top : row0 + reach + 1, left : col0 + reach + 1].tolist()
    land = acres[top : row0 + reach + 1, left : col0 + reach + 1].tolist()
    rows, cols = len(near), len(near[0])
    seen = {(row0 - top, col0 - left)}
    edge = [(0.0, 0, row0 - top, col0 - left)]
    cells, amount = [], 0.0
    while edge and amount < target:
        _, _, r, c = heapq.heappop(edge)
        cells.append((top + r) * width + left + c)
        amount += land[r][c]
        for rr, cc in ((r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)):
            if not (0 <= rr < rows and 0 <= cc < cols) or (rr, cc) in seen:
                continue
            seen.add((rr, cc))
            if not math.isnan(near[rr][cc]):
                far = math.hypot(top + rr - row0, left + cc - col0)
                heapq.heappush(edge, (drift * far - near[rr][cc], len(seen), rr, cc))
    return np.array(cells, np.int32), amount
