"""Choice of the best set: optimum with proof, runner-up, value against risk, shadow prices of limits, regret of simple rules."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sitefinder.columns import HIGH, LOW
from sitefinder.config import Config
from sitefinder.config.keyed_yaml import suggest
from sitefinder.config.portfolio import Portfolio
from sitefinder.errors import ConfigError
from sitefinder.layers import REGISTRY
from sitefinder.portfolio.limits import Constraint, Constraints, build, most_campuses
from sitefinder.portfolio.pool import Pool
from sitefinder.portfolio.prices import Price, relaxations
from sitefinder.portfolio.regret import Rule, rule, simple_rules, waits
from sitefinder.portfolio.relief import impossible
from sitefinder.portfolio.solver import GAP, Aim, Effort, Solution, best_set
from sitefinder.portfolio.values import ValueDraws, draw_values

log = logging.getLogger(__name__)

#: effort for the runner-up and the points of the frontier, which report the remaining gap
SIDE = Effort(gap=5e-4, rounds=10)
#: draws for each of which the best set is computed
SINGLE_DRAWS = 25
#: added to the seed of the draws on which the choice is validated
FRESH_SEED = 1


@dataclass(frozen=True)
class Change:
    """The best set under one changed assumption.

    Parameters
    ----------
    about : str
        The changed assumption.
    solution : Solution
    """

    about: str
    solution: Solution


@dataclass(frozen=True)
class Choice:
    """The best set and everything computed about it.

    Parameters
    ----------
    problem : SelectionProblem
    best, runner_up : Solution
        The second differs in at least ``portfolio.runner_up_differs`` campuses; impossible where there is none.
    frontier : list of (aversion, Solution)
    without : mapping
        Site of the best set -> the best set without it.
    prices : list of Price
    rules : list of Rule
        Sets chosen by simple rules.
    shares : (n,) float64
        Share of single draws in whose best set each campus is.
    changes : list of Change
        The best set at both ends of the range of revenue.
    seconds : float
        Time to find the best set.
    """

    problem: SelectionProblem
    best: Solution
    runner_up: Solution
    frontier: list[tuple[float, Solution]]
    without: dict[int, Solution]
    prices: list[Price]
    rules: list[Rule]
    shares: np.ndarray
    changes: list[Change]
    seconds: float


class SelectionProblem:
    """Pool and terms of a choice, with the draws, limits and objective that follow from them.

    Parameters
    ----------
    pool : Pool
    config : Config

    Raises
    ------
    ConfigError
        The configuration has no section ``portfolio``, asks for more campuses than there are, or limits an unknown layer.
    """

    def __init__(self, pool: Pool, config: Config) -> None:
        self.pool, self.config = pool, config
        self.terms = config.section("portfolio")
        if most_campuses(pool, self.terms) > pool.size:
            raise ConfigError(
                f"portfolio asks for {most_campuses(pool, self.terms)} campuses, but only {pool.size} sites can be chosen. "
                "Ask for fewer, or rank with a larger candidates.count."
            )
        self._check_hazards()

    def _check_hazards(self) -> None:
        """Refuse limits on layers that do not exist; warn of those that cannot bind because the list lacks the layer."""
        for layer_id in self.terms.hazards:
            if layer_id not in REGISTRY:
                raise ConfigError(f"portfolio.hazards.{layer_id}: unknown layer; {suggest(layer_id, REGISTRY)}")
            if np.isnan(self.pool.of_layer(layer_id)).all():
                log.warning("portfolio.hazards.%s limits nothing: the list of sites has no values of that layer", layer_id)

    @cached_property
    def draws(self) -> ValueDraws:
        """Values over common draws."""
        return draw_values(self.pool, self.terms)

    @cached_property
    def fresh(self) -> ValueDraws:
        """Values over other draws, for an out-of-sample check of the choice."""
        return draw_values(self.pool, self.terms, seed=self.terms.risk.seed + FRESH_SEED)

    @cached_property
    def limits(self) -> Constraints:
        """Constraints of all limits."""
        return build(self.pool, self.terms, self.config)

    @cached_property
    def aim(self) -> Aim:
        """Objective."""
        return Aim(self.draws.value, self.terms.risk.aversion, self.terms.risk.tail)

    def known(self, chosen: Sequence[int], limits: Constraints, aim: Aim) -> Solution:
        """A set known to keep the limits, with its value under another objective."""
        return Solution(tuple(chosen), aim.of(chosen) - waits(limits, chosen)[1], np.inf, np.zeros(0))

    def gain(self, terms: Portfolio, best: Solution) -> float | None:
        """Value gained with other terms, billion dollars; None where no set keeps them."""
        limits = build(self.pool, terms, self.config)
        kept = terms.campuses == self.terms.campuses  # with other relaxations the best set stays possible
        other = best_set(limits, self.aim, start=self.known(best.chosen, limits, self.aim) if kept else None)
        return other.objective - best.objective if other.possible else None


def choose(pool: Pool, config: Config) -> Choice:
    """The best set and everything computed about it.

    Parameters
    ----------
    pool : Pool
    config : Config

    Raises
    ------
    ConfigError
        No section ``portfolio``, or no set keeps all limits; the message says which to relax and by how much.
    """
    problem = SelectionProblem(pool, config)
    limits, aim, terms = problem.limits, problem.aim, problem.terms
    started = time.perf_counter()
    best = best_set(limits, aim)
    seconds = time.perf_counter() - started
    if not best.possible:
        raise ConfigError(impossible(limits, pool, terms, config))
    problem.aim = aim = replace(aim, cuts=best.cuts)
    log.debug("best set of %d in %.2f s, gap %.4f %%", len(best.chosen), seconds, 100.0 * best.gap)
    count = most_campuses(pool, terms)
    choice = Choice(
        problem=problem,
        best=best,
        runner_up=best_set(limits, aim, extra_rows=[_unlike(best, terms.runner_up_differs)], effort=SIDE),
        frontier=_frontier(problem, best),
        without={i: best_set(limits, aim, forbidden=[i]) for i in best.chosen},
        prices=_prices(problem, best),
        rules=[rule("this set", best.chosen, limits, aim), *simple_rules(limits, aim, pool.ranks, count)],
        shares=_shares(problem),
        changes=_changes(problem),
        seconds=seconds,
    )
    log.debug("portfolio in %.1f s", time.perf_counter() - started)
    return choice


def _unlike(best: Solution, differs: int) -> Constraint:
    """Constraint that a set differs from the best one in so many campuses."""
    columns = np.array(best.chosen)
    most = max(len(best.chosen) - differs, 0)
    return Constraint("runner_up_differs", "campuses in common", columns, np.ones(columns.size), float(most), "campuses")


def _frontier(problem: SelectionProblem, best: Solution) -> list[tuple[float, Solution]]:
    """The best set at each aversion; each solve starts from the best set known so far."""
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


def _prices(problem: SelectionProblem, best: Solution) -> list[Price]:
    """Gain from dropping each limit, and from relaxing it by one unit where that is possible."""
    prices = []
    least = GAP * abs(best.objective)
    for price in relaxations(problem.pool, problem.terms, problem.limits, best.chosen):
        dropped = problem.gain(price.dropped, best) if price.dropped else None
        if dropped is not None and dropped <= least:  # smaller than the gap can resolve
            prices.append(replace(price, gain_dropped=0.0, gain_one=0.0 if price.one_more else None))
            continue
        one = problem.gain(price.one_more, best) if price.one_more else None
        if one is not None and one <= least:
            one = 0.0
        prices.append(replace(price, gain_dropped=dropped, gain_one=one, binding=bool(dropped or one)))
    return prices


def _shares(problem: SelectionProblem) -> np.ndarray:
    """Share of single draws in whose best set each campus is, (n,): choices with perfect foresight."""
    draws = problem.terms.risk.draws
    picked = np.zeros(problem.pool.size)
    at = np.unique(np.linspace(0, draws - 1, min(SINGLE_DRAWS, draws)).astype(int))
    for d in at:
        best = best_set(problem.limits, Aim(problem.draws.value[:, [d]], 0.0, 1.0))
        picked[list(best.chosen)] += 1.0
    return picked / at.size


def _changes(problem: SelectionProblem) -> list[Change]:
    """The best set at both ends of the range of revenue."""
    unit = "billion dollars per gigawatt-year"
    changes = []
    for end in (LOW, HIGH):
        draws = draw_values(problem.pool, problem.terms, end=end)
        aim = Aim(draws.value, problem.aim.aversion, problem.aim.tail)
        about = f"revenue {problem.terms.value.busd_per_gw_year[end]:g} {unit}"
        changes.append(Change(about, best_set(problem.limits, aim, effort=SIDE)))
    return changes
