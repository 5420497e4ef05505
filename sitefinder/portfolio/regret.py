"""Simple rules to choose by, for comparison: the first of the list, the most valuable, with the limits and without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sitefinder.portfolio.limits import Limits
from sitefinder.portfolio.solver import TOLERANCE, Aim, least_relaxation

#: families that only a whole set can keep
OF_WHOLE_SETS = ("size", "floor")


@dataclass(frozen=True)
class Rule:
    """A set found by a simple rule.

    Parameters
    ----------
    name : str
    chosen : tuple of int
        Ascending; fewer than asked for where the rule found no more that fit.
    objective : float
        Value, what waits taken off.
    waiting_mw : float
        Megawatts that wait for upgrades.
    breaks : tuple of str
        Limits that it does not keep.
    """

    name: str
    chosen: tuple[int, ...]
    objective: float
    waiting_mw: float
    breaks: tuple[str, ...]


def simple_rules(limits: Limits, aim: Aim, ranks: np.ndarray, count: int) -> list[Rule]:
    """The sets of four rules.

    Parameters
    ----------
    limits : Limits
    aim : Aim
    ranks : (n,)
        Places in the list, smallest first.
    count : int
        Campuses wanted.
    """
    by_rank = np.argsort(ranks, kind="stable").tolist()
    by_value = np.argsort(-aim.value.mean(axis=1), kind="stable").tolist()
    found = {
        "first of the list": tuple(sorted(by_rank[:count])),
        "first of the list that fit": first_that_fit(limits, by_rank, count),
        "most valuable": tuple(sorted(by_value[:count])),
        "most valuable that fit": first_that_fit(limits, by_value, count),
    }
    return [rule(name, chosen, limits, aim) for name, chosen in found.items()]


def rule(name: str, chosen: tuple[int, ...], limits: Limits, aim: Aim) -> Rule:
    """A set with its value and the limits that it breaks."""
    waiting, lost = waits(limits, chosen)
    broken = least_relaxation(limits, fixed=chosen)
    breaks = sorted({_named(limits, k) for k in (broken[1] if broken else {})})
    return Rule(name, chosen, aim.of(chosen) - lost, waiting, tuple(breaks))


def _named(limits: Limits, k: int) -> str:
    row = limits.rows[k]
    return f"{row.family}.{row.key}" if row.family.startswith("caps") else row.family


def waits(limits: Limits, chosen: Sequence[int]) -> tuple[float, float]:
    """Megawatts of a set that wait for upgrades, and the value lost by it, billion dollars."""
    taken = np.zeros(limits.sites)
    taken[list(chosen)] = 1.0
    total, lost = 0.0, 0.0
    for row in limits.rows:
        if row.family == "headroom":
            own = row.columns < limits.sites
            excess = max(float(row.weights[own] @ taken[row.columns[own]]) - row.most, 0.0)
            total += excess
            lost += excess * limits.loss[int(row.columns[~own][0]) - limits.sites]
    return total, lost


def first_that_fit(limits: Limits, order: Sequence[int], count: int) -> tuple[int, ...]:
    """Sites in the order given, each taken if the limits still hold, until there are enough."""
    rows = [r for r in limits.rows if r.family not in OF_WHOLE_SETS]
    partial = Limits(limits.sites, rows, limits.loss, limits.most)
    plain = [r for r in rows if (r.columns < limits.sites).all()]
    chosen: list[int] = []
    taken = np.zeros(limits.sites)
    for i in order:
        taken[i] = 1.0
        fits = all(r.weights @ taken[r.columns] <= r.most * (1.0 + TOLERANCE) for r in plain if i in r.columns)
        if fits and least_relaxation(partial, fixed=[*chosen, i]) == (tuple(sorted([*chosen, i])), {}):
            chosen.append(i)
        else:
            taken[i] = 0.0
        if len(chosen) == count:
            break
    return tuple(sorted(chosen))
