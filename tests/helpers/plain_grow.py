"""The rule by which a campus grows, in plain Python: slow and easy to check."""

from __future__ import annotations

import math


def plain_grow(seed, score, acres, growth):
    """The same rule in plain Python: at every step all cells beside the campus are weighed anew, the best one is next."""
    target, reach, drift = growth
    height, width = score.shape
    chosen, met, amount = [], [], 0.0

    def beside(row, col):
        return [(row + 1, col), (row - 1, col), (row, col + 1), (row, col - 1)]

    def worth(cell):
        added = 4 - 2 * sum(n in chosen for n in beside(*cell))
        return drift * (math.hypot(cell[0] - seed[0], cell[1] - seed[1]) + (added - 4)) - float(score[cell])

    cell = seed
    while cell is not None:
        chosen.append(cell)
        amount += float(acres[cell])
        for r, c in beside(*cell):
            near = abs(r - seed[0]) <= reach and abs(c - seed[1]) <= reach and 0 <= r < height and 0 <= c < width
            if near and (r, c) not in met and (r, c) not in chosen and not math.isnan(score[r, c]):
                met.append((r, c))
        open_cells = [m for m in met if m not in chosen]
        cell = min(open_cells, key=worth) if open_cells and amount < target else None
    return [r * width + c for r, c in chosen], amount
