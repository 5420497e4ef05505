"""Least-cost distance over a raster from many sources at once, and the way back to the source.

A step between two of the eight neighbours costs the mean of their frictions times its length; a diagonal is longer by the square
root of two. The raster is cut into tiles that fit the processor's cache. A tile is swept forth and back until nothing in it
changes; where its edge changed, the neighbouring tile has to look again (label correction after Bellman 1958, in the order of
the fast sweeping of Zhao 2005). It ends when no tile has anything left to do: then every cell has the least cost over all ways,
as Dijkstra's method finds it. Equal ways fall to the lower direction code, so the result does not depend on any order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit

from sitefinder.kernels.paths import SOURCE, STEPS, UNREACHED

#: side of a tile, cells: its costs and frictions take 48 kB
TILE = 64
HALF_STRAIGHT, HALF_DIAGONAL = 0.5, 0.5 * math.sqrt(2.0)


@dataclass(frozen=True)
class Spread:
    """Costs, and the way from every cell to its source.

    Parameters
    ----------
    cost : (rows, columns) float64
        Friction times length in cells; infinite where no way reaches.
    direction : (rows, columns) int8
        Row of ``STEPS`` towards the source; ``SOURCE`` at a source, ``UNREACHED`` where no way reaches.
    """

    cost: np.ndarray
    direction: np.ndarray


def spread(friction: np.ndarray, sources: np.ndarray) -> Spread:
    """Least cost from every cell to the cheapest of the sources.

    Parameters
    ----------
    friction : (rows, columns) float32
        Cost of one cell's width, above 0; infinite or NaN where no way may enter.
    sources : (n,) int64
        Flat cells; those where no way may enter are left out.

    Raises
    ------
    ValueError
        A friction is zero or negative.
    """
    rows, cols = friction.shape
    padded = np.full((rows + 2, cols + 2), np.inf, np.float32)
    padded[1:-1, 1:-1] = friction
    if not padded.min() > 0:  # also catches NaN
        padded[np.isnan(padded)] = np.inf
        if padded.min() <= 0:
            raise ValueError(f"a friction of {padded.min():g}: it must be above 0")
    row, col = np.divmod(np.asarray(sources, np.int64), cols)
    cost = np.full(padded.shape, np.inf)
    active = np.zeros((-(-rows // TILE) + 2, -(-cols // TILE) + 2), np.bool_)
    free = padded[row + 1, col + 1] < np.inf
    row, col = row[free], col[free]
    cost[row + 1, col + 1] = 0.0
    active[row // TILE + 1, col // TILE + 1] = True
    _correct(padded, cost, active)
    direction = np.full(friction.shape, UNREACHED, np.int8)
    _directions(padded, cost, direction)
    return Spread(cost[1:-1, 1:-1], direction)


@njit(cache=True, nogil=True, inline="always")
def _via(cost: float, friction: np.float32, other: np.float32, half: float) -> float:
    """Cost of a cell when its way leads over a neighbour of this cost."""
    return cost + half * (np.float64(friction) + np.float64(other))


@njit(cache=True, nogil=True)
def _correct(friction: np.ndarray, cost: np.ndarray, active: np.ndarray) -> None:
    """Sweep active tiles until none is left; both rasters have a border of one cell, the tiles one of one tile."""
    rows, cols = active.shape[0] - 2, active.shape[1] - 2
    forth = True
    while True:
        idle = True
        for n in range(rows * cols):
            at = n if forth else rows * cols - 1 - n
            i, j = at // cols + 1, at % cols + 1
            if active[i, j]:
                idle = False
                active[i, j] = False
                north, south, west, east = _settle(friction, cost, i - 1, j - 1)
                active[i - 1, j] |= north
                active[i + 1, j] |= south
                active[i, j - 1] |= west
                active[i, j + 1] |= east
                active[i - 1, j - 1] |= north and west
                active[i - 1, j + 1] |= north and east
                active[i + 1, j - 1] |= south and west
                active[i + 1, j + 1] |= south and east
        if idle:
            return
        active[0, :] = active[-1, :] = False
        active[:, 0] = active[:, -1] = False
        forth = not forth


@njit(cache=True, nogil=True)
def _settle(friction: np.ndarray, cost: np.ndarray, i: int, j: int) -> tuple[bool, bool, bool, bool]:
    """Sweep one tile down and up until nothing changes; return whether its four edges changed."""
    top, left = i * TILE + 1, j * TILE + 1
    bottom, right = min(top + TILE, friction.shape[0] - 1) - 1, min(left + TILE, friction.shape[1] - 1) - 1
    north = south = west = east = False
    changed = True
    while changed:
        changed = False
        for sweep in range(2):
            for n in range(bottom - top + 1):
                r, other = (top + n, top + n - 1) if sweep == 0 else (bottom - n, bottom - n + 1)
                first, last = _sweep_row(friction, cost, r, other, left, right)
                if last >= 0:
                    changed = True
                    north, south = north or r == top, south or r == bottom
                    west, east = west or first == left, east or last == right
    return north, south, west, east


@njit(cache=True, nogil=True)
def _sweep_row(friction: np.ndarray, cost: np.ndarray, r: int, other: int, left: int, right: int) -> tuple[int, int]:
    """Take over from the row before and along the row both ways; the first and last cell that changed, or (right + 1, -1)."""
    first, last = right + 1, -1
    for c in range(left, right + 1):
        f = friction[r, c]
        if f < np.inf:
            best = _via(cost[other, c], f, friction[other, c], HALF_STRAIGHT)
            best = min(best, _via(cost[other, c - 1], f, friction[other, c - 1], HALF_DIAGONAL))
            best = min(best, _via(cost[other, c + 1], f, friction[other, c + 1], HALF_DIAGONAL))
            best = min(best, _via(cost[r, c - 1], f, friction[r, c - 1], HALF_STRAIGHT))
            if best < cost[r, c]:
                cost[r, c] = best
                first, last = min(first, c), c
    for c in range(right, left - 1, -1):
        f = friction[r, c]
        if f < np.inf:
            best = _via(cost[r, c + 1], f, friction[r, c + 1], HALF_STRAIGHT)
            if best < cost[r, c]:
                cost[r, c] = best
                first, last = min(first, c), max(last, c)
    return first, last


@njit(cache=True, nogil=True)
def _directions(friction: np.ndarray, cost: np.ndarray, direction: np.ndarray) -> None:
    """The neighbour over which each cell has its cost; ``direction`` has no border."""
    for r in range(1, friction.shape[0] - 1):
        for c in range(1, friction.shape[1] - 1):
            if not cost[r, c] < np.inf:
                continue
            if cost[r, c] == 0.0:
                direction[r - 1, c - 1] = SOURCE
                continue
            for k in range(8):
                y, x = r + STEPS[k, 0], c + STEPS[k, 1]
                half = HALF_DIAGONAL if STEPS[k, 0] != 0 and STEPS[k, 1] != 0 else HALF_STRAIGHT
                if _via(cost[y, x], friction[r, c], friction[y, x], half) == cost[r, c]:
                    direction[r - 1, c - 1] = k
                    break
