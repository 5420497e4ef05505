"""Additive and boosted models on synthetic landscapes whose truth is known."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from sitefinder.ml.features import FEATURES
from sitefinder.ml.metrics import auc
from sitefinder.ml.models import KNOTS, Additive, Calibration, basis, fit_additive, fit_boosted, spread_knots

N_FEATURES = len(FEATURES)
COLUMN = {f.layer: j for j, f in enumerate(FEATURES)}
NEAR, FLAT = COLUMN["substation_230_km"], COLUMN["gentle_pct"]
DIRECTIONS = np.array([f.direction for f in FEATURES])


def landscape(n_presence=120, n_background=360, seed=0):
    """Uniform layers of 0 to 100; presences lie near substations and on flat land."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(0.0, 100.0, (n_presence + n_background, N_FEATURES))
    x[:n_presence, NEAR] = rng.uniform(0.0, 25.0, n_presence)
    x[:n_presence, FLAT] = rng.uniform(60.0, 100.0, n_presence)
    y = np.concatenate([np.ones(n_presence), np.zeros(n_background)])
    return x, y


def fitted(x, y, weight=None, **options):
    """The additive model of a landscape."""
    return fit_additive(x, y, np.ones(len(y)) if weight is None else weight, knots=spread_knots(x), **options)


@pytest.fixture(scope="module")
def data():
    """A landscape."""
    return landscape()


@pytest.fixture(scope="module")
def model(data):
    """Its additive model."""
    return fitted(*data)


def test_functions_never_go_against_their_direction(model):
    """Heights of the knots rise or fall as declared, whatever the noise says."""
    steps = np.diff(model.heights, axis=1)
    assert (steps[DIRECTIONS > 0] >= 0).all()
    assert (steps[DIRECTIONS < 0] <= 0).all()


def test_a_signal_against_the_declared_direction_is_not_learned(data):
    """Presences on steep land leave the function of gentle land flat."""
    x, y = data[0].copy(), data[1]
    x[y == 1, FLAT] = 100.0 - x[y == 1, FLAT]
    assert np.ptp(fitted(x, y).heights[FLAT]) == pytest.approx(0.0, abs=1e-6)


def test_a_free_feature_may_prefer_the_middle(data):
    """Without a direction a hump is learned: its middle knot is above both ends."""
    x, y = data[0].copy(), data[1]
    free = COLUMN["town_km"]
    x[y == 1, free] = np.random.default_rng(1).uniform(40.0, 60.0, int(y.sum()))
    heights = fitted(x, y).heights[free]
    assert heights.argmax() not in (0, KNOTS - 1)


def test_signal_is_recovered_on_unseen_land(model):
    """Presences of another draw rank above other land with AUC over 0.9."""
    x, y = landscape(seed=7)
    odds = model.log_odds(x)
    assert auc(odds[y == 1], odds[y == 0]) > 0.9


def test_the_features_with_the_signal_move_most(model, data):
    """The two planted features spread the log-odds more than any other."""
    spread = model.contributions(data[0]).std(axis=0)
    assert set(np.argsort(spread)[-2:]) == {NEAR, FLAT}


def test_a_stronger_ridge_makes_flatter_functions(data, model):
    """The penalty works: a hundredfold ridge shrinks the largest function."""
    assert np.ptp(fitted(*data, ridge=300.0).heights[NEAR]) < 0.8 * np.ptp(model.heights[NEAR])


def test_a_presence_without_weight_teaches_nothing(data):
    """Presences elsewhere that weigh nothing leave the fitted functions as they are."""
    x, y = data
    strange = np.full((40, N_FEATURES), 50.0)
    knots = spread_knots(x)
    twice = [
        fit_additive(
            np.vstack([x, s]), np.concatenate([y, np.ones(40)]), np.concatenate([np.ones(len(y)), np.zeros(40)]), knots=knots
        )
        for s in (strange, strange + 40.0)
    ]
    np.testing.assert_allclose(twice[0].heights, twice[1].heights, atol=1e-9)


def test_presences_and_background_weigh_the_same(data):
    """Doubling all weights of the background changes nothing."""
    x, y = data
    heavy = fitted(x, y, np.where(y == 1, 1.0, 2.0))
    np.testing.assert_allclose(heavy.heights, fitted(x, y).heights, atol=1e-9)


def test_unknown_value_contributes_nothing(model, data):
    """NaN in one feature zeroes its part and leaves the others."""
    x = data[0][:5].copy()
    before = model.contributions(x)
    x[:, NEAR] = np.nan
    after = model.contributions(x)
    assert (after[:, NEAR] == 0.0).all()
    np.testing.assert_array_equal(np.delete(after, NEAR, axis=1), np.delete(before, NEAR, axis=1))


