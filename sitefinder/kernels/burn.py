"""Points, lines and polygons to cells: sums and counts within a radius, labels and coverage of polygons."""

from __future__ import annotations

import numpy as np
from numba import njit

from sitefinder.kernels.distance import _square_distance


@njit(cache=True, nogil=True)
def stamp_discs(xy: np.ndarray, amount: np.ndarray, radius: float, out: np.ndarray) -> None:
    """Add ``amount`` of each point to every cell whose centre lies within ``radius``.

    Parameters
    ----------
    xy : (n, 2) float64
        Column and row coordinates in cell units (0, 0 = outer corner of the first cell).
    amount : (n,) float64
    radius : float
        In cell units, inclusive.
    out : (rows, columns) float32, changed in place
    """
    height, width = out.shape
    r2 = radius * radius
    for i in range(xy.shape[0]):
        x, y, a = xy[i, 0], xy[i, 1], amount[i]
        first = max(0, int(np.ceil(y - radius - 0.5)))
        last = min(height - 1, int(np.floor(y + radius - 0.5)))
        for row in range(first, last + 1):
            dy = row + 0.5 - y
            reach = r2 - dy * dy
            if reach < 0.0:
                continue
            half = np.sqrt(reach)
            left = max(0, int(np.ceil(x - half - 0.5)))
            right = min(width - 1, int(np.floor(x + half - 0.5)))
            for col in range(left, right + 1):
                out[row, col] += a


@njit(cache=True, nogil=True)
def paint_discs(xy: np.ndarray, radius: float, out: np.ndarray) -> None:
    """Write the row of each point into every cell whose centre lies within ``radius``; later points paint over earlier ones.

    Parameters
    ----------
    xy : (n, 2) float64
        Column and row coordinates in cell units (0, 0 = outer corner of the first cell).
    radius : float
        In cell units, inclusive.
    out : (rows, columns) int32, changed in place
    """
    height, width = out.shape
    r2 = radius * radius
    for i in range(xy.shape[0]):
        x, y = xy[i, 0], xy[i, 1]
        for row in range(max(0, int(np.ceil(y - radius - 0.5))), min(height - 1, int(np.floor(y + radius - 0.5))) + 1):
            dy = row + 0.5 - y
            reach = r2 - dy * dy
            if reach < 0.0:
                continue
            half = np.sqrt(reach)
            left = max(0, int(np.ceil(x - half - 0.5)))
            right = min(width - 1, int(np.floor(x + half - 0.5)))
            for col in range(left, right + 1):
                out[row, col] = i


@njit(cache=True, nogil=True)
def count_groups_within(segments: np.ndarray, group: np.ndarray, radius: float, count: np.ndarray, seen: np.ndarray) -> None:
    """Number of distinct groups with a segment within ``radius`` of each cell centre.

    Parameters
    ----------
    segments : (n, 4) float64
        In cell units, **sorted by group**.
    group : (n,) int32
        Group of each segment, >= 0.
    radius : float
        In cell units.
    count : (rows, columns) int16, zero on entry, changed in place
    seen : (rows, columns) int32, -1 on entry; scratch: the last group counted in a cell
    """
    height, width = count.shape
    r2 = radius * radius
    for s in range(segments.shape[0]):
        x0, y0, x1, y1 = segments[s, 0], segments[s, 1], segments[s, 2], segments[s, 3]
        first = max(0, int(np.floor(min(y0, y1) - radius)))
        last = min(height - 1, int(np.floor(max(y0, y1) + radius)))
        left = max(0, int(np.floor(min(x0, x1) - radius)))
        right = min(width - 1, int(np.floor(max(x0, x1) + radius)))
        for row in range(first, last + 1):
            for col in range(left, right + 1):
                if seen[row, col] != group[s] and _square_distance(col + 0.5, row + 0.5, x0, y0, x1, y1) <= r2:
                    seen[row, col] = group[s]
                    count[row, col] += 1


@njit(cache=True, nogil=True)
def _count_crossings(ring: np.ndarray, start: int, end: int, lines: np.ndarray, first: int, subrows: int) -> None:
    for i in range(start, end - 1):
        low, high = min(ring[i, 1], ring[i + 1, 1]) * subrows, max(ring[i, 1], ring[i + 1, 1]) * subrows
        for k in range(max(first, int(np.ceil(low - 0.5))), min(first + lines.size - 1, int(np.ceil(high - 0.5)))):
            lines[k - first + 1] += 1


