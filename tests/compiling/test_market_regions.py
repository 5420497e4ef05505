"""Market regions of places whose utility everybody there can name."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from sitefinder.compiling.base import CRS
from sitefinder.compiling.market_regions import BA_CORRECTED, REGION_NAMES, REGION_OF_BA, REGION_OF_EGRID, regions_served
from sitefinder.config.delivery import REGIONS
from sitefinder.pipeline.named_places import NAMED_UTILITIES
from tests.helpers.paths import DATA


@pytest.fixture(scope="module")
def regions() -> gpd.GeoDataFrame:
    return gpd.read_parquet(DATA / "share_alike" / "rto_regions.parquet")


@pytest.mark.parametrize(("utility", "code", "lon", "lat"), NAMED_UTILITIES, ids=[p[0] for p in NAMED_UTILITIES])
def test_named_utilities_lie_in_their_market(utility: str, code: str, lon: float, lat: float, regions: gpd.GeoDataFrame) -> None:
    """One region at the place, and it is that of the utility."""
    point = gpd.GeoSeries.from_xy([lon], [lat], crs="EPSG:4326").to_crs(CRS).iloc[0]
    assert regions.loc[regions.contains(point), "code"].tolist() == [code]


def test_regions_cover_the_land_once(regions: gpd.GeoDataFrame) -> None:
    """No overlap, and less than a ten-thousandth of the states without a region."""
    assert set(regions["code"]) == set(REGIONS) == set(REGION_NAMES)
    whole = shapely.union_all(regions.geometry.values)
    assert regions.area.sum() == pytest.approx(whole.area, rel=1e-6)
    states = gpd.read_parquet(DATA / "boundaries" / "states.parquet")
    assert sum(s.difference(whole).area for s in states.geometry) < 1e-4 * states.area.sum()


def test_every_authority_and_subregion_belongs_to_a_known_region() -> None:
    """Corrections included."""
    assert {*REGION_OF_BA.values(), *REGION_OF_EGRID.values()} <= set(REGIONS)
    assert set(BA_CORRECTED.values()) <= set(REGION_OF_BA)


def test_territories_without_a_known_authority_say_nothing() -> None:
    """Alaska's NA and an empty code are left out; a correction comes before the source."""
    square = shapely.box(0, 0, 1, 1)
    served = gpd.GeoDataFrame(
        {"eia_id": [1, 2, 3, 12199], "state": ["IA", "AK", "OH", "MT"], "ba": ["MISO", "NA", None, "SWPP"]},
        geometry=[square] * 4,
        crs=CRS,
    )
    pd.testing.assert_series_equal(
        regions_served(served)["code"], pd.Series(["MISO", "MISO"], index=[0, 3], name="code"), check_dtype=False
    )