def test_place_without_any_knowledge_has_the_odds_of_the_intercept(model):
    """All unknown: nothing but the intercept."""
    assert model.log_odds(np.full((1, N_FEATURES), np.nan)) == pytest.approx(model.intercept)


def test_functions_are_centred_on_known_background(data):
    """The mean contribution over known background is zero, with a third of a layer unknown too."""
    x, y = data[0].copy(), data[1]
    x[::3, NEAR] = np.nan
    additive = fitted(x, y)
    background = x[y == 0]
    known = ~np.isnan(background)
    mean = additive.contributions(background).sum(axis=0) / known.sum(axis=0)
    np.testing.assert_allclose(mean, 0.0, atol=1e-9)


def test_centring_leaves_the_fit_itself_unchanged(data):
    """With everything known, mean chance of a balanced sample is one half: the intercept took up what centring removed."""
    x, y = data
    chance = 1.0 / (1.0 + np.exp(-fitted(x, y).log_odds(x)))
    share = np.where(y == 1, 0.5 / (y == 1).sum(), 0.5 / (y == 0).sum())
    assert share @ chance == pytest.approx(0.5, abs=1e-3)


def test_values_beyond_the_knots_stay_at_the_end(model):
    """No extrapolation: a million kilometres are as good as the farthest seen."""
    x = np.full((2, N_FEATURES), 100.0)
    x[0] = [f.inverse(k) for f, k in zip(FEATURES, model.knots[:, -1], strict=True)]
    x[1] = 1e6
    first, far = model.contributions(x)
    np.testing.assert_allclose(far, first, atol=1e-9)


def test_mean_of_models_has_the_mean_log_odds(data, model):
    """Averaging heights and intercepts is averaging log-odds."""
    x, y = data
    others = [
        fit_additive(x[keep], y[keep], np.ones(keep.sum()), knots=model.knots)
        for keep in (np.arange(len(y)) % 2 == 0, np.arange(len(y)) % 3 == 0)
    ]
    mean = np.mean([m.log_odds(x) for m in [model, *others]], axis=0)
    np.testing.assert_allclose(model.mean_with(others).log_odds(x), mean, atol=1e-12)


def test_a_bag_of_one_is_itself(model):
    """The mean with nobody else changes no number."""
    np.testing.assert_array_equal(model.mean_with([]).heights, model.heights)


def test_equal_data_give_equal_arrays(data, model):
    """Fitting twice gives identical numbers, not only close ones."""
    again = fitted(*data)
    np.testing.assert_array_equal(again.heights, model.heights)
    assert again.intercept == model.intercept


def test_columns_of_the_basis_rise_from_zero_to_one(data):
    """Each column is 0 up to its lower knot and 1 from its upper knot, and never falls between."""
    knots = spread_knots(data[0])
    j = COLUMN["drought_share"]
    rising = np.full((401, N_FEATURES), 50.0)
    rising[:, j] = np.linspace(-10.0, 110.0, 401)
    columns = basis(rising, knots)[:, j * (KNOTS - 1) : (j + 1) * (KNOTS - 1)]
    for i in range(KNOTS - 1):
        low, high = knots[j][i], knots[j][i + 1]
        assert columns[rising[:, j] <= low, i] == pytest.approx(0.0, abs=1e-9)
        assert columns[rising[:, j] >= high, i] == pytest.approx(1.0, abs=1e-9)
        assert (np.diff(columns[:, i]) >= -1e-12).all()


def test_basis_and_contributions_describe_the_same_function(data):
    """Heights that are sums of coefficients give the basis times the coefficients."""
    x = data[0][:50]
    knots = spread_knots(data[0])
    beta = np.random.default_rng(3).normal(size=(N_FEATURES, KNOTS - 1))
    heights = np.concatenate([np.zeros((N_FEATURES, 1)), beta.cumsum(axis=1)], axis=1)
    additive = Additive(FEATURES, knots, heights, 0.5)
    np.testing.assert_allclose(additive.log_odds(x), 0.5 + basis(x, knots) @ beta.reshape(-1), atol=1e-9)


def test_unknown_values_sit_at_the_median_knot_of_the_basis(data):
    """While fitting, an unknown value is the middle of its layer."""
    knots = spread_knots(data[0])
    linear = COLUMN["drought_share"]
    x = np.full((2, N_FEATURES), 50.0)
    x[0, linear], x[1, linear] = np.nan, np.median(knots[linear])
    unknown, middle = basis(x, knots)
    np.testing.assert_array_equal(unknown, middle)


def test_knots_span_the_data_and_ascend(data):
    """First and last knot are the extremes in transformed units; spreading crowded knots moves the last by little."""
    knots = spread_knots(data[0])
    t = np.column_stack([f.transform(data[0][:, j]) for j, f in enumerate(FEATURES)])
    np.testing.assert_allclose(knots[:, 0], t.min(axis=0))
    beyond = (knots[:, -1] - t.max(axis=0)) / np.ptp(t, axis=0)
    assert beyond.min() > -1e-12
    assert beyond.max() < 0.01
    assert (np.diff(knots, axis=1) > 0).all()


