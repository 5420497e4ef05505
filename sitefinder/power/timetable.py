"""Megawatts by date of the pathways to power, as schedules under uncertainty.

Every site and every pathway sees the same random numbers, so that sites differ by their facts alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sitefinder.config import Project
from sitefinder.config.delivery import FIRST_MW, TARGETS_MW, YEARS, Delivery
from sitefinder.config.project import NON_FIRM, PATHWAYS, sources_of
from sitefinder.kernels import schedule
from sitefinder.months import month_number
from sitefinder.power.facts import Facts
from sitefinder.power.gas_power import GAS_AFTER, GasPower
from sitefinder.power.grid_power import GRID_AFTER, GridPower
from sitefinder.power.halls import HALL_STEPS, Halls
from sitefinder.power.source import AMOUNTS, SHARES, WHOLE, Draws

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
STEPS: Mapping[str, tuple[str, ...]] = {
    p: tuple(dict.fromkeys([*(step for s in sources_of(p) for step in _STEPS_OF[s]), *HALL_STEPS])) for p in PATHWAYS
}
#: the loads whose dates are kept, the last one the full load
FIRST, FULL = TARGETS_MW.index(FIRST_MW), len(TARGETS_MW)


@dataclass(frozen=True)
class Pathway:
    """Megawatts and dates of one pathway; P10 is the value that one draw in ten falls short of. NaN = unknown, infinite = never.

    Parameters
    ----------
    mw : (n, years, 3) float64
        P10, P50, P90 of the megawatts at the end of each of ``YEARS``.
    mean_mw : (n, years + 1) float64
        Mean over the draws at the year ends, and at the end of ``project.energise_by``.
    reach_months : (n, targets + 1, 3) float64
        Months from the start to the end of the month of each of ``TARGETS_MW`` and of full load: P10 is early.
    p_full : (n,) float64
        Probability of full load by ``project.energise_by``.
    step_months : (n, steps, 3) float64
        Length of each step of ``STEPS``, whether or not it is on the critical path.
    critical, binding : (n, steps) float64
        Share of the draws in which the step lies on the critical path to full load, and in which it is its longest step.
    """

    mw: np.ndarray
    mean_mw: np.ndarray
    reach_months: np.ndarray
    p_full: np.ndarray
    step_months: np.ndarray
    critical: np.ndarray
    binding: np.ndarray

    @property
    def first_months(self) -> np.ndarray:
        """(n, 3) months to the first ``FIRST_MW``."""
        return self.reach_months[:, FIRST]

    @property
    def full_months(self) -> np.ndarray:
        """(n, 3) months to full load."""
        return self.reach_months[:, FULL]


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
    """Months from the start to the horizon, and to the ends of the years and of the deadline."""

    horizon: int
    ends: list[int]


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
    steps = [*GRID_AFTER, *GAS_AFTER, *HALL_STEPS, "nonattainment"]
    durations = schedule.common_uniforms(steps, settings.draws, seed=settings.seed, correlation=settings.correlation)
    return durations | schedule.common_uniforms(AMOUNTS, settings.draws, seed=settings.seed)


class Draw(NamedTuple):
    """Months to each of ``TARGETS_MW`` and to full load in every draw, (targets + 1, n, draws), of the power and of the halls."""

    power: np.ndarray
    halls: np.ndarray

    @property
    def load(self) -> np.ndarray:
        """Months until both are there."""
        return np.maximum(self.power, self.halls)


def draws_of(facts: Facts, delivery: Delivery, pathway: str, u: Draws) -> np.ndarray:
    """Months from the start to each of ``TARGETS_MW`` and to full load in every draw, (targets + 1, n, draws); infinite = never.

    Parameters
    ----------
    facts : Facts
        Without unknown values.
    delivery : Delivery
    pathway : str
    u : mapping
        Of :func:`random_numbers`.
    """
    power = _sources(facts, delivery, u)
    sources = tuple(power[s] for s in _drawn_on(pathway))
    horizon = delivery.months_to_end_of(HORIZON)
    return _reach(sources, Halls(facts, delivery, u), horizon)[0].load


def _sources(facts: Facts, delivery: Delivery, u: Draws) -> dict[str, GridPower | GasPower]:
    return {
        "grid": GridPower(facts, delivery, u),
        NON_FIRM: GridPower(facts, delivery, u, non_firm=True),
        "gas": GasPower(facts, delivery, u),
    }


def _drawn_on(pathway: str) -> tuple[str, ...]:
    """Keys of the sources of a pathway."""
    return (NON_FIRM,) if pathway == NON_FIRM else sources_of(pathway)


def _evaluate(facts: Facts, delivery: Delivery, project: Project, u: Draws) -> dict[str, Pathway]:
    def block(start: int) -> dict[str, Pathway]:
        part = facts.take(slice(start, start + BLOCK))
        power, halls = _sources(part, delivery, u), Halls(part, delivery, u)
        return {p: _follow(tuple(power[s] for s in _drawn_on(p)), halls, times) for p in PATHWAYS}

    ends = [delivery.months_to_end_of(m) for m in (*(f"{year}-12" for year in YEARS), project.energise_by)]
    times = Times(horizon=delivery.months_to_end_of(HORIZON), ends=ends)

    with ThreadPoolExecutor(WORKERS) as pool:  # every site is computed for itself: the result does not depend on it
        blocks = list(pool.map(block, range(0, facts.size, BLOCK)))
    names = Pathway.__dataclass_fields__
    return {p: Pathway(**{f: np.concatenate([getattr(b[p], f) for b in blocks]) for f in names}) for p in PATHWAYS}


def _power_at(sources: tuple[GridPower | GasPower, ...], t: np.ndarray | float) -> np.ndarray:
    """MW of one or two sources together at a time, never more than the load, (n, draws)."""
    mw = sources[0].mw(t)
    for source in sources[1:]:
        mw = np.minimum(mw + source.mw(t), source.load)
    return np.broadcast_to(mw, sources[0].shape)


def _load_at(sources: tuple[GridPower | GasPower, ...], halls: Halls, t: float, powered: np.ndarray) -> np.ndarray:
    """MW that power and halls allow at a time, (n, draws), and at least what is documented."""
    load = np.minimum(_power_at(sources, t), halls.mw(t, powered))
    grid = sources[0]
    if not isinstance(grid, GridPower):
        return load
    signed = np.where(grid.months["signed service"] <= t, grid.amounts["signed"], 0.0)
    return np.maximum(load, np.minimum(signed, grid.load))


def _reach(sources: tuple[GridPower | GasPower, ...], halls: Halls, horizon: int) -> tuple[Draw, np.ndarray]:
    """Months to every target and to full load, and those to the first power, for which further halls wait."""
    load, shape = sources[0].load, sources[0].shape

    def power(mw: float) -> np.ndarray:
        return schedule.reach(lambda t: _power_at(sources, t), np.minimum(np.float32(mw), load) * WHOLE, horizon, shape)

    targets = (*TARGETS_MW, np.inf)
    months = np.stack([power(mw) for mw in targets])
    with np.errstate(invalid="ignore"):
        built = np.stack([np.broadcast_to(np.ceil(halls.reach(mw, months[0])), shape) for mw in targets])
    late = built > horizon
    draw = Draw(months, np.where(late, np.float32(np.inf), built))
    signed = np.stack([_signed_months(sources, np.minimum(np.float32(mw), load)) for mw in targets])
    return Draw(np.minimum(draw.power, signed), np.minimum(draw.halls, signed)), months[0]


def _signed_months(sources: tuple[GridPower | GasPower, ...], target: np.ndarray) -> np.ndarray:
    """(n, 1) month in which documented megawatts of the grid reach a target, infinite where they do not.

    Who has signed for a month builds for it: neither halls nor other steps hold these megawatts up.
    """
    grid = sources[0]
    if not isinstance(grid, GridPower):
        return np.full(target.shape, np.inf, np.float32)
    enough = grid.amounts["signed"] >= target * WHOLE
    return np.where(enough, np.ceil(grid.months["signed service"]), np.float32(np.inf))


def _follow(sources: tuple[GridPower | GasPower, ...], halls: Halls, times: Times) -> Pathway:
    """Statistics of the load that power and halls allow; power of two sources never exceeds the project."""
    shape = sources[0].shape
    reached, powered = _reach(sources, halls, times.horizon)
    curves = [np.broadcast_to(_load_at(sources, halls, float(t), powered), shape) for t in times.ends]
    full = reached.load[FULL]
    critical, binding, lengths = _attribute(sources, halls, reached, times.horizon)
    return Pathway(
        mw=np.stack([schedule.quantiles(c, SHARES) for c in curves[:-1]], axis=1).astype(np.float64),
        mean_mw=np.stack([c.mean(axis=1, dtype=np.float64) for c in curves], axis=1),
        reach_months=np.stack([schedule.quantiles(r, SHARES) for r in reached.load], axis=1).astype(np.float64),
        p_full=(full <= times.ends[-1]).mean(axis=1),
        step_months=lengths.astype(np.float64),
        critical=critical,
        binding=binding,
    )


def _attribute(
    sources: tuple[GridPower | GasPower, ...], halls: Halls, reached: Draw, horizon: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shares of the draws in which each step is critical and binding, (n, steps) each, and the lengths, (n, steps, 3).

    Where the halls come last, they are the path. Else, with two sources, the one whose power grew in the month of full load is
    followed: the grid if it did, else the gas.
    """
    full = np.minimum(reached.power[FULL], np.float32(horizon))
    halls_last = reached.halls[FULL] > reached.power[FULL]
    if len(sources) > 1:
        grid, _ = sources
        grid_came = grid.mw(full) > grid.mw(full - 1.0)
        followed = [grid_came & ~halls_last, ~grid_came & ~halls_last]
    else:
        followed = [~halls_last]
    paths = [source.path(full) for source in sources]
    critical, binding = [], []
    for path, counts in zip(paths, followed, strict=True):
        critical.append((path.critical & counts).mean(axis=2).T)
        steps = range(len(path.critical))
        binding.append(np.stack([((path.binding == i) & counts).mean(axis=1) for i in steps], axis=1))
    of_halls = np.stack([np.broadcast_to(m, full.shape) for m in (halls.approvals, halls.construction, halls.growth)])
    longest = of_halls.argmax(axis=0)
    critical.append(np.repeat(halls_last.mean(axis=1)[:, None], len(HALL_STEPS), axis=1))
    binding.append(np.stack([(halls_last & (longest == i)).mean(axis=1) for i in range(len(HALL_STEPS))], axis=1))
    lengths = np.concatenate([*(p.lengths for p in paths), halls.lengths()], axis=1)
    names = [*(step for source in sources for step in source.after), *HALL_STEPS]
    first = [names.index(name) for name in dict.fromkeys(names)]
    return _joined(np.concatenate(critical, axis=1), names), _joined(np.concatenate(binding, axis=1), names), lengths[:, first]


