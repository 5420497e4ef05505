"""The land and its zones."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.layers.stack import open_stack
from sitefinder.layers.zones import Zones, open_land

COUNTIES = [{"fips": "48441", "name": "Taylor", "state": "TX"}, {"fips": "39131", "name": "Pike", "state": "OH"}]


@pytest.fixture
def zones() -> Zones:
    """Three cells: Taylor County in ERCOT, Pike County in PJM, Pike County in no market."""
    names = {"county": COUNTIES, "rto": ["ERCOT", "PJM"]}
    return Zones(names, np.array([0, 1, 1], np.int32), np.array([0, 1, -1], np.int32))


def test_a_cell_knows_its_county(zones: Zones) -> None:
    """Code, name and state of the row it refers to."""
    assert [zones.county_of(i)["fips"] for i in range(3)] == ["48441", "39131", "39131"]
    assert zones.county_of(0) == COUNTIES[0]


def test_a_cell_outside_every_market_has_none(zones: Zones) -> None:
    """-1 is no market, not the last one of the list."""
    assert [zones.rto_of(i) for i in range(3)] == ["ERCOT", "PJM", None]


@pytest.mark.stack
def test_land_is_there_before_any_layer(package, tiny_config, tmp_path):
    """The user's sites are checked against the land without waiting for layers; the stack then has the same land."""
    land, zones = open_land(package, tiny_config.config, cache_folder=tmp_path)
    assert not list(tmp_path.rglob("town_km-*"))
    stack = open_stack(package, tiny_config, ("town_km",), cache_folder=tmp_path)
    np.testing.assert_array_equal(land.cells, stack.land.cells)
    assert zones.county_of(0) == stack.zones.county_of(0)


@pytest.mark.stack
def test_land_is_labelled_once(package, tiny_config, tmp_path):
    """The second opening reads what the first has kept."""
    open_land(package, tiny_config.config, cache_folder=tmp_path)
    written = {p: p.stat().st_ino for p in tmp_path.rglob("land-*")}
    land, zones = open_land(package, tiny_config.config, cache_folder=tmp_path)
    assert {p: p.stat().st_ino for p in tmp_path.rglob("land-*")} == written
    assert land.size == zones.county.size == zones.rto.size
