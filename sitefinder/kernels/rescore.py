"""The weighted sum of :mod:`sitefinder.kernels.score`, compiled: for a program that re-weights again and again.

The same terms in the same order and precision, so the same bits; no term is fused with the next (no ``fastmath``).
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit

from sitefinder.kernels.score import MAX_THREADS, TOP, UNKNOWN

#: cells per block: the sums of one stay in the first-level cache while all criteria are added
BLOCK = 4096


@njit(cache=True, nogil=True)
def _sum_range(
    values: np.ndarray,
    scaled: np.ndarray,
    used: np.ndarray,
    edges: tuple[int, int],
    learned: np.ndarray,
    applies: np.ndarray,
    share: np.float32,
    score: np.ndarray,
) -> None:
    """Scores of the cells from one edge to the other."""
    begin, end = edges
    nothing, one = np.float32(0.0), np.float32(1.0)
    for start in range(begin, end, BLOCK):
        stop = min(end, start + BLOCK)
        part = score[start:stop]
        part[:] = nothing
        for c in used:
            row, weight = values[c, start:stop], scaled[c]
            for i in range(part.size):
                step = row[i]
                part[i] += nothing if step == UNKNOWN else np.float32(step) * weight
        if share == nothing:
            continue
        model, ground = learned[start:stop], applies[start:stop]
        for i in range(part.size):
            a = share if model[i] < part[i] else share * ground[i]
            part[i] = (one - a) * part[i] + a * model[i]


def fused_sum(
    values: np.ndarray,
    weights: np.ndarray,
    learned: np.ndarray,
    applies: np.ndarray,
    share: float,
    score: np.ndarray,
) -> None:
    """Fused score 0..100; unknown values earn nothing.

    Threads share out whole blocks, so their number cannot change a single bit.

    Parameters
    ----------
    values : (n_criteria, n) uint16
        Steps, :data:`sitefinder.kernels.score.UNKNOWN` = unknown.
    weights : (n_criteria,) float64
        Sum to 1.
    learned, applies : (n,) float32
        Learned score and how far it applies where it raises the weighted one; not read where ``share`` is 0.
    share : float
        Of the learned score where it applies fully.
    score : (n,) float32, written
    """
    scaled = (weights * 100.0 / TOP).astype(np.float32)
    used = np.flatnonzero(scaled)
    threads = max(1, min(MAX_THREADS, os.cpu_count() or 1))
    blocks = -(-score.size // BLOCK)
    edges = np.minimum(np.linspace(0, blocks, threads + 1).astype(np.int64) * BLOCK, score.size).tolist()

    def sum_range(part: int) -> None:
        pair = (edges[part], edges[part + 1])
        _sum_range(values, scaled, used, pair, learned, applies, np.float32(share), score)

    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(sum_range, part) for part in range(threads)]:
            done.result()
