"""Shape and room of a campus: outline, compactness, largest rectangle, connected land, distance of points to its cells."""

from __future__ import annotations

import math

import numpy as np

#: Polsby-Popper compactness of a square: the most that a footprint of square cells can reach
SQUARE = math.pi / 4.0


def outline_sides(cells: np.ndarray, width: int) -> int:
    """Cell sides between a group of cells and everything else, holes included.

    Parameters
    ----------
    cells : (n,) int
        Flat cells (row * width + column), each once.
    width : int
        Columns of the raster.
    """
    inside = set(cells.tolist())  # campuses are small: quicker than array arithmetic
    beside = sum(c + 1 in inside and c % width != width - 1 for c in inside)
    below = sum(c + width in inside for c in inside)
    return 4 * len(inside) - 2 * (beside + below)


def polsby_popper(area: float, outline: float) -> float:
    """Compactness 4 pi A / P^2: 1 for a disc, pi / 4 for a square, towards 0 for ragged or thin land.

    Source: Polsby and Popper, "The Third Criterion", Yale Law & Policy Review 9 (1991).

    Parameters
    ----------
    area, outline : float
        In the same unit of length, e.g. cells and cell sides.
    """
    return 4.0 * math.pi * area / outline**2


def largest_rectangle(amount: np.ndarray, free: np.ndarray) -> tuple[float, tuple[int, int, int, int]]:
    """Axis-parallel rectangle of free cells that holds the most, exactly.

    Every rectangle that cannot be extended is met once, by the stack of rising column heights below each row
    (the largest rectangle in a histogram); its content comes from the summed-area table. Amounts are not negative, so the
    best rectangle is one of those.

    Parameters
    ----------
    amount : (rows, columns) float
        Not negative.
    free : (rows, columns) bool

    Returns
    -------
    content : float
        0 without a free cell.
    bounds : (top, left, bottom, right)
        Rows and columns, the last two exclusive; of rectangles with the same content the first from the top left is kept.
    """
    rows, cols = free.shape
    total = np.zeros((rows + 1, cols + 1))
    total[1:, 1:] = np.where(free, amount, 0.0).cumsum(axis=0).cumsum(axis=1)
    table, mask = total.tolist(), free.tolist()
    height = [0] * (cols + 1)  # the last column stays at 0 and closes every rectangle
    best, bounds = 0.0, (0, 0, 0, 0)
    for bottom in range(1, rows + 1):
        for c in range(cols):
            height[c] = height[c] + 1 if mask[bottom - 1][c] else 0
        rising: list[tuple[int, int]] = []  # (left column, height), heights rising
        for right, h in enumerate(height):
            left = right
            while rising and rising[-1][1] >= h:
                left, tall = rising.pop()
                top = bottom - tall
                content = table[bottom][right] - table[top][right] - table[bottom][left] + table[top][left]
                if content > best:
                    best, bounds = content, (top, left, bottom, right)
            if h:
                rising.append((left, h))
    return best, bounds


def connected(start: np.ndarray, free: np.ndarray) -> np.ndarray:
    """Free cells that are joined to a start cell by their sides, for several windows at once.

    Parameters
    ----------
    start : (n, rows, columns) bool
        Belong to the result whether free or not.
    free : (n, rows, columns) bool

    Returns
    -------
    (n, rows, columns) bool
    """
    reached = start.copy()
    count = -1
    while (now := int(np.count_nonzero(reached))) != count:
        count = now
        for _ in range(2):  # two steps per look: counting costs about as much as a step
            grown = reached.copy()
            grown[:, 1:] |= reached[:, :-1]
            grown[:, :-1] |= reached[:, 1:]
            grown[:, :, 1:] |= reached[:, :, :-1]
            grown[:, :, :-1] |= reached[:, :, 1:]
            reached |= grown & free
    return reached


def distance_to_cells(x: np.ndarray, y: np.ndarray, centre: np.ndarray, half: float) -> np.ndarray:
    """Distance of points to the nearest of some square cells, 0 inside.

    Parameters
    ----------
    x, y : (n,) float
        Points, metres.
    centre : (k, 2) float
        Cell centres, metres.
    half : float
        Half the side of a cell, metres.

    Returns
    -------
    (n,) float64
        Metres; infinite without a cell.
    """
    away_x = np.maximum(np.abs(x[:, None] - centre[:, 0]) - half, 0.0)
    away_y = np.maximum(np.abs(y[:, None] - centre[:, 1]) - half, 0.0)
    return np.sqrt((away_x**2 + away_y**2).min(axis=1, initial=np.inf))
