"""Growing one campus over connected free land."""

from __future__ import annotations

import heapq
import math

import numpy as np

#: sides by which the outline shortens with each neighbour that already belongs to the campus: it loses one and hides one
SIDES_PER_NEIGHBOUR = 2.0


def grow(
    seed: tuple[int, int], score: np.ndarray, acres: np.ndarray, target: float, reach: int, drift: float
) -> tuple[np.ndarray, float]:
    """Cells of a campus grown around a seed until it holds ``target`` buildable acres.

    The next cell is always the free 4-neighbour with the best score less ``drift`` points per cell of distance from
    the seed and per cell side that it adds to the outline (4 less 2 per neighbour in the campus), so that a campus stays
    compact unless other land is clearly better. A tie falls to the cell met first.

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
        Score points per cell.

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
    taken: set[tuple[int, int]] = set()
    met: dict[tuple[int, int], tuple[int, float, int]] = {}  # order, distance in cells, neighbours in the campus
    edge = [(0.0, 0, row0 - top, col0 - left)]
    cells, amount = [], 0.0
    while edge and amount < target:
        _, _, r, c = heapq.heappop(edge)
        if (r, c) in taken:  # an older, worse offer of a cell that has been taken since
            continue
        taken.add((r, c))
        cells.append((top + r) * width + left + c)
        amount += land[r][c]
        for rr, cc in ((r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)):
            if not (0 <= rr < rows and 0 <= cc < cols) or (rr, cc) in taken or math.isnan(near[rr][cc]):
                continue
            order, far, inside = met.get((rr, cc)) or (len(met), math.hypot(top + rr - row0, left + cc - col0), 0)
            met[rr, cc] = (order, far, inside + 1)
            heapq.heappush(edge, (drift * (far - SIDES_PER_NEIGHBOUR * (inside + 1)) - near[rr][cc], order, rr, cc))
    return np.array(cells, np.int32), amount
