"""Balancing authorities of places whose utility everybody there can name."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from sitefinder.compiling.balancing_areas import authorities_served
from sitefinder.compiling.base import CRS
from sitefinder.compiling.market_regions import REGION_OF_BA
from sitefinder.pipeline.named_places import NAMED_UTILITIES
from tests.helpers.paths import DATA


@pytest.fixture(scope="module")
def areas() -> gpd.GeoDataFrame:
    return gpd.read_parquet(DATA / "share_alike" / "balancing_areas.parquet")


@pytest.mark.parametrize(("utility", "region", "lon", "lat"), NAMED_UTILITIES, ids=[p[0] for p in NAMED_UTILITIES])
def test_named_utilities_lie_in_an_authority_of_their_market(
    utility: str, region: str, lon: float, lat: float, areas: gpd.GeoDataFrame
) -> None:
    """One authority at the place, of the market region of that utility."""
    point = gpd.GeoSeries.from_xy([lon], [lat], crs="EPSG:4326").to_crs(CRS).iloc[0]
    found = areas.loc[areas.contains(point), "ba"].tolist()
    assert [REGION_OF_BA[ba] for ba in found] == [region]


@pytest.mark.parametrize(
    ("ba", "lon", "lat"),
    [
        ("AZPS", -112.58, 33.37),
        ("SRP", -111.85, 33.30),
        ("LDWP", -118.25, 34.05),
        ("BANC", -121.49, 38.58),
        ("PACE", -112.0, 40.3),
    ],
)
def test_neighbours_in_one_region_are_told_apart(ba: str, lon: float, lat: float, areas: gpd.GeoDataFrame) -> None:
    """Arizona Public Service and Salt River Project; Los Angeles and Sacramento; PacifiCorp in Utah."""
    point = gpd.GeoSeries.from_xy([lon], [lat], crs="EPSG:4326").to_crs(CRS).iloc[0]
    assert areas.loc[areas.contains(point), "ba"].tolist() == [ba]


def test_areas_do_not_overlap(areas: gpd.GeoDataFrame) -> None:
    """Their areas add up to that of their union."""
    assert areas.area.sum() == pytest.approx(shapely.union_all(areas.geometry.values).area, rel=1e-6)


def test_territories_without_a_known_authority_are_left_out() -> None:
    """A correction comes before the source; small sellers come first, so that larger ones cover them; unknown is not small."""
    served = gpd.GeoDataFrame(
        {
            "eia_id": [1, 2, 3, 12199, 5, 6],
            "state": ["IA", "AK", "OH", "MT", "AZ", "TX"],
            "ba": ["MISO", "NA", None, "SWPP", "WALC", "ERCO"],
            "mwh": [5e6, 5e6, 5e6, 5e6, 3e5, None],
        },
        geometry=[shapely.box(0, 0, 1, 1)] * 6,
        crs=CRS,
    )
    assert authorities_served(served)["ba"].tolist() == ["WALC", "MISO", "MISO", "ERCO"]
