"""Taken land: areas that add up, widths that follow voltage and flow, acres that follow technology."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely

from sitefinder.grid import Grid, Land
from sitefinder.layers.files import PARKS, REUSABLE
from sitefinder.layers.sources import Sources
from sitefinder.layers.taken import (
    CAUSES,
    LAYER_OF,
    WORDS,
    airport_radius_m,
    by_voltage,
    campus_acres,
    closed_plant_acres,
    disc_share,
    kinds_of,
    left_of,
    park_outlines,
    plant_acres,
    strip_share,
    wastewater_acres,
)
from sitefinder.units import M2_PER_ACRE

GRID = Grid(25_000.0)
#: somewhere in Kansas: a corner of four cells
CORNER = (GRID.west + 90 * GRID.resolution_m, GRID.north - 60 * GRID.resolution_m)


@pytest.fixture
def sources(default_config):
    """Every cell of a coarse grid, without any data."""
    everywhere = Land(GRID, np.arange(GRID.height * GRID.width, dtype=np.int32))
    return Sources(SimpleNamespace(), everywhere, default_config.config)


@pytest.fixture(scope="module")
def terms(default_config):
    """The shipped terms."""
    return default_config.config.section("land")


@pytest.mark.parametrize("radius_m", [50.0, 3000.0, 60_000.0])
def test_a_disc_takes_its_area_wherever_it_lies(sources, radius_m):
    """Spread over the cells, none of it lost; a small one lies in the cell of its centre."""
    place = (CORNER[0] + 5000.0, CORNER[1] - 4000.0)
    share = disc_share(sources, np.array([shapely.Point(place)]), np.array([radius_m]))
    area = share.sum(dtype=float) * GRID.resolution_m**2
    assert area == pytest.approx(np.pi * radius_m**2, rel=0.01)
    row, col = GRID.cell_at(np.array([place[0]]), np.array([place[1]]))
    assert share[sources.land.position[row, col]] == share.max()


def test_a_disc_on_a_corner_is_shared_by_four_cells(sources):
    """About a quarter each."""
    share = disc_share(sources, np.array([shapely.Point(CORNER)]), np.array([5000.0]))
    quarters = share[share > 0] * GRID.resolution_m**2 / (np.pi * 5000.0**2)
    assert quarters.size == 4
    assert quarters == pytest.approx(0.25, abs=0.04)


def test_a_strip_takes_length_by_width(sources):
    """Two lines of their own widths."""
    x, y = CORNER
    lines = np.array([shapely.LineString([(x, y + 100), (x + 40_000, y + 100)]), shapely.LineString([(x, y), (x, y + 7000)])])
    share = strip_share(sources, lines, np.array([50.0, 100.0]))
    assert share.sum(dtype=float) * GRID.resolution_m**2 == pytest.approx(40_000 * 50 + 7000 * 100)


def test_a_voltage_between_classes_takes_the_class_below():
    """138 kV of a table with 115 and 230; unknown takes the entry of 0."""
    assert by_voltage(np.array([138, 0, 1000]), {0: 1, 115: 2, 230: 3, 765: 4}).tolist() == [2, 1, 4]


def test_plants_take_what_their_technology_asks(terms):
    """100 MW of solar take 730 acres, 30 MW of gas at least a yard of 5, a 3 MW engine only 0.3."""
    kinds = ("gas", "coal", "nuclear", "hydro", "wind", "solar", "battery", "other")
    plants = pd.DataFrame({f"mw_{k}": [0.0, 0.0, 0.0] for k in kinds})
    plants["mw_solar"], plants["mw_gas"], plants["mw"] = [100.0, 0.0, 0.0], [0.0, 30.0, 3.0], [100.0, 30.0, 3.0]
    assert plant_acres(plants, terms) == pytest.approx([730.0, 5.0, 0.3])


def test_a_campus_takes_the_larger_of_area_and_power(terms):
    """A mapped outline of land counts as it is, buildings four times, megawatts by the acre; unknown takes the least."""
    acre = M2_PER_ACRE
    campuses = pd.DataFrame(
        {
            "footprint_m2": [100 * acre, 100 * acre, 10 * acre, np.nan],
            "land_outline": [True, False, False, False],
            "mw": [np.nan, np.nan, 1000.0, np.nan],
        }
    )
    assert campus_acres(campuses, terms) == pytest.approx([100.0, 400.0, 700.0, 5.0])


def test_a_closed_plant_takes_what_it_took_when_it_ran(terms):
    """2,000 MW of coal 1,400 acres, a small one of gas its yard of 5; each technology of the register has its kind."""
    plants = pd.DataFrame({"mw": [2000.0, 20.0], "fuel": ["Conventional Steam Coal", "Natural Gas Steam Turbine"]})
    assert closed_plant_acres(plants, terms) == pytest.approx([1400.0, 5.0])
    names = ["Petroleum Coke", "Petroleum Liquids", "Other Gases", "Batteries", "Solar Photovoltaic", "Landfill Gas", "Nuclear"]
    assert kinds_of(pd.Series(names)).tolist() == ["coal", "other", "gas", "battery", "solar", "other", "nuclear"]


def test_a_wastewater_plant_takes_land_by_its_flow(terms):
    """8 Mgd take 16 acres, 0.5 Mgd the least, 10."""
    assert wastewater_acres(pd.DataFrame({"design_mgd": [8.0, 0.5]}), terms) == pytest.approx([16.0, 10.0])


def test_protected_units_are_told_from_forests(package):
    """On the shipped file: Midewin, the Columbia River Gorge and Manassas are there, the Daniel Boone National Forest is not."""
    units = geopandas.read_parquet(package.verified(PARKS))
    chosen = {id(g) for g in park_outlines(units)}
    inside = {name for name, g in zip(units["name"], units.geometry.values, strict=True) if id(g) in chosen}
    wanted = {
        "Midewin National Tallgrass Prairie",
        "Columbia River Gorge National Scenic Area",
        "Manassas National Battlefield Park",
    }
    assert wanted <= inside
    assert not [name for name in inside if "National Forest" in name or "Grassland" in name]


def test_homer_city_is_a_closed_plant(package, terms):
    """Named in the register, 2,012 MW of coal: 1,400 acres."""
    plants = geopandas.read_parquet(package.verified(REUSABLE))
    homer = plants[plants["name"].str.contains("Homer City")]
    assert homer["status"].tolist() == ["retired"]
    assert closed_plant_acres(homer, terms) == pytest.approx([1408.0], abs=2.0)


def test_an_airport_holds_its_runway_and_the_ground_beyond(terms):
    """10,000 ft and 1,000 ft at each end: 6,000 ft around the reference point."""
    assert airport_radius_m(np.array([10_000.0]), terms) == pytest.approx([6000 * 0.3048])


def test_causes_are_combined_as_if_independent(sources):
    """Half and half leave a quarter."""
    for cause in ("plants", "lines"):
        sources.once(("taken", cause), lambda: np.full(sources.land.size, 0.5, np.float32))
    assert left_of(sources, "plants", "lines")[0] == 0.25


def test_every_cause_has_a_layer_and_words():
    """Whoever adds a cause names it."""
    assert set(CAUSES) == set(LAYER_OF) == set(WORDS)
