"""Weights that the choices of existing campuses reveal: non-negative, within published ranges of the families."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

#: pull towards the configured weights: a hundred times as much moves held-out campuses by less than 0.01 in AUC
PULL = 3e-3
#: slope and shift from which the fit starts: a weighted sum lies between 0 and 1
START_SLOPE, START_SHIFT = 10.0, -5.0
#: resamples of blocks behind the intervals
DRAWS = 16
INTERVAL = (0.05, 0.95)
#: steps of the optimiser; it needs about a third
MOST_STEPS = 200


@dataclass(frozen=True)
class Frame:
    """What the weights may be.

    Parameters
    ----------
    configured : (k,) float64
        Weights in the whole score, sum to 1: what the fit is pulled to.
    families : tuple of str
        Family of each criterion.
    ranges : mapping
        Family -> least and most share in the score.
    open : (k,) bool
        Criteria that may have a weight; in a family without one they keep the configured shares of it.
    """

    configured: np.ndarray
    families: tuple[str, ...]
    ranges: Mapping[str, tuple[float, float]]
    open: np.ndarray

    @property
    def fixed(self) -> np.ndarray:
        """(k,) bool: criteria of families of which none is open; they keep the configured weights."""
        family = np.array(self.families)
        return np.isin(family, [f for f in set(self.families) if not self.open[family == f].any()])


def fit_weights(campuses: np.ndarray, land: np.ndarray, weight: np.ndarray, frame: Frame) -> np.ndarray:
    """Weights under which campuses stand out most from land, (k,) float64 that sum to 1.

    Logistic loss of campuses against land, each half of the sample, of a weighted sum times a slope. The problem is convex in
    slope times weight, and so are the ranges.

    Parameters
    ----------
    campuses, land : (n, k) float64
        Values 0..1 of the criteria; unknown as 0, as in the score.
    weight : (n_campuses,) float64
    frame : Frame
    """
    from scipy.optimize import minimize
    from scipy.special import expit

    x = np.vstack([campuses, land])
    y = np.concatenate([np.ones(len(campuses)), np.zeros(len(land))])
    share = np.concatenate([weight / weight.sum(), np.full(len(land), 1.0 / len(land))]) / 2.0

    def loss(u: np.ndarray) -> tuple[float, np.ndarray]:
        z = u[0] + x @ u[1:]
        away = u[1:] - u[1:].sum() * frame.configured
        residual = share * (expit(z) - y)
        slope = x.T @ residual + 2.0 * PULL * (away - away @ frame.configured)
        value = float(share @ (np.logaddexp(0.0, z) - y * z) + PULL * away @ away)
        return value, np.concatenate([[residual.sum()], slope])

    least, equal = _limits(frame)
    start = np.concatenate([[START_SHIFT], START_SLOPE * frame.configured])
    bounds: list[tuple[float | None, float | None]] = [(None, None)]
    bounds += [(0.0, None if may else 0.0) for may in frame.open | frame.fixed]
    limits = [
        {"type": "ineq", "fun": lambda u: least @ u[1:], "jac": lambda u: np.pad(least, ((0, 0), (1, 0)))},
        {"type": "eq", "fun": lambda u: equal @ u[1:], "jac": lambda u: np.pad(equal, ((0, 0), (1, 0)))},
    ]
    limits = [limit for limit, rows in zip(limits, (least, equal), strict=True) if len(rows)]
    options = {"maxiter": MOST_STEPS, "ftol": 1e-9}
    optimum = minimize(loss, start, jac=True, bounds=bounds, constraints=limits, method="SLSQP", options=options)
    weights = np.maximum(optimum.x[1:], 0.0)
    return weights / weights.sum()


def _limits(frame: Frame) -> tuple[np.ndarray, np.ndarray]:
    """Rows r with r @ u >= 0 (shares of the families) and rows with r @ u = 0 (weights that stay)."""
    family = np.array(frame.families)
    rows = []
    for name, (low, high) in frame.ranges.items():
        inside = (family == name).astype(np.float64)
        if inside.any() and not frame.fixed[family == name].any():
            rows += [inside - low, high - inside]
    one = np.ones(len(family))
    stay = [np.eye(len(family))[k] - frame.configured[k] * one for k in np.flatnonzero(frame.fixed)]
    return np.array(rows).reshape(-1, len(family)), np.array(stay).reshape(-1, len(family))


def weight_intervals(
    campuses: np.ndarray, land: np.ndarray, weight: np.ndarray, blocks: np.ndarray, frame: Frame, *, seed: int
) -> np.ndarray:
    """(DRAWS, k) float64 weights fitted to resampled blocks of campuses; other parameters as in :func:`fit_weights`.

    Parameters
    ----------
    blocks : (n_campuses,) int
        Spatial block of each campus.
    seed : int
    """
    rng = np.random.default_rng(seed)
    names = np.unique(blocks)
    drawn = []
    for _ in range(DRAWS):
        times = np.bincount(rng.integers(0, len(names), len(names)), minlength=len(names))[np.searchsorted(names, blocks)]
        taken = times > 0
        drawn.append(fit_weights(campuses[taken], land, weight[taken] * times[taken], frame))
    return np.array(drawn)


def effective_number(values: np.ndarray, weights: np.ndarray) -> float:
    """Effective number of criteria: how many independent ones of equal say would spread the score as much as these do.

    With C the correlation of the criteria over land and v = w sd, it is (sum v)^2 / v'Cv, the diversification ratio squared
    (Choueifati and Coignard 2008): 1 for criteria that say the same, k for k independent ones of equal spread.

    Parameters
    ----------
    values : (n, k) float64
        Values 0..1 on land.
    weights : (k,) float64

    >>> same = np.linspace(0, 1, 50)[:, None]
    >>> round(effective_number(np.hstack([same, same]), np.array([0.5, 0.5])), 6)
    1.0
    """
    spread = float((values @ weights).std())
    return float((weights @ values.std(axis=0)) / spread) ** 2 if spread > 0 else 0.0
