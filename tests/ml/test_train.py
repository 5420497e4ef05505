"""Bagged fits, the domain of the training campuses, and the common scale, on synthetic landscapes."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.errors import DataError
from sitefinder.ml.dataset import Presences
from sitefinder.ml.features import FEATURES
from sitefinder.ml.metrics import auc
from sitefinder.ml.train import SCALE_POINTS, Sample, common_scale, fit_additive_bagged, fit_bagged, fit_domain, on_scale
from sitefinder.ml.trees import fit_trees

N_FEATURES = len(FEATURES)
NEAR = [f.layer for f in FEATURES].index("substation_230_km")


def layers(n, rng, near):
    """Uniform layers of 0 to 100, the substations within a distance."""
    x = rng.uniform(0.0, 100.0, (n, N_FEATURES))
    x[:, NEAR] = rng.uniform(0.0, near, n)
    return x


def campuses(n, seed=0):
    """Presences near substations."""
    rng = np.random.default_rng(seed)
    x, xy = layers(n, rng, 20.0), rng.uniform(0.0, 1e6, (n, 2))
    names = np.array([f"campus {i}" for i in range(n)], object)
    size = np.full(n, 100.0)
    return Presences(np.arange(n), xy, x, size, size * 1e3, np.full(n, "2025-06"), names, np.zeros(n, np.int32))


def country(n, seed=1):
    """Land anywhere."""
    rng = np.random.default_rng(seed)
    x, xy = layers(n, rng, 100.0), rng.uniform(0.0, 1e6, (n, 2))
    return Sample(np.arange(n), xy, x, rng.random(n) < 0.9, rng.uniform(20.0, 80.0, n), np.zeros(n, np.int32))


def bagged(presences, background, *, seed=0, bags=2):
    """A bagged model with equal weights."""
    return fit_bagged(presences, background, rng=np.random.default_rng(seed), weight=np.ones(len(presences)), bags=bags)


@pytest.fixture(scope="module")
def world():
    """Presences, background and the model of them."""
    presences, background = campuses(80), country(500)
    return presences, background, bagged(presences, background)


@pytest.fixture(scope="module")
def domain(world):
    """Where that model applies, with ten spatial blocks."""
    presences, background, model = world
    return fit_domain(model, presences, background, np.arange(len(presences)) % 10)


@pytest.mark.parametrize("count", [0, 1, 49])
def test_too_few_labels_are_refused(count):
    """Below 50 the message tells how many there are and how many are needed."""
    with pytest.raises(DataError, match=rf"Only {count} labelled campuses.*at least 50"):
        bagged(campuses(count), country(100))


def test_fifty_labels_suffice():
    """The limit itself is enough."""
    assert np.isfinite(bagged(campuses(50), country(100), bags=1).leaf).all()


def test_bagged_model_finds_unseen_campuses(world):
    """Other campuses rank above other land."""
    model = world[2]
    assert auc(model.log_odds(campuses(100, seed=5).x), model.log_odds(country(400, seed=6).x)) > 0.8


def test_equal_seeds_give_equal_models(world):
    """Twice the same seed, identical numbers."""
    again = bagged(*world[:2])
    np.testing.assert_array_equal(again.leaf, world[2].leaf)
    assert again.intercept == world[2].intercept


def test_bags_choose_from_other_features(world):
    """Two bags are two models: half of the trees would be the same otherwise."""
    split = world[2].split
    first, second = np.array_split(split, 2)
    assert not np.array_equal(first, second)


def test_size_of_a_bag_can_be_told(world, monkeypatch):
    """A bag of that many places of the background, no more; all of them by default."""
    seen = []

    def fit(x, y, weight, *, seed):
        seen.append((int((y == 0).sum()), seed))
        return world[2]

    monkeypatch.setattr("sitefinder.ml.train.fit_trees", fit)
    fit_bagged(*world[:2], rng=np.random.default_rng(0), weight=np.ones(80), bags=3, bag_size=70)
    fit_bagged(*world[:2], rng=np.random.default_rng(0), weight=np.ones(80), bags=1)
    assert seen == [(70, 0), (70, 1), (70, 2), (500, 0)]


def test_bags_are_averaged(world):
    """The model of two bags is the mean of both fits."""
    presences, background, both = world
    x = np.vstack([presences.x, background.x])
    y = np.concatenate([np.ones(80), np.zeros(500)])
    singles = [fit_trees(x, y, np.ones(580), seed=s) for s in (0, 1)]
    expected = np.mean([m.log_odds(presences.x) for m in singles], axis=0)
    np.testing.assert_allclose(both.log_odds(presences.x), expected, atol=0.3)


def test_additive_model_finds_unseen_campuses(world):
    """The challenger learns the same country; too few labels are refused."""
    rng = np.random.default_rng(0)
    model = fit_additive_bagged(*world[:2], rng=rng, weight=np.ones(80))
    assert auc(model.log_odds(campuses(100, seed=5).x), model.log_odds(country(400, seed=6).x)) > 0.8
    with pytest.raises(DataError, match="at least 50"):
        fit_additive_bagged(campuses(10), country(100), rng=rng, weight=np.ones(10))


def test_training_campuses_are_known_ground(world, domain):
    """Each has index 0 and the full share."""
    index = domain.index(world[0].x)
    np.testing.assert_allclose(index, 0.0, atol=1e-5)
    assert (domain.share(index) == 1.0).all()


def test_far_place_is_unknown_ground(world, domain):
    """Values far outside everything seen leave no share."""
    x = np.full((1, N_FEATURES), 1e12)
    assert domain.share(domain.index(x)) == [0.0]


def test_threshold_is_positive_and_finite(domain):
    """A threshold of zero would silence the model everywhere."""
    assert 0.0 < domain.threshold < np.inf


def test_index_is_in_mean_distances_of_campuses(world, domain):
    """The mean distance between campuses in the weighted space is the unit."""
    anchors = domain.place(world[0].x)
    apart = np.linalg.norm(anchors[:, None] - anchors[None], axis=2)
    assert apart[np.triu_indices(len(anchors), 1)].mean() == pytest.approx(domain.mean_distance)


def test_threshold_compares_across_blocks_only(world, domain):
    """Twins in one block do not lower the threshold; the same twins in two blocks do."""
    presences, background, model = world
    twins = presences.take(np.repeat(np.arange(len(presences)), 2))
    block = np.repeat(np.arange(len(presences)) % 10, 2)
    together = fit_domain(model, twins, background, block)
    apart = fit_domain(model, twins, background, np.arange(len(twins)) % 2)
    assert together.threshold == pytest.approx(domain.threshold, rel=0.05)
    assert apart.threshold < 0.1 * domain.threshold


def test_irrelevant_features_do_not_count_in_the_domain(world, domain):
    """The feature with the planted signal is stretched most in units of its own spread."""
    background = world[1]
    t = np.column_stack([f.transform(background.x[:, j]) for j, f in enumerate(FEATURES)])
    assert np.argmax(domain.scale * t.std(axis=0)) == NEAR


@pytest.fixture(scope="module")
def table():
    """A scale from skewed log-odds to weighted scores of 20 to 80."""
    rng = np.random.default_rng(0)
    return common_scale(rng.exponential(size=5000), rng.uniform(20.0, 80.0, 4000))


def test_scale_rises(table):
    """Both columns ascend, the first strictly."""
    assert table.shape == (SCALE_POINTS, 2)
    assert (np.diff(table[:, 0]) > 0).all()
    assert (np.diff(table[:, 1]) >= 0).all()


def test_scaled_scores_have_the_distribution_of_the_weighted():
    """Every tenth percentile of the learned score equals that of the weighted score."""
    rng = np.random.default_rng(1)
    odds, weighted = rng.normal(size=5000), rng.beta(2.0, 5.0, 5000) * 100.0
    scaled = on_scale(common_scale(odds, weighted), odds)
    at = np.linspace(0.05, 0.95, 10)
    np.testing.assert_allclose(np.quantile(scaled, at), np.quantile(weighted, at), atol=0.2)


def test_scaling_keeps_the_order(table):
    """More log-odds never score less."""
    assert (np.diff(on_scale(table, np.linspace(-2.0, 9.0, 999))) >= 0).all()


def test_scale_ends_at_the_extremes(table):
    """Beyond the sample the score stays at its least and largest."""
    np.testing.assert_array_equal(on_scale(table, np.array([-1e9, 1e9])), table[[0, -1], 1])


def test_tied_log_odds_still_make_a_scale():
    """Half the land with the same log-odds does not break the ascent."""
    odds = np.concatenate([np.zeros(500), np.linspace(0.0, 1.0, 500)])
    assert (np.diff(common_scale(odds, np.linspace(0, 100, 1000))[:, 0]) > 0).all()


def test_samples_are_joined_in_all_fields():
    """First the one, then the other."""
    one, two = country(5, seed=1), country(7, seed=2)
    both = one.joined(two)
    for name in both.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(both, name), np.concatenate([getattr(one, name), getattr(two, name)]))


def test_sample_is_cut_in_all_fields():
    """Every field follows the mask."""
    sample = country(20)
    cut = sample.take(sample.free)
    assert cut.free.all()
    np.testing.assert_array_equal(cut.x, sample.x[sample.free])
    np.testing.assert_array_equal(cut.weighted, sample.weighted[sample.free])
