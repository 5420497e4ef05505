"""Value functions and the weighted sum over land cells.

Values are stored as 16-bit steps: 0..65534 stand for 0..1 and 65535 for "unknown". That halves the memory that a
re-weighting has to read; the rounding is below 0.001 points of a 0-100 score.
"""

from __future__ import annotations

import itertools
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit

#: step that stands for the value 1
TOP = 65534
#: step that stands for "unknown"
UNKNOWN = 65535
#: cells per block: the running sums of a block stay in the first-level cache
BLOCK = 4096
#: more threads than this gain nothing: the sum is bound by memory
MAX_THREADS = 8


@njit(cache=True, nogil=True)
def interpolate(x: np.ndarray, xs: np.ndarray, ys: np.ndarray, out: np.ndarray) -> None:
    """Piecewise-linear value function, constant beyond its ends.

    Parameters
    ----------
    x : (n,) float32, NaN = unknown
    xs : (k,) float64, strictly ascending breakpoints in the unit of ``x``
    ys : (k,) float64, values 0..1 at the breakpoints
    out : (n,) uint16, written
    """
    last = xs.size - 1
    for i in range(x.size):
        v = x[i]
        if np.isnan(v):
            out[i] = UNKNOWN
            continue
        if v <= xs[0]:
            y = ys[0]
        elif v >= xs[last]:
            y = ys[last]
        else:
            k = 1
            while v > xs[k]:
                k += 1
            y = ys[k - 1] + (ys[k] - ys[k - 1]) * (v - xs[k - 1]) / (xs[k] - xs[k - 1])
        out[i] = np.uint16(y * TOP + 0.5)


@njit(cache=True, nogil=True)
def logistic(x: np.ndarray, midpoint: float, steepness: float, out: np.ndarray) -> None:
    """Logistic value function 1 / (1 + exp(-steepness (x - midpoint))); arguments as in :func:`interpolate`."""
    for i in range(x.size):
        v = x[i]
        if np.isnan(v):
            out[i] = UNKNOWN
        else:
            out[i] = np.uint16(TOP / (1.0 + np.exp(-steepness * (v - midpoint))) + 0.5)


@njit(cache=True, nogil=True, fastmath={"contract", "nsz"})
def _weighted_range(
    values: np.ndarray, scaled: np.ndarray, incomplete: np.ndarray, blocked: np.ndarray, score: np.ndarray, begin: int, end: int
) -> None:
    for start in range(begin, end, BLOCK):
        stop = min(end, start + BLOCK)
        part = score[start:stop]
        part[:] = np.float32(0.0)
        for c in range(scaled.size):
            row, w = values[c, start:stop], scaled[c]
            if w == 0.0:
                continue
            if incomplete[c]:
                for j in range(row.size):
                    part[j] += w * np.float32(row[j]) if row[j] != UNKNOWN else np.float32(0.0)
            else:
                for j in range(row.size):
                    part[j] += w * np.float32(row[j])
        for j in range(part.size):
            if blocked[start + j] != 0:
                part[j] = np.nan


def weighted_sum(values: np.ndarray, weights: np.ndarray, incomplete: np.ndarray, blocked: np.ndarray, score: np.ndarray) -> None:
    """Weighted sum of values as a score 0..100; unknown values earn nothing, blocked cells become NaN.

    Threads share out whole blocks, so their number cannot change a single bit.

    Parameters
    ----------
    values : (n_criteria, n_land) uint16
        Steps as written by :func:`interpolate`.
    weights : (n_criteria,) float64
        Sum to 1.
    incomplete : (n_criteria,) bool
        True for criteria that have unknown values anywhere.
    blocked : (n_land,) uint32
        Exclusion bits; 0 = free.
    score : (n_land,) float32, written
    """
    scaled = (weights * 100.0 / TOP).astype(np.float32)
    threads = max(1, min(MAX_THREADS, os.cpu_count() or 1))
    blocks = -(-score.size // BLOCK)
    edges = np.minimum(np.linspace(0, blocks, threads + 1).astype(np.int64) * BLOCK, score.size)
    with ThreadPoolExecutor(threads) as pool:
        parts = [
            pool.submit(_weighted_range, values, scaled, incomplete, blocked, score, a, b)
            for a, b in itertools.pairwise(edges.tolist())
        ]
        for part in parts:
            part.result()


def weighted_sum_numpy(
    values: np.ndarray, weights: np.ndarray, incomplete: np.ndarray, blocked: np.ndarray, score: np.ndarray
) -> None:
    """The same as :func:`weighted_sum` in plain NumPy: the reference it is tested against."""
    scaled = (weights * 100.0 / TOP).astype(np.float32)
    for start in range(0, score.size, BLOCK):
        block = slice(start, start + BLOCK)
        part = np.zeros(score[block].size, np.float32)
        for c in range(len(weights)):
            row = values[c, block].astype(np.float32)
            if incomplete[c]:
                row[values[c, block] == UNKNOWN] = 0.0
            part += scaled[c] * row
        score[block] = np.where(blocked[block] == 0, part, np.nan)
