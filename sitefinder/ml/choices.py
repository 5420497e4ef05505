"""Held-out figures of the same model under other labels and other backgrounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from sitefinder.ml.dataset import MIN_LABELS, Presences
from sitefinder.ml.train import Sample, fit_bagged
from sitefinder.ml.validate import Held, Outside, Scorer, Split, Study

#: labels of at least this power (MW) make the strictest choice
GIGAWATT_LIKE_MW = 100.0
#: bags of the presence-unlabelled choice: each holds as many places of the background as there are labels
PU_BAGS = 15

#: name of a choice of labels -> which labels train, and their weights
LABEL_CHOICES: Mapping[str, tuple[Callable[[Presences], np.ndarray], Callable[[Presences], np.ndarray]]] = {
    "all, by size and surroundings (shipped)": (lambda p: np.ones(len(p), bool), lambda p: p.weight),
    "all, by size": (lambda p: np.ones(len(p), bool), lambda p: p.size_weight),
    "all, equal": (lambda p: np.ones(len(p), bool), lambda p: np.ones(len(p))),
    "large only, by size": (lambda p: p.large, lambda p: p.size_weight),
    "100 MW and more, equal": (lambda p: np.nan_to_num(p.mw) >= GIGAWATT_LIKE_MW, lambda p: np.ones(len(p))),
}


def label_choices(study: Study, splits: Sequence[Split]) -> tuple[Held, list[str]]:
    """Held-out campuses ranked by models of other labels, against the shipped background.

    Returns
    -------
    Held, list of str
        Figures by choice, and the choices that some split leaves fewer than 50 labels.
    """
    few = [
        name
        for name, (chosen, _) in LABEL_CHOICES.items()
        if min(int((chosen(study.presences) & train).sum()) for train, _, _ in splits) < MIN_LABELS
    ]

    def make(training: Presences, outside: Outside) -> dict[str, Scorer]:
        background = outside(study.background)
        rules = {}
        for name, (chosen, weigh) in LABEL_CHOICES.items():
            if name not in few:
                labels = training.take(chosen(training))
                rules[name] = _scorer(study, labels, background, weight=weigh(labels))
        return rules

    return study.held_out_by(splits, make), few


def background_choices(study: Study, anywhere: Sample, splits: Sequence[Split]) -> Held:
    """Held-out campuses ranked by models fitted against other backgrounds, with the shipped labels.

    Parameters
    ----------
    study : Study
        Its background is free land.
    anywhere : Sample
        Uniform land, excluded or not; another draw than the land that percentiles refer to.
    splits : sequence of Split
    """
    half = min(len(study.background.index), len(anywhere.index)) // 2
    rng = np.random.default_rng(study.seed)
    parts = [s.take(rng.permutation(len(s.index))[:half]) for s in (study.background, anywhere)]
    mixed = parts[0].joined(parts[1])

    def make(training: Presences, outside: Outside) -> dict[str, Scorer]:
        free, uniform, mix = outside(study.background), outside(anywhere), outside(mixed)
        weight = training.weight
        return {
            "free land (shipped)": _scorer(study, training, free, weight=weight),
            "all land": _scorer(study, training, uniform, weight=weight),
            "half free, half all": _scorer(study, training, mix, weight=weight),
            "free land, bagged PU": _scorer(study, training, free, weight=weight, bags=PU_BAGS, bag_size=len(training)),
        }

    return study.held_out_by(splits, make)


def _scorer(study: Study, labels: Presences, background: Sample, *, weight: np.ndarray, **options: Any) -> Scorer:
    rng = np.random.default_rng(study.seed)
    model = fit_bagged(labels, background, rng=rng, weight=weight, **options)
    return lambda x, xy, weighted: model.log_odds(x)
