"""The shipped model: boosted trees of depth two, monotone where physics says so, with exact Shapley contributions.

A tree of depth two asks at most two things on the way to an end, so that the model is a sum of functions of one layer and of
pairs of layers. scikit-learn fits the trees; what is kept are plain arrays.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sitefinder.ml.features import FEATURES, Feature

#: trees of one fit
TREES = 200
#: step of each tree
LEARNING_RATE = 0.05
#: an end holds at least this share of the places, and this many
LEAST_SHARE, LEAST_PLACES = 0.008, 5
#: penalty on the values of the ends
RIDGE = 50.0
#: steps of a feature between which questions are asked: finer ones follow single campuses
STEPS = 32
#: questions and ends of a tree
QUESTIONS, ENDS = 3, 4
#: share of the features that a question chooses from: trees of one fit differ more, and so do fits
FEATURE_SHARE = 0.6


@dataclass(frozen=True)
class Trees:
    """Sum of trees of depth two on the log-odds scale.

    Parameters
    ----------
    features : tuple of Feature
    split : (n_trees, 3) int32
        Feature asked at the top, on its left and on its right.
    at : (n_trees, 3) float32
        A value up to this goes left; infinite where nothing is asked.
    leaf : (n_trees, 4) float64
        Values of the ends, from the left.
    share : (n_trees, 3) float64
        Share of the background at a question that goes left.
    intercept : float
    """

    features: tuple[Feature, ...]
    split: np.ndarray
    at: np.ndarray
    leaf: np.ndarray
    share: np.ndarray
    intercept: float

    def log_odds(self, x: np.ndarray) -> np.ndarray:
        """(n,) log-odds of presence in a sample half presence, half background; x as in :meth:`contributions`."""
        total = np.full(len(x), self.intercept)
        for t in range(len(self.split)):
            total += self._value(t, self._sides(t, x))
        return total

    @cached_property
    def base(self) -> float:
        """Log-odds of a place of which nothing is known: the mean over the background, question by question."""
        return self.intercept + float(sum(self._value(t, self.share[t][:, None])[0] for t in range(len(self.split))))

    def contributions(self, x: np.ndarray) -> np.ndarray:
        """Shapley value of each feature; with :attr:`base` they add up to the log-odds.

        Exact for trees (path-dependent TreeSHAP, Lundberg et al., Nature Machine Intelligence 2, 2020): of a feature that is
        left out, both ways are taken, by the share of the background. With at most three features per tree all subsets are
        gone through.

        Parameters
        ----------
        x : (n, n_features) float64
            Layer values in their own units, NaN = unknown.

        Returns
        -------
        (n, n_features) float64; an unknown feature contributes 0.
        """
        parts = np.zeros(x.shape)
        for t, questions in enumerate(self.split):
            asked = np.unique(questions)
            sides, shares = self._sides(t, x), np.tile(self.share[t][:, None], (1, len(x)))
            worth = {}
            for known in itertools.chain.from_iterable(itertools.combinations(asked, k) for k in range(len(asked) + 1)):
                worth[known] = self._value(t, np.where(np.isin(questions, known)[:, None], sides, shares))
            for feature in asked:
                for without in (k for k in worth if feature not in k):
                    size = len(without)
                    weight = math.factorial(size) * math.factorial(len(asked) - size - 1) / math.factorial(len(asked))
                    parts[:, feature] += weight * (worth[tuple(sorted((*without, feature)))] - worth[without])
        return parts

    def _sides(self, t: int, x: np.ndarray) -> np.ndarray:
        """(3, n) how far each place goes left at each question of a tree: 1, 0, or the share where the value is unknown."""
        values = x[:, self.split[t]].T.astype(np.float32)
        return np.where(np.isnan(values), self.share[t][:, None], (values <= self.at[t][:, None]).astype(np.float64))

    def _value(self, t: int, side: np.ndarray) -> np.ndarray:
        """(n,) value of a tree, from (3, n) sides."""
        a, b, c, d = self.leaf[t]
        return side[0] * (b + side[1] * (a - b)) + (1.0 - side[0]) * (d + side[2] * (c - d))

    def mean_with(self, others: list[Trees]) -> Trees:
        """Bagged model: the mean of sums of trees is the sum of all trees, each of them smaller."""
        bag = [self, *others]
        split, at, share = (np.concatenate([getattr(m, k) for m in bag]) for k in ("split", "at", "share"))
        leaf = np.concatenate([m.leaf for m in bag]) / len(bag)
        return Trees(self.features, split, at, leaf, share, float(np.mean([m.intercept for m in bag])))


def fit_trees(x: np.ndarray, y: np.ndarray, weight: np.ndarray, *, seed: int) -> Trees:
    """Boosted trees of depth two, with the directions of the features.

    Unknown values count as the median of the background while fitting.

    Parameters
    ----------
    x : (n, n_features) float64
    y : (n,) 1 = presence, 0 = background
    weight : (n,) float64
        Scaled so that presences and background weigh the same.
    seed : int
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    middle = np.nanmedian(x[y == 0], axis=0)
    filled = np.where(np.isnan(x), middle, x).astype(np.float32)
    share = np.where(y == 1, weight / weight[y == 1].sum(), weight / weight[y == 0].sum()) / 2.0
    edges = [_edges(column, share) for column in filled.T]
    steps = np.column_stack([np.searchsorted(e, column) for e, column in zip(edges, filled.T, strict=True)])
    model = HistGradientBoostingClassifier(
        monotonic_cst=[f.direction for f in FEATURES],
        max_iter=TREES,
        learning_rate=LEARNING_RATE,
        max_depth=2,
        max_features=FEATURE_SHARE,
        min_samples_leaf=max(LEAST_PLACES, round(LEAST_SHARE * len(y))),
        l2_regularization=RIDGE,
        early_stopping=False,
        random_state=seed,
    )
    model.fit(steps, y, sample_weight=share * len(y))
    kept = [_as_rows(trees[0].nodes, edges) for trees in model._predictors]
    split, at, leaf = (np.array(column) for column in zip(*kept, strict=True))
    ways = np.array([_ways(filled[y == 0][:, s], a) for s, a in zip(split, at, strict=True)])
    return Trees(FEATURES, split.astype(np.int32), at, leaf, ways, float(np.ravel(model._baseline_prediction)[0]))


