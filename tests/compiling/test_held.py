"""Outlines of land that others hold."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely
from pyproj import Transformer

from sitefinder.compiling.base import CRS, FRAME
from sitefinder.compiling.held import missing_forests
from sitefinder.units import M2_PER_KM2
from tests.helpers.paths import DATA

TO_ALBERS = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
FILES = ("land/parks_forests", "land/tribal", "land/military", "share_alike/military_areas_osm")


def layer(name):
    return gpd.read_parquet(DATA / f"{name}.parquet")


def near(frame, lat, lon):
    """Distance in metres from a place to every feature."""
    return frame.distance(shapely.Point(TO_ALBERS.transform(lon, lat)))


@pytest.mark.parametrize("name", FILES)
def test_every_file_lies_in_the_frame(name):
    """Features are in EPSG:5070, valid, not empty, and none lies outside the frame."""
    frame = layer(name)
    assert frame.crs == CRS
    assert frame.is_valid.all()
    assert not frame.is_empty.any()
    assert shapely.within(frame.geometry.values, shapely.box(*FRAME).buffer(10.0)).all()


def test_parks_and_forests():
    """Yellowstone's point lies in a park of its own name; every administrative forest of the contiguous states is there."""
    frame = layer("land/parks_forests")
    assert frame[near(frame, 44.6, -110.5) == 0.0].name.str.contains("Yellowstone").any()
    # 112 administrative units (Land Areas Report of 2020), two of them in Alaska, one in Puerto Rico; some are joined
    assert 100 <= (frame.kind == "national_forest").sum() <= 112


@pytest.mark.parametrize(
    ("forest", "lat", "lon"),
    [
        ("Daniel Boone", 37.80, -83.65),
        ("George Washington and Jefferson", 38.45, -79.20),
        ("Bridger-Teton", 43.35, -110.50),
        ("Humboldt-Toiyabe", 41.70, -115.40),
        ("Pisgah and Nantahala, in North Carolina", 35.30, -82.80),
        ("Salmon-Challis", 44.90, -114.50),
    ],
)
def test_forests_that_one_register_lacks_come_from_the_other(forest, lat, lon):
    """The outlines of units know 97 forests; these come from the ranger districts."""
    frame = layer("land/parks_forests")
    assert (near(frame[frame.kind == "national_forest"], lat, lon) == 0.0).any()


def test_a_forest_is_added_only_where_it_is_lacking():
    """One whose districts lie in known outlines is not doubled."""
    squares = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(9, 9, 10, 10)]
    districts = gpd.GeoDataFrame({"FORESTNAME": ["a", "a", "b"]}, geometry=squares, crs=CRS)
    forests = gpd.GeoDataFrame({"name": ["A"]}, geometry=[shapely.box(-0.1, 0, 1.9, 1)], crs=CRS)
    assert missing_forests(districts, forests).name.tolist() == ["b"]


def test_navajo_land_is_a_reservation_and_the_osage_boundary_is_not():
    """Window Rock, Arizona, and Pawhuska, Oklahoma; the Osage boundary has 5,970 km2 (county of 2,304 square miles)."""
    frame = layer("land/tribal")
    assert frame[near(frame, 35.9, -109.3) == 0.0].kind.tolist() == ["reservation"]
    osage = frame[near(frame, 36.67, -96.34) == 0.0]
    assert osage.kind.tolist() == ["statistical"]
    assert osage.area.sum() / M2_PER_KM2 == pytest.approx(5970, rel=0.02)
    assert frame.name.isna().all()


def test_no_reservation_is_left_in_oklahoma():
    """The class follows the state."""
    states = layer("boundaries/states")
    oklahoma = states.geometry[states.code == "OK"].iloc[0].buffer(-2000.0)
    frame = layer("land/tribal")
    assert set(frame.kind[frame.intersects(oklahoma)]) == {"statistical"}


def test_military_sites():
    """Fort Bragg's neighbourhood holds a site, and no closed site is left."""
    frame = layer("land/military")
    assert set(frame.status) == {"Active", "Caretaker"}
    assert near(frame, 35.14, -79.0).min() < 15_000
    assert 650 < len(frame) < 811


@pytest.mark.parametrize(
    ("name", "lat", "lon", "km2"),
    [
        # acres that the services publish: White Sands 2.2 million, Goldwater 1.7 million, Fort Cavazos 0.2 million (K)
        ("White Sands Missile Range", 33.2, -106.4, 8000),
        ("Barry M. Goldwater Air Force Range", 32.5, -113.3, 6900),
        ("Fort Hood", 31.2, -97.75, 870),
    ],
)
def test_military_areas(name, lat, lon, km2):
    """Large ranges are where they are, within a third of their published size."""
    frame = layer("share_alike/military_areas_osm")
    here = frame[(near(frame, lat, lon) == 0.0) & (frame.name == name)]
    assert here.area.sum() / M2_PER_KM2 == pytest.approx(km2, rel=0.33)


def test_military_areas_are_partial():
    """About half of the installations of the Corps of Engineers have an outline within 2 km: a miss proves nothing."""
    sites, areas = layer("land/military"), layer("share_alike/military_areas_osm")
    tree = shapely.STRtree(areas.geometry.values)
    hits, _ = tree.query(sites.geometry.values, predicate="dwithin", distance=2000.0)
    assert 0.3 < len(set(hits)) / len(sites) < 0.7
