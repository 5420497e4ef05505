"""Rank acceptability by simulation: many draws of weights and errors over a list of sites, and how often a site takes a rank.

Method: stochastic multicriteria acceptability analysis, SMAA-2 (Lahdelma and Salminen, Operations Research 49, 2001; K).

Errors of the criteria at one site are independent normals, so that the error of the site's score under given weights w is a
normal of variance sum(w_k^2 sd_k^2), exactly: one normal number per site and draw replaces one per criterion. A value with
error may leave 0..1; clipping it would pull good values down and bad ones up. Unknown values are drawn one by one, uniform.

Random numbers are hashes of (seed, draw, site, criterion): a number does not depend on who computes it, so threads share
out whole blocks of draws and their number cannot change a result.
"""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numba import njit
from threadpoolctl import threadpool_limits

#: sites that fit into the low bits of a sorting key
MAX_SITES = 4096
_SITE_BITS = 12
#: scores are compared in steps of 2^-40, about 1e-12; equal ones keep the order of the list
_STEPS = float(1 << 40)
#: draws worked on at once: their scores stay in the processor's cache
BLOCK = 250
#: threads beyond this gain nothing: sorting is bound by memory
MAX_THREADS = 8
#: stream of the normal numbers; the uniforms of unknown values use the number of their criterion
_NORMAL = np.uint64(1 << 16)


@dataclass(frozen=True)
class Problem:
    """Distributions of values and weights from which the draws come.

    Parameters
    ----------
    values : (m, n, k) float64
        Known part of each criterion's value, 0..1, in m variants of the value functions; the draws are split evenly among
        the variants, in order.
    variance : (n, k) float64
        Of the error of each value.
    unknown : (n, k) float64
        Share of the site where the criterion is unknown, 0..1.
    unknown_range : (float, float)
        Range of the value of what is unknown.
    weights : (draws, k) float64
        Each row sums to 1.
    share : (draws,) float64
        Share of the learned score.
    applicability, learned : (n,) float64
        How far the learned score applies to a site, and its value, 0..1.
    seed : int
    """

    values: np.ndarray
    variance: np.ndarray
    unknown: np.ndarray
    unknown_range: tuple[float, float]
    weights: np.ndarray
    share: np.ndarray
    applicability: np.ndarray
    learned: np.ndarray
    seed: int


@dataclass(frozen=True)
class Tally:
    """Counts of ranks over the draws.

    Parameters
    ----------
    counts : (n, n) int32
        Draws in which a site (row) took a rank (column, 0 = best).
    first_weights : (n, k) float64
        Sum of the weights of the draws in which the site was first.
    wins : (p, p) int32
        Draws in which one of the first p sites (row) came before another (column).
    """

    counts: np.ndarray
    first_weights: np.ndarray
    wins: np.ndarray


