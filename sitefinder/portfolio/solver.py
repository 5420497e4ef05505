"""The best set by mixed-integer programming (HiGHS), the smallest change of limits that makes a set possible.

The mean of the worst draws is the least mean over any subset of that many draws: a row per subset, added only when a solution
breaks it (cutting planes; Künzi-Bay and Mayer 2006). Every row holds for every set, so a later solve can start with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from sitefinder.portfolio.limits import Limits, Row
from sitefinder.portfolio.values import tail_mean, worst_draws

#: relative gap at which a set counts as proven best: of each programme, and of the whole with its cuts
PROGRAMME_GAP, GAP = 1e-5, 1e-4
#: share by which the mean of the worst draws may be overstated before a row is added: in the relaxed programme, in the whole one
RELAXED_CUT_GAP, CUT_GAP = 2e-4, 2e-5
#: rows of the relaxed programme that are kept for the whole one: those not further than this share from being tight
TIGHT = 2e-3
#: seconds after which the best set so far is taken, with its gap
TIME_LIMIT_S = 60.0
MOST_ROUNDS = 200
#: the same of the smallest change of limits, and nodes after which the best so far is told
RELAXATION_GAP, NODE_LIMIT = 1e-3, 200
#: row broken by no more than this share of its bound is kept
TOLERANCE = 1e-6
#: status of scipy.optimize.milp: proven best
BEST = 0


@dataclass(frozen=True)
class Aim:
    """What is maximised: (1 - aversion) x mean + aversion x mean of the worst draws, less the value of what waits.

    Parameters
    ----------
    value : (n, draws) float64
    aversion, tail : float
    cuts : tuple of (n,) float64
        Mean value of every site over subsets of draws that matter, from an earlier solve.
    """

    value: np.ndarray
    aversion: float
    tail: float
    cuts: tuple[np.ndarray, ...] = ()

    def of(self, chosen: Sequence[int]) -> float:
        """Value of a set, without what waits."""
        totals = self.totals(chosen)
        return (1.0 - self.aversion) * float(totals.mean()) + self.aversion * tail_mean(totals, self.tail)

    def totals(self, chosen: Sequence[int]) -> np.ndarray:
        """Value of a set in every draw, (draws,)."""
        return self.value[np.asarray(sorted(chosen), np.int64)].sum(axis=0)

    def weighted(self, aversion: float) -> Aim:
        """The same with another aversion."""
        return replace(self, aversion=aversion)


@dataclass(frozen=True)
class Solution:
    """A set.

    Parameters
    ----------
    chosen : tuple of int
        Sites, ascending; empty with ``possible`` False.
    objective : float
        Value of the set, what waits taken off.
    gap : float
        (upper bound - objective) / objective.
    extras : (m,) float64
        Values of the extra variables of the limits.
    possible : bool
        Whether any set keeps all limits.
    cuts : tuple of (n,) float64
        Rows about the worst draws that the proof rests on.
    """

    chosen: tuple[int, ...]
    objective: float
    gap: float
    extras: np.ndarray
    possible: bool = True
    cuts: tuple[np.ndarray, ...] = ()


class Effort(NamedTuple):
    """How far a proof goes.

    Parameters
    ----------
    gap : float
        Relative gap at which a set counts as proven best.
    rounds : int
        Whole programmes after which the best so far is taken, with its gap.
    """

    gap: float = GAP
    rounds: int = MOST_ROUNDS


IMPOSSIBLE = Solution((), -np.inf, np.inf, np.zeros(0), possible=False)


def best_set(
    limits: Limits,
    aim: Aim,
    *,
    extra_rows: Sequence[Row] = (),
    forbidden: Sequence[int] = (),
    start: Solution | None = None,
    effort: Effort | None = None,
) -> Solution:
    """The set of most value within the limits, proven.

    First the relaxed programme, whose cuts are cheap. Then a set that is good on average; a site that the relaxed programme
    prices too low to be in any better one is left out (reduced-cost fixing). Then the programme in whole campuses.

    Parameters
    ----------
    limits : Limits
    aim : Aim
    extra_rows : sequence of Row
        Further rows over the sites.
    forbidden : sequence of int
        Sites that may not be in it.
    start : Solution, optional
        A set that keeps all limits and rows, if one is known.
    effort : Effort, optional
        How far the proof goes.
    """
    effort = effort or Effort()
    rows = [*limits.rows, *extra_rows]
    high = np.ones(limits.sites)
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


def _better(best: Solution, z: np.ndarray, bound: float, limits: Limits, aim: Aim) -> Solution:
    chosen = tuple(np.flatnonzero(z[: limits.sites] > 0.5).tolist())
    extras = z[limits.sites : limits.sites + len(limits.loss)]
    objective = aim.of(chosen) - float(np.dot(limits.loss, extras)) if limits.loss else aim.of(chosen)
    if best.possible and best.objective >= objective:
        chosen, objective, extras = best.chosen, best.objective, best.extras
    return Solution(chosen, objective, _gap(bound, objective), extras)


def _gap(bound: float, objective: float) -> float:
    return max(bound - objective, 0.0) / max(abs(objective), 1e-9)


@dataclass(frozen=True)
class _Relaxed:
    """The programme without whole campuses: variables, upper bound, and the bound if a site is in the set, (n,)."""

    z: np.ndarray
    bound: float
    with_site: np.ndarray


class _Programme:
    """Sites, extras, and the mean of the worst draws as last variable."""

    def __init__(self, limits: Limits, aim: Aim, rows: Sequence[Row], high: np.ndarray) -> None:
        self.limits, self.aim, self.high = limits, aim, high
        self.sites, self.extras = limits.sites, len(limits.loss)
        self.matrix, self.most = _matrix(rows, self.sites + self.extras + 1)
        self.mean = aim.value.mean(axis=1)
        self.cuts = list(aim.cuts)
        self.cost = -np.concatenate([(1.0 - aim.aversion) * self.mean, -np.array(limits.loss), [aim.aversion]])

    def relax(self) -> _Relaxed | None:
        """Solve without whole campuses until no cut is broken; None if impossible."""
        for _ in range(MOST_ROUNDS):
            matrix, most, low, high = self._parts()
            bounds = np.stack([low, high], axis=1)
            found = linprog(self.cost, A_ub=matrix, b_ub=most, bounds=bounds, method="highs")
            if found.x is None:
                return None
            if not self.cut(found.x, RELAXED_CUT_GAP):
                break
        prices = found.lower.marginals[: self.sites]  # of being in the set, above 0 where it is not
        return _Relaxed(found.x, -found.fun, -found.fun - np.maximum(prices, 0.0))

    def solve(self) -> tuple[np.ndarray, float, bool] | None:
        """Solve in whole campuses: variables, upper bound, whether proven; None if impossible."""
        matrix, most, low, high = self._parts()
        whole = np.concatenate([np.ones(self.sites), np.zeros(self.extras + 1)])
        found = milp(
            self.cost,
            constraints=LinearConstraint(matrix, -np.inf, most),
            bounds=Bounds(low, high),
            integrality=whole,
            options={"mip_rel_gap": PROGRAMME_GAP, "time_limit": TIME_LIMIT_S},
        )
        return None if found.x is None else (found.x, -float(found.mip_dual_bound), found.status == BEST)

    def keep_tight(self, relaxed: _Relaxed) -> None:
        """Forget the rows about the worst draws that are far from tight in the relaxed programme."""
        theta = relaxed.z[-1]
        room = [float(cut @ relaxed.z[: self.sites]) - theta for cut in self.cuts]
        self.cuts = [cut for cut, r in zip(self.cuts, room, strict=True) if r <= TIGHT * abs(theta)]

    def cut(self, z: np.ndarray, share: float) -> bool:
        """Add the row that a solution breaks by more than a share; False if there is none."""
        if self.aim.aversion == 0:
            return False
        totals = np.einsum("n,nd->d", z[: self.sites], self.aim.value)
        worst = worst_draws(totals, self.aim.tail)
        if z[-1] <= totals[worst].mean() + share * max(abs(z[-1]), 1e-9):
            return False
        self.cuts.append(self.aim.value[:, worst].mean(axis=1))
        return True

    def cut_between(self, z: np.ndarray, inner: np.ndarray, chosen: Sequence[int]) -> None:
        """Add rows half-way to the relaxed solution and to the best set: they cut deeper than those at the solution itself."""
        taken = np.zeros(self.sites)
        taken[list(chosen)] = 1.0
        for other in (inner[: self.sites], taken):
            totals = np.einsum("n,nd->d", (z[: self.sites] + other) / 2.0, self.aim.value)
            self.cuts.append(self.aim.value[:, worst_draws(totals, self.aim.tail)].mean(axis=1))

    def _parts(self) -> tuple[sparse.csr_array, np.ndarray, np.ndarray, np.ndarray]:
        """Rows with the cuts, their bounds, and the bounds of the variables."""
        risky = self.aim.aversion > 0
        matrix, most = self.matrix, self.most
        if risky:
            cuts = np.array([self.mean, *self.cuts])
            theta = sparse.hstack([-cuts, sparse.csr_array((len(cuts), self.extras)), np.ones((len(cuts), 1))])
            matrix, most = sparse.vstack([matrix, theta]), np.concatenate([most, np.zeros(len(cuts))])
        low = np.concatenate([np.zeros(self.sites + self.extras), [-np.inf if risky else 0.0]])
        high = np.concatenate([self.high, self.limits.most, [np.inf if risky else 0.0]])
        return sparse.csr_array(matrix), most, low, high


def _matrix(rows: Sequence[Row], width: int) -> tuple[sparse.csr_array, np.ndarray]:
    starts = np.cumsum([0, *(r.columns.size for r in rows)])
    columns = np.concatenate([r.columns for r in rows]) if rows else np.zeros(0, np.int64)
    weights = np.concatenate([r.weights for r in rows]) if rows else np.zeros(0)
    return sparse.csr_array((weights, columns, starts), shape=(len(rows), width)), np.array([r.most for r in rows])


def is_possible(limits: Limits) -> bool:
    """Whether any set keeps all limits."""
    nothing = Aim(np.zeros((limits.sites, 1)), 0.0, 1.0)
    return _Programme(limits, nothing, limits.rows, np.ones(limits.sites)).solve() is not None


def least_relaxation(
    limits: Limits, *, families: Sequence[str] | None = None, fixed: Sequence[int] | None = None
) -> tuple[tuple[int, ...], dict[int, float]] | None:
    """How far rows have to give so that a set keeps the others: the smallest sum of shares of their bounds.

    Parameters
    ----------
    limits : Limits
    families : sequence of str, optional
        Only these give; all by default.
    fixed : sequence of int, optional
        The set is this one.

    Returns
    -------
    tuple or None
        The set, and row -> amount above its bound; None where giving does not help.
    """
    n, m = limits.sites, len(limits.loss)
    soft = [k for k, r in enumerate(limits.rows) if families is None or r.family in families]
    scale = np.array([max(abs(limits.rows[k].most), 1.0) for k in soft])
    matrix, most = _matrix(limits.rows, n + m)
    give = sparse.csr_array((-scale, (soft, range(len(soft)))), shape=(len(limits.rows), len(soft)))
    low, high = np.zeros(n + m + len(soft)), np.concatenate([np.ones(n), limits.most, np.full(len(soft), np.inf)])
    if fixed is not None:
        high[:n] = 0.0
        low[list(fixed)] = high[list(fixed)] = 1.0
    found = milp(
        np.concatenate([np.zeros(n + m), np.ones(len(soft))]),
        constraints=LinearConstraint(sparse.csr_array(sparse.hstack([matrix, give])), -np.inf, most),
        bounds=Bounds(low, high),
        integrality=np.concatenate([np.ones(n), np.zeros(m + len(soft))]),
        options={"mip_rel_gap": RELAXATION_GAP, "node_limit": NODE_LIMIT},
    )
    if found.x is None:
        return None
    amounts = {k: float(a * s) for k, a, s in zip(soft, found.x[n + m :], scale, strict=True) if a > TOLERANCE}
    return tuple(np.flatnonzero(found.x[:n] > 0.5).tolist()), amounts
