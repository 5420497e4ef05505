"""Fitting the shipped model: bagged presence-background fits, the domain of its campuses, and the common scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sitefinder.errors import DataError
from sitefinder.ml.dataset import MIN_LABELS, Presences
from sitefinder.ml.features import FEATURES
from sitefinder.ml.models import Additive, fit_additive, spread_knots
from sitefinder.ml.predict import Domain
from sitefinder.ml.trees import Trees, fit_trees

#: fits of trees; their mean is the model. Three rank held-out campuses as one does
BAGS = 1
#: bags of background of the additive model, and points in each
ADDITIVE_BAGS, ADDITIVE_BAG_SIZE = 3, 6000
#: quantiles that tie the log-odds to the scale of the weighted score
SCALE_POINTS = 201


@dataclass(frozen=True)
class Sample:
    """Places of the country with their features.

    Parameters
    ----------
    index : (n,) int64
        Place in the land index.
    xy : (n, 2) float64
        EPSG:5070, metres.
    x : (n, n_features) float64
    free : (n,) bool
        False where a gate excludes.
    weighted : (n,) float64
        Weighted score 0-100 before gates.
    rto : (n,) int32
    """

    index: np.ndarray
    xy: np.ndarray
    x: np.ndarray
    free: np.ndarray
    weighted: np.ndarray
    rto: np.ndarray

    def take(self, mask: np.ndarray) -> Sample:
        """The places of a mask or index."""
        return Sample(*(getattr(self, name)[mask] for name in self.__dataclass_fields__))

    def joined(self, other: Sample) -> Sample:
        """These places, then those of another sample."""
        return Sample(*(np.concatenate([getattr(s, name) for s in (self, other)]) for name in self.__dataclass_fields__))


def fit_bagged(
    presences: Presences,
    background: Sample,
    *,
    rng: np.random.Generator,
    weight: np.ndarray,
    bags: int = BAGS,
    bag_size: int | None = None,
) -> Trees:
    """Mean of tree models: each chooses from other features, and from another draw of the background where that is smaller.

    Parameters
    ----------
    presences : Presences
    background : Sample
    rng : numpy.random.Generator
    weight : (n_presences,) float64
    bags : int
    bag_size : int, optional
        Background points per bag, by default all.

    Raises
    ------
    DataError
        Fewer than 50 presences.
    """
    _require_labels(presences)
    size = min(bag_size or len(background.index), len(background.index))
    models = [
        fit_trees(*_against(presences, background, rng.choice(len(background.index), size, replace=False), weight), seed=bag)
        for bag in range(bags)
    ]
    return models[0].mean_with(models[1:])


def fit_additive_bagged(presences: Presences, background: Sample, *, rng: np.random.Generator, weight: np.ndarray) -> Additive:
    """Mean of additive models, each against its own draw of the background; parameters as in :func:`fit_bagged`.

    Raises
    ------
    DataError
        Fewer than 50 presences.
    """
    _require_labels(presences)
    knots = spread_knots(np.vstack([presences.x, background.x]))
    size = min(ADDITIVE_BAG_SIZE, len(background.index))
    models = []
    for _ in range(ADDITIVE_BAGS):
        drawn = rng.choice(len(background.index), size, replace=False)
        models.append(fit_additive(*_against(presences, background, drawn, weight), knots=knots))
    return models[0].mean_with(models[1:])


def _require_labels(presences: Presences) -> None:
    if len(presences) < MIN_LABELS:
        raise DataError(f"Only {len(presences)} labelled campuses: at least {MIN_LABELS} are needed to train a model.")


def _against(
    presences: Presences, background: Sample, drawn: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, labels and weights of presences and of some places of the background."""
    x = np.vstack([presences.x, background.x[drawn]])
    y = np.concatenate([np.ones(len(presences)), np.zeros(len(drawn))])
    return x, y, np.concatenate([weight, np.ones(len(drawn))])


def fit_domain(model: Trees, presences: Presences, background: Sample, blocks: np.ndarray) -> Domain:
    """Dissimilarity index of a model: space weighted by each feature's share in the log-odds.

    Parameters
    ----------
    blocks : (n_presences,) int
        Spatial block of each presence: the threshold is the upper whisker (third quartile plus 1.5 interquartile ranges) of the
        indices of presences against those of other blocks.
    """
    t = np.column_stack([f.transform(background.x[:, j]) for j, f in enumerate(FEATURES)])
    importance = model.contributions(background.x).std(axis=0)
    spread = np.maximum(np.nanstd(t, axis=0), 1e-9)
    centre, scale = np.nanmean(t, axis=0), importance / importance.max() / spread
    open_domain = Domain(np.zeros((1, len(FEATURES))), centre, scale, 1.0, 1.0)
    anchors = open_domain.place(presences.x)
    apart = np.sqrt(np.maximum(((anchors[:, None] - anchors[None]) ** 2).sum(axis=2), 0.0))
    mean = float(apart[np.triu_indices(len(anchors), 1)].mean())
    other = np.where(blocks[:, None] == blocks[None], np.inf, apart).min(axis=1) / mean
    low, high = np.quantile(other[np.isfinite(other)], [0.25, 0.75])
    return Domain(anchors, centre, scale, mean, float(high + 1.5 * (high - low)))


def common_scale(log_odds: np.ndarray, weighted: np.ndarray) -> np.ndarray:
    """Table that gives log-odds the distribution of the weighted score, (SCALE_POINTS, 2) ascending.

    Both are taken on the same free land, so that equal learned and weighted scores are equally rare there.
    """
    at = np.linspace(0.0, 1.0, SCALE_POINTS)
    odds = np.maximum.accumulate(np.quantile(log_odds, at) + np.arange(SCALE_POINTS) * 1e-9)
    return np.column_stack([odds, np.quantile(weighted, at)])


def on_scale(table: np.ndarray, log_odds: np.ndarray) -> np.ndarray:
    """Learned score 0-100 from log-odds; beyond the ends of the table the last slope is not continued."""
    return np.interp(log_odds, table[:, 0], table[:, 1])
