"""The configuration: what it computes, and how it refuses what is wrong."""

from __future__ import annotations

import re

import pytest

from sitefinder.config import FAMILIES, Config, load_config
from sitefinder.errors import ConfigError
from tests.helpers.config_text import GOOD, refusal, saved

# -- what is right -------------------------------------------------------------------------------------------------------


def test_shipped_configuration_loads(default_config):
    """The shipped file is valid and names every family."""
    assert set(default_config.config.weights) == set(FAMILIES)


def test_family_weights_are_scaled_to_one(tmp_path):
    """0.6 and 0.2 become 0.75 and 0.25; families that are not named weigh nothing."""
    weights = load_config(saved(tmp_path, GOOD)).config.family_weights()
    assert weights == pytest.approx({f: {"gas": 0.75, "water": 0.25}.get(f, 0.0) for f in FAMILIES})


def test_criterion_weights_divide_their_family(tmp_path):
    """Three to one within gas, half and half within water."""
    weights = load_config(saved(tmp_path, GOOD)).config.criterion_weights()
    expected = {"gas_interstate_km": 0.5625, "gas_any_km": 0.1875, "drought_share": 0.125, "river_km": 0.125}
    assert weights == pytest.approx(expected)


def test_criterion_weights_of_the_shipped_configuration_sum_to_one(default_config):
    """All criteria together share the whole score."""
    assert sum(default_config.config.criterion_weights().values()) == pytest.approx(1.0, abs=1e-12)


def test_criteria_of_a_family_without_weight_weigh_nothing(tmp_path):
    """Switching a family off keeps its criteria in the table, with weight 0."""
    config = load_config(saved(tmp_path, GOOD), {"weights.water": "0"}).config
    assert config.criterion_weights()["river_km"] == 0.0
    assert config.criterion_weights()["gas_interstate_km"] == pytest.approx(0.75)


def test_criteria_are_listed_in_reporting_order(tmp_path):
    """The order of families is fixed, whatever the order in the file."""
    head, gas, water, tail = re.split(r"(?m)^(?=  gas:$|  water:$|exclusions:)", GOOD)
    config = load_config(saved(tmp_path, head + water + gas + tail)).config
    assert list(config.criteria) == ["water", "gas"]
    assert list(config.flat_criteria()) == ["gas_interstate_km", "gas_any_km", "drought_share", "river_km"]


def test_fingerprint_changes_with_a_weight(tmp_path):
    """Another weight is another configuration."""
    path = saved(tmp_path, GOOD)
    assert load_config(path).config.fingerprint() != load_config(path, {"weights.gas": "0.61"}).config.fingerprint()


def test_fingerprint_does_not_depend_on_the_order_of_keys(tmp_path):
    """Two files that say the same in another order have one fingerprint."""
    parts = re.split(r"(?m)^(?=\w)", GOOD.replace("  gas: 0.6\n  water: 0.2", "  water: 0.2\n  gas: 0.6"))[1:]
    first = load_config(saved(tmp_path, GOOD)).config.fingerprint()
    assert load_config(saved(tmp_path, "".join(reversed(parts)))).config.fingerprint() == first


def test_fingerprint_does_not_depend_on_comments_or_number_style(tmp_path):
    """1000 and 1000.0 are the same load."""
    first = load_config(saved(tmp_path, GOOD)).config.fingerprint()
    assert load_config(saved(tmp_path, GOOD.replace("mw: 1000", "mw: 1000.0  # full"))).config.fingerprint() == first


def test_configuration_cannot_be_changed_after_loading(tmp_path):
    """The models are frozen: a stage cannot alter what another reads."""
    config = load_config(saved(tmp_path, GOOD)).config
    with pytest.raises(ValueError, match="frozen"):
        config.project = None


# -- what is wrong -------------------------------------------------------------------------------------------------------


def test_all_family_weights_zero(tmp_path):
    """Weights that sum to nothing cannot be scaled: refused with the line of the section."""
    path = saved(tmp_path, GOOD.replace("gas: 0.6", "gas: 0").replace("water: 0.2", "water: 0"))
    message = refusal(path)
    assert f"{path}:5: weights" in message
    assert "give at least one family a weight above 0" in message


def test_zero_weights_within_a_family_that_counts(tmp_path):
    """A family that counts needs a criterion that counts."""
    path = saved(tmp_path, GOOD.replace("{weight: 2,", "{weight: 0,"))
    message = refusal(path)
    assert f"{path}:12: criteria.water" in message
    assert "set weights.water to 0" in message


def test_weight_of_a_family_without_criteria(tmp_path):
    """A family that counts but has no criteria is refused."""
    message = refusal(saved(tmp_path, GOOD.replace("  water: 0.2", "  fiber: 0.2")))
    assert "criteria.fiber" in message
    assert "set weights.fiber to 0" in message


def test_more_gates_than_bits_are_refused(tmp_path):
    """33 gates do not fit the reason bits; the last ones mark what is not land, and unavailable land."""
    gates = "".join(f"  gate{i}: {{layer: airport_km, unit: km, below: 3, reason: x}}\n" for i in range(33))
    message = refusal(saved(tmp_path, GOOD.replace("candidates:", gates + "candidates:")))
    assert "exclusions" in message
    assert "the limit is 31" in message


@pytest.mark.parametrize("name", ["land", "free"])
def test_gate_named_like_a_total_of_the_ledger_is_refused(tmp_path, name):
    """A gate called land or free would overwrite the ledger's totals."""
    path = saved(tmp_path, GOOD.replace("  airport:", f"  {name}:"))
    assert f"{path}:16: exclusions.{name}" in refusal(path)


def test_direct_construction_checks_the_same_rules():
    """The rules live in the model: code that builds a configuration meets them too."""
    with pytest.raises(ValueError, match="all family weights are zero"):
        Config(weights={"gas": 0}, criteria={}, exclusions={})


@pytest.mark.parametrize("name", ["land", "delivery", "uncertainty", "needs", "costs", "connections", "portfolio"])
def test_a_section_that_is_left_out_is_asked_for_by_name(default_config, name):
    """One line with the section and the file to copy it from; a section that is there comes as it is."""
    config = default_config.config
    assert config.section(name) is getattr(config, name)
    with pytest.raises(ConfigError, match=rf"no '{name}' section\. Copy it from config/assumptions/{name}\.yaml"):
        config.model_copy(update={name: None}).section(name)