def _edges(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Values at which a question may be asked: ascending quantiles of the weighted sample, half campuses, half land.

    scikit-learn takes the same quantiles where there are weights, but one by one, which takes twenty times as long as the trees.
    """
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order]) / weight.sum()
    at = np.searchsorted(reached, np.arange(1, STEPS) / STEPS)
    return np.unique(values[order][np.minimum(at, len(values) - 1)])


def _as_rows(nodes: np.ndarray, edges: list[np.ndarray]) -> tuple[list[int], np.ndarray, list[float]]:
    """Questions, thresholds and ends of one tree; a branch that ends early asks what everybody answers alike."""

    def edge(node: np.void) -> np.float32:
        return edges[node["feature_idx"]][int(node["num_threshold"])]

    top = nodes[0]
    if top["is_leaf"]:
        return [0] * QUESTIONS, np.full(QUESTIONS, np.inf, np.float32), [float(top["value"])] * ENDS
    split, at, leaf = [int(top["feature_idx"])], [edge(top)], []
    for side in (nodes[top["left"]], nodes[top["right"]]):
        if side["is_leaf"]:
            split.append(split[0])
            at.append(np.float32(np.inf))
            leaf += [float(side["value"])] * 2
        else:
            split.append(int(side["feature_idx"]))
            at.append(edge(side))
            leaf += [float(nodes[side[way]]["value"]) for way in ("left", "right")]
    return split, np.array(at, np.float32), leaf


def _ways(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """(3,) share of places that goes left at each question of a tree; 1 where none comes by."""
    left = values <= at
    on_left, on_right = left[:, 0], ~left[:, 0]
    return np.array(
        [
            on_left.mean(),
            left[on_left, 1].mean() if on_left.any() else 1.0,
            left[on_right, 2].mean() if on_right.any() else 1.0,
        ]
    )
