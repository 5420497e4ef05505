"""Validation of the model: held-out campuses under random, blocked, regional and temporal splits, beside simple rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from sitefinder.errors import DataError
from sitefinder.ml import folds
from sitefinder.ml.dataset import Presences
from sitefinder.ml.features import DECAY_KM, FEATURES
from sitefinder.ml.metrics import auc
from sitefinder.ml.models import fit_boosted
from sitefinder.ml.train import Sample, common_scale, fit_additive_bagged, fit_bagged, on_scale
from sitefinder.ml.trees import Trees

#: distances of the equal-weight decay rule
DECAY_LAYERS = (
    "substation_230_km",
    "substation_345_km",
    "line_230_km",
    "line_345_km",
    "gas_interstate_km",
    "gas_any_km",
    "river_km",
    "fiber_corridor_km",
    "highway_km",
)

Scorer = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
#: masks over presences (training, held out) and over the land sample (the held-out part of the country)
Split = tuple[np.ndarray, np.ndarray, np.ndarray]
#: leaves out of a sample what lies in the held-out part
Outside = Callable[[Sample], Sample]


@dataclass(frozen=True)
class Held:
    """Held-out campuses and how models ranked them.

    Parameters
    ----------
    which : (n,) int
        Row of the presences.
    percentile : dict of (n,) float64
        Model -> share of all land that scores lower than the campus.
    auc : dict of float
        Model -> AUC against the land of the held-out part, mean over folds weighted by campuses.
    """

    which: np.ndarray
    percentile: Mapping[str, np.ndarray]
    auc: Mapping[str, float]


def simple_rules(training: Presences) -> dict[str, Scorer]:
    """Rules without learning; each takes features, positions and weighted scores and returns a score per row.

    An unknown distance counts as beyond reach: the lowest score of its own rule, a decay of zero.
    """
    column = {f.layer: j for j, f in enumerate(FEATURES)}
    tree = cKDTree(training.xy)

    def decay(x: np.ndarray, xy: np.ndarray, weighted: np.ndarray) -> np.ndarray:  # noqa: ARG001 - the form of a rule
        return np.mean([np.nan_to_num(np.exp(-x[:, column[k]] / DECAY_KM)) for k in DECAY_LAYERS], axis=0)

    def lowest(score: np.ndarray) -> np.ndarray:
        return np.where(np.isnan(score), -np.inf, score)

    return {
        "nearest 230 kV substation": lambda x, xy, weighted: lowest(-x[:, column["substation_230_km"]]),
        "nearest data center": lambda x, xy, weighted: -tree.query(xy)[0],
        "population within 10 km": lambda x, xy, weighted: lowest(x[:, column["people_10km"]]),
        "nine distances, equal decay": decay,
        "weighted score": lambda x, xy, weighted: weighted,
    }


def learned_rules(training: Presences, background: Sample, *, seed: int, share: float, challengers: bool) -> dict[str, Scorer]:
    """Models fitted to a training part: the shipped one, its fusion with the weighted score, and the challengers."""
    rng = np.random.default_rng(seed)
    model = fit_bagged(training, background, rng=rng, weight=training.weight)
    free = background.take(background.free)
    scale = common_scale(model.log_odds(free.x), free.weighted)

    def fused(x: np.ndarray, xy: np.ndarray, weighted: np.ndarray) -> np.ndarray:  # noqa: ARG001 - the form of a rule
        return (1.0 - share) * weighted + share * on_scale(scale, model.log_odds(x))

    rules: dict[str, Scorer] = {"learned score": lambda x, xy, weighted: model.log_odds(x), "fused score": fused}
    if challengers:
        additive = fit_additive_bagged(training, background, rng=rng, weight=training.weight)
        rules["additive model"] = lambda x, xy, weighted: additive.log_odds(x)
        x = np.vstack([training.x, background.x])
        y = np.concatenate([np.ones(len(training)), np.zeros(len(background.index))])
        deep = fit_boosted(x, y, np.concatenate([training.weight, np.ones(len(background.index))]), seed=seed)
        rules["deeper trees"] = lambda x, xy, weighted: deep.decision_function(x)
    return rules


@dataclass(frozen=True)
class Study:
    """Labels, background and settings of a validation.

    Parameters
    ----------
    presences : Presences
        All labels.
    weighted : (n_presences,) float64
        Their weighted score.
    target : (n_presences,) bool
        Campuses that are scored when held out; the others only train.
    background : Sample
        What models are fitted against.
    land : Sample
        Uniform sample of all land that percentiles refer to.
    share : float
        Learned share of the fused score.
    seed : int
    """

    presences: Presences
    weighted: np.ndarray
    target: np.ndarray
    background: Sample
    land: Sample
    share: float
    seed: int

    def held_out(self, splits: Iterable[Split], *, challengers: bool) -> Held:
        """Fit on each training part and rank its held-out campuses by every rule and model.

        Parameters
        ----------
        splits : iterable of Split
        challengers : bool
            Also fit an additive model and deeper trees.
        """

        def make(training: Presences, outside: Outside) -> dict[str, Scorer]:
            learned = learned_rules(training, outside(self.background), seed=self.seed, share=self.share, challengers=challengers)
            return simple_rules(training) | learned

        return self.held_out_by(splits, make)

    def held_out_by(self, splits: Iterable[Split], make: Callable[[Presences, Outside], dict[str, Scorer]]) -> Held:
        """Percentiles of the held-out campuses under rules built from each training part.

        Parameters
        ----------
        splits : iterable of Split
        make : callable
            From training labels, and a function that leaves the held-out land out of a sample, to rules by name.

        Raises
        ------
        DataError
            No split holds out a campus of the size asked for.
        """
        which, parts, aucs, counts = [], [], [], []
        for train, test, part in splits:
            test = np.flatnonzero(test & self.target)
            if not len(test) or train.sum() < 1:
                continue

            def outside(sample: Sample, part: np.ndarray = part) -> Sample:
                return sample if part.all() else sample.take(~self.held_land(part, sample))

            rules = make(self.presences.take(train), outside)
            percentile, area = self._rank(rules, test, part)
            which.append(test)
            parts.append(percentile)
            aucs.append(area)
            counts.append(len(test))
        if not parts:
            raise DataError("No held-out campus in this split: the labels hold none of the size asked for.")
        names = list(parts[0])
        return Held(
            np.concatenate(which),
            {k: np.concatenate([p[k] for p in parts]) for k in names},
            {k: float(np.average([a[k] for a in aucs], weights=counts)) for k in names},
        )

    def held_land(self, part: np.ndarray, background: Sample) -> np.ndarray:
        """Background that lies in the held-out part: nearest land sample decides."""
        _, nearest = cKDTree(self.land.xy).query(background.xy)
        return part[nearest]

    def _rank(
        self, rules: Mapping[str, Scorer], test: np.ndarray, part: np.ndarray
    ) -> tuple[dict[str, np.ndarray], dict[str, float]]:
        p = self.presences
        percentile, area = {}, {}
        for name, rule in rules.items():
            campus = rule(p.x[test], p.xy[test], self.weighted[test])
            land = rule(self.land.x, self.land.xy, self.land.weighted)
            percentile[name] = np.searchsorted(np.sort(land), campus) / len(land)
            area[name] = auc(campus, land[part])
        return percentile, area


def fitted(study: Study, train: np.ndarray, part: np.ndarray) -> Trees:
    """The model of one training part: labels of a mask, background outside the held-out land."""
    background = study.background.take(~study.held_land(part, study.background))
    training = study.presences.take(train)
    rng = np.random.default_rng(study.seed)
    return fit_bagged(training, background, rng=rng, weight=training.weight)


def random_splits(study: Study, k: int = 5) -> Iterator[Split]:
    """Random folds: what most published figures are, and why they flatter."""
    rng = np.random.default_rng(study.seed)
    fold = folds.random_folds(len(study.presences), k, rng)
    everywhere = np.ones(len(study.land.index), bool)
    for i in range(k):
        yield fold != i, fold == i, everywhere


def block_splits(study: Study, size_m: float, k: int = 5) -> Iterator[Split]:
    """Square blocks larger than the autocorrelation range; presences and land are held out together."""
    n = len(study.presences)
    xy = np.vstack([study.presences.xy, study.land.xy])
    is_presence = np.arange(len(xy)) < n
    rng = np.random.default_rng(study.seed)
    fold = folds.block_folds(xy[:, 0], xy[:, 1], size_m, k=k, rng=rng, is_presence=is_presence)
    for i in range(k):
        yield fold[:n] != i, fold[:n] == i, fold[n:] == i


def region_splits(study: Study) -> Iterator[Split]:
    """Leave one market region out."""
    for region in np.unique(study.presences.rto):
        if region >= 0:
            yield study.presences.rto != region, study.presences.rto == region, study.land.rto == region


def buffered_splits(study: Study, chosen: np.ndarray, radius_m: float) -> Iterator[Split]:
    """Leave one campus out together with every label within a radius."""
    everywhere = np.ones(len(study.land.index), bool)
    xy = study.presences.xy
    for i in chosen:
        far = np.hypot(*(xy - xy[i]).T) > radius_m
        yield far, np.arange(len(xy)) == i, everywhere


def temporal_split(study: Study, train: np.ndarray, apart_m: float) -> Iterator[Split]:
    """Fit on what was mapped early, rank what came later and lies apart from every training label."""
    tree = cKDTree(study.presences.xy[train])
    distance, _ = tree.query(study.presences.xy)
    yield train, ~train & (distance > apart_m), np.ones(len(study.land.index), bool)
