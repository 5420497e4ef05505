"""Sets chosen by simple rules, for comparison: best ranks or highest values, with the limits and without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sitefinder.portfolio.limits import Constraints
from sitefinder.portfolio.solver import TOLERANCE, Aim, Relaxation, least_relaxation

#: limits that only a complete set can keep
OF_WHOLE_SETS = ("size", "floor")


@dataclass(frozen=True)
class Rule:
    """A set chosen by a simple rule.

    Parameters
    ----------
    name : str
    chosen : tuple of int
        Ascending; fewer than asked for where no more fit.
    objective : float
        Value less the loss by megawatts that wait.
    waiting_mw : float
        Megawatts that wait for upgrades.
    breaks : tuple of str
        Limits that it violates.
    """

    name: str
    chosen: tuple[int, ...]
    objective: float
    waiting_mw: float
    breaks: tuple[str, ...]


def simple_rules(limits: Constraints, aim: Aim, ranks: np.ndarray, count: int) -> list[Rule]:
    """The sets of the four rules.

    Parameters
    ----------
    limits : Constraints
    aim : Aim
    ranks : (n,)
        Places in the list, smallest first.
    count : int
        Campuses wanted.
    """
    by_rank = np.argsort(ranks, kind="stable").tolist()
    by_value = np.argsort(-aim.value.mean(axis=1), kind="stable").tolist()
    sets = {
        "first of the list": tuple(sorted(by_rank[:count])),
        "first of the list that fit": first_that_fit(limits, by_rank, count),
        "most valuable": tuple(sorted(by_value[:count])),
        "most valuable that fit": first_that_fit(limits, by_value, count),
    }
    return [rule(name, chosen, limits, aim) for name, chosen in sets.items()]


def rule(name: str, chosen: tuple[int, ...], limits: Constraints, aim: Aim) -> Rule:
    """A set with its value and the limits that it violates."""
    waiting, lost = waits(limits, chosen)
    relaxation = least_relaxation(limits, fixed=chosen)
    breaks = sorted({_key(limits, k) for k in (relaxation.amounts if relaxation else {})})
    return Rule(name, chosen, aim.of(chosen) - lost, waiting, tuple(breaks))


def _key(limits: Constraints, k: int) -> str:
    row = limits.rows[k]
    return f"{row.family}.{row.key}" if row.family.startswith("caps") else row.family


def waits(limits: Constraints, chosen: Sequence[int]) -> tuple[float, float]:
    """Megawatts of a set that wait for upgrades, and the value lost by that, billion dollars."""
    taken = np.zeros(limits.campuses)
    taken[list(chosen)] = 1.0
    total, lost = 0.0, 0.0
    for row in limits.rows:
        if row.family == "headroom":
            own = row.columns < limits.campuses
            excess = max(float(row.weights[own] @ taken[row.columns[own]]) - row.most, 0.0)
            total += excess
            lost += excess * limits.loss[int(row.columns[~own][0]) - limits.campuses]
    return total, lost


def first_that_fit(limits: Constraints, order: Sequence[int], count: int) -> tuple[int, ...]:
    """Greedy set: campuses in the order given, each added if all limits still hold, up to a number."""
    rows = [r for r in limits.rows if r.family not in OF_WHOLE_SETS]
    partial = Constraints(limits.campuses, rows, limits.loss, limits.most)
    plain = [r for r in rows if (r.columns < limits.campuses).all()]
    chosen: list[int] = []
    taken = np.zeros(limits.campuses)
    for i in order:
        taken[i] = 1.0
        fits = all(r.weights @ taken[r.columns] <= r.most * (1.0 + TOLERANCE) for r in plain if i in r.columns)
        if fits and least_relaxation(partial, fixed=[*chosen, i]) == Relaxation(tuple(sorted([*chosen, i])), {}):
            chosen.append(i)
        else:
            taken[i] = 0.0
        if len(chosen) == count:
            break
    return tuple(sorted(chosen))
