"""Layers as a configuration names them: unknown names and foreign units are refused in one line."""

from __future__ import annotations

from sitefinder.config import ConfigFile
from sitefinder.layers.naming import layer_problems

AT, UNIT_AT = ("criteria", "water", "river_km"), ("criteria", "water", "river_km", "unit")


def test_a_known_layer_in_its_own_unit_is_no_problem(default_config: ConfigFile) -> None:
    """The layer of rivers is in kilometres."""
    assert layer_problems(default_config, "river_km", "km", at=AT, unit_at=UNIT_AT) == []


def test_an_unknown_layer_is_named_with_its_place_and_the_nearest_name(default_config: ConfigFile) -> None:
    """One line with file, line, key and remedy; the unit of what does not exist is not judged."""
    (line,) = layer_problems(default_config, "rivr_km", "miles", at=AT, unit_at=UNIT_AT)
    assert "'rivr_km'" in line
    assert "criteria.yaml" in line
    assert "criteria.water.river_km" in line
    assert "did you mean 'river_km'" in line
    assert "\n" not in line


def test_a_foreign_unit_is_named_with_the_right_one(default_config: ConfigFile) -> None:
    """Miles are never taken for kilometres."""
    (line,) = layer_problems(default_config, "river_km", "miles", at=AT, unit_at=UNIT_AT)
    assert "'miles'" in line
    assert "The layer is in 'km'" in line
    assert "criteria.water.river_km" in line
