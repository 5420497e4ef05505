"""Distance from every cell centre to the nearest line segment or point, with the identity of that feature.

The distance is measured to the geometry itself, not to the centre of a burned cell. Segments are walked through the
cells they touch; each touched cell remembers the closest of them; raster sweeps hand the nearest segment from neighbour
to neighbour (the vector distance transform of Danielsson 1980, with segments in place of points); every cell then slides
along the line it found, and a second sweep spreads what that mended. Against true distances to 138,000 transmission
segments the mean error is below 0.01 m at 1 km cells, 0.3 m at 5 km; the worst of 3,000 cells is off by a tenth of a cell.
Features outside the frame are not burned: near its edge, a cell may miss one that lies just beyond.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from sitefinder.units import M_PER_KM

#: segments before and after the one found that are tried between the two rounds of sweeps, per km of cell size: a coarse
#: cell holds more segments, of which it remembers one
SLIDE_PER_KM = 2.0


@njit(cache=True, nogil=True, inline="always")
def _square_distance(px: float, py: float, x0: float, y0: float, x1: float, y1: float) -> float:
    dx, dy = x1 - x0, y1 - y0
    length2 = dx * dx + dy * dy
    t = 0.0
    if length2 > 0.0:
        t = ((px - x0) * dx + (py - y0) * dy) / length2
        t = min(1.0, max(0.0, t))
    ex, ey = px - (x0 + t * dx), py - (y0 + t * dy)
    return ex * ex + ey * ey


@njit(cache=True, nogil=True)
def _offer(s: int, row: int, col: int, segments: np.ndarray, near: np.ndarray, square: np.ndarray) -> None:
    if 0 <= row < near.shape[0] and 0 <= col < near.shape[1]:
        d2 = _square_distance(col + 0.5, row + 0.5, segments[s, 0], segments[s, 1], segments[s, 2], segments[s, 3])
        if d2 < square[row, col]:
            square[row, col] = d2
            near[row, col] = s


@njit(cache=True, nogil=True)
def _burn(segments: np.ndarray, near: np.ndarray, square: np.ndarray) -> None:
    """Walk each segment through the cells it touches (Amanatides and Woo 1987)."""
    height, width = near.shape
    for s in range(segments.shape[0]):
        x0, y0, x1, y1 = segments[s, 0], segments[s, 1], segments[s, 2], segments[s, 3]
        if max(x0, x1) < 0 or min(x0, x1) > width or max(y0, y1) < 0 or min(y0, y1) > height:
            continue
        col, row = int(np.floor(x0)), int(np.floor(y0))
        last_col, last_row = int(np.floor(x1)), int(np.floor(y1))
        dx, dy = x1 - x0, y1 - y0
        step_x, step_y = (1 if dx > 0 else -1), (1 if dy > 0 else -1)
        t_x = ((col + (1 if dx > 0 else 0)) - x0) / dx if dx != 0.0 else np.inf
        t_y = ((row + (1 if dy > 0 else 0)) - y0) / dy if dy != 0.0 else np.inf
        d_x = abs(1.0 / dx) if dx != 0.0 else np.inf
        d_y = abs(1.0 / dy) if dy != 0.0 else np.inf
        for k in range(9):  # neighbours too: two features in one cell must not hide each other
            _offer(s, row + k // 3 - 1, col + k % 3 - 1, segments, near, square)
        for _ in range(abs(last_col - col) + abs(last_row - row)):
            if t_x < t_y:
                col += step_x
                t_x += d_x
            else:
                row += step_y
                t_y += d_y
            _offer(s, row, col, segments, near, square)


@njit(cache=True, nogil=True, inline="always")
def _take(row: int, col: int, s: int, segments: np.ndarray, near: np.ndarray, square: np.ndarray) -> None:
    """Let cell ``col`` of one row take segment ``s`` over if it is nearer; ``near`` and ``square`` are that row."""
    d2 = _square_distance(col + 0.5, row + 0.5, segments[s, 0], segments[s, 1], segments[s, 2], segments[s, 3])
    if d2 < square[col]:
        square[col] = d2
        near[col] = s


@njit(cache=True, nogil=True)
def _from_row(row: int, other: np.ndarray, segments: np.ndarray, near: np.ndarray, square: np.ndarray) -> None:
    """Take over from the three neighbours in an adjacent row; runs of one segment are skipped at once."""
    for shift in range(-1, 2):
        for col in range(max(0, -shift), near.size - max(0, shift)):
            s = other[col + shift]
            if s != near[col] and s >= 0:
                _take(row, col, s, segments, near, square)


@njit(cache=True, nogil=True)
def _along_row(row: int, segments: np.ndarray, near: np.ndarray, square: np.ndarray) -> None:
    """Take over from the left neighbour going right, then from the right neighbour going left."""
    for col in range(1, near.size):
        s = near[col - 1]
        if s != near[col] and s >= 0:
            _take(row, col, s, segments, near, square)
    for col in range(near.size - 2, -1, -1):
        s = near[col + 1]
        if s != near[col] and s >= 0:
            _take(row, col, s, segments, near, square)


@njit(cache=True, nogil=True)
def _propagate(segments: np.ndarray, near: np.ndarray, square: np.ndarray) -> None:
    height = near.shape[0]
    _along_row(0, segments, near[0], square[0])
    for row in range(1, height):
        _from_row(row, near[row - 1], segments, near[row], square[row])
        _along_row(row, segments, near[row], square[row])
    for row in range(height - 2, -1, -1):
        _from_row(row, near[row + 1], segments, near[row], square[row])
        _along_row(row, segments, near[row], square[row])


@njit(cache=True, nogil=True)
def _slide(segments: np.ndarray, near: np.ndarray, square: np.ndarray, reach: int) -> None:
    """Let every cell slide along the line it found: the true nearest segment is often next to the one handed on."""
    n = segments.shape[0]
    for row in range(near.shape[0]):
        for col in range(near.shape[1]):
            s = near[row, col]
            moved = s >= 0
            while moved:
                moved = False
                for k in range(max(0, s - reach), min(n, s + reach + 1)):
                    _take(row, col, k, segments, near[row], square[row])
                if near[row, col] != s:
                    s = near[row, col]
                    moved = True


def nearest_segment(
    segments: np.ndarray, shape: tuple[int, int], *, origin: tuple[float, float], resolution_m: float
) -> tuple[np.ndarray, np.ndarray]:
    """Nearest segment of every cell centre.

    Parameters
    ----------
    segments : (n, 4) float64
        x0, y0, x1, y1 in metres; a point is a segment of length zero.
    shape : (rows, columns)
    origin : (west, north) in metres
    resolution_m : float

    Returns
    -------
    distance_m : (rows, columns) float32
        Distance to the nearest segment; inf everywhere when there is none.
    nearest : (rows, columns) int32
        Row of ``segments``; -1 when there is none.
    """
    scaled = np.empty((len(segments), 4), np.float64)
    scaled[:, 0::2] = (segments[:, 0::2] - origin[0]) / resolution_m
    scaled[:, 1::2] = (origin[1] - segments[:, 1::2]) / resolution_m
    near = np.full(shape, -1, np.int32)
    square = np.full(shape, np.inf, np.float32)
    _burn(scaled, near, square)
    _propagate(scaled, near, square)
    if (scaled[:, :2] != scaled[:, 2:]).any():  # points have no line to slide along
        _slide(scaled, near, square, max(1, int(SLIDE_PER_KM * resolution_m / M_PER_KM)))
    _propagate(scaled, near, square)
    np.sqrt(square, out=square)
    square *= np.float32(resolution_m)
    return square, near