@pytest.mark.parametrize("zeros", [0.5, 0.9, 1.0])
def test_knots_of_a_layer_of_zeros_still_ascend(data, zeros):
    """Repeated quantiles are spread apart, even where the layer is one number everywhere."""
    x = data[0].copy()
    x[: int(zeros * len(x)), NEAR] = 0.0
    assert (np.diff(spread_knots(x)[NEAR]) > 0).all()


def test_tied_zeros_take_one_knot(data):
    """Nine tenths of zeros leave all knots but the first to the rest, at its quantiles."""
    x, j = data[0].copy(), COLUMN["generation_50km_mw"]
    x[: int(0.9 * len(x)), j] = 0.0
    knots = spread_knots(x)[j]
    rest = np.log1p(np.unique(x[:, j]))
    np.testing.assert_allclose(knots, np.quantile(rest, np.linspace(0.0, 1.0, KNOTS)))
    assert knots[1] > 1.0


def test_repeating_places_does_not_move_knots(data):
    """Knots depend on which values there are, not on how often."""
    np.testing.assert_array_equal(spread_knots(np.vstack([data[0], data[0][:200]])), spread_knots(data[0]))


def test_calibration_is_a_logistic_of_a_straight_line():
    """Slope and shift on the log-odds."""
    np.testing.assert_allclose(Calibration(2.0, -1.0).chance(np.array([0.5, 1.0])), [0.5, 1.0 / (1.0 + np.exp(-1.0))])


def test_unknown_values_do_not_move_knots(data):
    """Quantiles are of what is known."""
    x = data[0]
    holes = np.vstack([x, np.full((100, N_FEATURES), np.nan)])
    np.testing.assert_array_equal(spread_knots(holes), spread_knots(x))


def test_constant_layer_contributes_nothing(data):
    """A layer that is the same everywhere cannot tell places apart."""
    x, y = data[0].copy(), data[1]
    x[:, NEAR] = 5.0
    assert np.abs(fitted(x, y).contributions(x)[:, NEAR]).max() < 1e-6


@pytest.fixture(scope="module")
def boosted(data):
    """The challenger, on one thread: more only wait for each other on so little data."""
    with threadpool_limits(1):
        return fit_boosted(*data, np.ones(len(data[1])), seed=1)


@pytest.mark.parametrize("layer", ["substation_230_km", "buildable_pct", "gentle_pct"])
def test_boosted_trees_respect_directions(boosted, data, layer):
    """Sweeping one layer moves the score one way only, at each of twenty places."""
    j = COLUMN[layer]
    x = np.repeat(data[0][:20], 41, axis=0)
    x[:, j] = np.tile(np.linspace(0.0, 100.0, 41), 20)
    odds = boosted.decision_function(x).reshape(20, 41)
    assert (np.diff(odds, axis=1) * FEATURES[j].direction >= -1e-12).all()


def test_boosted_trees_recover_the_signal(boosted):
    """The challenger ranks unseen presences with AUC over 0.9 as well."""
    x, y = landscape(seed=7)
    odds = boosted.decision_function(x)
    assert auc(odds[y == 1], odds[y == 0]) > 0.9


def test_boosted_trees_are_repeatable(boosted, data):
    """Equal seeds give identical scores."""
    with threadpool_limits(1):
        again = fit_boosted(*data, np.ones(len(data[1])), seed=1)
    np.testing.assert_array_equal(again.decision_function(data[0]), boosted.decision_function(data[0]))


def test_fitting_does_not_change_its_arguments(data):
    """The caller's arrays are left as they were."""
    x, y = data[0].copy(), data[1].copy()
    fitted(x, y)
    np.testing.assert_array_equal(x, data[0])


def test_a_model_cannot_be_changed(model):
    """A fitted model is frozen; another intercept is another model."""
    with pytest.raises(AttributeError):
        model.intercept = 0.0
    assert replace(model, intercept=9.0).intercept == 9.0


def test_fits_run_on_one_thread_though_nothing_was_loaded_before():
    """A limit set before a library is loaded does not reach it: seen in a process of its own."""
    code = (
        "from sitefinder.ml.models import one_thread\n"
        "with one_thread():\n"
        "    from sklearn.ensemble import HistGradientBoostingClassifier\n"
        "    from threadpoolctl import threadpool_info\n"
        "    print({i['user_api']: i['num_threads'] for i in threadpool_info()})\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, "OMP_NUM_THREADS": "2"}
    )
    threads = ast.literal_eval(told.stdout)
    assert threads["openmp"] == 1
    assert set(threads.values()) == {1}
