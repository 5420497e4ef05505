"""How well scores separate chosen sites from other land: ranks, capture, Boyce index, calibration, bootstrap over blocks.

Every function is pure and takes scores of presences ``p`` and of background or land ``b``, in any unit that grows with
suitability. ``-inf`` (excluded land) is the lowest score and allowed wherever only the order counts. What is undefined,
such as any measure of no presences, is NaN; NaN among the scores themselves is an error of the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

#: digits to which predicted/expected ratios are compared, as in the reference implementation of the Boyce index (ecospat)
RATIO_DIGITS = 10


def _scores(values: np.ndarray, name: str) -> np.ndarray:
    """Scores as (n,) float64, refused when one is NaN: a comparison would silently count it as low or high."""
    scores = np.asarray(values, np.float64)
    if scores.ndim != 1 or np.isnan(scores).any():
        raise ValueError(
            f"Invalid {name}: shape {scores.shape}, {int(np.isnan(scores).sum())} NaN. Give one dimension without NaN."
        )
    return scores


def _weights(weight: np.ndarray | None, count: int) -> np.ndarray:
    """Weights as (count,) float64; ones when None."""
    if weight is None:
        return np.ones(count)
    weights = np.asarray(weight, np.float64)
    if weights.shape != (count,) or not np.isfinite(weights).all() or (weights < 0).any():
        raise ValueError(f"Invalid weight of shape {weights.shape}. Give {count} finite weights, none below 0.")
    return weights


def _mean(values: np.ndarray, weight: np.ndarray) -> float:
    """Weighted mean; NaN without weight."""
    total = weight.sum()
    return float(np.dot(values, weight) / total) if total > 0 else float("nan")


def auc(p: np.ndarray, b: np.ndarray, *, weight: np.ndarray | None = None) -> float:
    """Chance that a presence scores higher than a background point, ties counting half: the area under the ROC curve.

    Parameters
    ----------
    p : (n_presence,) float
        Scores of presences.
    b : (n_background,) float
        Scores of background points.
    weight : (n_presence,) float, optional
        Weights of presences, >= 0.

    Returns
    -------
    float
        0..1; 0.5 = no better than chance, NaN without presences or background.

    Examples
    --------
    >>> auc(np.array([0.9, 0.4]), np.array([0.1, 0.4, 0.5, 0.2]))
    0.8125
    """
    presence, background = _scores(p, "p"), np.sort(_scores(b, "b"))
    weights = _weights(weight, presence.size)
    if background.size == 0:
        return float("nan")
    lower = np.searchsorted(background, presence, "left") + np.searchsorted(background, presence, "right")
    return _mean(lower / (2.0 * background.size), weights)


def pr_auc(p: np.ndarray, b: np.ndarray, *, weight: np.ndarray | None = None) -> tuple[float, float]:
    """Average precision and its baseline.

    The sum of precision over the steps of recall, without interpolation: every distinct score is one threshold.

    Parameters
    ----------
    p : (n_presence,) float
        Scores of presences.
    b : (n_background,) float
        Scores of background points.
    weight : (n_presence,) float, optional
        Weights of presences, >= 0.

    Returns
    -------
    tuple of float
        Average precision 0..1, and the prevalence: what a score without information earns. NaN without presences.
    """
    presence, background = _scores(p, "p"), np.sort(_scores(b, "b"))
    weights = _weights(weight, presence.size)
    total = weights.sum()
    if not total > 0:
        return float("nan"), float("nan")
    # recall rises at the scores of presences only
    levels, rank = np.unique(presence, return_inverse=True)
    hits = np.bincount(rank, weights, levels.size)[::-1]
    true_positives = np.cumsum(hits)
    called = true_positives + background.size - np.searchsorted(background, levels, "left")[::-1]
    # a level above the first with any weight has no precision, and no step of recall either
    precision = np.divide(true_positives, called, out=np.zeros_like(true_positives), where=called > 0)
    return float(np.dot(precision, hits) / total), float(total / (total + background.size))


def _sorted_land(land_sorted: np.ndarray) -> np.ndarray:
    """Land scores, refused when not ascending."""
    land = _scores(land_sorted, "land_sorted")
    if not (land[1:] >= land[:-1]).all():
        raise ValueError("Invalid land_sorted. Scores must ascend; sort them once and use them for every call.")
    return land


def capture(
    p: np.ndarray,
    land_sorted: np.ndarray,
    *,
    shares: Sequence[float] = (0.01, 0.05, 0.10),
    weight: np.ndarray | None = None,
) -> np.ndarray:
    """Share of presences that lie in the best part of the land.

    Land that ties with a presence is in random order: of presences whose score is shared by land on both sides of the
    limit, the part of that land inside counts. A constant score so captures exactly ``shares``, as chance does.

    Parameters
    ----------
    p : (n_presence,) float
        Scores of presences; -inf on excluded land.
    land_sorted : (n_land,) float
        Ascending scores of a uniform sample of land; -inf for excluded land, which counts as the lowest.
    shares : sequence of float
        Best shares of land, 0..1.
    weight : (n_presence,) float, optional
        Weights of presences, >= 0.

    Returns
    -------
    (n_shares,) float64
        0..1; NaN without presences or land.
    """
    presence, land = _scores(p, "p"), _sorted_land(land_sorted)
    weights = _weights(weight, presence.size)
    if land.size == 0:
        return np.full(len(shares), np.nan)
    above = (land.size - np.searchsorted(land, presence, "right")) / land.size
    tied = (land.size - np.searchsorted(land, presence, "left")) / land.size - above
    caught = np.empty((len(shares), presence.size))
    for row, share in zip(caught, shares, strict=True):
        part = np.divide(share - above, tied, out=np.where(above < share, 1.0, 0.0), where=tied > 0)
        np.clip(part, 0.0, 1.0, out=row)
    return np.array([_mean(row, weights) for row in caught])


def percentile(p: np.ndarray, land_sorted: np.ndarray) -> np.ndarray:
    """Share of land that scores lower.

    Parameters
    ----------
    p : (n_presence,) float
        Scores of presences.
    land_sorted : (n_land,) float
        Ascending scores of a uniform sample of land; -inf for excluded land.

    Returns
    -------
    (n_presence,) float64
        0..1; land of the same score is not lower. NaN without land.
    """
    presence, land = _scores(p, "p"), _sorted_land(land_sorted)
    if land.size == 0:
        return np.full(presence.size, np.nan)
    return np.searchsorted(land, presence, "left") / land.size


def _share_within(scores: np.ndarray, weight: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Share of the weight between two scores, both ends included, (n_windows,) float64."""
    order = np.argsort(scores)
    total = np.concatenate([[0.0], np.cumsum(weight[order])])
    ordered = scores[order]
    return (total[np.searchsorted(ordered, high, "right")] - total[np.searchsorted(ordered, low, "left")]) / total[-1]


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1, ties sharing their mean."""
    _, level, count = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count - 1) / 2.0)[level]


def boyce(p: np.ndarray, b: np.ndarray, *, bins: int = 101, width: float = 0.1, weight: np.ndarray | None = None) -> float:
    """Continuous Boyce index: how steadily the density of presences rises with the score.

    A window moves over the range of scores; in each position the share of presences is divided by the share of
    background (predicted / expected), and the index is the Spearman correlation of that ratio with the window's centre.
    Of successive equal ratios only the last counts, windows without any point are left out, and one with presences but
    no background has the highest ratio, as in the R package ecospat.

    Parameters
    ----------
    p : (n_presence,) float
        Finite scores of presences.
    b : (n_background,) float
        Finite scores of the background.
    bins : int
        Positions of the window.
    width : float
        Width of the window as a share of the range of all scores.
    weight : (n_presence,) float, optional
        Weights of presences, >= 0.

    Returns
    -------
    float
        -1..1; NaN without presences or background, for a constant score, or if the ratio never changes.

    References
    ----------
    Hirzel, Le Lay, Helfer, Randin & Guisan (2006), Ecological Modelling 199, 142-152.
    """
    presence, background = _scores(p, "p"), _scores(b, "b")
    weights = _weights(weight, presence.size)
    if not (np.isfinite(presence).all() and np.isfinite(background).all()):
        raise ValueError("Invalid scores for the Boyce index. They must be finite; leave excluded land out.")
    if not weights.sum() > 0 or background.size == 0:
        return float("nan")
    low, high = min(presence.min(), background.min()), max(presence.max(), background.max())
    if not high > low:
        return float("nan")
    start = np.linspace(low, high - width * (high - low), bins)
    # the sum of start and width may fall a rounding error short of the highest score
    end = np.append(start[:-1] + width * (high - low), high)
    predicted = _share_within(presence, weights, start, end)
    expected = _share_within(background, np.ones(background.size), start, end)
    seen = (expected > 0) | (predicted > 0)
    ratio = np.divide(predicted, expected, out=np.full(bins, np.inf), where=expected > 0)[seen].round(RATIO_DIGITS)
    last = np.append(ratio[1:] != ratio[:-1], True)
    if last.sum() < 2:
        return float("nan")
    rank = _ranks(ratio[last])
    if rank.min() == rank.max():
        return float("nan")
    return float(np.corrcoef(rank, np.arange(rank.size))[0, 1])


def _outcomes(probability: np.ndarray, outcome: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and outcomes as float64, refused when they do not fit."""
    predicted, observed = _scores(probability, "probability"), _scores(outcome, "outcome")
    if predicted.shape != observed.shape or ((predicted < 0) | (predicted > 1)).any() or not np.isin(observed, (0, 1)).all():
        raise ValueError("Invalid probability or outcome. Give as many probabilities 0..1 as outcomes, and outcomes 0 or 1.")
    return predicted, observed


