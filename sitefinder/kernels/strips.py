"""Lines to cells: the area that strips along lines take of each cell."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def _next_border(at: float, cell: float, along: float) -> float:
    """Parameter of a segment at which it leaves a cell along one axis; infinite where it runs along the other."""
    if along > 0.0:
        return (cell + 1.0 - at) / along
    if along < 0.0:
        return (cell - at) / along
    return np.inf


@njit(cache=True, nogil=True)
def add_strips(segments: np.ndarray, width: np.ndarray, out: np.ndarray) -> None:
    """Add length x width of every segment to each cell it runs through, exact along the segment.

    Parameters
    ----------
    segments : (n, 4) float64
        Column and row coordinates of both ends, in cell units (0, 0 = outer corner of the first cell).
    width : (n,) float64
        In cell units, so that the sum is the share of a cell.
    out : (rows, columns) float32, changed in place
    """
    height, columns = out.shape
    for s in range(segments.shape[0]):
        x0, y0 = segments[s, 0], segments[s, 1]
        dx, dy = segments[s, 2] - x0, segments[s, 3] - y0
        area = np.sqrt(dx * dx + dy * dy) * width[s]
        if area == 0.0:
            continue
        col, row = int(np.floor(x0)), int(np.floor(y0))
        next_col, next_row = _next_border(x0, col, dx), _next_border(y0, row, dy)
        done = 0.0
        while done < 1.0:
            here = min(next_col, next_row, 1.0)
            if 0 <= row < height and 0 <= col < columns:
                out[row, col] += max(here - done, 0.0) * area
            done = here
            if next_col <= next_row:
                col += 1 if dx > 0.0 else -1
                next_col += abs(1.0 / dx)
            else:
                row += 1 if dy > 0.0 else -1
                next_row += abs(1.0 / dy)
