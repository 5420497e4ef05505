"""Sensitivity of the ranking to the weights: smallest change, one weight at a time, and screening of all together.

Scores are linear in the weights: s_i(w) = w . x_i + c_i with x_i = (1 - share a_i) v_i (the part of the values that the learned
score leaves) and c_i = share a_i l_i. All functions take that form, by criterion or, after :func:`by_family`, by family.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

#: steps of the grid of Morris's method; half of it is jumped (Morris 1991; K)
LEVELS = 8
#: scores closer than this are equal
TIE = 1e-12


@dataclass(frozen=True)
class Linear:
    """Scores of sites as a linear function of weights.

    Parameters
    ----------
    names : tuple of str
        What is weighted: criteria or families.
    weights : (k,) float64
        Sum to 1.
    slopes : (n, k) float64
        x_i above.
    offsets : (n,) float64
        c_i above.
    """

    names: tuple[str, ...]
    weights: np.ndarray
    slopes: np.ndarray
    offsets: np.ndarray

    def scores(self, weights: np.ndarray | None = None) -> np.ndarray:
        """(n,) float64 scores under the given or the own weights."""
        return self.slopes @ (self.weights if weights is None else weights) + self.offsets


def by_family(criteria: Linear, families: Sequence[str]) -> Linear:
    """The same scores as a function of family weights; inside a family the weights keep their proportion.

    Parameters
    ----------
    criteria : Linear
        Of criteria.
    families : (k,) sequence of str
        Family of each.
    """
    names = tuple(dict.fromkeys(families))
    member = np.array([[f == name for f in families] for name in names], float)
    weights = member @ criteria.weights
    inner = np.divide(
        member * criteria.weights, weights[:, None], out=member / member.sum(axis=1)[:, None], where=weights[:, None] > 0
    )
    return Linear(names, weights, criteria.slopes @ inner.T, criteria.offsets)


@dataclass(frozen=True)
class Shift:
    """A change of weights that raises a rival to the score of a site.

    Parameters
    ----------
    rival : int
    moved : float
        Weight moved from some names to others, 0..1: half the sum of the absolute changes.
    change : (k,) float64
        To be added to the weights; sums to 0.
    """

    rival: int
    moved: float
    change: np.ndarray

    def words(self, names: Sequence[str]) -> str:
        """The change in points of weight, largest first."""
        order = np.argsort(-np.abs(self.change), kind="stable")
        return ", ".join(f"{names[k]} {100.0 * self.change[k]:+.1f}" for k in order if abs(self.change[k]) > TIE)


def overtake(linear: Linear, site: int, rival: int) -> Shift | None:
    """The smallest change of weights (sum of absolute changes) that raises a rival to a site's score; None if none does.

    Weight goes from where the site's lead is largest to where it is smallest: each unit moved from k to m closes the gap by
    g_k - g_m, so the best m is the smallest g for every unit, and the k are emptied from the largest g down. That is the
    solution of the linear programme min |d|_1, sum d = 0, w + d >= 0, (w + d) . g + h <= 0.
    """
    lead = linear.slopes[site] - linear.slopes[rival]
    gap = float(linear.weights @ lead + linear.offsets[site] - linear.offsets[rival])
    change = np.zeros(lead.size)
    if gap <= TIE:
        return Shift(rival, 0.0, change)
    to = int(np.argmin(lead))
    for k in np.argsort(-lead, kind="stable"):
        closes = lead[k] - lead[to]
        if closes <= 0.0:
            break
        amount = min(float(linear.weights[k]), gap / closes)
        change[k] -= amount
        change[to] += amount
        gap -= amount * closes
        if gap <= TIE:
            return Shift(rival, float(np.abs(change).sum() / 2.0), change)
    return None


def dethrone(linear: Linear) -> Shift | None:
    """The smallest change of weights that costs the first site its rank, with the rival that takes it; None if none does."""
    first = int(np.argmax(linear.scores()))
    shifts = [overtake(linear, first, j) for j in range(len(linear.offsets)) if j != first]
    possible = [s for s in shifts if s is not None]
    return min(possible, key=lambda s: (s.moved, s.rival)) if possible else None


def reign(linear: Linear) -> dict[str, tuple[float, float]]:
    """Range of each weight within which the first site stays first, the other weights in proportion.

    With weight t for one name the scores are linear in t: each rival gives one bound.
    """
    first = int(np.argmax(linear.scores()))
    ranges = {}
    for k, name in enumerate(linear.names):
        rest = np.delete(linear.weights, k)
        total = rest.sum()
        others = np.insert(rest / total if total > 0 else np.full(rest.size, 1.0 / max(1, rest.size)), k, 0.0)
        start = linear.scores(others)
        slope = linear.slopes[:, k] - linear.slopes @ others
        gap, tilt = start[first] - start, slope[first] - slope
        with np.errstate(divide="ignore", invalid="ignore"):
            cross = -gap / tilt
        now = linear.weights[k]
        low = max((float(x) for x, t in zip(cross, tilt, strict=True) if t > TIE and x <= now + TIE), default=0.0)
        high = min((float(x) for x, t in zip(cross, tilt, strict=True) if t < -TIE and x >= now - TIE), default=1.0)
        ranges[name] = (max(0.0, low), min(1.0, high))
    return ranges


def tornado(linear: Linear, site: int, factor: float = 2.0) -> list[dict[str, float | str]]:
    """Score and rank of a site with each weight divided and multiplied by a factor, the others scaled; widest swing first.

    Returns
    -------
    list of dict
        ``name``, ``low_score``, ``high_score`` (0..1), ``low_rank``, ``high_rank`` (1 = best).
    """
    rows: list[dict[str, float | str]] = []
    for k, name in enumerate(linear.names):
        row: dict[str, float | str] = {"name": name}
        for label, times in (("low", 1.0 / factor), ("high", factor)):
            weights = linear.weights.copy()
            weights[k] *= times
            scores = linear.scores(weights / weights.sum())
            row[f"{label}_score"] = float(scores[site])
            row[f"{label}_rank"] = int((scores > scores[site]).sum()) + 1
        rows.append(row)
    return sorted(rows, key=lambda r: -abs(float(r["high_rank"]) - float(r["low_rank"])))


def morris(linear: Linear, site: int, *, factor: float = 2.0, paths: int = 64, seed: int = 1) -> list[dict[str, float | str]]:
    """Effect of each weight on the rank of a site when all vary at once: Morris's elementary effects, largest first.

    Every weight lies between its value divided and multiplied by ``factor``, on a logarithmic grid; weights are scaled to sum
    to 1 afterwards. An effect is the change of rank per full range of one weight.

    Returns
    -------
    list of dict
        ``name``; ``mu_star``, mean absolute effect in ranks; ``sigma``, its standard deviation: large where the effect
        depends on the other weights.
    """
    starts, order, sign = trajectories(len(linear.names), paths, seed)
    effects = np.empty((paths, len(linear.names)))
    for p in range(paths):
        x = starts[p].copy()
        before = _rank_at(linear, site, x, factor)
        for k in order[p]:
            x[k] += sign[p, k] * jump()
            after = _rank_at(linear, site, x, factor)
            effects[p, k] = (after - before) / (sign[p, k] * jump())
            before = after
    mu, sigma = np.abs(effects).mean(axis=0), effects.std(axis=0, ddof=1)
    rows: list[dict[str, float | str]] = [
        {"name": n, "mu_star": float(m), "sigma": float(s)} for n, m, s in zip(linear.names, mu, sigma, strict=True)
    ]
    return sorted(rows, key=lambda r: -float(r["mu_star"]))


def jump() -> float:
    """Length of a step of Morris's method in the unit interval: levels / (2 (levels - 1))."""
    return LEVELS / (2.0 * (LEVELS - 1))


def trajectories(names: int, paths: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Random starts (paths, names) on the grid, the order in which names are moved, and the sign of each move."""
    source = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, names])))
    level = source.integers(0, LEVELS, (paths, names))
    order = np.argsort(source.random((paths, names)), axis=1, kind="stable")
    return level / (LEVELS - 1), order, np.where(level < LEVELS // 2, 1.0, -1.0)


def _rank_at(linear: Linear, site: int, x: np.ndarray, factor: float) -> int:
    weights = linear.weights * factor ** (2.0 * x - 1.0)
    scores = linear.scores(weights / weights.sum())
    return int((scores > scores[site]).sum()) + 1
