"""The ``land`` section: what is shipped, and how mistakes in it are refused."""

from __future__ import annotations

import pytest

from sitefinder.config import load_config
from sitefinder.config.land import TakenLand
from sitefinder.errors import ConfigError


def test_more_land_with_a_higher_voltage(default_config):
    """A 765 kV line needs more room than one of 69 kV, and so does its station."""
    land = default_config.config.section("land")
    for table in (land.line_feet, land.station_acres):
        assert list(table) == sorted(table)
        assert list(table.values()) == sorted(table.values())


def test_features_of_unknown_voltage_need_an_entry(default_config):
    """They take land too: the table must say how much."""
    shipped = default_config.config.section("land").model_dump()
    with pytest.raises(ValueError, match="the entry 0 is missing"):
        TakenLand(**shipped | {"line_feet": {345: 150.0}})


def test_a_negative_area_is_refused_by_its_key(default_config):
    """The key stands in the message."""
    with pytest.raises(ConfigError, match=r"land\.plant_acres_per_mw\.solar"):
        load_config(default_config.path, {"land.plant_acres_per_mw.solar": "-1"})