def brier(probability: np.ndarray, outcome: np.ndarray, *, weight: np.ndarray | None = None) -> float:
    """Mean squared error of a probability.

    Parameters
    ----------
    probability : (n,) float
        0..1.
    outcome : (n,) bool or 0/1
        What happened.
    weight : (n,) float, optional
        Weights of points, >= 0.

    Returns
    -------
    float
        0 (certain and right) .. 1 (certain and wrong); NaN without points.
    """
    predicted, observed = _outcomes(probability, outcome)
    return _mean((predicted - observed) ** 2, _weights(weight, predicted.size))


def bins_of(probability: np.ndarray, bins: int, weight: np.ndarray | None = None) -> np.ndarray:
    """Bin of each probability, (n,) int from 0 upwards: bins ascend and weigh about the same.

    Equal probabilities stay in one bin, so there may be fewer bins than asked for.

    Parameters
    ----------
    probability : (n,) float
    bins : int
    weight : (n,) float, optional
        Weights of points, >= 0.
    """
    predicted = _scores(probability, "probability")
    order = np.argsort(predicted, kind="stable")
    total = np.cumsum(_weights(weight, predicted.size)[order])
    wanted = np.arange(1, bins) / bins * (total[-1] if total.size else 0.0)
    last = np.searchsorted(total, wanted * (1.0 - 1e-12), "left")
    limits = np.unique(predicted[order][last]) if total.size else np.empty(0)
    _, member = np.unique(np.searchsorted(limits, predicted, "left"), return_inverse=True)
    return member


