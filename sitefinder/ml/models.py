"""Models of presence against background: an additive monotone spline model, and a boosted challenger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sitefinder.ml.features import FEATURES, Feature

#: knots per feature: enough for a bend or two, few enough for some hundred labels
KNOTS = 7
#: penalty on the slopes and on their changes; between 0.3 and 30 it moves held-out figures by less than their intervals
RIDGE = 1.0


@dataclass(frozen=True)
class Additive:
    """Sum of piecewise-linear functions of the transformed features, on the log-odds scale.

    Parameters
    ----------
    features : tuple of Feature
    knots : (n_features, KNOTS) float64
        In transformed units, ascending.
    heights : (n_features, KNOTS) float64
        Contribution at each knot; the mean contribution over the background is 0.
    intercept : float
    """

    features: tuple[Feature, ...]
    knots: np.ndarray
    heights: np.ndarray
    intercept: float

    def contributions(self, x: np.ndarray) -> np.ndarray:
        """Contribution of each feature to the log-odds.

        Parameters
        ----------
        x : (n, n_features) float64
            Layer values in their own units, NaN = unknown.

        Returns
        -------
        (n, n_features) float64; an unknown feature contributes 0.
        """
        parts = np.empty(x.shape)
        for j, feature in enumerate(self.features):
            parts[:, j] = np.nan_to_num(np.interp(feature.transform(x[:, j]), self.knots[j], self.heights[j]))
            parts[np.isnan(x[:, j]), j] = 0.0
        return parts

    def log_odds(self, x: np.ndarray) -> np.ndarray:
        """(n,) log-odds of presence in a sample half presence, half background."""
        return self.intercept + self.contributions(x).sum(axis=1)

    def mean_with(self, others: list[Additive]) -> Additive:
        """Bagged model: the mean of additive models that share their knots is additive."""
        bag = [self, *others]
        heights = np.mean([m.heights for m in bag], axis=0)
        return Additive(self.features, self.knots, heights, float(np.mean([m.intercept for m in bag])))


@dataclass(frozen=True)
class Calibration:
    """Platt's calibration: log-odds times a slope plus a shift.

    Parameters
    ----------
    slope, shift : float
        The slope is never below 0, so that the order of places stays.
    """

    slope: float
    shift: float

    def chance(self, log_odds: np.ndarray) -> np.ndarray:
        """(n,) chance 0..1 that a place is a campus, in a sample half campuses, half land."""
        return logistic(self.slope * np.asarray(log_odds, np.float64) + self.shift)


def logistic(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)) without overflow; written out, because a run need not load a library for it.

    >>> logistic(np.array([-1000.0, 0.0, 1000.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    small = np.exp(-np.abs(x))
    return np.where(x >= 0.0, 1.0, small) / (1.0 + small)


def spread_knots(x: np.ndarray, features: tuple[Feature, ...] = FEATURES) -> np.ndarray:
    """Knots of every feature, (n_features, KNOTS) ascending: at quantiles of its distinct values.

    Distinct, because many layers are zero over half the country: quantiles of all values would put most knots there. Where
    there are too few values, knots are spread apart.
    """
    knots = np.empty((len(features), KNOTS))
    for j, feature in enumerate(features):
        t = feature.transform(x[~np.isnan(x[:, j]), j])
        k = np.quantile(np.unique(t), np.linspace(0.0, 1.0, KNOTS))
        least = max(1e-6, 1e-3 * (k[-1] - k[0]))
        for i in range(1, KNOTS):
            k[i] = max(k[i], k[i - 1] + least)
        knots[j] = k
    return knots


def basis(x: np.ndarray, knots: np.ndarray, features: tuple[Feature, ...] = FEATURES) -> np.ndarray:
    """Integrated linear splines: each column rises from 0 to 1 between two knots, (n, n_features * (KNOTS - 1)).

    They are reversed cumulative sums of scikit-learn's degree-1 B-splines, so that a non-negative coefficient means a
    non-decreasing function (Ramsay 1988). Unknown values become the training median of their column.
    """
    from sklearn.preprocessing import SplineTransformer

    columns = []
    for j, feature in enumerate(features):
        t = feature.transform(x[:, j])
        t = np.where(np.isnan(t), np.median(knots[j]), t)[:, None]
        hats = SplineTransformer(degree=1, knots=knots[j][:, None], extrapolation="constant").fit(knots[j][:, None])
        columns.append(np.cumsum(hats.transform(t)[:, ::-1], axis=1)[:, ::-1][:, 1:])
    return np.hstack(columns)


def fit_additive(x: np.ndarray, y: np.ndarray, weight: np.ndarray, *, knots: np.ndarray, ridge: float = RIDGE) -> Additive:
    """Penalised logistic regression on the spline basis, coefficients bounded by the directions of the features.

    Parameters
    ----------
    x : (n, n_features) float64
    y : (n,) 1 = presence, 0 = background
    weight : (n,) float64
        Scaled so that presences and background weigh the same.
    knots : (n_features, KNOTS) float64
    ridge : float
    """
    from scipy.optimize import minimize
    from scipy.special import expit

    design = basis(x, knots)
    share = np.where(y == 1, weight / weight[y == 1].sum(), weight / weight[y == 0].sum()) / 2.0
    steps = KNOTS - 1
    penalty = _penalty(steps, len(FEATURES)) * ridge / max(1.0, float((y == 1).sum()))
    bounds: list[tuple[float | None, float | None]] = [(None, None)]
    for feature in FEATURES:
        bounds += [(0.0, None) if feature.direction > 0 else (None, 0.0) if feature.direction < 0 else (None, None)] * steps

    def loss(beta: np.ndarray) -> tuple[float, np.ndarray]:
        z = beta[0] + design @ beta[1:]
        smooth = penalty @ beta[1:]
        value = float(share @ (np.logaddexp(0.0, z) - y * z) + 0.5 * beta[1:] @ smooth)
        residual = share * (expit(z) - y)
        return value, np.concatenate([[residual.sum()], design.T @ residual + smooth])

    optimum = minimize(loss, np.zeros(1 + design.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 400})
    return _centred(optimum.x, x[y == 0], knots)


def _penalty(steps: int, n_features: int) -> np.ndarray:
    """Block-diagonal penalty: squared increments plus squared changes of the increments."""
    change = np.diff(np.eye(steps), axis=0)
    return np.kron(np.eye(n_features), np.eye(steps) * 0.5 + change.T @ change)


def _centred(beta: np.ndarray, background: np.ndarray, knots: np.ndarray) -> Additive:
    heights = np.concatenate([np.zeros((len(FEATURES), 1)), beta[1:].reshape(len(FEATURES), -1).cumsum(axis=1)], axis=1)
    raw = Additive(FEATURES, knots, heights, float(beta[0]))
    known = ~np.isnan(background)
    mean = raw.contributions(background).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return Additive(FEATURES, knots, heights - mean[:, None], float(beta[0] + mean.sum()))


def fit_boosted(x: np.ndarray, y: np.ndarray, weight: np.ndarray, *, seed: int) -> Any:
    """HistGradientBoosting with the same monotone directions; early stopping off so that the result is repeatable."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    share = np.where(y == 1, weight / weight[y == 1].sum(), weight / weight[y == 0].sum()) / 2.0
    model = HistGradientBoostingClassifier(
        monotonic_cst=[f.direction for f in FEATURES],
        max_iter=150,
        learning_rate=0.05,
        max_leaf_nodes=12,
        min_samples_leaf=25,
        l2_regularization=5.0,
        early_stopping=False,
        random_state=seed,
    )
    return model.fit(x, y, sample_weight=share * len(y))


def one_thread() -> Any:
    """Context in which fits run on one thread.

    A few hundred places gain nothing by more, and threads that wait for each other on busy cores take many times as long. The
    limit reaches only libraries that are loaded: they are loaded first.
    """
    import sklearn.ensemble  # noqa: F401
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1)
