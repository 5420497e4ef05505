"""Rank acceptability by simulation: many draws of weights and errors over a list of sites, and how often a site takes a rank.

Method: stochastic multicriteria acceptability analysis, SMAA-2 (Lahdelma and Salminen, Operations Research 49, 2001; K).

Errors of the criteria at one site are independent normals, so that the error of the site's score under given weights w is a
normal of variance sum(w_k^2 sd_k^2), exactly: one normal number per site and draw replaces one per criterion. A value with
error may leave 0..1; clipping it would pull good values down and bad ones up. Unknown values are drawn one by one, uniform.

Random numbers are hashes of (seed, draw, site, criterion): a number does not depend on who computes it, so threads share
out whole blocks of draws and their number cannot change a result.

Plain NumPy in blocks that stay in the cache: a fresh process need not load a compiler for it.
"""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
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
_NORMAL = 1 << 16


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


def _mixed(x: np.ndarray) -> np.ndarray:
    """Finaliser of SplitMix64 (Steele, Lea and Flood 2014; K), in place."""
    x ^= x >> np.uint64(30)
    x *= np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x *= np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    return x


def _hash(seed: int, draw: np.ndarray, site: np.ndarray, stream: np.ndarray | int) -> np.ndarray:
    """64 random bits of each place: the place is a counter, hashed twice."""
    golden = 0x9E3779B97F4A7C15
    draw, site, stream = (np.asarray(part, np.uint64) for part in (draw, site, stream))
    place = (draw << np.uint64(32)) | (site << np.uint64(20)) | stream
    bits = _mixed(np.atleast_1d(place + np.uint64(seed * golden % 2**64)))
    bits += np.uint64(golden)
    return _mixed(bits)


def uniform(seed: int, draw: np.ndarray, site: np.ndarray, criterion: np.ndarray) -> np.ndarray:
    """The uniform numbers of unknown values, above 0 and below 1: (..., ) float64 of draws, sites and criteria that broadcast."""
    bits = _hash(seed, draw, site, criterion)
    return ((bits >> np.uint64(12)).astype(np.float64) + 0.5) / 4503599627370496.0


def normals(seed: int, draws: np.ndarray, sites: int) -> np.ndarray:
    """(d, sites) float64 standard normal numbers of every site in some draws, by Box and Muller: neighbours share two uniforms.

    Parameters
    ----------
    seed : int
    draws : (d,) int
    sites : int
    """
    bits = _hash(seed, draws[:, None], np.arange((sites + 1) // 2)[None, :], _NORMAL)
    radius = (bits >> np.uint64(32)).astype(np.float64)
    radius = np.sqrt(-2.0 * np.log((radius + 0.5) / 4294967296.0))
    angle = (bits & np.uint64(0xFFFFFFFF)).astype(np.float64) * (2.0 * math.pi / 4294967296.0)
    both = np.empty((*bits.shape, 2))
    np.multiply(radius, np.cos(angle), out=both[..., 0])
    np.multiply(radius, np.sin(angle), out=both[..., 1])
    return both.reshape(len(draws), -1)[:, :sites]


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
    ranked = np.empty((n, len(problem.weights)), np.int16)

    def work(part: list[tuple[int, int, int]]) -> np.ndarray:
        wins = np.zeros((min(pairs, n),) * 2, np.int32)
        for variant, start, stop in part:
            _rank(problem, variant, np.arange(start, stop), ranked[:, start:stop], wins)
        return wins

    def count(rank: int) -> np.ndarray:
        return np.bincount(ranked[rank], minlength=n).astype(np.int32)

    with threadpool_limits(1), ThreadPoolExecutor(threads) as pool:
        wins = sum(pool.map(work, [jobs[t::threads] for t in range(threads)]))
    counts = np.stack([count(rank) for rank in range(n)], axis=1)
    sums = np.zeros(problem.unknown.shape)
    np.add.at(sums, ranked[0].astype(np.int64), problem.weights)
    return Tally(counts, sums, wins)  # type: ignore[arg-type]


def _blocks(draws: int, variants: int) -> Iterator[tuple[int, int, int]]:
    """Variant, first and last draw of each block."""
    edges = [draws * v // variants for v in range(variants + 1)]
    for variant, (begin, end) in enumerate(itertools.pairwise(edges)):
        for start in range(begin, end, BLOCK):
            yield variant, start, min(end, start + BLOCK)


def _rank(problem: Problem, variant: int, draws: np.ndarray, ranked: np.ndarray, wins: np.ndarray) -> None:
    """Rank the sites in some draws of one variant of the values.

    Parameters
    ----------
    problem : Problem
    variant : int
    draws : (d,) int
    ranked : (n, d) int16, written
        The site at each rank.
    wins : (p, p) int32, added to
    """
    weights = problem.weights[draws]
    score = weights @ problem.values[variant].T
    n = score.shape[1]
    low, high = problem.unknown_range
    site, criterion = np.nonzero(problem.unknown)
    if site.size and high > 0.0:
        drawn = uniform(problem.seed, draws[:, None], site[None, :], criterion[None, :])
        value = low + (high - low) * drawn
        for column, added in zip(site, (weights[:, criterion] * problem.unknown[site, criterion] * value).T, strict=True):
            score[:, column] += added
    if problem.variance.any():
        spread = weights**2 @ problem.variance.T
        np.sqrt(spread, out=spread)
        spread *= normals(problem.seed, draws, n)
        score += spread
    learned = problem.share[draws, None] * problem.applicability
    score *= 1.0 - learned
    score += learned * problem.learned
    score *= _STEPS
    score += 0.5
    keys = -np.floor(score, out=score).astype(np.int64)
    keys <<= _SITE_BITS
    keys |= np.arange(n)
    keys.sort(axis=1)
    keys &= MAX_SITES - 1
    ranked[:] = keys.T
    draw, rank = np.nonzero(keys < len(wins))
    placed = np.empty((len(draws), len(wins)), np.int16)
    placed[draw, keys[draw, rank]] = rank
    wins += (placed[:, :, None] < placed[:, None, :]).sum(axis=0, dtype=np.int32)
