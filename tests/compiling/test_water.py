"""What the compiled water layers must hold."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from pyproj import Transformer

from sitefinder.compiling.base import CRS, FRAME
from sitefinder.compiling.runoff import DrainageGrid, RunoffMap
from sitefinder.compiling.terrain import frame_grid
from sitefinder.compiling.water import conus_counties, counted_twice
from sitefinder.units import runoff_to_m3s
from tests.helpers.paths import DATA

TO_ALBERS = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)


def layer(name):
    return gpd.read_parquet(DATA / f"{name}.parquet")


def biggest_near(frame, lon, lat, reach_m=6000.0):
    """The river piece with the largest flow near a place."""
    close = frame[frame.distance(shapely.Point(TO_ALBERS.transform(lon, lat))) < reach_m]
    return close.loc[close.flow_m3s.idxmax()]


@pytest.fixture(scope="module")
def rivers():
    return layer("water/rivers")


@pytest.fixture(scope="module")
def lakes():
    return layer("water/lakes")


@pytest.fixture
def chain():
    """Five cells in a row that drain east, 100 km2 each."""
    lon = -96.0 + 0.125 * np.arange(5)
    lat = np.full(5, 40.0)
    x, y = TO_ALBERS.transform(lon, lat)
    return DrainageGrid(
        lon=lon,
        lat=lat,
        x_m=np.array(x),
        y_m=np.array(y),
        area_km2=np.full(5, 100.0),
        upstream_km2=100.0 * np.arange(1, 6),
        downstream=np.array([1, 2, 3, 4, -1]),
    )


@pytest.mark.parametrize(
    "name",
    ["water/gauges", "water/rivers", "water/lakes", "water/wastewater", "water/scarcity_aware", "share_alike/open_water_osm"],
)
def test_vectors_touch_the_frame(name):
    """Features are valid, in EPSG:5070 and inside the frame or across its edge."""
    frame = layer(name)
    assert frame.crs == CRS
    assert frame.is_valid.all()
    assert shapely.intersects(frame.geometry.values, shapely.box(*FRAME)).all()


def test_gauges():
    """Site numbers keep their leading zero and flow follows from runoff and area."""
    frame = layer("water/gauges").set_index("site_no")
    assert (frame.index.str.len() >= 8).all()
    first = frame.loc["01011000"]
    assert first.flow_m3s == pytest.approx(runoff_to_m3s(first.runoff_mm, first.drainage_km2), abs=0.001)
    assert 9000 < len(frame) < 9100


def test_runoff_raster():
    """The Olympic coast is wet, the Mojave dry, and the sea empty."""
    with rasterio.open(DATA / "water" / "runoff_mm.tif") as source:
        assert (source.transform, source.shape) == frame_grid(5000.0)
        wet, dry, sea = (
            int(v[0]) for v in source.sample([TO_ALBERS.transform(*p) for p in [(-124.0, 47.8), (-115.5, 35.0), (-72.0, 36.0)]])
        )
    assert wet > 1500
    assert 0 <= dry < 60
    assert sea == -32_768


def test_climatic_balance_has_both_signs():
    """Phoenix loses water to the air, New Hampshire does not."""
    with rasterio.open(DATA / "water" / "climatic_balance_mm.tif") as source:
        phoenix, hampshire = (
            int(v[0]) for v in source.sample([TO_ALBERS.transform(*p) for p in [(-112.1, 33.5), (-71.5, 43.8)]])
        )
    assert -1500 < phoenix < -500
    assert 100 < hampshire < 2000


@pytest.mark.parametrize(
    ("name", "lon", "lat", "low", "high"),
    [
        ("Mississippi", -90.9, 32.3, 12_000, 22_000),
        ("Ohio", -89.1, 37.1, 6500, 9500),
        ("Columbia", -121.17, 45.6, 3800, 7000),
        ("Susquehanna", -76.2, 39.6, 850, 1400),
        ("Potomac", -77.35, 39.07, 200, 460),
    ],
)
def test_known_rivers(rivers, name, lon, lat, low, high):
    """Large rivers carry about their long-term mean."""
    piece = biggest_near(rivers, lon, lat)
    assert name in piece["name"]
    assert low < piece.flow_m3s < high


def test_rivers_grow_downstream(rivers):
    """The Ohio at Pittsburgh is far smaller than at Cincinnati."""
    ohio = rivers[rivers.name == "Ohio River"]
    upper, lower = biggest_near(ohio, -80.2, 40.5), biggest_near(ohio, -84.5, 39.1)
    assert upper.flow_m3s < 0.7 * lower.flow_m3s
    assert upper.drainage_km2 < lower.drainage_km2


def test_rivers_agree_with_gauges(rivers):
    """Nearest pieces of gauges above 500 km2 have the gauge's drainage within a factor of two, nine times in ten."""
    gauges = layer("water/gauges")
    gauges = gauges[gauges.drainage_km2 > 500].iloc[::5]
    gauge, piece = rivers.sindex.nearest(gauges.geometry.values, max_distance=1000.0, return_all=False)
    ratio = rivers.drainage_km2.to_numpy()[piece] / gauges.drainage_km2.to_numpy()[gauge]
    assert (np.abs(np.log2(ratio)) < 1.0).mean() > 0.9
    assert rivers.flow_m3s.min() >= 1.0


def test_area_accumulates_downstream(chain):
    """Every cell passes its own and its tributaries' water on."""
    assert chain.accumulate(np.ones(5)).tolist() == [1, 2, 3, 4, 5]


