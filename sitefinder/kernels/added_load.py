"""Largest load that a bus can take: loops over buses, outages and branches."""

from __future__ import annotations

import numpy as np
from numba import njit, prange


@njit(parallel=True, cache=True)
def worst_after_outage(flow: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """(n,) largest flow of each branch, MW, after the outage of any other.

    Parameters
    ----------
    flow : (n,) float64
        MW.
    factors : (n, n) float
        Row k: flow that each branch takes over per MW that branch k carried.
    """
    n = flow.size
    worst = np.zeros((2, n))
    half = n // 2
    for part in prange(2):
        begin, stop = (0, half) if part == 0 else (half, n)
        for k in range(begin, stop):
            for line in range(n):
                if line != k:
                    after = abs(flow[line] + factors[k, line] * flow[k])
                    if after > worst[part, line]:
                        worst[part, line] = after
    return np.maximum(worst[0], worst[1])


@njit(parallel=True, cache=True)
def largest_added(
    answer: np.ndarray,
    flow: np.ndarray,
    limits: np.ndarray,
    factors: np.ndarray,
    bridge: np.ndarray,
    nearby: tuple[np.ndarray, np.ndarray],
    cuts: tuple[float, float],
    lifted: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Largest added load at each bus with all branches in service and with the worst of the given outages.

    Parameters
    ----------
    answer : (n, n_branches) float
        Change of flow per MW of load added at a bus.
    flow : (n_branches,) float64
        MW.
    limits : (2, n_branches) float64
        Normal and emergency rating, MW.
    factors : (n_branches, n_branches) float
        Row k: flow that each branch takes over per MW that branch k carried.
    bridge : (n_branches,) bool
        Branches whose outage parts the network.
    nearby : (first, outages)
        Outages of bus i: ``outages[first[i]:first[i + 1]]``.
    cuts : (float, float)
        Least share of a transfer that counts as loading a branch, and the share through a bridge above which its outage leaves
        the bus dark.
    lifted : (n,) int64
        Branch that is taken to be strengthened for each bus, so that it neither limits nor leaves it dark; -1 = none.

    Returns
    -------
    intact, outage : (n,) float64
        MW; infinite where nothing limits.
    limit, lost : (n,) int64
        Branch that limits, and the outage behind it; -1 = none.
    """
    first, outages = nearby
    least, dark = cuts
    rating, emergency = limits[0], limits[1]
    n, m = answer.shape
    intact, outage = np.empty(n), np.empty(n)
    limit, lost = np.full(n, -1), np.full(n, -1)
    for i in prange(n):
        s = answer[i]
        best = np.inf
        for line in range(m):
            if line != lifted[i] and abs(s[line]) >= least:
                room = (rating[line] - flow[line]) / s[line] if s[line] > 0 else (rating[line] + flow[line]) / -s[line]
                if room < best:
                    best = room
                    limit[i] = line
        intact[i] = max(best, 0.0)
        for at in range(first[i], first[i + 1]):
            k = outages[at]
            if bridge[k]:
                if k != lifted[i] and abs(s[k]) > dark:
                    best = 0.0
                    limit[i] = k
                    lost[i] = k
                    break
                continue
            for line in range(m):
                factor = s[line] + factors[k, line] * s[k]
                if line != k and line != lifted[i] and abs(factor) >= least:
                    after = flow[line] + factors[k, line] * flow[k]
                    top = emergency[line]
                    room = (top - after) / factor if factor > 0 else (top + after) / -factor
                    if room < best:
                        best = room
                        limit[i] = line
                        lost[i] = k
        outage[i] = max(best, 0.0)
    return intact, outage, limit, lost
