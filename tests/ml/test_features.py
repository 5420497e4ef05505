"""What the learned model may see, and in which direction."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.layers import REGISTRY
from sitefinder.layers.files import CAMPUS_LABELS
from sitefinder.ml.features import FEATURES, Feature

#: layers that know where data centers are or go, name a state or county, or are unknown in much of the country
FORBIDDEN = {
    "able_grid_km",
    "headroom_left_mw",
    "grid_months_200mw",
    "grid_mw_by_date",
    "claimed_25km_mw",
    "local_rule",
    "precedents_blocked_expected",
    "queue_80km_mw",
    "exchange_km",
    "exchange_networks_80km",
    "incentive_level",
    "energy_community",
    "land_value_usd_acre",
    "precedents_blocked_share",
    "precedents_decided_80km",
    "precedents_ahead_80km",
    "precedents_open_80km",
}
SHAPES = ["plain", "log", "decay"]
SIGN = {"low": -1, "high": 1}


def test_no_feature_is_built_from_the_campuses():
    """What campuses claim of the headroom follows from their being announced; the headroom itself does not."""
    assert [f.layer for f in FEATURES if CAMPUS_LABELS in REGISTRY[f.layer].spec.sources] == []
    assert CAMPUS_LABELS in REGISTRY["headroom_left_mw"].spec.sources
    assert "headroom_25km_mw" in {f.layer for f in FEATURES}


def test_no_feature_leaks_the_answer():
    """Layers that follow data centers or name places stay out."""
    assert {f.layer for f in FEATURES} & FORBIDDEN == set()


def test_forbidden_layers_are_spelt_as_in_the_register():
    """The list above guards layers that exist: a renamed layer must be renamed here too."""
    assert set(REGISTRY) >= FORBIDDEN


def test_no_feature_is_listed_twice():
    """A repeated layer would count double."""
    names = [f.layer for f in FEATURES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("feature", FEATURES, ids=lambda f: f.layer)
def test_feature_is_a_layer_with_the_direction_of_its_specification(feature):
    """The layer exists, and a declared direction never contradicts what the layer itself calls better."""
    better = REGISTRY[feature.layer].spec.better
    assert feature.direction in (0, SIGN.get(better, feature.direction))


def test_transforms_are_of_layers_that_cannot_be_negative():
    """log(1 + x) and exp(-x) would flatten all negative values into one."""
    assert [f.layer for f in FEATURES if f.shape != "plain" and REGISTRY[f.layer].spec.valid[0] < 0] == []


def test_logarithmic_feature_is_log_of_one_plus_x():
    """0 becomes 0, and e - 1 becomes 1."""
    np.testing.assert_allclose(Feature("a", -1, "log").transform(np.array([0.0, np.e - 1.0])), [0.0, 1.0])


def test_logarithmic_feature_treats_negative_values_as_zero():
    """A rounding error below zero is no fault."""
    assert Feature("a", -1, "log").transform(np.array([-0.5])) == 0.0


def test_linear_feature_is_unchanged():
    """Values pass through as they are."""
    values = Feature("a", 1).transform(np.array([-3.0, 2.5], np.float32))
    np.testing.assert_array_equal(values, [-3.0, 2.5])


def test_decaying_feature_rises_from_minus_one_to_zero():
    """Worth falls to 1/e at 10 km; the sign keeps the direction of the layer."""
    values = Feature("a", -1, "decay").transform(np.array([0.0, 10.0, 1e4]))
    np.testing.assert_allclose(values, [-1.0, -np.exp(-1.0), 0.0])


def test_only_distances_that_never_do_good_decay():
    """Kilometres, with suitability that never rises with them."""
    for feature in FEATURES:
        if feature.shape == "decay":
            assert (REGISTRY[feature.layer].spec.unit, feature.direction) == ("km", -1), feature.layer


@pytest.mark.parametrize("shape", SHAPES)
def test_unknown_stays_unknown(shape):
    """NaN is not turned into a number by the transformation."""
    assert np.isnan(Feature("a", 0, shape).transform(np.array([np.nan]))).all()


@pytest.mark.parametrize("shape", SHAPES)
def test_precision_is_kept(shape):
    """The whole country is computed with 32 bits, the fit with 64."""
    for kind in (np.float32, np.float64):
        assert Feature("a", 0, shape).transform(np.array([1.0], kind)).dtype == kind


@pytest.mark.parametrize("shape", SHAPES)
def test_inverse_gives_the_layer_value_back(shape):
    """From what the model sees to the layer's unit."""
    feature, x = Feature("a", 0, shape), np.array([0.0, 0.5, 40.0, 90.0])
    np.testing.assert_allclose(feature.inverse(feature.transform(x)), x)


def test_inverse_of_no_worth_is_far():
    """Zero and beyond, where knots may lie, are finite distances."""
    values = Feature("a", -1, "decay").inverse(np.array([0.0, 0.002]))
    assert np.isfinite(values).all()
    assert (values > 1000.0).all()
