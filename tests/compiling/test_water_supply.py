"""What the compiled facts of water supply must hold."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

from sitefinder.compiling.base import CRS
from sitefinder.compiling.water_supply import CORRECTED, DOCTRINES, corrected, supplier_name
from tests.helpers.paths import DATA

TO_ALBERS = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)


@pytest.fixture(scope="module")
def areas():
    return gpd.read_parquet(DATA / "water" / "service_areas.parquet")


@pytest.mark.parametrize(
    ("lat", "lon", "supplier"),
    [
        (33.45, -112.07, "City of Phoenix"),
        (41.26, -96.00, "Metropolitan Utilities District"),
        (39.96, -83.00, "Columbus Public Water System"),
        (39.04, -77.49, "Loudoun Water"),
        (38.92, -77.22, "Fairfax County Water Authority"),
    ],
)
def test_the_supplier_of_a_city_is_known(areas, lat, lon, supplier):
    """Ashburn is Loudoun Water's, which the source gives to Fairfax; Tysons is Fairfax's."""
    assert supplier in set(areas[areas.contains(shapely.Point(TO_ALBERS.transform(lon, lat)))]["name"])


def test_areas_are_valid_and_small(areas):
    """Two megabytes."""
    assert areas.is_valid.all()
    assert set(areas.geom_type) <= {"Polygon", "MultiPolygon"}
    assert (DATA / "water" / "service_areas.parquet").stat().st_size < 2_000_000


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("PHOENIX CITY OF", "City of Phoenix"),
        ("BLACK MOUNTAIN, TOWN OF", "Town of Black Mountain"),
        ("NORTH TEXAS MWD WYLIE WTP", "North Texas MWD Wylie WTP"),
        ("Kayenta  -NTUA", "Kayenta -NTUA"),
    ],
)
def test_names_are_readable(written, name):
    """Mixed case, abbreviations as they are."""
    assert supplier_name(written) == name


def test_only_the_part_in_the_county_is_corrected():
    """The rest keeps its name, other suppliers in the county too."""
    (fips, (written, right)), *_ = CORRECTED.items()
    county = gpd.GeoDataFrame({"fips": [fips]}, geometry=[shapely.box(0, 0, 10, 10)], crs=CRS)
    areas = gpd.GeoDataFrame({"name": [written, "Town"]}, geometry=[shapely.box(5, 0, 15, 10), shapely.box(0, 0, 2, 2)], crs=CRS)
    size = corrected(areas, county).assign(area=lambda f: f.area).set_index("name").area
    assert size.to_dict() == {written: 50.0, right: 50.0, "Town": 4.0}


def test_managed_groundwater_is_that_of_three_states():
    """Maricopa's active management areas; a part of unknown size stays unknown."""
    frame = pd.read_parquet(DATA / "water" / "managed_groundwater.parquet").set_index("fips")
    assert set(frame.state) == {"AZ", "CO", "TX"}
    assert frame.loc["04013", "share_managed"] == pytest.approx(0.58)
    assert frame.loc[frame.kind == "partial", "share_managed"].isna().all()


def test_every_state_has_a_doctrine():
    """Colorado appropriates, Georgia asks for a permit from 100,000 gallons."""
    frame = pd.read_parquet(DATA / "water" / "state_water_rights.parquet").set_index("state")
    assert len(frame) == 49
    assert set(frame.doctrine) == DOCTRINES
    assert frame.loc["CO", "doctrine"] == "prior_appropriation"
    assert frame.loc["GA", "surface_permit"] == ">100k gpd"
