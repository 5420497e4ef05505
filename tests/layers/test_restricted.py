"""Layers of a part of the country: the values of the whole on a land index of their own."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.layers.package import DataPackage
from sitefinder.layers.restricted import HIDDEN, KEPT_AREAS, restricted
from sitefinder.layers.stack import open_stack
from tests.helpers.paths import DATA
from tests.helpers.stacks import warm

#: built layers of the country
pytestmark = pytest.mark.stack


@pytest.fixture
def whole(tiny_config, tmp_path):
    """Two layers of the country."""
    return open_stack(DataPackage(DATA), tiny_config, ["slope_pct", "town_km"], cache_folder=warm(tmp_path / "cache"))


@pytest.fixture
def area(whole):
    """The cells of Colorado and what surrounds them."""
    return restricted(whole, _state(whole, "CO"), also=np.empty(0, int), margin=3, block=4)


def _state(whole, code):
    states = np.array([c["state"] == code for c in whole.zones.names["county"]])
    return states[whole.zones.county]


def test_values_names_and_zones_are_those_of_the_country(whole, area):
    """At every cell, whole layers and single places."""
    there = whole.land.index_of(area.land.cells)
    some = np.arange(0, area.land.size, 7)
    assert np.array_equal(area.values("slope_pct"), whole.values("slope_pct")[there], equal_nan=True)
    assert np.array_equal(area.at("slope_pct", some), whole.at("slope_pct", there[some]), equal_nan=True)
    assert area.names("town_km", some) == whole.names("town_km", there[some])
    assert np.array_equal(area.nearest("town_km", some), whole.nearest("town_km", there[some]))
    assert [area.zones.county_of(i) for i in some] == [whole.zones.county_of(i) for i in there[some]]
    assert area.whole is whole


def test_the_area_is_inside_and_its_surroundings_are_not(whole, area):
    """Three cells around every cell of the area are there, in squares of four."""
    assert area.inside.sum() == _state(whole, "CO").sum() > 300
    assert {area.zones.county_of(i)["state"] for i in np.flatnonzero(area.inside)} == {"CO"}
    rows, cols = area.land.rows_cols(np.flatnonzero(area.inside))
    around = area.land.index_of((rows - 3) * area.land.grid.width + cols + 3)
    assert (around >= 0).all()
    block = {(int(r) // 4, int(c) // 4) for r, c in zip(*area.land.rows_cols(np.arange(area.land.size)), strict=True)}
    assert area.land.size == pytest.approx(16 * len(block), rel=0.01)


def test_surroundings_are_not_shown(whole, area):
    """A run writes the area alone; a stack of the country shows everything."""
    values = np.arange(area.land.size, dtype=np.float32)
    assert np.array_equal(np.isnan(area.shown(values, np.float32(np.nan))), ~area.inside)
    assert np.array_equal(area.inner(values), values[area.inside])
    assert whole.shown(values, 0.0) is values
    assert whole.inner(values) is values
    assert int(HIDDEN).bit_count() > 1


def test_places_held_in_memory_have_the_same_values(area):
    """As a list of campuses holds them."""
    some = np.array([5, 3, 40])
    held = area.holding({"a": some[:2], "b": some[2:]})
    assert np.array_equal(held.at("slope_pct", some), area.at("slope_pct", some), equal_nan=True)
    assert np.array_equal(held.inside, area.inside)


def test_old_areas_are_forgotten(whole):
    """The last few stay, each in a folder of its own."""
    none = np.empty(0, int)
    for code in ("CO", "TX", "OH", "NE", "UT", "NV", "CA", "WA"):
        last = restricted(whole, _state(whole, code), also=none, margin=1, block=4)
    folders = list(whole.folder.glob("area-*"))
    assert len(folders) == KEPT_AREAS
    assert last.folder in folders
