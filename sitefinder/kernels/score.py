"""The weighted sum over land cells.

Values are stored as 16-bit steps: 0..65534 stand for 0..1 and 65535 for "unknown". That halves the memory that a
re-weighting has to read; the rounding is below 0.001 points of a 0-100 score.

Plain NumPy in blocks that stay in the second-level cache: within 1.6 times of a compiled loop (0.10 s against 0.066 s for 45
criteria on 7.8 million cells), and a fresh process need not load a compiler for it, which takes longer than the sum.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

#: step that stands for the value 1
TOP = 65534
#: step that stands for "unknown"
UNKNOWN = 65535
#: cells per block
BLOCK = 131_072
#: more threads than this gain nothing: the sum is bound by memory
MAX_THREADS = 8


def weighted_sum(
    values: np.ndarray,
    weights: np.ndarray,
    incomplete: np.ndarray,
    blocked: np.ndarray | None,
    score: np.ndarray,
    *,
    after: Callable[[], None] = lambda: None,
) -> None:
    """Weighted sum of values as a score 0..100; unknown values earn nothing, blocked cells become NaN.

    Threads share out whole blocks, so their number cannot change a single bit.

    Parameters
    ----------
    values : (n_criteria, n_land) uint16
        Steps, :data:`UNKNOWN` = unknown.
    weights : (n_criteria,) float64
        Sum to 1.
    incomplete : (n_criteria,) bool
        True for criteria that have unknown values anywhere.
    blocked : (n_land,) uint32 or None
        Exclusion bits; 0 = free. None = all cells are.
    score : (n_land,) float32, written
    after : callable
        Called after each block, for one who wants to let go of what was read.
    """
    scaled = (weights * 100.0 / TOP).astype(np.float32)
    used = [c for c in range(len(scaled)) if scaled[c] != 0.0]

    def sum_range(begin: int, end: int) -> None:
        term = np.empty(BLOCK, np.float32)
        for start in range(begin, end, BLOCK):
            stop = min(end, start + BLOCK)
            part, now = score[start:stop], term[: stop - start]
            part[:] = 0.0
            for c in used:
                row = values[c, start:stop]
                np.multiply(row, scaled[c], out=now, dtype=np.float32, casting="unsafe")
                if incomplete[c]:
                    np.copyto(now, np.float32(0.0), where=row == UNKNOWN)
                part += now
            if blocked is not None:
                np.copyto(part, np.float32(np.nan), where=blocked[start:stop] != 0)
            after()

    threads = max(1, min(MAX_THREADS, os.cpu_count() or 1))
    blocks = -(-score.size // BLOCK)
    edges = np.minimum(np.linspace(0, blocks, threads + 1).astype(np.int64) * BLOCK, score.size)
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(sum_range, a, b) for a, b in itertools.pairwise(edges.tolist())]:
            done.result()
