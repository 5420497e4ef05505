"""What a list may not hold is named, and the compiled data hold no wrong region."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import pytest
import shapely

from sitefinder.costs.facts import PRICE_BAND
from sitefinder.grid import CRS, to_wgs84
from sitefinder.layers.files import COUNTIES, MORATORIA, RTO
from sitefinder.layers.package import DataPackage
from sitefinder.pipeline.checks import county_areas, price_outside_its_state, under_county_rules, wrong_regions
from sitefinder.pipeline.named_places import NAMED_UTILITIES
from tests.helpers.paths import DATA


@pytest.fixture(scope="module")
def counties() -> gpd.GeoDataFrame:
    return gpd.read_parquet(DATA / COUNTIES).set_index("fips")


def square(county, counties):
    """A square kilometre in the middle of a county."""
    point = counties.geometry[county].representative_point()
    return to_wgs84(shapely.box(point.x - 500, point.y - 500, point.x + 500, point.y + 500))


def test_a_county_that_bans_is_told_from_one_that_waits_and_from_a_free_one(package, counties):
    """Marshall County IN banned on 20 April 2026; Tippecanoe's pause is one of the register's; Taylor TX decided nothing."""
    rules = gpd.read_parquet(DATA / MORATORIA)
    paused = rules[rules["county_wide"] & (rules["rule"] == "moratorium") & (rules["expires"] > "2027")]["fips"].iloc[0]
    rows = under_county_rules([square(fips, counties) for fips in ("48441", "18099", paused)], county_areas(package))
    assert rows == {"county_ban": [1], "county_moratorium": [2]}


def test_a_footprint_that_only_touches_a_ban_breaks_no_rule(package, counties):
    """The border of Marshall County itself, 50 m wide outside, is free."""
    beside = to_wgs84(counties.geometry["18099"].buffer(50).difference(counties.geometry["18099"].buffer(10)))
    assert under_county_rules([beside], county_areas(package))["county_ban"] == []


@pytest.mark.parametrize(("ratio", "outside"), [(0.69, True), (0.71, False), (1.39, False), (1.41, True), (float("nan"), False)])
def test_a_price_of_a_few_customers_is_named(ratio, outside):
    """Below and above the band of the state's mean; unknown passes."""
    site = SimpleNamespace(layers={"power_price_usd_mwh": 70.0 * ratio}, place=SimpleNamespace(state="OH"))
    assert PRICE_BAND == (0.7, 1.4)
    assert price_outside_its_state([site], {"OH": 70.0}) == ([0] if outside else [])


def test_a_wrong_region_is_named(tmp_path):
    """Ohio given to MISO, everything else to nobody."""
    folder = tmp_path / "share_alike"
    folder.mkdir()
    ohio = shapely.box(-84.8, 38.4, -80.5, 42.0)
    gpd.GeoDataFrame({"code": ["MISO"]}, geometry=[ohio], crs="EPSG:4326").to_crs(CRS).to_parquet(tmp_path / RTO)
    package = SimpleNamespace(verified=lambda name: tmp_path / name)
    assert "AEP at New Albany OH" in wrong_regions(package)
    assert len(wrong_regions(package)) == len(NAMED_UTILITIES)


def test_package_holds_what_the_checks_read(package):
    """Every file is in the register."""
    from sitefinder.pipeline.checks import FILES

    assert isinstance(package, DataPackage)
    assert all(package.entry(name)["hash"] for name in FILES)
