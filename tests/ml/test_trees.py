"""Boosted trees of depth two: what they learn, their directions, and contributions by the definition of Shapley."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from sitefinder.ml.features import FEATURES
from sitefinder.ml.metrics import auc
from sitefinder.ml.trees import Trees, fit_trees

N_FEATURES = len(FEATURES)
COLUMN = {f.layer: j for j, f in enumerate(FEATURES)}
NEAR, GAS, PEOPLE = (COLUMN[k] for k in ("substation_230_km", "gas_any_km", "people_10km"))


def sample(n=3000, seed=0, rule=None):
    """Uniform layers and campuses that follow a rule of the first distance and the gas pipeline."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(0.0, 100.0, (n, N_FEATURES))
    rule = rule or (lambda x: x[:, NEAR] < 20.0)
    y = (rule(x) & (rng.random(n) < 0.5)).astype(float)
    return x, y


@pytest.fixture(scope="module")
def model():
    """Trees fitted to campuses near substations."""
    x, y = sample()
    return fit_trees(x, y, np.ones(len(y)), seed=0)


def hand_made():
    """One tree whose numbers can be followed by hand: it asks feature 0, then 1 on the left and 0 again on the right."""
    return Trees(
        FEATURES,
        np.array([[0, 1, 0]], np.int32),
        np.array([[5.0, 10.0, 8.0]], np.float32),
        np.array([[1.0, 2.0, 4.0, 8.0]]),
        np.array([[0.5, 0.25, 0.75]]),
        -1.0,
    )


def test_finds_unseen_campuses(model):
    """Places near substations rank above others in a country that the model did not see."""
    x, y = sample(seed=1)
    odds = model.log_odds(x)
    assert auc(odds[y == 1], odds[y == 0]) > 0.85


def test_two_layers_that_matter_together_are_found():
    """Campuses where grid and gas are both near: a place with both is worth more than its parts."""
    x, y = sample(6000, rule=lambda x: (x[:, NEAR] < 30.0) & (x[:, GAS] < 30.0))
    fitted = fit_trees(x, y, np.ones(len(y)), seed=0)
    place = np.full((4, N_FEATURES), 50.0)
    place[:, NEAR], place[:, GAS] = [90.0, 5.0, 90.0, 5.0], [90.0, 90.0, 5.0, 5.0]
    none, grid, gas, both = fitted.log_odds(place)
    assert both - none > (grid - none) + (gas - none) + 0.3


@pytest.mark.parametrize("feature", [f for f in FEATURES if f.direction != 0], ids=lambda f: f.layer)
def test_directions_hold_everywhere(model, feature):
    """The log-odds never move against the direction of a feature, whatever the others are."""
    rng = np.random.default_rng(2)
    x = np.repeat(rng.uniform(0.0, 100.0, (20, N_FEATURES)), 50, axis=0)
    x[:, COLUMN[feature.layer]] = np.tile(np.linspace(-5.0, 105.0, 50), 20)
    steps = np.diff(model.log_odds(x).reshape(20, 50), axis=1) * feature.direction
    assert steps.min() >= -1e-9


def test_equal_seeds_give_equal_trees(model):
    """Twice the same seed, identical numbers; another seed, other trees."""
    x, y = sample()
    again, other = (fit_trees(x, y, np.ones(len(y)), seed=s) for s in (0, 1))
    np.testing.assert_array_equal(again.leaf, model.leaf)
    np.testing.assert_array_equal(again.split, model.split)
    assert not np.array_equal(other.split, model.split)


