"""Value functions as they are written in a configuration."""

from __future__ import annotations

import pytest

from sitefinder.config import load_config
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