def _joined(shares: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Shares of steps that both sources and the halls wait for, added up: each draw follows one of the three.

    Added one by one: a matrix product rounds otherwise for one site than for several.
    """
    return np.stack([sum(shares[:, i] for i, n in enumerate(names) if n == name) for name in dict.fromkeys(names)], axis=1)


def _spanned(low: Pathway, high: Pathway, rows: np.ndarray) -> Pathway:
    """The pathway with the ranges of some sites spanning both bounds; other values that differ are unknown."""
    spanned = {name: getattr(low, name).copy() for name in Pathway.__dataclass_fields__}
    for name, values in spanned.items():
        worst, best = values[rows], getattr(high, name)
        values[rows] = np.where(worst == best, worst, np.nan)
        if name == "mw":
            values[rows, :, 0], values[rows, :, 2] = worst[..., 0], best[..., 2]
        elif name == "reach_months":
            values[rows, :, 0], values[rows, :, 2] = best[..., 0], worst[..., 2]
    return Pathway(**spanned)


def _choose(pathways: Mapping[str, Pathway], project: Project) -> np.ndarray:
    """The configured pathway, or the simplest of those that deliver most by the deadline and over the years, (n,)."""
    sites = len(pathways["grid"].p_full)
    if project.pathway != "best":
        return np.full(sites, project.pathway, object)
    firm = [p for p in PATHWAYS if p != NON_FIRM]
    means = np.stack([pathways[p].mean_mw for p in firm])
    delivered = np.stack([means[..., -1], means[..., :-1].mean(axis=-1)])
    good = (delivered >= delivered.max(axis=1, keepdims=True) - AS_GOOD * project.mw).all(axis=0)
    return np.array(firm, object)[good.argmax(axis=0)]
