"""The best set of campuses: proven optimum, runner-up, value against risk, what each limit costs, regret of simple rules."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sitefinder.config import Config
from sitefinder.config.portfolio import Portfolio
from sitefinder.errors import ConfigError
from sitefinder.portfolio.limits import Limits, Row, build, most_campuses
from sitefinder.portfolio.pool import Sites
from sitefinder.portfolio.prices import Price, relaxations
from sitefinder.portfolio.regret import Rule, rule, simple_rules, waits
from sitefinder.portfolio.relief import impossible
from sitefinder.portfolio.solver import GAP, Aim, Effort, Solution, best_set
from sitefinder.portfolio.values import HIGH, LOW, Draws, draw_values

log = logging.getLogger(__name__)

#: proof of the runner-up and of the points of the frontier, which tell the gap that is left
SIDE = Effort(gap=5e-4, rounds=10)
#: draws for each of which the best set is looked for
SINGLE_DRAWS = 25
#: added to the seed of the draws on which the choice is checked
FRESH_SEED = 1


@dataclass(frozen=True)
class Change:
    """The best set when something is different.

    Parameters
    ----------
    about : str
        What is different.
    solution : Solution
    """

    about: str
    solution: Solution


@dataclass(frozen=True)
class Choice:
    """Everything that is known about the best set.

    Parameters
    ----------
    best, runner_up : Solution
        The second differs in at least ``portfolio.runner_up_differs`` campuses; impossible where there is none.
    frontier : list of (aversion, Solution)
    without : mapping
        Site of the best set -> the best set without it.
    prices : list of Price
    rules : list of Rule
        Simple rules to choose by.
    shares : (n,) float64
        Share of single draws in whose best set each site is.
    changes : list of Change
        The best set at the ends of the range of revenue.
    seconds : float
        Time of the best set alone.
    """

    problem: Problem
    best: Solution
    runner_up: Solution
    frontier: list[tuple[float, Solution]]
    without: dict[int, Solution]
    prices: list[Price]
    rules: list[Rule]
    shares: np.ndarray
    changes: list[Change]
    seconds: float


class Problem:
    """Sites, terms, and what follows from them.

    Parameters
    ----------
    sites : Sites
    config : Config

    Raises
    ------
    ConfigError
        The configuration has no section ``portfolio``, or no set keeps all limits.
    """

    def __init__(self, sites: Sites, config: Config) -> None:
        self.sites, self.config = sites, config
        self.terms = config.section("portfolio")
        if most_campuses(sites, self.terms) > sites.size:
            raise ConfigError(
                f"portfolio asks for {most_campuses(sites, self.terms)} campuses, but only {sites.size} sites can be chosen. "
                "Ask for fewer, or rank with a larger candidates.count."
            )

    @cached_property
    def draws(self) -> Draws:
        """Values over common draws."""
        return draw_values(self.sites, self.terms)

    @cached_property
    def fresh(self) -> Draws:
        """Values over other draws, to check the choice on luck that it has not seen."""
        return draw_values(self.sites, self.terms, seed=self.terms.risk.seed + FRESH_SEED)

    @cached_property
    def limits(self) -> Limits:
        """Rows of all limits."""
        return build(self.sites, self.terms, self.config)

    @cached_property
    def aim(self) -> Aim:
        """What is maximised."""
        return Aim(self.draws.value, self.terms.risk.aversion, self.terms.risk.tail)

    def known(self, chosen: Sequence[int], limits: Limits, aim: Aim) -> Solution:
        """A set that is known to keep the limits, valued anew."""
        return Solution(tuple(chosen), aim.of(chosen) - waits(limits, chosen)[1], np.inf, np.zeros(0))

    def gain(self, terms: Portfolio, best: Solution) -> float | None:
        """Value gained with other terms, billion dollars; None where no set keeps them."""
        limits = build(self.sites, terms, self.config)
        kept = terms.campuses == self.terms.campuses  # the other relaxations keep the best set possible
        found = best_set(limits, self.aim, start=self.known(best.chosen, limits, self.aim) if kept else None)
        return found.objective - best.objective if found.possible else None


def choose(sites: Sites, config: Config) -> Choice:
    """The best set and what there is to say about it.

    Parameters
    ----------
    sites : Sites
    config : Config

    Raises
    ------
    ConfigError
        No section ``portfolio``, or no set keeps all limits; the message says which to relax and by how much.
    """
    problem = Problem(sites, config)
    limits, aim, terms = problem.limits, problem.aim, problem.terms
    started = time.perf_counter()
    best = best_set(limits, aim)
    seconds = time.perf_counter() - started
    if not best.possible:
        raise ConfigError(impossible(limits, sites, terms, config))
    problem.aim = aim = replace(aim, cuts=best.cuts)
    log.debug("best set of %d in %.2f s, gap %.4f %%", len(best.chosen), seconds, 100.0 * best.gap)
    count = most_campuses(sites, terms)
    found = Choice(
        problem=problem,
        best=best,
        runner_up=best_set(limits, aim, extra_rows=[_unlike(best, terms.runner_up_differs)], effort=SIDE),
        frontier=_frontier(problem, best),
        without={i: best_set(limits, aim, forbidden=[i]) for i in best.chosen},
        prices=_prices(problem, best),
        rules=[rule("this set", best.chosen, limits, aim), *simple_rules(limits, aim, sites.numbers("rank"), count)],
        shares=_shares(problem),
        changes=_changes(problem),
        seconds=seconds,
    )
    log.debug("portfolio in %.1f s", time.perf_counter() - started)
    return found


def _unlike(best: Solution, differs: int) -> Row:
    columns = np.array(best.chosen)
    most = max(len(best.chosen) - differs, 0)
    return Row("runner_up_differs", "campuses in common", columns, np.ones(columns.size), float(most), "campuses")


def _frontier(problem: Problem, best: Solution) -> list[tuple[float, Solution]]:
    """The best set at each aversion; the best of those found before is the start of the next."""
    points: list[tuple[float, Solution]] = []
    for aversion in sorted(set(problem.terms.risk.frontier)):
        aim = problem.aim.weighted(aversion)
        if aversion == problem.aim.aversion:
            points.append((aversion, best))
            continue
        start = max((problem.known(s.chosen, problem.limits, aim) for s in [best, *(p for _, p in points)]), key=_objective)
        points.append((aversion, best_set(problem.limits, aim, start=start, effort=SIDE)))
    return points


def _objective(solution: Solution) -> float:
    return solution.objective


def _prices(problem: Problem, best: Solution) -> list[Price]:
    """Gain from dropping each limit, and, where there is one, from relaxing it by a unit."""
    found = []
    least = GAP * abs(best.objective)
    for price in relaxations(problem.sites, problem.terms, problem.limits, best.chosen):
        dropped = problem.gain(price.dropped, best) if price.dropped else None
        if dropped is not None and dropped <= least:  # smaller than what the gap can tell
            found.append(replace(price, gain_dropped=0.0, gain_one=0.0 if price.one_more else None))
            continue
        one = problem.gain(price.one_more, best) if price.one_more else None
        if one is not None and one <= least:
            one = 0.0
        found.append(replace(price, gain_dropped=dropped, gain_one=one, binding=bool(dropped or one)))
    return found


def _shares(problem: Problem) -> np.ndarray:
    """Share of single draws in whose best set each site is, (n,): a choice that knew the luck beforehand."""
    draws = problem.terms.risk.draws
    picked = np.zeros(problem.sites.size)
    at = np.unique(np.linspace(0, draws - 1, min(SINGLE_DRAWS, draws)).astype(int))
    for d in at:
        found = best_set(problem.limits, Aim(problem.draws.value[:, [d]], 0.0, 1.0))
        picked[list(found.chosen)] += 1.0
    return picked / at.size


def _changes(problem: Problem) -> list[Change]:
    """The best set at both ends of the range of revenue."""
    unit = "billion dollars per gigawatt-year"
    found = []
    for end in (LOW, HIGH):
        draws = draw_values(problem.sites, problem.terms, end=end)
        aim = Aim(draws.value, problem.aim.aversion, problem.aim.tail)
        about = f"revenue {problem.terms.value.busd_per_gw_year[end]:g} {unit}"
        found.append(Change(about, best_set(problem.limits, aim, effort=SIDE)))
    return found
