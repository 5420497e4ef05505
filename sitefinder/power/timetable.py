"""Megawatts by date of three pathways to power, as schedules under uncertainty.

Every site and every pathway sees the same random numbers, so that sites differ by their facts alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sitefinder.config import Project
from sitefinder.config.delivery import FIRST_MW, YEARS, Delivery
from sitefinder.config.project import PATHWAYS, sources_of
from sitefinder.kernels import schedule
from sitefinder.months import month_number
from sitefinder.power.facts import Facts
from sitefinder.power.supply import AMOUNTS, GAS_AFTER, GRID_AFTER, SHARES, WHOLE, Draws, GasPower, GridPower

#: horizon: later dates count as never
HORIZON = "2040-12"
#: a simpler pathway is preferred when it delivers as much but for this share of the load
AS_GOOD = 0.02
#: sites computed at once: their arrays stay in the processor's cache
BLOCK = 32
#: blocks computed at the same time; array arithmetic releases the interpreter lock
WORKERS = 2

#: steps of each source, and of each pathway by the sources that it draws on
_STEPS_OF: Mapping[str, tuple[str, ...]] = {"grid": tuple(GRID_AFTER), "gas": tuple(GAS_AFTER)}
STEPS: Mapping[str, tuple[str, ...]] = {p: tuple(step for s in sources_of(p) for step in _STEPS_OF[s]) for p in PATHWAYS}


@dataclass(frozen=True)
class Pathway:
    """Megawatts and dates of one pathway; P10 is the value that one draw in ten falls short of. NaN = unknown, infinite = never.

    Parameters
    ----------
    mw : (n, years, 3) float64
        P10, P50, P90 of the megawatts at the end of each of ``YEARS``.
    mean_mw : (n, years + 1) float64
        Mean over the draws at the year ends, and at the end of ``project.energise_by``.
    first_months, full_months : (n, 3) float64
        Months from the start to the end of the month of the first ``FIRST_MW`` and of full load: P10 is early.
    p_full : (n,) float64
        Probability of full load by ``project.energise_by``.
    step_months : (n, steps, 3) float64
        Length of each step of ``STEPS``, whether or not it is on the critical path.
    critical, binding : (n, steps) float64
        Share of the draws in which the step lies on the critical path to full load, and in which it is its longest step.
    """

    mw: np.ndarray
    mean_mw: np.ndarray
    first_months: np.ndarray
    full_months: np.ndarray
    p_full: np.ndarray
    step_months: np.ndarray
    critical: np.ndarray
    binding: np.ndarray


@dataclass(frozen=True)
class Timetable:
    """Megawatts by date of every site.

    Parameters
    ----------
    start : str
        Month from which months are counted.
    pathways : mapping
        Name -> :class:`Pathway`.
    chosen : (n,) object
        Pathway reported for each site.
    """

    start: str
    pathways: Mapping[str, Pathway]
    chosen: np.ndarray

    def month_numbers(self, months: np.ndarray) -> np.ndarray:
        """Calendar months, as of :func:`sitefinder.months.month_number`, in which spans from the start end; NaN = none."""
        whole = np.maximum(np.trunc(np.where(np.isfinite(months), months, np.nan)) - 1.0, 0.0)
        return month_number(self.start) + whole

    def full_load(self) -> np.ndarray:
        """(n, 3) calendar months of full load of the pathway chosen for each site: P10, P50, P90; NaN = unknown or never."""
        months = [self.pathways[str(name)].full_months[i] for i, name in enumerate(self.chosen)]
        return self.month_numbers(np.array(months, np.float64).reshape(len(self.chosen), 3))


class Times(NamedTuple):
    """Months from the start to the horizon, and to the end of the deadline."""

    horizon: int
    by: int


def timetable(facts: Facts, delivery: Delivery, project: Project) -> Timetable:
    """Megawatts by date of every site.

    A site with an unknown value is computed twice, with both bounds of that value: its range spans both results, its P50 and
    its probability are unknown where the two differ.
    """
    u = random_numbers(delivery)
    open_ends = np.flatnonzero(facts.unknown())
    low = _evaluate(facts.assume(best=False), delivery, project, u)
    if open_ends.size:
        high = _evaluate(facts.take(open_ends).assume(best=True), delivery, project, u)
        pathways = {name: _spanned(low[name], high[name], open_ends) for name in PATHWAYS}
    else:
        pathways = low
    return Timetable(delivery.start, pathways, _choose(low, project))


def random_numbers(settings: Delivery) -> Draws:
    """Common random numbers of every step and amount."""
    steps = [*GRID_AFTER, *GAS_AFTER, "nonattainment"]
    durations = schedule.common_uniforms(steps, settings.draws, seed=settings.seed, correlation=settings.correlation)
    return durations | schedule.common_uniforms(AMOUNTS, settings.draws, seed=settings.seed)


def _evaluate(facts: Facts, delivery: Delivery, project: Project, u: Draws) -> dict[str, Pathway]:
    def block(start: int) -> dict[str, Pathway]:
        part = facts.take(slice(start, start + BLOCK))
        power: dict[str, GridPower | GasPower] = {
            "grid": GridPower(part, delivery, project.mw, u),
            "gas": GasPower(part, delivery, project.mw, u),
        }
        curves = {name: [source.mw(float(end)) for end in ends] for name, source in power.items()}
        ways = {}
        for pathway in PATHWAYS:
            first, *others = sources_of(pathway)
            mw = curves[first]
            for other in others:
                mw = [np.minimum(a + b, project.mw) for a, b in zip(mw, curves[other], strict=True)]
            ways[pathway] = _follow(tuple(power[s] for s in (first, *others)), mw, times, project.mw)
        return ways

    ends = [delivery.months_to_end_of(m) for m in (*(f"{year}-12" for year in YEARS), project.energise_by)]
    times = Times(horizon=delivery.months_to_end_of(HORIZON), by=ends[-1])

    with ThreadPoolExecutor(WORKERS) as pool:  # every site is computed for itself: the result does not depend on it
        blocks = list(pool.map(block, range(0, facts.size, BLOCK)))
    names = Pathway.__dataclass_fields__
    return {p: Pathway(**{f: np.concatenate([getattr(b[p], f) for b in blocks]) for f in names}) for p in PATHWAYS}


def _follow(sources: tuple[GridPower | GasPower, ...], curves: list[np.ndarray], times: Times, project_mw: float) -> Pathway:
    """Statistics of the power of one or two sources together; the sum never exceeds the project.

    Parameters
    ----------
    sources : tuple of GridPower and GasPower
    curves : list of (n, draws)
        Their megawatts at the ends of the years and of the deadline.
    times : Times
    project_mw : float
    """
    shape = sources[0].shape

    def mw_at(t: np.ndarray | float) -> np.ndarray:
        mw = sources[0].mw(t)
        for source in sources[1:]:
            mw = np.minimum(mw + source.mw(t), project_mw)
        return np.broadcast_to(mw, shape)

    first = schedule.reach(mw_at, min(FIRST_MW, project_mw) * WHOLE, times.horizon, shape)
    full = schedule.reach(mw_at, project_mw * WHOLE, times.horizon, shape)
    means = [np.broadcast_to(c, shape).mean(axis=1, dtype=np.float64) for c in curves]
    drawn = [schedule.quantiles(np.broadcast_to(c, shape), SHARES) for c in curves[:-1]]
    critical, binding, lengths = _attribute(sources, np.minimum(full, np.float32(times.horizon)))
    return Pathway(
        mw=np.stack(drawn, axis=1).astype(np.float64),
        mean_mw=np.stack(means, axis=1),
        first_months=schedule.quantiles(first, SHARES).astype(np.float64),
        full_months=schedule.quantiles(full, SHARES).astype(np.float64),
        p_full=(full <= times.by).mean(axis=1),
        step_months=lengths.astype(np.float64),
        critical=critical,
        binding=binding,
    )


def _attribute(sources: tuple[GridPower | GasPower, ...], full: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shares of the draws in which each step is critical and binding, (n, steps) each, and the lengths, (n, steps, 3).

    With two sources, the one whose power grew in the month of full load is followed: the grid if it did, else the gas.
    """
    if len(sources) > 1:
        grid, _ = sources
        grid_came = grid.mw(full) > grid.mw(full - 1.0)
        followed = [grid_came, ~grid_came]
    else:
        followed = [np.ones(full.shape, bool)]
    paths = [source.path(full) for source in sources]
    critical, binding = [], []
    for path, counts in zip(paths, followed, strict=True):
        critical.append((path.critical & counts).mean(axis=2).T)
        steps = range(len(path.critical))
        binding.append(np.stack([((path.binding == i) & counts).mean(axis=1) for i in steps], axis=1))
    lengths = np.concatenate([p.lengths for p in paths], axis=1)
    return np.concatenate(critical, axis=1), np.concatenate(binding, axis=1), lengths