@njit(cache=True, nogil=True)
def _mixed(x: np.uint64) -> np.uint64:
    """Finaliser of SplitMix64 (Steele, Lea and Flood 2014; K)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@njit(cache=True, nogil=True)
def _hash(seed: np.uint64, draw: np.uint64, site: np.uint64, stream: np.uint64) -> np.uint64:
    """64 random bits of one place: the place is a counter, hashed twice."""
    place = (draw << np.uint64(32)) | (site << np.uint64(20)) | stream
    return _mixed(_mixed(place + seed * np.uint64(0x9E3779B97F4A7C15)) + np.uint64(0x9E3779B97F4A7C15))


@njit(cache=True, nogil=True)
def uniform(seed: int, draw: int, site: int, criterion: int) -> float:
    """The uniform number of one unknown value in one draw, above 0 and below 1."""
    bits = _hash(np.uint64(seed), np.uint64(draw), np.uint64(site), np.uint64(criterion))
    return (np.float64(bits >> np.uint64(12)) + 0.5) / 4503599627370496.0


@njit(cache=True, nogil=True)
def normal(seed: int, draw: int, site: int) -> float:
    """The standard normal number of one site in one draw, by Box and Muller: neighbours share two uniforms."""
    bits = _hash(np.uint64(seed), np.uint64(draw), np.uint64(site // 2), _NORMAL)
    radius = math.sqrt(-2.0 * math.log((np.float64(bits >> np.uint64(32)) + 0.5) / 4294967296.0))
    angle = 2.0 * math.pi * np.float64(bits & np.uint64(0xFFFFFFFF)) / 4294967296.0
    return radius * (math.cos(angle) if site % 2 == 0 else math.sin(angle))


@njit(cache=True, nogil=True)
def _perturb(score, spread, first, seed, noisy) -> None:  # type: ignore[no-untyped-def]
    """Add each site's error to (d, n) scores, in place."""
    draws, n = score.shape
    for d in range(draws):
        if not noisy:
            break
        for pair in range((n + 1) // 2):
            bits = _hash(np.uint64(seed), np.uint64(first + d), np.uint64(pair), _NORMAL)
            radius = math.sqrt(-2.0 * math.log((np.float64(bits >> np.uint64(32)) + 0.5) / 4294967296.0))
            angle = 2.0 * math.pi * np.float64(bits & np.uint64(0xFFFFFFFF)) / 4294967296.0
            i = 2 * pair
            score[d, i] += math.sqrt(spread[d, i]) * radius * math.cos(angle)
            if i + 1 < n:
                score[d, i + 1] += math.sqrt(spread[d, i + 1]) * radius * math.sin(angle)


@njit(cache=True, nogil=True)
def _fill(score, weights, places, low, high, first, seed) -> None:  # type: ignore[no-untyped-def]
    """Add drawn values of unknown criteria to the scores; ``places`` are (site, criterion) pairs with their unknown share."""
    site, criterion, unknown = places
    for d in range(score.shape[0]):
        for p in range(site.size):
            i, k = site[p], criterion[p]
            u = low if low == high else low + (high - low) * uniform(seed, first + d, i, k)
            score[d, i] += weights[d, k] * unknown[p] * u


@njit(cache=True, nogil=True)
def _keys(score, share, applicability, learned, keys) -> None:  # type: ignore[no-untyped-def]
    """Sorting keys, best score lowest: the fused score in steps, then the site."""
    for d in range(score.shape[0]):
        for i in range(score.shape[1]):
            a = share[d] * applicability[i]
            fused = (1.0 - a) * score[d, i] + a * learned[i]
            keys[d, i] = (np.int64(-math.floor(fused * _STEPS + 0.5)) << _SITE_BITS) | i


@njit(cache=True, nogil=True)
def _count(keys, counts, rank) -> None:  # type: ignore[no-untyped-def]
    """Count the ranks of sorted keys; ``rank`` (d, n) receives the rank of each site."""
    for d in range(keys.shape[0]):
        for r in range(keys.shape[1]):
            i = keys[d, r] & (MAX_SITES - 1)
            counts[i, r] += 1
            rank[d, i] = r


@njit(cache=True, nogil=True)
def _duels(rank, wins) -> None:  # type: ignore[no-untyped-def]
    for d in range(rank.shape[0]):
        for i in range(wins.shape[0]):
            for j in range(wins.shape[0]):
                if rank[d, i] < rank[d, j]:
                    wins[i, j] += 1


def simulate(problem: Problem, *, pairs: int = 0, threads: int | None = None) -> Tally:
    """Ranks of all sites in all draws, counted.

    Parameters
    ----------
    problem : Problem
    pairs : int
        Sites, from the first, that are compared two by two.
    threads : int, optional
        Default: the processors there are, eight at most. Any number gives the same result.

    Raises
    ------
    ValueError
        More than :data:`MAX_SITES` sites.
    """
    n = len(problem.unknown)
    if n > MAX_SITES:
        raise ValueError(f"{n} sites; at most {MAX_SITES} can be ranked at once")
    threads = threads or max(1, min(MAX_THREADS, os.cpu_count() or 1))
    jobs = list(_blocks(len(problem.weights), len(problem.values)))
    first = np.empty(len(problem.weights), np.int64)

    def work(part: list[tuple[int, int, int]]) -> tuple[np.ndarray, np.ndarray]:
        counts, wins = np.zeros((n, n), np.int32), np.zeros((min(pairs, n),) * 2, np.int32)
        for variant, start, stop in part:
            first[start:stop] = _block(problem, (counts, wins), variant, start, stop)
        return counts, wins

    with threadpool_limits(1), ThreadPoolExecutor(threads) as pool:
        tallies = list(pool.map(work, [jobs[t::threads] for t in range(threads)]))
    sums = np.zeros(problem.unknown.shape)
    np.add.at(sums, first, problem.weights)
    return Tally(sum(c for c, _ in tallies), sums, sum(w for _, w in tallies))  # type: ignore[arg-type]


def _blocks(draws: int, variants: int) -> Iterator[tuple[int, int, int]]:
    """Variant, first and last draw of each block."""
    edges = [draws * v // variants for v in range(variants + 1)]
    for variant, (begin, end) in enumerate(itertools.pairwise(edges)):
        for start in range(begin, end, BLOCK):
            yield variant, start, min(end, start + BLOCK)


def _block(problem: Problem, tally: tuple[np.ndarray, np.ndarray], variant: int, start: int, stop: int) -> np.ndarray:
    """Rank the sites in some draws, count them, and return the first site of each draw."""
    weights, share = problem.weights[start:stop], problem.share[start:stop]
    score = weights @ problem.values[variant].T
    noisy = bool(problem.variance.any())
    spread = weights**2 @ problem.variance.T if noisy else score
    low, high = problem.unknown_range
    site, criterion = np.nonzero(problem.unknown)
    if site.size and high > 0.0:
        _fill(score, weights, (site, criterion, problem.unknown[site, criterion]), low, high, start, problem.seed)
    _perturb(score, spread, start, problem.seed, noisy)
    keys = np.empty(score.shape, np.int64)
    _keys(score, share, problem.applicability, problem.learned, keys)
    keys.sort(axis=1)
    rank = np.empty(score.shape, np.int16)
    _count(keys, tally[0], rank)
    _duels(rank, tally[1])
    return keys[:, 0] & (MAX_SITES - 1)
