"""Value functions as they are written in a configuration."""

from __future__ import annotations

import pytest

from sitefinder.config import load_config
from sitefinder.config.criteria import odd_weight
from sitefinder.errors import ConfigError
from tests.helpers.config_text import GOOD, saved


def test_logistic_steepness_gives_nine_tenths(tmp_path):
    """The steepness makes ten to ninety percent of the S-curve out of the two breakpoints."""
    shape = load_config(saved(tmp_path, GOOD)).config.criteria["water"]["river_km"].logistic
    assert 1 / (1 + 2.718281828459045 ** (-shape.steepness * (5 - 20))) == pytest.approx(0.9)


def test_a_criterion_weighs_nothing_for_loads_it_says_nothing_about(default_config):
    """A 230 kV line counts up to 2 GW; the criterion itself keeps what is written."""
    line = default_config.config.criteria["grid_capacity"]["line_230_km"]
    assert [line.weight_for(mw) for mw in (2000, 2001)] == [line.weight, 0.0]
    assert line.of_project(5000).weight == 0.0
    heavier = line.model_copy(update={"weight": 0.5})
    assert [heavier.weight_for(mw) for mw in (2000, 2001)] == [0.5, 0.0]


def test_a_validated_configuration_holds_what_is_written(default_path):
    """The weight of a criterion without a say stays in the configuration; it does not count in the score."""
    weighed = {"project.mw": "5000", "criteria.grid_capacity.line_230_km.weight": "0.1"}
    config = load_config(default_path, weighed).config
    assert config.criteria["grid_capacity"]["line_230_km"].weight == 0.1
    assert config.criterion_weights()["line_230_km"] == 0.0
    assert config.flat_criteria()["line_230_km"].weight == 0.0
    assert sum(config.criterion_weights().values()) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("setting", "key"),
    [({"weights.water": "30"}, "weights.water"), ({"criteria.water.river_km.weight": "25"}, "criteria.water.river_km")],
)
def test_a_weight_in_per_cent_among_shares_is_refused(default_path, setting, key):
    """It would outweigh all the others together; the message names the key and the number that was meant."""
    with pytest.raises(ConfigError, match=rf"{key}: \d+ among weights below 1 makes 97% .*write 0\.\d+ for"):
        load_config(default_path, setting)


def test_weights_in_any_one_measure_are_taken(default_path):
    """Points, shares, and a ratio that somebody meant; the shipped sets mix none."""
    load_config(default_path, {"weights.water": "3"})
    assert odd_weight({"a": 45.0, "b": 20.0, "c": 0.5}) is None
    assert odd_weight({"a": 1.0, "b": 0.01}) is None
    assert odd_weight({"a": 0.0}) is None
    for path in sorted(default_path.parent.glob("presets/*.yaml")):
        load_config(path)