@njit(cache=True, nogil=True)
def _fill_crossings(
    ring: np.ndarray, start: int, end: int, place: np.ndarray, first: int, subrows: int, crossing: np.ndarray
) -> None:
    for i in range(start, end - 1):
        x0, y0, x1, y1 = ring[i, 0], ring[i, 1] * subrows, ring[i + 1, 0], ring[i + 1, 1] * subrows
        low, high = min(y0, y1), max(y0, y1)
        for k in range(max(first, int(np.ceil(low - 0.5))), min(first + place.size - 1, int(np.ceil(high - 0.5)))):
            crossing[place[k - first]] = x0 + (k + 0.5 - y0) / (y1 - y0) * (x1 - x0)
            place[k - first] += 1


@njit(cache=True, nogil=True)
def _crossings(
    ring: np.ndarray, ring_start: np.ndarray, rings: tuple[int, int], height: int, subrows: int
) -> tuple[int, np.ndarray, np.ndarray]:
    """Where the outline of one feature crosses the (sub)row centre lines: first line, offsets, sorted abscissae."""
    top, bottom = np.inf, -np.inf
    for i in range(ring_start[rings[0]], ring_start[rings[1]]):
        top, bottom = min(top, ring[i, 1]), max(bottom, ring[i, 1])
    first = max(0, int(np.floor(top * subrows)))
    stop = min(height * subrows, int(np.ceil(bottom * subrows)) + 1)
    lines = np.zeros(max(0, stop - first) + 1, np.int64)
    for r in range(rings[0], rings[1]):
        _count_crossings(ring, ring_start[r], ring_start[r + 1], lines, first, subrows)
    offset = np.cumsum(lines)
    crossing = np.empty(offset[-1], np.float64)
    place = offset.copy()
    for r in range(rings[0], rings[1]):
        _fill_crossings(ring, ring_start[r], ring_start[r + 1], place, first, subrows, crossing)
    for k in range(offset.size - 1):
        crossing[offset[k] : offset[k + 1]].sort()
    return first, offset, crossing


@njit(cache=True, nogil=True)
def label_polygons(ring: np.ndarray, ring_start: np.ndarray, feature_start: np.ndarray, out: np.ndarray) -> None:
    """Write the index of the feature that contains the cell centre; a later feature wins where they overlap.

    Parameters
    ----------
    ring : (n, 2) float64
        Column and row coordinates of all closed rings, in cell units; holes by the even-odd rule.
    ring_start : (n_rings + 1,) int64
        First vertex of each ring.
    feature_start : (n_features + 1,) int64
        First ring of each feature.
    out : (rows, columns) int32, changed in place
    """
    height, width = out.shape
    for f in range(feature_start.size - 1):
        if feature_start[f] == feature_start[f + 1]:
            continue
        first, offset, crossing = _crossings(ring, ring_start, (feature_start[f], feature_start[f + 1]), height, 1)
        for k in range(offset.size - 1):
            for i in range(offset[k], offset[k + 1] - 1, 2):
                left = max(0, int(np.ceil(crossing[i] - 0.5)))
                right = min(width, int(np.ceil(crossing[i + 1] - 0.5)))
                for col in range(left, right):
                    out[first + k, col] = f


@njit(cache=True, nogil=True)
def cover_polygons(ring: np.ndarray, ring_start: np.ndarray, feature_start: np.ndarray, subrows: int, out: np.ndarray) -> None:
    """Share of each cell covered by the features: exact along rows, sampled on ``subrows`` lines across them.

    Arguments as in :func:`label_polygons`; ``out`` is (rows, columns) float32 and receives the sum over features, so
    overlapping features can exceed 1 (the caller clips).
    """
    height, width = out.shape
    for f in range(feature_start.size - 1):
        if feature_start[f] == feature_start[f + 1]:
            continue
        first, offset, crossing = _crossings(ring, ring_start, (feature_start[f], feature_start[f + 1]), height, subrows)
        for k in range(offset.size - 1):
            row = (first + k) // subrows
            for i in range(offset[k], offset[k + 1] - 1, 2):
                left, right = max(0.0, crossing[i]), min(float(width), crossing[i + 1])
                for col in range(int(left), int(np.ceil(right))):
                    out[row, col] += (min(right, col + 1.0) - max(left, float(col))) / subrows
