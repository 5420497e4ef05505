"""From log-odds to chances: a two-parameter calibration, fitted and judged on blocks that the model never saw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sitefinder.files import Json
from sitefinder.ml import folds
from sitefinder.ml.metrics import bins_of, block_bootstrap, brier, reliability
from sitefinder.ml.models import Calibration
from sitefinder.ml.validate import Study, block_splits, fitted

#: bins of the reliability table
BINS = 10


#: log-odds as the model gives them
AS_FITTED = Calibration(1.0, 0.0)


@dataclass(frozen=True)
class HeldOdds:
    """Log-odds of campuses and land by models that saw neither them nor their block.

    Parameters
    ----------
    odds : (n,) float64
    campus : (n,) bool
        True for campuses, False for land.
    fold : (n,) int
        Fold in which the place was held out.
    block : (n,) int
        Spatial block of the place.
    """

    odds: np.ndarray
    campus: np.ndarray
    fold: np.ndarray
    block: np.ndarray


def held_out_odds(study: Study, block_m: float) -> HeldOdds:
    """Fit without each fold of blocks and take the log-odds of its campuses and land.

    Parameters
    ----------
    study : Study
    block_m : float
        Side of a block, metres.
    """
    parts = []
    for fold, (train, test, part) in enumerate(block_splits(study, block_m)):
        test = np.flatnonzero(test & study.target)
        model = fitted(study, train, part)
        odds = np.concatenate([model.log_odds(study.presences.x[test]), model.log_odds(study.land.x[part])])
        xy = np.vstack([study.presences.xy[test], study.land.xy[part]])
        block = folds.block_ids(xy[:, 0], xy[:, 1], block_m)
        parts.append((odds, np.arange(len(odds)) < len(test), np.full(len(odds), fold), block))
    return HeldOdds(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def half_and_half(campus: np.ndarray) -> np.ndarray:
    """(n,) weights under which campuses and land weigh one half each; one kind alone weighs 1."""
    count = np.bincount(campus.astype(np.int64), minlength=2)
    return 1.0 / np.maximum(count, 1)[campus.astype(np.int64)] / max(1, int((count > 0).sum()))


def calibrate(odds: np.ndarray, campus: np.ndarray) -> Calibration:
    """Slope and shift of least logistic loss in a sample half campuses, half land.

    Parameters
    ----------
    odds : (n,) float64
        Of places that the model did not see.
    campus : (n,) bool

    References
    ----------
    Platt (1999), Probabilistic outputs for support vector machines.
    """
    from scipy.optimize import minimize
    from scipy.special import expit

    weight, y = half_and_half(campus), campus.astype(np.float64)

    def loss(at: np.ndarray) -> tuple[float, np.ndarray]:
        z = at[0] * odds + at[1]
        residual = weight * (expit(z) - y)
        return float(weight @ (np.logaddexp(0.0, z) - y * z)), np.array([residual @ odds, residual.sum()])

    optimum = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(0.0, None), (None, None)])
    return Calibration(float(optimum.x[0]), float(optimum.x[1]))


def nested(held: HeldOdds) -> np.ndarray:
    """(n,) chances by calibrations that were fitted on the other folds."""
    chance = np.empty(len(held.odds))
    for fold in np.unique(held.fold):
        inside = held.fold == fold
        chance[inside] = calibrate(held.odds[~inside], held.campus[~inside]).chance(held.odds[inside])
    return chance


def judged(held: HeldOdds, chance: np.ndarray, *, seed: int, draws: int) -> Json:
    """Brier score, calibration error and the reliability table of chances, with 90 % intervals from resampled blocks.

    Parameters
    ----------
    held : HeldOdds
    chance : (n,) float64, 0..1
    seed, draws : int
        Of the bootstrap.

    Returns
    -------
    dict
        ``brier`` and ``error`` as [figure, low, high]; ``bins``: mean chance, [observed share, low, high], campuses, land.
    """
    y = held.campus

    def figure(statistic: Callable[[np.ndarray], float], points: np.ndarray) -> list[float]:
        low, high = block_bootstrap(lambda i: statistic(points[i]), held.block[points], np.random.default_rng(seed), draws=draws)
        return [statistic(points), low, high]

    def error(i: np.ndarray) -> float:
        return reliability(chance[i], y[i], bins=BINS, weight=half_and_half(y[i]))[1]

    everything = np.arange(len(y))
    weight = half_and_half(y)
    member = bins_of(chance, BINS, weight)
    rows = []
    for k in range(member.max() + 1):
        inside = np.flatnonzero(member == k)
        seen = figure(lambda i: float(np.average(y[i], weights=weight[i])), inside)
        mean = float(np.average(chance[inside], weights=weight[inside]))
        rows.append({"chance": mean, "observed": seen, "campuses": int(y[inside].sum()), "land": int((~y[inside]).sum())})
    return {
        "brier": figure(lambda i: brier(chance[i], y[i], weight=half_and_half(y[i])), everything),
        "error": figure(error, everything),
        "bins": rows,
    }


def calibration_study(held: HeldOdds, *, seed: int, draws: int) -> Json:
    """Reliability on held-out blocks, as fitted and calibrated on the other blocks."""
    final = calibrate(held.odds, held.campus)
    return {
        "slope": final.slope,
        "shift": final.shift,
        "brier_of_a_coin": 0.25,
        "as_fitted": judged(held, AS_FITTED.chance(held.odds), seed=seed, draws=draws),
        "calibrated": judged(held, nested(held), seed=seed, draws=draws),
    }
