"""Reference systems of coordinates without a declaration, and feet of both kinds at a published control point."""

from __future__ import annotations

from pathlib import Path

import geopandas
import pyproj
import pytest
import shapely

from sitefinder.grid import from_lonlat
from sitefinder.sites.own_list import Asked, read_sites
from sitefinder.sites.reading.planes import SHOWN, candidates, in_words

#: station KNOLL, PID AH1137, datasheet of the National Geodetic Survey: NAD 83 position, and SPC TX S in US survey feet
LAT, LON = 27 + 47 / 60 + 33.06028 / 3600, -(97 + 5 / 60 + 14.88633 / 3600)
NORTH_SFT, EAST_SFT = 17_179_470.57, 1_440_942.49
#: metres of a US survey foot and of an international foot by definition
SURVEY_FOOT, FOOT = 1200.0 / 3937.0, 0.3048


def apart_m(site) -> float:
    """Distance of a site from the published position, metres."""
    return float(site.geometry.distance(shapely.Point(*from_lonlat(LON, LAT))))


def shapefile(folder: Path, x: float, y: float, crs: object) -> Path:
    """A shapefile of one point."""
    path = folder / "a.shp"
    geopandas.GeoDataFrame({"name": ["KNOLL"]}, geometry=[shapely.Point(x, y)], crs=crs).to_file(path)
    return path


def texas_south_in(unit_m: float) -> pyproj.CRS:
    """The zone with its numbers in another unit."""
    metres = {
        "lat_1": 27 + 50 / 60,
        "lat_2": 26 + 10 / 60,
        "lat_0": 25 + 40 / 60,
        "lon_0": -98.5,
        "x_0": 300_000,
        "y_0": 5_000_000,
    }
    return pyproj.CRS.from_dict({"proj": "lcc", "datum": "NAD83", "to_meter": unit_m, **metres})


@pytest.mark.parametrize(
    ("unit_m", "crs"),
    [(SURVEY_FOOT, "EPSG:2279"), (1.0, "EPSG:32141"), (FOOT, texas_south_in(FOOT)), (SURVEY_FOOT, texas_south_in(SURVEY_FOOT))],
    ids=["US survey foot", "metre", "foot", "US survey foot by its length"],
)
def test_feet_and_metres_are_right_to_a_metre(tmp_path, unit_m, crs):
    """The published grid coordinates come out at the published position: the two feet are 10 m apart there."""
    scale = SURVEY_FOOT / unit_m
    (site,) = read_sites(shapefile(tmp_path, EAST_SFT * scale, NORTH_SFT * scale, crs)).sites
    assert apart_m(site) < 1.0


def test_the_user_may_name_the_system(tmp_path):
    """Of a shapefile that came without its .prj, and of a CSV file."""
    path = shapefile(tmp_path, EAST_SFT, NORTH_SFT, "EPSG:2279")
    path.with_suffix(".prj").unlink()
    table = tmp_path / "a.csv"
    table.write_text(f"X,Y\n{EAST_SFT},{NORTH_SFT}\n")
    for file in (path, table):
        (site,) = read_sites(file, None, Asked(crs="EPSG:2279")).sites
        assert apart_m(site) < 1.0


def test_candidates_contain_the_places():
    """The right zone is among the first, state planes of NAD83 first; a zone across the country is not named."""
    codes = [code for code, _ in candidates((EAST_SFT, NORTH_SFT, EAST_SFT + 5000, NORTH_SFT + 5000))]
    assert "EPSG:2279" in codes[:SHOWN]
    assert "EPSG:2263" not in codes
    names = dict(candidates((583_960.0, 4_507_523.0, 590_000.0, 4_510_000.0)))
    assert "EPSG:26918" in names
    assert "EPSG:32618" in names


def test_words_for_degrees_and_for_nothing():
    """Degrees are recognised; numbers of no zone are said to be none."""
    assert "look like degrees" in in_words((-99.8, 32.4, -99.7, 32.5))
    assert in_words((1e9, 1e9, 1e9, 1e9)) == "No state plane or UTM zone contains these coordinates"
    assert " and " in in_words((2_000_000.0, 600_000.0, 2_000_100.0, 600_100.0))
