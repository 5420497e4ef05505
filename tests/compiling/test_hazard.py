"""What the compiled hazard and climate layers must hold."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

from sitefinder.compiling.base import CRS, FRAME
from sitefinder.compiling.hazard import RANKS, current_county, percentile
from tests.helpers.paths import DATA

TO_ALBERS = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
COUNTIES = 3108


def counties(name):
    return pd.read_parquet(DATA / f"{name}.parquet").set_index("fips")


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("hazard/county_nri", COUNTIES),
        ("hazard/county_seismic", COUNTIES),
        ("hazard/county_wildfire", COUNTIES),
        ("climate/county_cdd", COUNTIES - 1),
    ],
)
def test_county_tables_are_complete(name, rows):
    """Each county appears once under its present code."""
    frame = counties(name)
    assert frame.index.is_unique
    assert len(frame) == rows
    assert "46102" in frame.index
    assert "46113" not in frame.index


def test_nri_ranks():
    """Ranks fill 0..100; hurricane is unrated in the north-west and high in Miami; California shakes."""
    frame = counties("hazard/county_nri")
    assert set(frame.columns) == set(RANKS)
    assert frame.min().min() == 0
    assert frame.max().max() == 100
    assert pd.isna(frame.loc["53033", "hurricane_rank"])
    assert frame.loc["12086", "hurricane_rank"] > 85
    assert frame.loc["06037", "earthquake_rank"] > 95
    assert frame.loc["31047", "hail_rank"] > 70


def test_nri_ranks_do_not_follow_population():
    """Dividing by residents takes the exposure out: Los Angeles and Chicago are not the worst of everything."""
    frame = counties("hazard/county_nri")
    assert frame.loc["17031", "tornado_rank"] < 90
    assert frame.loc["06037", "flood_rank"] < 90


def test_homes_in_flood_zones():
    """A third of those of New Orleans' neighbours; lower bounds are marked; Connecticut has other counties."""
    frame = counties("hazard/county_flood_homes")
    assert frame.index.is_unique
    assert frame.loc["12087", "home_share"] > 0.6
    assert frame.loc["51735", "lower_bound"]
    assert 550 < frame.lower_bound.sum() < 620
    assert not set(frame.index) & {"09001", "09003"}
    # homes that are counted: the share of the country, 3.5 %
    assert 0.03 < frame[~frame.lower_bound].home_share.mean() < 0.05


def test_homes_in_flood_zones_say_something_else_than_the_modelled_loss():
    """Rank correlation 0.57 where homes were counted (0.46 with the lower bounds): neither the same nor noise."""
    homes = counties("hazard/county_flood_homes")
    both = counties("hazard/county_nri").join(homes[~homes.lower_bound], how="inner")
    assert both.flood_rank.corr(both.home_share, method="spearman") == pytest.approx(0.57, abs=0.02)


def test_percentile_keeps_gaps_and_ties():
    """Missing stays missing and equal values get the lower rank."""
    assert percentile(pd.Series([2.0, None, 2.0, 7.0])).fillna(-1).tolist() == [0.0, -1.0, 0.0, 100.0]


def test_renamed_county():
    """Shannon County is filed as Oglala Lakota, others keep their code."""
    assert current_county(pd.Series(["46113", "48441"])).tolist() == ["46102", "48441"]


def test_seismic():
    """San Francisco and the New Madrid zone shake, Iowa does not."""
    pga = counties("hazard/county_seismic").pga_pct_g
    assert pga["06075"] > 40
    assert pga["29143"] > 15
    assert pga["19153"] < 5


def test_wildfire():
    """Shares lie in 0..1; Idaho's forest burns, Cook County, Illinois, does not."""
    frame = counties("hazard/county_wildfire")
    assert frame.min().min() >= 0
    assert frame.max().max() <= 1
    assert frame.loc["16059", "high_share"] > 0.4
    assert frame.loc["17031", "high_share"] < 0.01


def test_tornado_tracks():
    """Only EF2 and stronger since 1980, no line to the null island, Moore 2013 is there."""
    frame = gpd.read_parquet(DATA / "hazard" / "tornado_tracks.parquet")
    assert frame.crs == CRS
    assert frame.ef.between(2, 5).all()
    assert frame.year.between(1980, 2022).all()
    assert frame.length.between(1.0, 300_000.0).all()
    assert frame.width_m.dropna().gt(0).all()
    moore = frame[(frame.year == 2013) & (frame.ef == 5)]
    assert moore.distance(shapely.Point(TO_ALBERS.transform(-97.5, 35.33))).min() < 5000


def test_hurricane_segments():
    """Steps are short, at hurricane strength, and Katrina reached Louisiana."""
    frame = gpd.read_parquet(DATA / "hazard" / "hurricane_segments.parquet")
    assert frame.wind_kt.min() >= 64
    assert frame.length.max() < 700_000
    assert shapely.intersects(frame.geometry.values, shapely.box(*FRAME)).all()
    katrina = frame[(frame.storm == "Katrina") & (frame.year == 2005)]
    assert katrina.distance(shapely.Point(TO_ALBERS.transform(-89.6, 29.6))).min() < 60_000


def test_degree_days():
    """Florida is warmer than Maine; DC, Baltimore and counties with an apostrophe have values."""
    frame = counties("climate/county_cdd")
    assert frame.loc["12086", "cdd_f"] > 3500
    assert frame.loc["23003", "cdd_f_mean"] < 400
    assert frame.loc[["11001", "24510", "24033", "19141"]].notna().all().all()
    assert frame.notna().all().all()


def test_stations():
    """Miami has the higher wet bulb and fewer free hours than Denver."""
    frame = gpd.read_parquet(DATA / "climate" / "stations.parquet")
    near = {
        name: frame.loc[frame.distance(shapely.Point(TO_ALBERS.transform(*place))).idxmin()]
        for name, place in {"miami": (-80.3, 25.8), "denver": (-104.9, 39.8)}.items()
    }
    assert near["miami"].wetbulb_996_c > near["denver"].wetbulb_996_c + 5
    assert near["miami"].free_cooling_hours < near["denver"].free_cooling_hours
    assert (frame.wetbulb_996_c < frame.drybulb_996_c).all()
    assert len(frame) == 113


def test_nonattainment():
    """Los Angeles misses ozone and PM-2.5; a row always carries a pollutant; revoked standards are gone."""
    frame = counties("climate/nonattainment")
    flags = frame[["ozone", "pm25", "so2", "other"]]
    assert flags.any(axis=1).all()
    assert frame.loc["06037", "ozone"]
    assert frame.loc["06037", "pm25"]
    assert set(frame.whole_or_part) == {"W", "P"}
    assert 200 < len(frame) < 350