def test_runoff_between_equal_gauges_is_theirs():
    """Where all gauges agree the map has no error, with and without near neighbours."""
    rng = np.random.default_rng(1)
    runoff = RunoffMap(rng.uniform(0, 300_000, (300, 2)), np.full(300, 250.0))
    values, _ = runoff.at(np.array([[100_000.0, 100_000.0]]))
    assert values == pytest.approx([250.0])
    assert runoff.error(25_000.0) == pytest.approx((0.0, 0.0))


def test_runoff_error_withholds_the_gauge_itself():
    """One odd gauge among equals is missed by the leave-one-out test."""
    rng = np.random.default_rng(2)
    values = np.full(300, 100.0)
    values[::3] = 200.0
    assert RunoffMap(rng.uniform(0, 300_000, (300, 2)), values).error(0.0)[1] > 0.2


@pytest.mark.parametrize("name", ["Superior", "Michigan", "Huron", "Erie", "Ontario", "Okeechobee", "Mead", "Champlain"])
def test_large_lakes_are_present(lakes, name):
    """The Great Lakes and well-known lakes are there, each in one large piece."""
    of_name = lakes[lakes.name.fillna("").str.contains(f"Lake {name}")]
    assert (of_name.area_km2 > 400).sum() == 1


def test_lakes_do_not_repeat(lakes):
    """No lake is drawn twice: overlaps stay below one percent of all lake area."""
    one, two = lakes.sindex.query(lakes.geometry.values, predicate="intersects")
    pairs = one < two
    shared = shapely.area(shapely.intersection(lakes.geometry.values[one[pairs]], lakes.geometry.values[two[pairs]]))
    assert shared.sum() < 0.01 * lakes.area.sum()
    assert lakes.area_km2.min() >= 1.0


def test_open_water():
    """Both kinds are there, nothing below a quarter km2, and Lake Powell's country has water."""
    frame = layer("share_alike/open_water_osm")
    assert set(frame.kind) == {"lake", "river"}
    assert frame.area_km2.min() >= 0.25
    assert 30_000 < len(frame) < 60_000


def test_county_water_use():
    """Counties are complete and the national fresh withdrawal is that of the 2015 report (281 billion gallons a day)."""
    frame = pd.read_parquet(DATA / "water" / "county_use.parquet").set_index("fips")
    assert frame.index.is_unique
    assert len(frame) == 3108
    assert 265e3 < frame.fresh_mgd.sum() < 285e3
    assert frame.loc["06019", "irrigation_mgd"] > 1000


def test_county_drought():
    """Shares lie in 0..1, and Nevada knows drought better than Maine."""
    frame = pd.read_parquet(DATA / "water" / "county_drought.parquet").set_index("fips")
    assert len(frame) == 3108
    assert frame.min().min() >= 0
    assert frame.max().max() <= 1
    assert frame.loc["32003", "d2_area_share"] > 3 * frame.loc["23003", "d2_area_share"]


def test_wastewater():
    """Stickney and Blue Plains are there although one is filed as a sewer; programmes are not."""
    frame = layer("water/wastewater")
    assert frame.design_mgd.min() >= 0.5
    assert frame.name.str.contains("Stickney").any()
    assert frame.name.str.contains("BLUE PLAINS").any()
    assert not frame.name.str.contains("CIP -").any()
    assert 5500 < len(frame) < 7000


def test_scarcity():
    """The Colorado basin is scarce, the Ohio basin is not, and undefined stays null."""
    frame = layer("water/scarcity_aware")
    at = {
        name: frame[frame.contains(shapely.Point(TO_ALBERS.transform(*place)))].annual_nonagri.iloc[0]
        for name, place in {"phoenix": (-112.1, 33.5), "cincinnati": (-84.5, 39.2)}.items()
    }
    assert at["phoenix"] > 20
    assert at["cincinnati"] < 5
    assert frame.annual_nonagri.isna().any()


def test_county_codes_outside_the_states_go():
    """Alaska, Hawaii, Puerto Rico and broken codes are refused, the District of Columbia is kept."""
    codes = pd.Series(["02013", "15001", "72001", "0<NA>", "11001", "56045"])
    assert conus_counties(codes).tolist() == [False, False, False, False, True, True]


def test_flows_that_drain_into_another_entry_count_once():
    """Two works of 20 flow into one of 40 of their authority; the same flow 200 m off is a repeat; others stay."""
    rows = [
        ("GA", 20.0, "A", 0), ("GA", 20.0, "A", 1400), ("GA", 40.0, "A", 3000), ("GA", 40.0, "B", 3100),
        ("TX", 5.0, "C", 90_000), ("TX", 5.0, "D", 90_200), ("TX", 5.0, "D", 90_600),
        ("OH", 20.0, "A", 200_000), ("OH", 40.0, "A", 201_000), ("OH", 20.0, "A", 230_000),
    ]  # fmt: skip
    state, flow, authority, x = zip(*rows, strict=True)
    frame = gpd.GeoDataFrame(
        {"state": state, "design_mgd": flow, "authority": authority}, geometry=gpd.points_from_xy(x, np.zeros(len(x))), crs=CRS
    )
    assert counted_twice(frame).tolist() == [True, True, False, True, False, True, False, False, False, False]


def test_dalton_counts_once():
    """40 Mgd of Riverbend; Looper and Riverbend Pre LAS flow into it."""
    plants = layer("water/wastewater")
    dalton = plants[(plants.state == "GA") & (plants.city == "Dalton")]
    assert dalton.design_mgd.tolist() == [40.0]
