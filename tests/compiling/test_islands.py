"""Islands drawn as lakes become land again, and lakes on islands stay."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from sitefinder.compiling.islands import without_islands
from sitefinder.grid import CRS
from tests.helpers.paths import DATA

LAKE = shapely.box(0, 0, 10_000, 10_000)
ISLAND = shapely.box(4_000, 4_000, 6_000, 6_000)
POND = shapely.box(4_800, 4_800, 5_200, 5_200)
#: places on islands and on a peninsula behind a canal, which the source draws as lakes, and in the lakes around them
LAND = {
    "Isle Royale MI": (-88.80, 48.05),
    "Washington Island WI": (-86.90, 45.37),
    "Grand Island NY": (-78.96, 43.02),
    "Mercer Island WA": (-122.22, 47.57),
    "Door Peninsula WI": (-87.20, 45.05),
    "Drummond Island MI": (-83.62, 46.01),
    "Grand Isle VT": (-73.31, 44.69),
}
WATER = {
    "Lake Superior": (-88.0, 47.7),
    "Lake Michigan": (-86.6, 44.9),
    "Lake Champlain": (-73.40, 44.55),
    "Lake Washington": (-122.26, 47.62),
}


def lakes_of(*polygons):
    """Lakes without the islands among them."""
    return without_islands(gpd.GeoDataFrame({"name": range(len(polygons))}, geometry=list(polygons), crs=CRS))


def test_an_outline_in_the_hole_of_a_lake_is_an_island():
    """The lake keeps its hole."""
    kept = lakes_of(LAKE - ISLAND, ISLAND)
    assert kept["name"].tolist() == [0]
    assert kept.area.sum() == LAKE.area - ISLAND.area


def test_an_outline_in_the_water_is_cut_out_of_it():
    """A source without holes."""
    kept = lakes_of(ISLAND, LAKE)
    assert kept["name"].tolist() == [1]
    assert kept.area.sum() == LAKE.area - ISLAND.area


def test_a_lake_on_an_island_stays():
    """The pond lies in the island, not in the lake."""
    kept = lakes_of(LAKE - ISLAND, ISLAND, POND)
    assert kept["name"].tolist() == [0, 2]


@pytest.mark.parametrize(
    "other", [LAKE.buffer(-300), shapely.box(20_000, 0, 21_000, 1_000), shapely.box(9_900, 0, 11_000, 1_000)]
)
def test_two_drawings_of_a_lake_and_neighbours_stay(other):
    """Nothing is lost."""
    kept = lakes_of(LAKE, other)
    assert len(kept) == 2
    assert kept.area.sum() == LAKE.area + other.area


@pytest.mark.parametrize(("place", "wet"), [*((k, False) for k in LAND), *((k, True) for k in WATER)])
def test_named_islands_are_land_and_the_lakes_around_them_water(place, wet):
    """In the compiled file."""
    lakes = gpd.read_parquet(DATA / "water/lakes.parquet").to_crs("EPSG:4326")
    assert bool(lakes.contains(shapely.Point((LAND | WATER)[place])).any()) == wet
