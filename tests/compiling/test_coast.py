"""The sea is what lies beyond the coast, and named bays are in it."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from sitefinder.compiling.coast import IN_THE_SEA, sea_within
from tests.helpers.paths import DATA


def test_the_sea_is_what_lies_beyond_the_coast():
    """A coast along a meridian with the country to its west, and an outline that reaches 5 km over it."""
    x = 1_900_000.0
    coast = shapely.LineString([(x, -200_000), (x, 4_000_000)])
    assert IN_THE_SEA[0][0] > x
    county = shapely.box(x - 10_000, 0, x + 5_000, 10_000)
    sea = sea_within([coast], [county])
    east = [piece for piece in sea if piece.centroid.x > x]
    assert sum(piece.area for piece in east) == pytest.approx(5_000 * 10_000)


@pytest.mark.parametrize(
    ("bay", "lon", "lat"),
    [("Pensacola Bay", -87.1, 30.42), ("Choctawhatchee Bay", -86.3, 30.43), ("Chincoteague Bay", -75.33, 38.05)],
)
def test_named_bays_are_in_the_sea(bay, lon, lat):
    """Inside a county, and no land."""
    place = shapely.Point(lon, lat)
    counties = gpd.read_parquet(DATA / "boundaries/counties.parquet").to_crs("EPSG:4326")
    assert counties.contains(place).any(), bay
    assert gpd.read_parquet(DATA / "water/sea.parquet").to_crs("EPSG:4326").contains(place).any()