def reliability(
    probability: np.ndarray, outcome: np.ndarray, *, bins: int = 10, weight: np.ndarray | None = None
) -> tuple[list[tuple[float, float, int]], float]:
    """Predicted against observed shares in bins of equal weight, and their mean distance.

    Parameters
    ----------
    probability : (n,) float
        0..1.
    outcome : (n,) bool or 0/1
        What happened.
    bins : int
        Number of bins, see :func:`bins_of`.
    weight : (n,) float, optional
        Weights of points, >= 0.

    Returns
    -------
    list of (float, float, int)
        Mean predicted, observed share and number of points of each bin, ascending; bins without weight are left out.
    float
        Expected calibration error: the distance of both, weighted over bins; NaN without points.
    """
    predicted, observed = _outcomes(probability, outcome)
    weights = _weights(weight, predicted.size)
    if not weights.sum() > 0:
        return [], float("nan")
    member = bins_of(predicted, bins, weights)
    count = np.bincount(member)
    total = np.bincount(member, weights)
    some = total > 0
    mean = np.bincount(member, weights * predicted)[some] / total[some]
    seen = np.bincount(member, weights * observed)[some] / total[some]
    rows = [(float(a), float(b), int(n)) for a, b, n in zip(mean, seen, count[some], strict=True)]
    return rows, float(np.dot(total[some], np.abs(mean - seen)) / weights.sum())


def block_bootstrap(
    statistic: Callable[[np.ndarray], float],
    groups: np.ndarray,
    rng: np.random.Generator,
    *,
    draws: int = 200,
    level: float = 0.9,
) -> tuple[float, float]:
    """Percentile interval of a statistic when whole blocks are drawn with replacement.

    Neighbours share their surroundings; drawing points one by one would take them for independent evidence.

    Parameters
    ----------
    statistic : callable
        From an index array (m,) int64 into the points, with repeats, to a number; NaN where undefined.
    groups : (n,) int or str
        Block of each point.
    rng : numpy.random.Generator
    draws : int
        Number of resamples.
    level : float
        Coverage of the interval, 0..1.

    Returns
    -------
    tuple of float
        Low and high; draws where the statistic is NaN are ignored. NaN if all are, or with fewer than two blocks, which say
        nothing about the spread between blocks.
    """
    _, block = np.unique(np.asarray(groups), return_inverse=True)
    count = np.bincount(block)
    if count.size < 2:
        return float("nan"), float("nan")
    members = np.split(np.argsort(block, kind="stable"), np.cumsum(count)[:-1])
    results = np.empty(draws)
    for draw in range(draws):
        chosen = rng.integers(count.size, size=count.size)
        results[draw] = statistic(np.concatenate([members[g] for g in chosen]))
    results = results[~np.isnan(results)]
    if results.size == 0:
        return float("nan"), float("nan")
    low, high = np.quantile(results, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return float(low), float(high)