def _spanned(low: Pathway, high: Pathway, rows: np.ndarray) -> Pathway:
    """The pathway with the ranges of some sites spanning both bounds; other values that differ are unknown."""
    spanned = {name: getattr(low, name).copy() for name in Pathway.__dataclass_fields__}
    for name, values in spanned.items():
        worst, best = values[rows], getattr(high, name)
        values[rows] = np.where(worst == best, worst, np.nan)
        if name == "mw":
            values[rows, :, 0], values[rows, :, 2] = worst[..., 0], best[..., 2]
        elif name in ("first_months", "full_months"):
            values[rows, 0], values[rows, 2] = best[:, 0], worst[:, 2]
    return Pathway(**spanned)


def _choose(pathways: Mapping[str, Pathway], project: Project) -> np.ndarray:
    """The configured pathway, or the simplest of those that deliver most by the deadline and over the years, (n,)."""
    sites = len(pathways["grid"].p_full)
    if project.pathway != "best":
        return np.full(sites, project.pathway, object)
    means = np.stack([pathways[p].mean_mw for p in PATHWAYS])
    delivered = np.stack([means[..., -1], means[..., :-1].mean(axis=-1)])
    good = (delivered >= delivered.max(axis=1, keepdims=True) - AS_GOOD * project.mw).all(axis=0)
    return np.array(PATHWAYS, object)[good.argmax(axis=0)]
