"""Zones that campuses keep clear of close every cell that they touch."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas
import numpy as np
import pytest
import shapely

from sitefinder.grid import Grid, Land
from sitefinder.layers.files import CAMPUS_LABELS, CORRIDORS, DATA_CENTERS, HIGHWAYS, OSM_WATER, RIVERS
from sitefinder.layers.kept_clear import large_rivers, near_campuses, near_freeways
from sitefinder.layers.sources import Sources

GRID = Grid(25_000.0)
#: somewhere in Kansas: a corner of four cells
CORNER = (GRID.west + 90 * GRID.resolution_m, GRID.north - 60 * GRID.resolution_m)


@pytest.fixture
def sources(default_config):
    """Every cell of a coarse grid, without any data."""
    everywhere = Land(GRID, np.arange(GRID.height * GRID.width, dtype=np.int32))
    return Sources(SimpleNamespace(), everywhere, default_config.config)


def test_a_narrow_arm_of_a_mapped_river_closes_every_cell_that_it_touches(sources, monkeypatch):
    """An arm a tenth of a cell wide between the rows by which coverage is sampled: all its cells see its banks."""
    cell = GRID.resolution_m
    arm = shapely.box(CORNER[0] - 2 * cell, CORNER[1] - 0.1 * cell, CORNER[0] + 2 * cell, CORNER[1] - 0.01 * cell)
    files = {
        OSM_WATER: geopandas.GeoDataFrame({"kind": ["river"]}, geometry=[arm]),
        RIVERS: geopandas.GeoDataFrame(
            {"flow_m3s": [1.0]}, geometry=[shapely.LineString([CORNER, (CORNER[0] + 1.0, CORNER[1])])]
        ),
    }
    monkeypatch.setattr(sources, "features", files.__getitem__)
    row, col = GRID.cell_at(CORNER[0] + np.array([-1.5, -0.5, 0.5, 1.5]) * cell, np.full(4, CORNER[1] - cell / 2))
    assert (large_rivers(sources)[sources.land.position[row, col]] > 0).all()


def test_a_cell_within_the_error_of_a_freeway_is_not_free(sources, monkeypatch):
    """The zone reaches 900 m: cells beside a line 800 m from their border are touched, those 1,000 m from it are not."""
    x, y = CORNER
    for off, touched in ((800.0, True), (1000.0, False)):
        road = shapely.LineString([(x + 1000, y + off), (x + 20_000, y + off)])
        files = {
            HIGHWAYS: geopandas.GeoDataFrame(
                {"kind": ["interstate", "us"]}, geometry=[road, shapely.LineString([(x, y), (x, y - 9)])]
            ),
            CORRIDORS: geopandas.GeoDataFrame({"kind": ["railway"]}, geometry=[shapely.LineString([(x, y), (x, y - 9)])]),
        }
        monkeypatch.setattr(sources, "features", files.__getitem__)
        below = GRID.cell_at(np.array([x + 5000.0]), np.array([y - 5000.0]))
        assert bool((near_freeways(sources)[sources.land.position[below]] > 0).all()) is touched


def test_a_building_keeps_200_m_around_it_free(sources, monkeypatch):
    """A building whose wall lies 150 m from a cell closes it, 250 m from it does not, whatever the point of its campus says."""
    x, y = CORNER
    radius = 100.0
    far = geopandas.GeoDataFrame(
        {"footprint_m2": [1.0], "land_outline": [False], "mw": [np.nan]}, geometry=[shapely.Point(x + 20_000, y + 20_000)]
    )
    for wall, touched in ((150.0, True), (250.0, False)):
        building = shapely.Point(x + 5000, y + wall + radius)
        files = {
            CAMPUS_LABELS: far,
            DATA_CENTERS: geopandas.GeoDataFrame({"footprint_m2": [np.pi * radius**2]}, geometry=[building]),
        }
        monkeypatch.setattr(sources, "features", files.__getitem__)
        below = GRID.cell_at(np.array([x + 5000.0]), np.array([y - 5000.0]))
        assert bool((near_campuses(sources)[sources.land.position[below]] > 0).all()) is touched
