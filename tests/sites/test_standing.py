"""Footprints that hold what no campus can be built on are counted, each under its rule."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
import shapely.affinity

from sitefinder.grid import CRS, to_wgs84
from sitefinder.layers.files import (
    AIRFIELDS,
    AIRPORTS,
    CAMPUS_LABELS,
    CORRIDORS,
    DATA_CENTERS,
    HIGHWAYS,
    MILITARY,
    OSM_WATER,
    PARKS,
    PLACES,
    PLANTS,
    REUSABLE,
    RIVERS,
    STATIONS,
    SUPERFUND,
    WASTEWATER,
)
from sitefinder.sites.standing import FILES, near_points, standing, things, too_near

X, Y = 0.0, 1_800_000.0
#: what each register says of the feature that is put on the land
COLUMNS = {
    PLANTS: {"mw": 12.0, "mw_nuclear": 0.0},
    STATIONS: {"is_tap": False},
    CAMPUS_LABELS: {"footprint_m2": 1000.0, "land_outline": False, "mw": float("nan")},
    DATA_CENTERS: {"footprint_m2": 0.0},
    PARKS: {"name": "Manassas National Battlefield Park", "kind": "national_park"},
    REUSABLE: {"status": "retired"},
    WASTEWATER: {"design_mgd": 8.0},
    AIRPORTS: {"runway_ft": 7000},
    AIRFIELDS: {"runway_ft": 2500},
    PLACES: {"population": 500.0},
    MILITARY: {},
    SUPERFUND: {},
    RIVERS: {"flow_m3s": 110.0},
    HIGHWAYS: {"kind": "interstate"},
    CORRIDORS: {"kind": "freeway"},
    OSM_WATER: {"kind": "river"},
}


class Package:
    """Registers with one feature each, written as needed."""

    def __init__(self, folder, features):
        self.folder = folder
        for name in FILES:
            row, geometry = features.get(name, ({}, shapely.Point(X + 1e6, Y)))
            frame = pd.DataFrame([COLUMNS[name] | {"name": "x"} | row])
            path = folder / name.replace("/", "-")
            gpd.GeoDataFrame(frame, geometry=[geometry], crs=CRS).to_parquet(path)

    def verified(self, name):
        """Path of a register."""
        return self.folder / name.replace("/", "-")


def broken(folder, terms, **features):
    """Rules that the square kilometre breaks with the features given."""
    square = to_wgs84([shapely.box(X, Y, X + 1000, Y + 1000)])
    rows = standing(list(square), things(Package(folder, features), terms))
    return {name for name, sites in rows.items() if sites}


@pytest.fixture
def terms(default_config):
    """The shipped terms."""
    return default_config.config.section("land")


INSIDE = shapely.Point(X + 300, Y + 300)
ACROSS = shapely.LineString([(X - 500, Y + 400), (X + 1500, Y + 400)])
CORNER = shapely.LineString([(X - 500, Y + 550), (X + 600, Y - 550)])


@pytest.mark.parametrize(
    ("name", "row", "geometry", "expected"),
    [
        (PLANTS, {}, INSIDE, {"plant_10mw"}),
        (PLANTS, {"mw": 9.0}, INSIDE, set()),
        (PLANTS, {"mw_nuclear": 900.0}, shapely.Point(X + 1900, Y + 500), {"reactor_exclusion_area"}),
        (PLANTS, {"mw_nuclear": 900.0}, shapely.Point(X + 1995, Y + 500), set()),
        (STATIONS, {}, INSIDE, {"substation"}),
        (STATIONS, {"is_tap": True}, INSIDE, set()),
        (CAMPUS_LABELS, {}, INSIDE, {"known_campus"}),
        (CAMPUS_LABELS, {}, shapely.Point(X + 1270, Y + 500), {"known_campus"}),  # 5 acres are a disc of 80 m
        (CAMPUS_LABELS, {}, shapely.Point(X + 1290, Y + 500), set()),
        (DATA_CENTERS, {}, shapely.Point(X + 1190, Y + 500), {"known_campus"}),
        (DATA_CENTERS, {}, shapely.Point(X + 1210, Y + 500), set()),
        (DATA_CENTERS, {"footprint_m2": 3.14159e4}, shapely.Point(X + 1290, Y + 500), {"known_campus"}),
        (AIRPORTS, {}, INSIDE, {"airport"}),
        (AIRFIELDS, {}, INSIDE, {"airfield"}),
        (PLACES, {}, INSIDE, {"town"}),
        (PLACES, {"population": 499.0}, INSIDE, set()),
        (PLACES, {"population": float("nan")}, INSIDE, set()),
        (REUSABLE, {}, INSIDE, {"closed_plant"}),
        (REUSABLE, {"status": "retiring"}, INSIDE, set()),
        (WASTEWATER, {}, INSIDE, {"wastewater_plant"}),
        (PARKS, {}, INSIDE.buffer(150), {"park"}),
        (PARKS, {}, INSIDE.buffer(50), set()),
        (PARKS, {"name": "Midewin National Tallgrass Prairie", "kind": "national_forest"}, INSIDE.buffer(150), {"park"}),
        (PARKS, {"name": "Daniel Boone National Forest", "kind": "national_forest"}, INSIDE.buffer(150), set()),
        (RIVERS, {}, ACROSS, {"large_river", "both_banks"}),
        (RIVERS, {}, CORNER, {"large_river"}),
        (RIVERS, {"flow_m3s": 9.0}, ACROSS, set()),
        (HIGHWAYS, {}, ACROSS, {"both_sides_of_interstate", "freeway_may_cross"}),
        (HIGHWAYS, {}, shapely.affinity.translate(ACROSS, 0, 1400), {"freeway_may_cross"}),
        (HIGHWAYS, {}, shapely.affinity.translate(ACROSS, 0, 1510), set()),
        (CORRIDORS, {}, ACROSS, {"both_sides_of_freeway", "freeway_may_cross"}),
        (CORRIDORS, {"kind": "railway"}, ACROSS, set()),
        (OSM_WATER, {}, INSIDE.buffer(150), {"mapped_river"}),
        (OSM_WATER, {}, INSIDE.buffer(50), set()),
        (OSM_WATER, {"kind": "lake"}, INSIDE.buffer(150), set()),
        (HIGHWAYS, {}, CORNER, {"freeway_may_cross"}),
        (HIGHWAYS, {"kind": "us"}, ACROSS, set()),
    ],
)
def test_each_rule_is_broken_by_its_feature_and_no_other(tmp_path, terms, name, row, geometry, expected):
    """Inside, beside, too small, or only a corner cut off."""
    assert broken(tmp_path, terms, **{name: (row, geometry)}) == expected


def test_free_land_breaks_no_rule(tmp_path, terms):
    """Every rule has its entry, empty."""
    assert broken(tmp_path, terms) == set()


@pytest.mark.parametrize(
    ("name", "row", "apart_m", "rule"),
    [
        (SUPERFUND, {}, 990, "near_superfund"),
        (SUPERFUND, {}, 1010, None),
        (AIRPORTS, {}, 2990, "near_airport"),
        (AIRPORTS, {"runway_ft": 5000}, 2990, None),
        (MILITARY, {}, 2990, "near_military"),
        (MILITARY, {}, 3010, None),
    ],
)
def test_a_least_distance_is_that_of_the_nearest_land(tmp_path, name, row, apart_m, rule):
    """From the border of the square kilometre, not from its middle; an airport without a jet runway asks for none."""
    square = to_wgs84([shapely.box(X, Y, X + 1000, Y + 1000)])
    package = Package(tmp_path, {name: (row, shapely.Point(X + 1000 + apart_m, Y + 500))})
    rows = too_near(list(square), near_points(package), {"superfund_km": 1.0, "airport_km": 3.0, "military_km": 3.0})
    assert [r for r, sites in rows.items() if sites] == ([rule] if rule else [])


def test_a_gate_that_is_off_is_not_looked_at(tmp_path):
    """All rules are named, none is broken."""
    package = Package(tmp_path, {SUPERFUND: ({}, INSIDE)})
    rows = too_near(list(to_wgs84([shapely.box(X, Y, X + 1000, Y + 1000)])), near_points(package), {})
    assert rows == {"near_airport": [], "near_military": [], "near_superfund": []}
