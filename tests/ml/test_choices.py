"""Choices of labels and background: the same splits, the right material for each."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.ml import choices
from sitefinder.ml.choices import LABEL_CHOICES, background_choices, label_choices
from sitefinder.ml.dataset import MIN_LABELS, Presences
from sitefinder.ml.features import FEATURES
from sitefinder.ml.models import KNOTS, Additive
from sitefinder.ml.validate import Study, block_splits, random_splits
from tests.helpers.learning_world import N_FEATURES, land, layers, region

N_LABELS, N_GIGAWATT = 160, 30
BACKGROUNDS = {"free land (shipped)", "all land", "half free, half all", "free land, bagged PU"}


@pytest.fixture(scope="module")
def study():
    """A country with 30 campuses of 150 MW, 90 of 60 MW and 40 small ones."""
    rng = np.random.default_rng(0)
    mw = np.select([np.arange(N_LABELS) < N_GIGAWATT, np.arange(N_LABELS) < 120], [150.0, 60.0], 5.0)
    xy, x = rng.uniform(0.0, 1e6, (N_LABELS, 2)), layers(N_LABELS, rng, 15.0)
    mapped, names = np.full(N_LABELS, "2025-06"), np.full(N_LABELS, "a", object)
    p = Presences(np.arange(N_LABELS), xy, x, mw, np.full(N_LABELS, np.nan), mapped, names, region(xy))
    return Study(p, np.zeros(N_LABELS), p.large, land(300, rng), land(250, rng), 0.3, 1)


@pytest.fixture(scope="module")
def anywhere():
    """Another draw of land."""
    return land(200, np.random.default_rng(9))


@pytest.fixture
def fits(monkeypatch):
    """What every fit was given: labels, background, options; the model is flat."""
    seen = []

    def fit(presences, background, *, rng, weight, **options):
        seen.append((presences, background, weight, options))
        knots = np.tile(np.arange(KNOTS, dtype=float), (N_FEATURES, 1))
        return Additive(FEATURES, knots, np.zeros((N_FEATURES, KNOTS)), 0.0)

    monkeypatch.setattr(choices, "fit_bagged", fit)
    return seen


def test_choices_with_too_few_labels_are_named_and_not_fitted(study, fits):
    """30 campuses of 100 MW are less than 50: told, and no model of them."""
    held, few = label_choices(study, list(random_splits(study, 3)))
    assert few == ["100 MW and more, equal"]
    assert set(held.percentile) == set(LABEL_CHOICES) - set(few)
    assert fits
    assert all(len(labels) >= MIN_LABELS for labels, *_ in fits)


def test_labels_and_weights_are_those_of_the_choice(study, fits):
    """All by size and surroundings, by size, all equal, large only: in that order, for the one split."""
    split = next(iter(random_splits(study, 3)))
    label_choices(study, [split])
    training = study.presences.take(split[0])
    shipped, by_size, equal, large = fits
    np.testing.assert_array_equal(shipped[2], training.weight)
    np.testing.assert_array_equal(by_size[2], training.size_weight)
    np.testing.assert_array_equal(equal[2], np.ones(len(training)))
    assert len(by_size[0]) == len(equal[0]) == len(training)
    assert len(large[0]) == training.large.sum()
    assert large[0].large.all()


def test_backgrounds_are_those_of_the_choice(study, anywhere, fits):
    """Free land, all land, half of each, and small bags: each fitted once per split."""
    held = background_choices(study, anywhere, list(random_splits(study, 3)))
    assert set(held.percentile) == BACKGROUNDS
    assert len(fits) == 4 * 3
    free, uniform, mixed, bagged = fits[:4]
    assert free[1] is study.background
    assert uniform[1] is anywhere
    shared = [len(np.intersect1d(mixed[1].xy[:, 0], other.xy[:, 0])) for other in (study.background, anywhere)]
    assert min(shared) >= 0.4 * len(mixed[1].index)
    assert sum(shared) == len(mixed[1].index)
    assert bagged[3]["bag_size"] == len(bagged[0])
    assert bagged[3]["bags"] > 1
    assert free[3] == {}


def test_no_background_lies_in_the_held_out_blocks(study, anywhere, fits):
    """Whatever the choice, land of the held-out part is left out."""
    splits = list(block_splits(study, 200_000.0))
    background_choices(study, anywhere, splits)
    for i, (_, _, part) in enumerate(splits):
        for _, background, _, _ in fits[4 * i : 4 * i + 4]:
            assert not study.held_land(part, background).any()


def test_flat_models_rank_as_chance(study, anywhere, fits):
    """Held-out figures are computed from the models given."""
    held = background_choices(study, anywhere, list(random_splits(study, 3)))
    assert set(held.auc.values()) == {0.5}
