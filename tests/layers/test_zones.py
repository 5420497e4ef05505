"""The land and its zones."""

from __future__ import annotations

import numpy as np

from sitefinder.layers.stack import open_stack
from sitefinder.layers.zones import open_land


def test_land_is_there_before_any_layer(package, tiny_config, tmp_path):
    """The user's sites are checked against the land without waiting for layers; the stack then has the same land."""
    land, zones = open_land(package, tiny_config.config, cache_folder=tmp_path)
    assert not list(tmp_path.rglob("town_km-*"))
    stack = open_stack(package, tiny_config, ("town_km",), cache_folder=tmp_path)
    np.testing.assert_array_equal(land.cells, stack.land.cells)
    assert zones.county_of(0) == stack.zones.county_of(0)


def test_land_is_labelled_once(package, tiny_config, tmp_path):
    """The second opening reads what the first has kept."""
    open_land(package, tiny_config.config, cache_folder=tmp_path)
    written = {p: p.stat().st_ino for p in tmp_path.rglob("land-*")}
    land, zones = open_land(package, tiny_config.config, cache_folder=tmp_path)
    assert {p: p.stat().st_ino for p in tmp_path.rglob("land-*")} == written
    assert land.size == zones.county.size == zones.rto.size
