"""Open water: a lake drawn twice counts once, and low land beyond the coast is the sea."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
import shapely
import shapely.affinity

from sitefinder.grid import CRS, Grid, Land
from sitefinder.layers.files import ELEVATION, LAKES, OSM_WATER, SEA
from sitefinder.layers.open_water import water_share
from sitefinder.layers.sources import Sources

GRID = Grid(1000.0)
ROW, COL = 1000, 2000
#: a strip of ten cells
LAND = Land(GRID, np.arange(ROW * GRID.width + COL, ROW * GRID.width + COL + 10, dtype=np.int32))
WEST, SOUTH = GRID.west + 1000.0 * COL, GRID.north - 1000.0 * (ROW + 1)


def cell(first, last, up=1000.0):
    """The cells of the strip from one to another, to a height above their lower border."""
    return shapely.box(WEST + 1000.0 * first, SOUTH, WEST + 1000.0 * (last + 1), SOUTH + up)


class Given(Sources):
    """Sources of shapes and heights given."""

    def __init__(self, height=50.0, **shapes):
        super().__init__(SimpleNamespace(), LAND, SimpleNamespace())
        self.height = height
        self.shapes = {name: shapes.get(key, []) for key, name in (("lakes", LAKES), ("finer", OSM_WATER), ("sea", SEA))}

    def features(self, name):
        """The shapes given."""
        return gpd.GeoDataFrame(geometry=self.shapes[name], crs=CRS)

    def raster(self, name, *, method="bilinear"):
        """One height everywhere."""
        assert (name, method) == (ELEVATION, "nearest")
        return np.full(LAND.size, self.height, np.float32)


def test_lakes_of_both_sources_count():
    """Each where the other has none."""
    share = water_share(Given(lakes=[cell(0, 1)], finer=[cell(5, 5, up=500.0)]))
    assert share.tolist() == pytest.approx([1, 1, 0, 0, 0, 0.5, 0, 0, 0, 0])


def test_a_lake_drawn_twice_is_as_large_as_its_finer_outline():
    """The coarse outline 300 m off adds nothing."""
    coarse = shapely.affinity.translate(cell(2, 3), 300.0, 0.0)
    assert water_share(Given(lakes=[coarse], finer=[cell(2, 3)])).sum() == pytest.approx(2.0)


def test_a_lake_that_is_mapped_in_part_keeps_its_outline():
    """The finer source holds a quarter of it."""
    assert water_share(Given(lakes=[cell(0, 7)], finer=[cell(0, 1)])).sum() == pytest.approx(8.0)


@pytest.mark.parametrize(("height", "wet"), [(0.0, 1.0), (1.0, 1.0), (2.0, 0.0), (float("nan"), 1.0)])
def test_what_lies_beyond_the_coast_is_water_at_sea_level_alone(height, wet):
    """A cape that the map cuts off is land; unknown height is the sea's."""
    assert water_share(Given(height=height, sea=[cell(4, 4)]))[4] == wet
