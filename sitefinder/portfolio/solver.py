"""The best set by mixed-integer programming (HiGHS), and the least relaxation of limits that makes a set possible.

The mean of the worst draws is the least mean over any subset of that many draws: one constraint per subset, added only when a
solution violates it (cutting planes; Künzi-Bay and Mayer 2006). Cuts are valid for every set, so later solves reuse them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from sitefinder.portfolio.limits import Constraint, Constraints
from sitefinder.portfolio.values import tail_mean, worst_draws

#: relative gap at which a set counts as proven best: of each programme, and of the whole with its cuts
PROGRAMME_GAP, GAP = 1e-5, 1e-4
#: share by which the mean of the worst draws may be overstated before a cut is added: in the relaxed and the integer programme
RELAXED_CUT_GAP, CUT_GAP = 2e-4, 2e-5
#: cuts of the relaxed programme that are kept for the integer one: those not further than this share from being tight
TIGHT = 2e-3
#: seconds after which the best set so far is accepted, with its gap
TIME_LIMIT_S = 60.0
MOST_ROUNDS = 200
#: relative gap of the least relaxation of limits, and nodes after which the best so far is accepted
RELAXATION_GAP, NODE_LIMIT = 1e-3, 200
#: a constraint violated by no more than this share of its bound counts as kept
TOLERANCE = 1e-6
#: status of scipy.optimize.milp: proven best
BEST = 0


@dataclass(frozen=True)
class Aim:
    """Objective: (1 - aversion) x mean + aversion x mean of the worst draws, less the loss by megawatts that wait.

    Parameters
    ----------
    value : (n, draws) float64
    aversion, tail : float
    cuts : tuple of (n,) float64
        Mean value of every campus over subsets of draws, from an earlier solve.
    """

    value: np.ndarray
    aversion: float
    tail: float
    cuts: tuple[np.ndarray, ...] = ()

    def of(self, chosen: Sequence[int]) -> float:
        """Objective of a set before the loss by megawatts that wait."""
        totals = self.totals(chosen)
        return (1.0 - self.aversion) * float(totals.mean()) + self.aversion * tail_mean(totals, self.tail)

    def totals(self, chosen: Sequence[int]) -> np.ndarray:
        """Value of a set in every draw, (draws,)."""
        return self.value[np.asarray(sorted(chosen), np.int64)].sum(axis=0)

    def weighted(self, aversion: float) -> Aim:
        """The same objective with another aversion."""
        return replace(self, aversion=aversion)


@dataclass(frozen=True)
class Solution:
    """A set of campuses.

    Parameters
    ----------
    chosen : tuple of int
        Campuses, ascending; empty where ``possible`` is False.
    objective : float
        Value less the loss by megawatts that wait.
    gap : float
        (upper bound - objective) / objective.
    extras : (m,) float64
        Values of the continuous variables.
    possible : bool
        Whether any set keeps all limits.
    cuts : tuple of (n,) float64
        Cuts about the worst draws that the proof rests on.
    """

    chosen: tuple[int, ...]
    objective: float
    gap: float
    extras: np.ndarray
    possible: bool = True
    cuts: tuple[np.ndarray, ...] = ()


class Effort(NamedTuple):
    """When a solve stops.

    Parameters
    ----------
    gap : float
        Relative gap at which a set counts as proven best.
    rounds : int
        Integer programmes after which the best so far is accepted, with its gap.
    """

    gap: float = GAP
    rounds: int = MOST_ROUNDS


class Relaxation(NamedTuple):
    """A set, and by how much it exceeds the constraints that it does not keep: index of the constraint -> amount."""

    chosen: tuple[int, ...]
    amounts: Mapping[int, float]


IMPOSSIBLE = Solution((), -np.inf, np.inf, np.zeros(0), possible=False)


def best_set(
    limits: Constraints,
    aim: Aim,
    *,
    extra_rows: Sequence[Constraint] = (),
    forbidden: Sequence[int] = (),
    start: Solution | None = None,
    effort: Effort | None = None,
) -> Solution:
    """The set of highest objective within the limits, with the proven gap.

    First the linear relaxation, whose cuts are cheap; then a set that is good on average. Campuses that cannot be in any better
    set by their reduced cost are fixed at zero. Then the integer programme.

    Parameters
    ----------
    limits : Constraints
    aim : Aim
    extra_rows : sequence of Constraint
        Further constraints on the campuses.
    forbidden : sequence of int
        Campuses that may not be in it.
    start : Solution, optional
        A set known to keep all constraints.
    effort : Effort, optional
        When to stop.
    """
    effort = effort or Effort()
    rows = [*limits.rows, *extra_rows]
    high = np.ones(limits.campuses)
    high[list(forbidden)] = 0.0
    programme = _Programme(limits, aim, rows, high)
    relaxed = programme.relax()
    if relaxed is None:
        return IMPOSSIBLE
    best = IMPOSSIBLE
    if start is not None:
        best = Solution(start.chosen, start.objective, _gap(relaxed.bound, start.objective), start.extras)
    if aim.aversion > 0:
        average = _Programme(limits, aim.weighted(0.0), rows, high).solve()
        if average is None:
            return IMPOSSIBLE
        best = _better(best, average[0], relaxed.bound, limits, aim)
    if best.possible:
        programme.keep_tight(relaxed)
        programme.high = np.where(relaxed.with_site < best.objective - CUT_GAP * abs(best.objective), 0.0, high)
    for _ in range(effort.rounds):
        if best.gap <= effort.gap:
            break
        solved = programme.solve()
        if solved is None:  # no set but the best known one can be as good
            break
        z, bound, optimal = solved
        best = _better(best, z, max(bound, best.objective), limits, aim)
        if not programme.cut(z, CUT_GAP) or not optimal:
            break
        programme.cut_between(z, relaxed.z, best.chosen)
    return replace(best, cuts=tuple(programme.cuts))


def _better(best: Solution, z: np.ndarray, bound: float, limits: Constraints, aim: Aim) -> Solution:
    chosen = tuple(np.flatnonzero(z[: limits.campuses] > 0.5).tolist())
    extras = z[limits.campuses : limits.campuses + len(limits.loss)]
    objective = aim.of(chosen) - float(np.dot(limits.loss, extras)) if limits.loss else aim.of(chosen)
    if best.possible and best.objective >= objective:
        chosen, objective, extras = best.chosen, best.objective, best.extras
    return Solution(chosen, objective, _gap(bound, objective), extras)


def _gap(bound: float, objective: float) -> float:
    return max(bound - objective, 0.0) / max(abs(objective), 1e-9)


@dataclass(frozen=True)
class _Relaxed:
    """Linear relaxation: variables, upper bound, and upper bound if a campus is in the set, (n,)."""

    z: np.ndarray
    bound: float
    with_site: np.ndarray


class _Programme:
    """Variables: campuses, continuous ones, and last the mean of the worst draws."""

    def __init__(self, limits: Constraints, aim: Aim, rows: Sequence[Constraint], high: np.ndarray) -> None:
        self.limits, self.aim, self.high = limits, aim, high
        self.campuses, self.extras = limits.campuses, len(limits.loss)
        self.matrix, self.most = _matrix(rows, self.campuses + self.extras + 1)
        self.mean = aim.value.mean(axis=1)
        self.cuts = list(aim.cuts)
        self.cost = -np.concatenate([(1.0 - aim.aversion) * self.mean, -np.array(limits.loss), [aim.aversion]])

    def relax(self) -> _Relaxed | None:
        """Solve the linear relaxation until no cut is violated; None if impossible."""
        for _ in range(MOST_ROUNDS):
            matrix, most, low, high = self._parts()
            bounds = np.stack([low, high], axis=1)
            result = linprog(self.cost, A_ub=matrix, b_ub=most, bounds=bounds, method="highs")
            if result.x is None:
                return None
            if not self.cut(result.x, RELAXED_CUT_GAP):
                break
        reduced_costs = result.lower.marginals[: self.campuses]  # above 0 only where a campus is not in the set
        return _Relaxed(result.x, -result.fun, -result.fun - np.maximum(reduced_costs, 0.0))

    def solve(self) -> tuple[np.ndarray, float, bool] | None:
        """Solve the integer programme: variables, upper bound, whether proven; None if impossible."""
        matrix, most, low, high = self._parts()
        whole = np.concatenate([np.ones(self.campuses), np.zeros(self.extras + 1)])
        result = milp(
            self.cost,
            constraints=LinearConstraint(matrix, -np.inf, most),
            bounds=Bounds(low, high),
            integrality=whole,
            options={"mip_rel_gap": PROGRAMME_GAP, "time_limit": TIME_LIMIT_S},
        )
        return None if result.x is None else (result.x, -float(result.mip_dual_bound), result.status == BEST)

    def keep_tight(self, relaxed: _Relaxed) -> None:
        """Drop the cuts that are far from tight in the relaxation."""
        theta = relaxed.z[-1]
        room = [float(cut @ relaxed.z[: self.campuses]) - theta for cut in self.cuts]
        self.cuts = [cut for cut, r in zip(self.cuts, room, strict=True) if r <= TIGHT * abs(theta)]

    def cut(self, z: np.ndarray, share: float) -> bool:
        """Add the cut that a solution violates by more than a share; False if there is none."""
        if self.aim.aversion == 0:
            return False
        totals = np.einsum("n,nd->d", z[: self.campuses], self.aim.value)
        worst = worst_draws(totals, self.aim.tail)
        if z[-1] <= totals[worst].mean() + share * max(abs(z[-1]), 1e-9):
            return False
        self.cuts.append(self.aim.value[:, worst].mean(axis=1))
        return True

    def cut_between(self, z: np.ndarray, inner: np.ndarray, chosen: Sequence[int]) -> None:
        """Add cuts half-way to the relaxed solution and to the best set, which are deeper than those at the solution."""
        taken = np.zeros(self.campuses)
        taken[list(chosen)] = 1.0
        for other in (inner[: self.campuses], taken):
            totals = np.einsum("n,nd->d", (z[: self.campuses] + other) / 2.0, self.aim.value)
            self.cuts.append(self.aim.value[:, worst_draws(totals, self.aim.tail)].mean(axis=1))

    def _parts(self) -> tuple[sparse.csr_array, np.ndarray, np.ndarray, np.ndarray]:
        """Matrix of the constraints with the cuts, their bounds, and the bounds of the variables."""
        risky = self.aim.aversion > 0
        matrix, most = self.matrix, self.most
        if risky:
            cuts = np.array([self.mean, *self.cuts])
            theta = sparse.hstack([-cuts, sparse.csr_array((len(cuts), self.extras)), np.ones((len(cuts), 1))])
            matrix, most = sparse.vstack([matrix, theta]), np.concatenate([most, np.zeros(len(cuts))])
        low = np.concatenate([np.zeros(self.campuses + self.extras), [-np.inf if risky else 0.0]])
        high = np.concatenate([self.high, self.limits.most, [np.inf if risky else 0.0]])
        return sparse.csr_array(matrix), most, low, high


def _matrix(rows: Sequence[Constraint], width: int) -> tuple[sparse.csr_array, np.ndarray]:
    starts = np.cumsum([0, *(r.columns.size for r in rows)])
    columns = np.concatenate([r.columns for r in rows]) if rows else np.zeros(0, np.int64)
    weights = np.concatenate([r.weights for r in rows]) if rows else np.zeros(0)
    return sparse.csr_array((weights, columns, starts), shape=(len(rows), width)), np.array([r.most for r in rows])


def is_possible(limits: Constraints) -> bool:
    """Whether any set keeps all limits."""
    nothing = Aim(np.zeros((limits.campuses, 1)), 0.0, 1.0)
    return _Programme(limits, nothing, limits.rows, np.ones(limits.campuses)).solve() is not None


def least_relaxation(
    limits: Constraints, *, families: Sequence[str] | None = None, fixed: Sequence[int] | None = None
) -> Relaxation | None:
    """Amounts by which constraints have to give so that a set keeps all: least sum of shares of their bounds.

    Parameters
    ----------
    limits : Constraints
    families : sequence of str, optional
        Only constraints of these may give; all by default.
    fixed : sequence of int, optional
        The set, if it is given.

    Returns
    -------
    Relaxation or None
        None where no relaxation helps.
    """
    n, m = limits.campuses, len(limits.loss)
    soft = [k for k, r in enumerate(limits.rows) if families is None or r.family in families]
    scale = np.array([max(abs(limits.rows[k].most), 1.0) for k in soft])
    matrix, most = _matrix(limits.rows, n + m)
    give = sparse.csr_array((-scale, (soft, range(len(soft)))), shape=(len(limits.rows), len(soft)))
    low, high = np.zeros(n + m + len(soft)), np.concatenate([np.ones(n), limits.most, np.full(len(soft), np.inf)])
    if fixed is not None:
        high[:n] = 0.0
        low[list(fixed)] = high[list(fixed)] = 1.0
    result = milp(
        np.concatenate([np.zeros(n + m), np.ones(len(soft))]),
        constraints=LinearConstraint(sparse.csr_array(sparse.hstack([matrix, give])), -np.inf, most),
        bounds=Bounds(low, high),
        integrality=np.concatenate([np.ones(n), np.zeros(m + len(soft))]),
        options={"mip_rel_gap": RELAXATION_GAP, "node_limit": NODE_LIMIT},
    )
    if result.x is None:
        return None
    amounts = {k: float(a * s) for k, a, s in zip(soft, result.x[n + m :], scale, strict=True) if a > TOLERANCE}
    return Relaxation(tuple(np.flatnonzero(result.x[:n] > 0.5).tolist()), amounts)
