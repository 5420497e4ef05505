"""Schedules under uncertainty: common random numbers, triangular ranges, critical paths, megawatts by date.

Times are months since a start. Arrays are (n_sites, n_draws) float32 unless said otherwise; an infinite time is "never".
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from statistics import NormalDist

import numpy as np

#: how well a headroom is known between its quantiles: the smallest is a headroom of nothing
HEADROOM_AT = (0.0, 0.1, 0.5, 0.9)


def common_uniforms(names: Sequence[str], draws: int, *, seed: int, correlation: float = 0.0) -> dict[str, np.ndarray]:
    """Uniform numbers of every step, the same for every site and whatever other steps there are.

    Each step gets the midpoints of ``draws`` equal strata in its own order (Latin hypercube). With a correlation, the orders
    lean to a common one, so that draws that are slow in one step tend to be slow in the others.

    Parameters
    ----------
    names : sequence of str
        Steps; the name decides the order, together with the seed.
    draws : int
    seed : int
    correlation : float
        Of the underlying normal scores of any two steps, 0..1.

    Returns
    -------
    dict
        Name -> (draws,) float32 in 0..1.

    >>> u = common_uniforms(["study"], 4, seed=1)["study"]
    >>> sorted(u.tolist())
    [0.125, 0.375, 0.625, 0.875]
    """
    strata = (np.arange(draws) + 0.5) / draws
    scores = np.array([NormalDist().inv_cdf(p) for p in strata])
    shared = math.sqrt(correlation) * scores[_order("", draws, seed)]
    uniforms = {}
    for name in names:
        mixed = shared + math.sqrt(1.0 - correlation) * scores[_order(name, draws, seed)]
        rank = np.argsort(np.argsort(mixed, kind="stable"), kind="stable")
        uniforms[name] = strata[rank].astype(np.float32)
    return uniforms


def _order(name: str, draws: int, seed: int) -> np.ndarray:
    """A random order that depends on the seed and the name alone; the raw stream of PCG64 is the same on every machine."""
    raw = np.random.PCG64(np.random.SeedSequence([seed, zlib.crc32(name.encode())])).random_raw(draws)
    return np.argsort(raw, kind="stable")


def triangular(u: np.ndarray, ranges: np.ndarray) -> np.ndarray:
    """Quantiles of triangular distributions.

    Parameters
    ----------
    u : (draws,) float32 in 0..1
    ranges : (3,) or (n, 3)
        Lowest, most likely and highest value; equal ones give a certain value.

    Returns
    -------
    (n, draws) float32; n = 1 for one range

    >>> triangular(np.array([0.0, 0.5, 1.0]), np.array([0, 10, 20])).tolist()
    [[0.0, 10.0, 20.0]]
    """
    low, mid, high = (column[:, None] for column in np.asarray(ranges, np.float32).reshape(-1, 3).T)
    u = np.asarray(u, np.float32)
    rising = low + np.sqrt(u * ((high - low) * (mid - low)))
    falling = high - np.sqrt((1 - u) * ((high - low) * (high - mid)))
    return np.where(u * (high - low) < mid - low, rising, falling).astype(np.float32)


def lognormal(u: np.ndarray, sigma: float) -> np.ndarray:
    """Factors around 1 with a lognormal distribution, (1, draws) float32.

    Parameters
    ----------
    u : (draws,) in 0..1
    sigma : float
        Standard deviation of the logarithm; 0 gives ones.

    >>> lognormal(np.array([0.5]), 0.3).tolist()
    [[1.0]]
    """
    normal = NormalDist()
    return np.exp(np.float32(sigma) * np.array([[normal.inv_cdf(float(p)) for p in u]], np.float32))


def between_quantiles(u: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """Draws of an amount of which P10, P50 and P90 are known: straight lines between, 0 at the very least, P90 at most.

    Parameters
    ----------
    u : (draws,) in 0..1
    quantiles : (n, 3) P10 <= P50 <= P90, none below 0

    Returns
    -------
    (n, draws) float32

    >>> between_quantiles(np.array([0.05, 0.5, 0.95]), np.array([[100, 300, 400]])).tolist()
    [[50.0, 300.0, 400.0]]
    """
    known = np.hstack([np.zeros((len(quantiles), 1)), quantiles])
    above = np.clip(np.searchsorted(HEADROOM_AT, u, side="right"), 1, len(HEADROOM_AT) - 1)
    at = np.array(HEADROOM_AT)
    part = np.clip((u - at[above - 1]) / (at[above] - at[above - 1]), 0.0, 1.0)
    return (known[:, above - 1] * (1.0 - part) + known[:, above] * part).astype(np.float32)


def finish_times(durations: Mapping[str, np.ndarray], after: Mapping[str, Sequence[str]]) -> dict[str, np.ndarray]:
    """Month in which each step ends when it starts as soon as the steps before it have ended.

    Parameters
    ----------
    durations : mapping
        Step -> months; arrays of broadcastable shapes.
    after : mapping
        Step -> the steps before it, each step behind those it waits for.

    >>> ends = finish_times({"a": 3.0, "b": 5.0, "c": 1.0}, {"a": (), "b": (), "c": ("a", "b")})
    >>> float(ends["c"])
    6.0
    """
    return _begins_and_ends(durations, after)[1]


def critical_steps(durations: Mapping[str, np.ndarray], after: Mapping[str, Sequence[str]]) -> tuple[np.ndarray, np.ndarray]:
    """Which steps lie on the critical path to the last one, and which of them is the longest.

    Parameters
    ----------
    durations, after : mapping
        As in :func:`finish_times`; all durations of one shape (n, draws).

    Returns
    -------
    critical : (n_steps, n, draws) bool
    binding : (n, draws) int8
        Row of the longest step of the path, the earliest where two are equally long.
    """
    names = list(after)
    begins, ends = _begins_and_ends(durations, after)
    shape = ends[names[-1]].shape
    on_path = {name: np.zeros(shape, bool) for name in names}
    on_path[names[-1]][:] = True
    for name in reversed(names):
        waits = on_path[name] & (begins[name] > 0)
        for earlier in after[name]:
            holds = waits & (ends[earlier] >= begins[name])
            on_path[earlier] |= holds
            waits &= ~holds
    longest, binding = np.zeros(shape, np.float32), np.zeros(shape, np.int8)
    for row, name in enumerate(names):
        length = durations[name] * on_path[name]
        on_path[name] = length > 0
        longer = length > longest
        np.copyto(binding, np.int8(row), where=longer)
        np.maximum(longest, length, out=longest)
    return np.stack(list(on_path.values())), binding


def _begins_and_ends(
    durations: Mapping[str, np.ndarray], after: Mapping[str, Sequence[str]]
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    begins: dict[str, np.ndarray] = {}
    ends: dict[str, np.ndarray] = {}
    for step, before in after.items():
        begin = ends[before[0]] if before else np.zeros(1, np.float32)
        for earlier in before[1:]:
            begin = np.maximum(begin, ends[earlier])
        begins[step] = begin
        ends[step] = begin + durations[step] if before else durations[step]
    return begins, ends


def units_mw(t: np.ndarray | float, first: np.ndarray, block_mw: float, every: np.ndarray) -> np.ndarray:
    """Capacity of units that come one by one: ``block_mw`` at ``first`` and again after every ``every`` months."""
    arrived = np.floor((t - first) / every) + 1.0
    return block_mw * np.maximum(arrived, 0.0)


def tranche_mw(t: np.ndarray | float, ready: np.ndarray, mw: np.ndarray | float) -> np.ndarray:
    """Capacity of one tranche: ``mw`` from ``ready`` on, nothing before."""
    return mw * (t >= ready)


def reach(
    mw_at: Callable[[np.ndarray], np.ndarray], target: float | np.ndarray, horizon: int, shape: tuple[int, int]
) -> np.ndarray:
    """First whole month at which a growing capacity reaches a target.

    Parameters
    ----------
    mw_at : callable
        Months (n, draws) float32 -> MW, never decreasing in time.
    target : float or (n, 1)
        MW.
    horizon : int
        Last month looked at.
    shape : (n, draws)

    Returns
    -------
    (n, draws) float32, infinite where the target is not reached by the horizon
    """
    before = np.full(shape, -1.0, np.float32)  # the last month known to lie before
    for power in range(math.ceil(math.log2(horizon + 2)) - 1, -1, -1):
        step = np.float32(2**power)
        before += step * (mw_at(before + step) < target)
    return np.where(before >= horizon, np.float32(np.inf), before + np.float32(1.0))


def quantiles(values: np.ndarray, shares: Sequence[float]) -> np.ndarray:
    """Values below which a share of the draws lies, one of the draws each, so that "never" stays "never".

    Parameters
    ----------
    values : (..., draws)
    shares : (k,) in 0..1

    Returns
    -------
    (..., k)

    >>> quantiles(np.array([4.0, 1.0, np.inf, 2.0, 3.0]), [0.2, 0.5, 0.9]).tolist()
    [1.0, 3.0, inf]
    """
    draws = values.shape[-1]
    at = [min(max(math.ceil(s * draws - 1e-9) - 1, 0), draws - 1) for s in shares]
    return np.sort(values, axis=-1)[..., at]
