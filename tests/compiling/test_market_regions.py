"""Market regions of places whose utility everybody there can name."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from sitefinder.compiling.base import CRS
from sitefinder.compiling.market_regions import BA_CORRECTED, REGION_NAMES, REGION_OF_BA, REGION_OF_EGRID, regions_served
from sitefinder.config.delivery import REGIONS
from tests.helpers.paths import DATA

SOUTHEAST, WEST = "non-ISO Southeast", "non-ISO West"
#: utility, its market region, longitude and latitude of a place that it serves (general knowledge)
PLACES = [
    ("MidAmerican at Altoona IA", "MISO", -93.47, 41.66),
    ("MidAmerican at Council Bluffs IA", "MISO", -95.80, 41.18),
    ("Montana-Dakota at Ellendale ND", "MISO", -98.53, 46.00),
    ("Otter Tail at Jamestown ND", "MISO", -98.60, 46.85),
    ("Mountrail-Williams at Williston ND", "SPP", -103.50, 48.25),
    ("Xcel at Becker MN", "MISO", -93.87, 45.40),
    ("We Energies at Mount Pleasant WI", "MISO", -87.90, 42.71),
    ("Alliant at Beaver Dam WI", "MISO", -88.85, 43.44),
    ("NIPSCO at Wheatfield IN", "MISO", -87.05, 41.20),
    ("Duke at Lebanon IN", "MISO", -86.50, 40.03),
    ("Indiana Michigan at New Carlisle IN", "PJM", -86.47, 41.71),
    ("ComEd at DeKalb IL", "PJM", -88.75, 41.90),
    ("Ameren at Springfield IL", "MISO", -89.40, 39.60),
    ("AEP at New Albany OH", "PJM", -82.75, 40.09),
    ("Dominion at Ashburn VA", "PJM", -77.47, 39.03),
    ("PPL at Berwick PA", "PJM", -76.15, 41.09),
    ("Kentucky Utilities at Lexington KY", SOUTHEAST, -84.50, 38.05),
    ("Big Rivers at Henderson KY", "MISO", -87.50, 37.80),
    ("Memphis Light, Gas and Water in TVA", SOUTHEAST, -90.04, 35.00),
    ("Alabama Power at Bessemer AL", SOUTHEAST, -87.10, 33.30),
    ("Georgia Power at Social Circle GA", SOUTHEAST, -83.70, 33.62),
    ("Duke Energy Progress at Roxboro NC", SOUTHEAST, -79.00, 36.40),
    ("Florida Power & Light at Port St. Lucie FL", SOUTHEAST, -80.40, 27.20),
    ("Entergy at Holly Ridge LA", "MISO", -91.65, 32.50),
    ("SWEPCO at Shreveport LA", "SPP", -93.90, 32.50),
    ("Entergy at Beaumont TX", "MISO", -94.10, 30.00),
    ("Oncor at Abilene TX", "ERCOT", -99.80, 32.50),
    ("Oncor at Midland TX", "ERCOT", -102.10, 31.95),
    ("CenterPoint at Houston TX", "ERCOT", -95.40, 29.75),
    ("Southwestern Public Service at Amarillo TX", "SPP", -101.90, 35.30),
    ("El Paso Electric at El Paso TX", WEST, -106.40, 31.95),
    ("Evergy at Kansas City MO", "SPP", -94.45, 39.28),
    ("Omaha Public Power District at Papillion NE", "SPP", -96.05, 41.12),
    ("Arizona Public Service at Buckeye AZ", WEST, -112.65, 33.42),
    ("PacifiCorp at Eagle Mountain UT", WEST, -112.00, 40.32),
    ("Grant PUD at Quincy WA", WEST, -119.85, 47.23),
    ("PG&E at Fresno CA", "CAISO", -119.80, 36.60),
    ("Edison at Victorville CA", "CAISO", -117.30, 34.55),
    ("Sacramento Municipal Utility District", WEST, -121.40, 38.50),
    ("Los Angeles Department of Water and Power", WEST, -118.40, 34.20),
    ("National Grid at Alabama NY", "NYISO", -78.40, 43.10),
    ("Central Maine Power at Lewiston ME", "ISONE", -70.00, 44.10),
]


@pytest.fixture(scope="module")
def regions() -> gpd.GeoDataFrame:
    return gpd.read_parquet(DATA / "share_alike" / "rto_regions.parquet")


@pytest.mark.parametrize(("utility", "code", "lon", "lat"), PLACES, ids=[p[0] for p in PLACES])
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
