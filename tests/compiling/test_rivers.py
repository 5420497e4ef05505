"""What the compiled rivers must hold: names that people there use, and flows that were measured and published."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

from sitefinder.compiling.base import CRS
from sitefinder.compiling.rivers import smaller_runoff, with_lakes
from tests.helpers.paths import DATA

TO_ALBERS = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
REACH_M = 3000.0


@pytest.fixture(scope="module")
def rivers():
    return gpd.read_parquet(DATA / "water" / "rivers.parquet")


def biggest_near(frame, lat, lon):
    """The river piece with the largest flow within 3 km of a place."""
    close = frame[frame.distance(shapely.Point(TO_ALBERS.transform(lon, lat))) < REACH_M]
    return close.loc[close.flow_m3s.idxmax()]


@pytest.mark.parametrize(
    ("name", "lat", "lon"),
    [
        ("Catawba River", 34.988, -80.972),  # Rock Hill SC
        ("Chattahoochee River", 33.86, -84.45),  # Atlanta
        ("Kankakee River", 41.12, -87.87),  # Kankakee IL
        ("Yadkin River", 35.72, -80.39),  # Salisbury NC
        ("Scioto River", 39.06, -83.02),  # Piketon OH
        ("Ohio River", 38.72, -83.00),  # Portsmouth OH
        ("Tennessee River", 35.06, -85.31),  # Chattanooga TN
        ("Brazos River", 31.56, -97.12),  # Waco TX
        ("Colorado River", 30.26, -97.74),  # Austin TX
        ("Snake River", 43.24, -116.38),  # Swan Falls, south of Boise ID
        ("Boise River", 43.61, -116.21),  # Boise ID
        ("Susquehanna River", 40.25, -76.88),  # Harrisburg PA
        ("Savannah River", 33.47, -81.96),  # Augusta GA
        ("Wateree River", 34.24, -80.65),  # Camden SC, below the Catawba
        ("Pee Dee River", 34.70, -79.88),  # Cheraw SC, below the Yadkin
        ("Coosa River", 34.01, -86.00),  # Gadsden AL, above the Alabama
        ("Alabama River", 32.41, -86.30),  # Montgomery AL
        ("Allegheny River", 40.46, -79.98),  # Pittsburgh PA, above the Ohio
        ("Clark Fork", 46.87, -114.00),  # Missoula MT, drawn as the Columbia
        ("New River", 37.13, -80.57),  # Radford VA, above the Kanawha
        ("South Platte River", 39.75, -105.00),  # Denver CO
        ("Illinois River", 40.69, -89.58),  # Peoria IL
    ],
)
def test_a_reach_bears_its_local_name(rivers, name, lat, lon):
    """Not that of the outlet of its main stem."""
    assert biggest_near(rivers, lat, lon)["name"].removeprefix("Great ") == name


def test_what_nothing_names_is_marked(rivers):
    """A name of a stem says that it is one; all others are from a gauge, an outlet or a map."""
    stem = rivers[rivers.name_source == "stem"]
    assert len(stem) > 1000
    assert (stem["name"] == "main stem of the " + stem.system + " system").all()
    rest = rivers[rivers.name_source != "stem"]
    assert not rest["name"].str.startswith("main stem").any()
    assert set(rest.name_source.dropna()) == {"gauge", "outlet", "map"}
    assert rest.loc[rest.name_source.isna(), "name"].isna().all()


#: place, latitude, longitude, published mean flow m3/s (USGS), and how far the estimate may be off; the Missouri's water is used
#: up on its way, which a natural flow does not know
PUBLISHED = [
    ("Mississippi above the Missouri", 38.84, -90.10, 3100, 0.15),
    ("Missouri at Hermann", 38.71, -91.44, 2300, 0.35),
    ("Mississippi at St. Louis", 38.63, -90.18, 5400, 0.15),
    ("Ohio at Louisville", 38.27, -85.76, 3300, 0.15),
    ("Columbia at The Dalles", 45.61, -121.17, 5300, 0.15),
    ("Susquehanna at Harrisburg", 40.25, -76.88, 970, 0.15),
    ("Tennessee at Chattanooga", 35.06, -85.31, 1050, 0.2),
    ("Brazos at Waco", 31.56, -97.12, 70, 0.3),
    ("Hudson at Green Island", 42.75, -73.69, 400, 0.15),
    ("Kanawha at Charleston", 38.34, -81.64, 430, 0.2),
]


@pytest.mark.parametrize(("place", "lat", "lon", "published", "off"), PUBLISHED)
def test_flow_is_about_what_is_measured(rivers, place, lat, lon, published, off):
    """Means of long records; a wrong confluence is off by half."""
    assert biggest_near(rivers, lat, lon).flow_m3s == pytest.approx(published, rel=off)


def test_the_mississippi_rises_downstream(rivers):
    """Each tributary adds: Keokuk, Hartford IL, St. Louis, Thebes, Memphis, Vicksburg."""
    places = [(40.39, -91.37), (38.84, -90.10), (38.63, -90.18), (37.22, -89.46), (35.13, -90.07), (32.31, -90.90)]
    flows = [biggest_near(rivers, *p).flow_m3s for p in places]
    assert (np.diff(flows) > 0).all()
    assert flows[2] > 1.5 * flows[1]  # the Missouri


def test_no_river_falls_below_its_tributary(rivers):
    """Where a piece ends on a larger one of another stem, that one carries at least as much."""
    large = rivers[rivers.flow_m3s >= 50.0].reset_index(drop=True)
    end = shapely.get_point(large.geometry.values, -1)
    start = shapely.get_point(large.geometry.values, 0)
    piece, nearest = shapely.STRtree(start).query(end, predicate="dwithin", distance=30.0)
    same = large.system.to_numpy()[piece] == large.system.to_numpy()[nearest]
    upper, lower = large.flow_m3s.to_numpy()[piece[same]], large.flow_m3s.to_numpy()[nearest[same]]
    assert same.sum() > 500
    assert (lower >= 0.99 * upper).mean() > 0.99


def test_the_smaller_estimate_of_a_basin_is_taken():
    """Column by column, the area stays."""
    a = gpd.GeoDataFrame(
        {"drainage_km2": [10.0, 10.0], "runoff_mm": [300.0, 100.0], "flow_m3s": [0.3, 0.1]}, geometry=[None, None]
    )
    b = a.assign(runoff_mm=[200.0, 200.0], flow_m3s=[0.2, 0.2])
    assert smaller_runoff(a, b).flow_m3s.tolist() == [0.2, 0.1]
    assert smaller_runoff(a, b).runoff_mm.tolist() == [200.0, 100.0]


def test_channels_between_the_lakes_carry_the_lakes():
    """The Detroit River carries what three lakes drain; a river of one name elsewhere, and one without, keep theirs."""
    lines = [shapely.LineString([(-83.1, 42.2), (-83.12, 42.1)]), shapely.LineString([(-85.1, 41.0), (-85.0, 41.1)])]
    frame = gpd.GeoDataFrame(
        {"name": pd.array(["Detroit River", "Saint Marys River", None], dtype="string"), "flow_m3s": np.float32([102, 14, 3])},
        geometry=gpd.GeoSeries([*lines, lines[0]], crs=4326).to_crs(5070),
    )
    assert with_lakes(frame).flow_m3s.tolist() == [5300.0, 14.0, 3.0]


def test_the_detroit_river_of_the_file_has_the_flow_of_the_lakes(rivers):
    """At Detroit: thousands of cubic metres a second, not the hundred that the plain around it drains."""
    assert biggest_near(rivers, 42.32, -83.06).flow_m3s > 4000