def test_contributions_of_a_tree_followed_by_hand():
    """x0 = 3, x1 = 99: the end is 2; left out, x0 gives halves and x1 quarters."""
    tree, x = hand_made(), np.full((1, N_FEATURES), np.nan)
    x[0, 0], x[0, 1] = 3.0, 99.0
    nothing = 0.5 * (0.25 * 1 + 0.75 * 2) + 0.5 * (0.75 * 4 + 0.25 * 8)
    only0, only1, both = 0.25 * 1 + 0.75 * 2, 0.5 * 2 + 0.5 * (0.75 * 4 + 0.25 * 8), 2.0
    parts = tree.contributions(x)[0]
    assert parts[0] == pytest.approx(0.5 * (only0 - nothing) + 0.5 * (both - only1))
    assert parts[1] == pytest.approx(0.5 * (only1 - nothing) + 0.5 * (both - only0))
    assert (parts[2:] == 0.0).all()
    assert tree.base == pytest.approx(-1.0 + nothing)
    assert tree.log_odds(x) == pytest.approx([1.0])


def test_contributions_follow_the_definition(model):
    """Against sums over all orders of the features of a few trees, by unknown values that the model itself takes both ways."""
    few = Trees(FEATURES, model.split[:4], model.at[:4], model.leaf[:4], model.share[:4], model.intercept)
    asked = np.unique(few.split[few.at < np.inf])
    x = sample(5, seed=3)[0]
    expected = np.zeros((5, N_FEATURES))
    for order in itertools.permutations(asked):
        known = np.full(x.shape, np.nan)
        before = few.log_odds(known)
        for j in order:
            known[:, j] = x[:, j]
            after = few.log_odds(known)
            expected[:, j] += (after - before) / math.factorial(len(asked))
            before = after
    np.testing.assert_allclose(few.contributions(x), expected, atol=1e-12)


def test_contributions_add_up_to_the_log_odds(model):
    """To rounding, with unknown values among them."""
    x = sample(500, seed=4)[0]
    x[np.random.default_rng(0).random(x.shape) < 0.2] = np.nan
    np.testing.assert_allclose(model.base + model.contributions(x).sum(axis=1), model.log_odds(x), atol=1e-9)


def test_an_unknown_feature_contributes_nothing(model):
    """Exactly 0, and a place of which nothing is known stands at the base."""
    x = np.full((1, N_FEATURES), np.nan)
    assert (model.contributions(x) == 0.0).all()
    assert model.log_odds(x)[0] == pytest.approx(model.base)


def test_base_is_the_mean_over_the_background(model):
    """The shares are those of the background that was fitted against."""
    x, y = sample()
    assert model.base == pytest.approx(model.log_odds(x[y == 0]).mean(), abs=1e-6)


def test_mean_of_models_is_the_mean_of_their_log_odds(model):
    """Three fits, one sum of trees."""
    x, y = sample()
    others = [fit_trees(x, y, np.ones(len(y)), seed=s) for s in (1, 2)]
    expected = np.mean([m.log_odds(x) for m in (model, *others)], axis=0)
    np.testing.assert_allclose(model.mean_with(others).log_odds(x), expected, atol=1e-12)


def test_heavy_campuses_count_more():
    """Two kinds of campuses; the kind that weighs a hundredth is hardly followed."""
    x, _ = sample(4000)
    near, people = x[:, NEAR] < 15.0, x[:, PEOPLE] > 85.0
    y = (near | people).astype(float)
    odds = fit_trees(x, y, np.where(people & ~near, 0.01, 1.0), seed=0).log_odds(x)
    assert odds[near & ~people].mean() > odds[people & ~near].mean() + 1.0


def test_as_many_steps_as_scikit_learn_goes():
    """The arrays give what the fitted classifier gives, on values between its steps and on them."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    seen = []
    real = HistGradientBoostingClassifier.fit

    def fit(self, x, y, sample_weight=None):
        seen.append((self, x))
        return real(self, x, y, sample_weight=sample_weight)

    x, y = sample(1500)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HistGradientBoostingClassifier, "fit", fit)
        arrays = fit_trees(x, y, np.ones(len(y)), seed=0)
    classifier, steps = seen[0]
    np.testing.assert_allclose(arrays.log_odds(x), classifier.decision_function(steps), atol=1e-9)
