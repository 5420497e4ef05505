"""Estimated months to the first megawatts of campuses that have a known start, beside what happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from sitefinder.config.delivery import TARGETS_MW, Delivery
from sitefinder.config.early_power import ELSEWHERE, Pace
from sitefinder.power.dated import RESULTS, Dated
from sitefinder.power.facts import Facts
from sitefinder.power.skill import Truth, constant, coverage, kaplan_meier, mean_crps, pit_counts, rank_correlation
from sitefinder.power.source import SHARES
from sitefinder.power.timetable import draws_of, random_numbers
from sitefinder.units import MONTHS_PER_YEAR

#: a campus of 190 MW counts as one of 200
NEARLY = 0.9


@dataclass(frozen=True)
class Backtest:
    """Draws of the months from the commitment to each of ``RESULTS``.

    Parameters
    ----------
    campuses : Dated
    region : list of str or None
    load_mw : (n,) float64
    draws : dict
        Event -> (n, draws) float32, infinite = never.
    """

    campuses: Dated
    region: list[str | None]
    load_mw: np.ndarray
    draws: Mapping[str, np.ndarray]

    def quantiles(self, event: str) -> np.ndarray:
        """(n, 3) P10, P50, P90 of an event, months; infinite = never."""
        from sitefinder.kernels.schedule import quantiles

        return quantiles(self.draws[event], SHARES)

    @property
    def large_enough(self) -> list[np.ndarray]:
        """(n,) bool for every event: the campus is to have so many megawatts at all, to a tenth."""
        return [self.load_mw >= NEARLY * mw for mw in (*TARGETS_MW, 0.0)]

    def truth(self, event: str) -> Truth | None:
        """Realised months of an event, of the campuses that are large enough to have it; None without realised dates."""
        truth = self.campuses.truth.get(event)
        if truth is None or not truth.came.any():
            return None
        small = ~truth.came & ~self.large_enough[RESULTS.index(event)] & (event != RESULTS[0])
        return Truth(np.where(small, np.nan, truth.months), truth.came)


@dataclass(frozen=True)
class Skill:
    """Scores of one event, of the estimate and of simple rules: see :mod:`sitefinder.power.skill`."""

    realised: int
    one_sided: int
    early: int
    within: int
    late: int
    pit: list[int]
    crps_months: float
    spearman: float
    constant_crps_months: float
    region_crps_months: float
    crps_realised_months: float
    constant_realised_months: float


def of_rows(facts: Facts, campuses: Dated, delivery: Delivery) -> Facts:
    """The facts of places as they stand for campuses that start when they were committed.

    Months to closures and to planned lines count from there, and what the developer had in hand is that of the table.
    """
    from sitefinder.months import month_number

    later = month_number(delivery.start) - campuses.commit
    return replace(
        facts,
        year=campuses.commit // MONTHS_PER_YEAR,
        hand=campuses.hand,
        reusable_months=facts.reusable_months + later,
        planned_months=facts.planned_months + later,
    )


def run_backtest(facts: Facts, campuses: Dated, delivery: Delivery) -> Backtest:
    """Draws of the months to every event; an unknown fact counts at its worse bound.

    Parameters
    ----------
    facts : Facts
        Of the campuses, from :func:`of_rows`.
    campuses : Dated
    delivery : Delivery
    """
    u = random_numbers(delivery)
    known = facts.assume(best=False)
    months = np.empty((len(RESULTS), facts.size, delivery.draws), np.float32)
    ways = np.array(
        [_way(p, mobile=bool(mobile)) for p, mobile in zip(campuses.pathway, campuses.hand.mobile, strict=True)], object
    )
    for way in np.unique(ways):
        rows = np.flatnonzero(ways == way)
        months[:, rows] = draws_of(known.take(rows), delivery, str(way), u)
    return Backtest(campuses, [r or None for r in facts.region], facts.load_mw, dict(zip(RESULTS, months, strict=True)))


def _way(pathway: str | None, *, mobile: bool) -> str:
    """Pathway of a row: as it says, with gas beside the grid where mobile units bridge; the grid where it says nothing."""
    return "hybrid" if mobile and pathway in (None, "grid") else pathway or "grid"


def skills(backtest: Backtest) -> dict[str, Skill]:
    """Scores of every event with realised dates."""
    scores = {}
    for event in RESULTS:
        truth = backtest.truth(event)
        if truth is None or truth.came.sum() < 3:
            continue
        scores[event] = _skill(backtest.draws[event], truth, backtest.region)
    return scores


def _skill(draws: np.ndarray, truth: Truth, region: list[str | None]) -> Skill:
    dated = Truth(np.where(truth.came, truth.months, np.nan), truth.came)
    early, within, late = coverage(draws, truth)
    return Skill(
        realised=int(truth.came.sum()),
        one_sided=int((truth.known & ~truth.came).sum()),
        early=early,
        within=within,
        late=late,
        pit=pit_counts(draws, truth).tolist(),
        crps_months=mean_crps(draws, truth),
        spearman=rank_correlation(draws, truth),
        constant_crps_months=mean_crps(constant(dated), truth),
        region_crps_months=mean_crps(kaplan_meier(truth, region), truth),
        crps_realised_months=mean_crps(draws, dated),
        constant_realised_months=mean_crps(constant(dated), dated),
    )


#: factors that are fitted, and their least and largest values
FITTED: Mapping[str, tuple[float, float]] = {
    "halls": (0.5, 2.0),
    "light_halls": (0.5, 2.0),
    "ramp": (0.4, 2.5),
    "utility": (0.6, 2.0),
    "utility_slip": (0.1, 0.5),
    "own_slip": (0.1, 0.5),
}
#: standard deviation of the prior of the logarithm of each around 1, or around the middle of the slips
PRIOR = 0.35
#: events of a region that count as much as the common pace, and the largest logarithm of one
SHRINK, FARTHEST = 4.0, 0.6
#: first step of the search, in the logarithm of a factor
FIRST_STEP = 0.25


def fit_pace(facts: Facts, campuses: Dated, delivery: Delivery, *, use: np.ndarray, steps: int = 160) -> Pace:
    """The factors that give the least mean CRPS of first power and of 200 MW on some campuses.

    Nelder and Mead's simplex from the middle of each range, with a weak prior: dozens of campuses cannot fix six numbers.

    Parameters
    ----------
    facts, campuses, delivery
        As for :func:`run_backtest`.
    use : (n,) bool
        Campuses that count.
    steps : int
        Evaluations.
    """
    from scipy.optimize import minimize

    rows = np.flatnonzero(use)
    part_facts, part = facts.take(rows), take(campuses, rows)
    low, high = np.log(np.array(list(FITTED.values()))).T
    centre = np.where(low < np.log(0.4), np.log(0.25), 0.0)
    centre[list(FITTED).index("ramp")] = 0.0

    def pace(x: np.ndarray) -> Pace:
        return Pace(**dict(zip(FITTED, np.exp(np.clip(centre + x, low, high)).round(3).tolist(), strict=True)))

    def loss(x: np.ndarray) -> float:
        done = run_backtest(part_facts, part, delivery.model_copy(update={"pace": pace(x)}))
        total = 0.0
        for event in RESULTS[:2]:
            truth = done.truth(event)
            total += mean_crps(done.draws[event], truth) if truth is not None else 0.0
        return total + float(((x / PRIOR) ** 2).sum()) / len(rows)

    start = np.vstack([np.zeros(len(FITTED)), np.diag(np.full(len(FITTED), FIRST_STEP))])
    settings = {"initial_simplex": start, "maxfev": steps, "xatol": 0.01, "fatol": 0.005}
    best = minimize(loss, start[0], method="Nelder-Mead", options=settings)
    common = pace(best.x)
    return common.model_copy(update={"region": region_factors(part_facts, part, delivery, common)})


def region_factors(facts: Facts, campuses: Dated, delivery: Delivery, pace: Pace) -> dict[str, float]:
    """How much slower or faster than the common pace campuses of each market region were, drawn to 1 by ``SHRINK`` campuses.

    The mean logarithm of the realised months over the median estimate, of first power and of 200 MW, each held within
    ``FARTHEST``; dates that have not come count where they are later already than the estimate.
    """
    done = run_backtest(facts, campuses, delivery.model_copy(update={"pace": pace}))
    logs: dict[str, list[float]] = {}
    for event in RESULTS[:2]:
        truth = done.truth(event)
        if truth is None:
            continue
        ratio = np.log(np.maximum(truth.months, 1.0) / np.maximum(done.quantiles(event)[:, 1], 1.0))
        counts = truth.known & (truth.came | (ratio > 0)) & np.isfinite(ratio)
        for i in np.flatnonzero(counts):
            logs.setdefault(done.region[i] or ELSEWHERE, []).append(float(np.clip(ratio[i], -FARTHEST, FARTHEST)))
    return {r: round(float(np.exp(np.sum(v) / (len(v) + SHRINK))), 3) for r, v in sorted(logs.items())}


def take(campuses: Dated, rows: np.ndarray) -> Dated:
    """Some campuses of a table."""
    return Dated(
        [campuses.names[i] for i in rows],
        campuses.lat[rows],
        campuses.lon[rows],
        campuses.commit[rows],
        campuses.load_mw[rows],
        [campuses.pathway[i] for i in rows],
        campuses.hand.take(rows),
        {event: Truth(t.months[rows], t.came[rows]) for event, t in campuses.truth.items()},
    )


def leave_one_out(facts: Facts, campuses: Dated, delivery: Delivery, *, steps: int = 160) -> Backtest:
    """Each campus by factors that were fitted to all others."""
    n = facts.size
    draws = {event: np.empty((n, delivery.draws), np.float32) for event in RESULTS}
    for i in range(n):
        pace = fit_pace(facts, campuses, delivery, use=np.arange(n) != i, steps=steps)
        row = np.array([i])
        one = run_backtest(facts.take(row), take(campuses, row), delivery.model_copy(update={"pace": pace}))
        for event in RESULTS:
            draws[event][i] = one.draws[event][0]
    return Backtest(campuses, [r or None for r in facts.region], facts.load_mw, draws)
