"""Splits that keep training and test apart, and held-out ranks on a synthetic country."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sitefinder.ml import validate
from sitefinder.ml.dataset import Presences
from sitefinder.ml.validate import (
    Study,
    block_splits,
    buffered_splits,
    fitted,
    random_splits,
    region_splits,
    simple_rules,
    temporal_split,
)
from tests.helpers.learning_world import (
    COLUMN,
    LEARNED,
    N_BACKGROUND,
    N_FEATURES,
    N_LABELS,
    N_LAND,
    NEAR,
    RULES,
    SIDE_M,
    land,
    layers,
    region,
)


@pytest.fixture(scope="module")
def study():
    """Campuses near substations, the weighted score nearly blind, half of them large."""
    rng = np.random.default_rng(0)
    xy = rng.uniform(0.0, SIDE_M, (N_LABELS, 2))
    size = np.where(np.arange(N_LABELS) % 2 == 0, 500.0, 5.0)
    presences = Presences(
        np.arange(N_LABELS),
        xy,
        layers(N_LABELS, rng, 15.0),
        size,
        np.full(N_LABELS, np.nan),
        np.where(np.arange(N_LABELS) % 3 == 0, "2026-02", "2025-06"),
        np.array([f"campus {i}" for i in range(N_LABELS)], object),
        region(xy),
    )
    weighted = rng.uniform(20.0, 80.0, N_LABELS)
    return Study(presences, weighted, presences.large, land(N_BACKGROUND, rng), land(N_LAND, rng), 0.3, 1)


@pytest.fixture(scope="module")
def held(study):
    """Held-out ranks under random folds."""
    return study.held_out(random_splits(study, 3), challengers=False)


def splits_of(study, kind):
    """All splits of one kind."""
    early = study.presences.first_mapped == "2025-06"
    return list(
        {
            "random": lambda: random_splits(study),
            "blocks": lambda: block_splits(study, 200_000.0),
            "regions": lambda: region_splits(study),
            "buffered": lambda: buffered_splits(study, np.arange(10), 50_000.0),
            "temporal": lambda: temporal_split(study, early, 20_000.0),
        }[kind]()
    )


KINDS = ["random", "blocks", "regions", "buffered", "temporal"]


@pytest.mark.parametrize("kind", KINDS)
def test_no_split_trains_on_a_held_out_campus(study, kind):
    """Training and test share no label, and neither is empty."""
    for train, test, part in splits_of(study, kind):
        assert not (train & test).any()
        assert train.any()
        assert test.any()
        assert part.any()


@pytest.mark.parametrize("kind", ["random", "blocks"])
def test_folds_hold_out_every_campus_once(study, kind):
    """Over all folds each label is tested exactly once and trains in all others."""
    splits = splits_of(study, kind)
    np.testing.assert_array_equal(np.sum([test for _, test, _ in splits], axis=0), 1)
    np.testing.assert_array_equal(np.sum([train for train, _, _ in splits], axis=0), len(splits) - 1)


def test_blocks_hold_out_land_with_its_campuses(study):
    """A label and land in the same block fall into the same fold; each place is held out once."""
    block = {}
    for i, (_, test, part) in enumerate(splits_of(study, "blocks")):
        for xy in (study.presences.xy[test], study.land.xy[part]):
            for key in map(tuple, np.floor(xy / 200_000.0).astype(int)):
                assert block.setdefault(key, i) == i
    np.testing.assert_array_equal(np.sum([part for *_, part in splits_of(study, "blocks")], axis=0), 1)


def test_regions_are_held_out_whole(study):
    """Two regions, two splits; no training label nor fitted land lies in the region that is tested."""
    splits = splits_of(study, "regions")
    assert len(splits) == 2
    for code, (train, test, part) in enumerate(splits):
        assert (study.presences.rto[test] == code).all()
        assert (study.presences.rto[train] != code).all()
        np.testing.assert_array_equal(part, study.land.rto == code)


def test_buffer_removes_every_label_within_the_radius(study):
    """The nearest training label is farther than the radius; those beyond all stay."""
    xy = study.presences.xy
    for i, (train, test, part) in enumerate(splits_of(study, "buffered")):
        apart = np.hypot(*(xy - xy[i]).T)
        assert np.flatnonzero(test).tolist() == [i]
        np.testing.assert_array_equal(train, apart > 50_000.0)
        assert part.all()


def test_later_campuses_lie_apart_from_training(study):
    """Nothing mapped early is tested, and every tested campus is farther than the limit from all training labels."""
    ((train, test, _),) = splits_of(study, "temporal")
    np.testing.assert_array_equal(train, study.presences.first_mapped == "2025-06")
    apart = np.linalg.norm(study.presences.xy[test][:, None] - study.presences.xy[train][None], axis=2)
    assert apart.min() > 20_000.0
    assert test.sum() < (~train).sum()


def test_equal_seeds_give_equal_splits(study):
    """Folds depend on the seed alone."""
    for kind in ("random", "blocks"):
        for one, two in zip(splits_of(study, kind), splits_of(study, kind), strict=True):
            for a, b in zip(one, two, strict=True):
                np.testing.assert_array_equal(a, b)


def test_every_rule_and_model_is_ranked(held):
    """All simple rules, the learned and the fused score, in percentiles and AUC."""
    assert set(held.percentile) == set(held.auc) == RULES | LEARNED


def test_percentiles_are_the_share_of_land_below(study, held):
    """For the weighted score, which needs no training: counted one by one; every rule has a percentile for each campus."""
    below = (study.land.weighted[None, :] < study.weighted[held.which][:, None]).mean(axis=1)
    np.testing.assert_allclose(held.percentile["weighted score"], below)
    for name, values in held.percentile.items():
        assert values.shape == held.which.shape
        assert 0.0 <= values.min() < values.max() <= 1.0, name


def test_only_targets_are_ranked(study, held):
    """Small campuses train but are not scored; each large one is scored once."""
    np.testing.assert_array_equal(np.sort(held.which), np.flatnonzero(study.target))


def test_the_planted_signal_is_found_and_chance_stays_chance(held):
    """Substations rank high with and without learning; random weighted scores are near one half."""
    assert held.auc["nearest 230 kV substation"] > 0.85
    assert held.auc["learned score"] > 0.8
    assert 0.35 < held.auc["weighted score"] < 0.65


def test_fused_score_with_share_zero_ranks_as_the_weighted(study):
    """Without a learned share nothing but the weighted score is left."""
    held_out = replace(study, share=0.0).held_out(random_splits(study, 2), challengers=False)
    np.testing.assert_array_equal(held_out.percentile["fused score"], held_out.percentile["weighted score"])


def test_boosted_trees_take_part_when_asked(study, monkeypatch):
    """The challenger is fitted to the training part only and ranked beside the others."""
    seen = []

    class Constant:
        def decision_function(self, x):
            return np.zeros(len(x))

    def fit(x, y, weight, *, seed):
        seen.append(int(y.sum()))
        return Constant()

    monkeypatch.setattr(validate, "fit_boosted", fit)
    held_out = study.held_out(random_splits(study, 2), challengers=True)
    assert "deeper trees" in held_out.percentile
    assert seen == [60, 60]
    assert held_out.auc["deeper trees"] == 0.5


def test_the_nearest_data_center_is_never_the_campus_itself(study):
    """Seen from a held-out campus the distance to training labels is above zero; to a training label it is zero."""
    for train, test, _ in splits_of(study, "random"):
        rule = simple_rules(study.presences.take(train))["nearest data center"]
        assert (rule(study.presences.x[test], study.presences.xy[test], study.weighted[test]) < 0).all()
        assert (rule(study.presences.x[train], study.presences.xy[train], study.weighted[train]) == 0).all()


def test_moving_a_held_out_campus_changes_no_model(study):
    """The features of the test campuses never reach the fit: other features there, the same model."""
    ((train, test, part),) = splits_of(study, "temporal")
    p = study.presences
    x = p.x.copy()
    x[test] = 99.0
    other = replace(study, presences=replace(p, x=x))
    nowhere = np.zeros_like(part)
    np.testing.assert_array_equal(fitted(study, train, nowhere).leaf, fitted(other, train, nowhere).leaf)


def test_background_of_the_held_out_part_is_not_fitted_against(study, monkeypatch):
    """In a regional split the model sees background of the other regions only."""
    seen = []
    real = validate.fit_bagged

    def watch(presences, background, **options):
        seen.append(background)
        return real(presences, background, **options)

    monkeypatch.setattr(validate, "fit_bagged", watch)
    study.held_out(region_splits(study), challengers=False)
    for code, background in enumerate(seen):
        inside = background.rto == code
        assert inside.mean() < 0.05
        assert len(background.index) < len(study.background.index)


def test_held_land_is_decided_by_the_nearest_land_sample(study):
    """Background at the very place of a land sample is held out exactly when that sample is."""
    part = study.land.xy[:, 1] > SIDE_M / 2
    np.testing.assert_array_equal(study.held_land(part, study.land), part)


def rules(x, xy=None, weighted=None):
    """Simple rules on made-up places."""
    training = Presences(
        np.arange(1), np.array([[0.0, 0.0]]), x[:1], *(np.array([1.0]),) * 2, np.array(["a"]), np.array(["a"]), np.zeros(1)
    )
    xy = np.zeros((len(x), 2)) if xy is None else xy
    return {k: rule(x, xy, np.zeros(len(x)) if weighted is None else weighted) for k, rule in simple_rules(training).items()}


def test_rules_prefer_what_their_names_say():
    """Nearer substation, nearer data center, more people, shorter distances, higher score: the second place wins each."""
    x = np.full((2, N_FEATURES), 50.0)
    x[1] = 5.0
    x[1, COLUMN["people_10km"]] = 90.0
    held_out = rules(x, np.array([[3e5, 4e5], [3.0, 4.0]]), np.array([10.0, 20.0]))
    assert set(held_out) == RULES
    for name, scores in held_out.items():
        assert scores[1] > scores[0], name
    np.testing.assert_allclose(held_out["nearest data center"], [-5e5, -5.0])


def test_unknown_distances_count_as_beyond_reach():
    """A decay of zero for one unknown of nine, the last rank where a rule has nothing else; never NaN."""
    x = np.full((2, N_FEATURES), 10.0)
    x[1, NEAR] = x[1, COLUMN["people_10km"]] = np.nan
    held_out = rules(x)
    np.testing.assert_allclose(held_out["nine distances, equal decay"], [np.exp(-1.0), np.exp(-1.0) * 8 / 9])
    for name in ("nearest 230 kV substation", "population within 10 km"):
        assert held_out[name][1] == -np.inf
        assert np.isfinite(held_out[name][0])


def test_rules_of_ones_own_are_ranked(study):
    """Whatever makes rules from training labels is ranked on the held-out ones; the sample it takes lies outside."""
    seen = []

    def make(training, outside):
        seen.append((len(training), len(outside(study.background).index)))
        return {"west is best": lambda x, xy, weighted: -xy[:, 0]}

    held_out = study.held_out_by(region_splits(study), make)
    assert set(held_out.percentile) == {"west is best"}
    assert len(seen) == 2
    assert all(0 < size < N_BACKGROUND for _, size in seen)


def test_decay_is_the_mean_of_nine_exponentials():
    """At 10 km of everything each distance has fallen to 1/e."""
    assert rules(np.full((1, N_FEATURES), 10.0))["nine distances, equal decay"] == pytest.approx(np.exp(-1.0))
