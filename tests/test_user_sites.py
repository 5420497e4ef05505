"""The user's own sites: every way to write them, and every way to get them wrong."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely

from sitefinder.candidates import Field
from sitefinder.config import load_config
from sitefinder.errors import SitesError
from sitefinder.grid import Grid, Land
from sitefinder.user_sites import UserSite, campus_of, read_sites

ABILENE = "32.4487,-99.7331"
RING = [[-99.8, 32.4], [-99.7, 32.4], [-99.7, 32.5], [-99.8, 32.5], [-99.8, 32.4]]
GRID = Grid(1000.0)


def csv_file(folder, text, encoding="utf-8"):
    """The text as my.csv."""
    path = folder / "my.csv"
    path.write_bytes(text.encode(encoding))
    return path


def geojson_file(folder, *geometries, properties=None):
    """A feature collection as my.geojson."""
    features = [{"type": "Feature", "properties": properties, "geometry": g} for g in geometries]
    path = folder / "my.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def refusal(path):
    """One-line message of the refusal."""
    with pytest.raises(SitesError) as caught:
        read_sites(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# -- what is right -------------------------------------------------------------------------------------------------------


def test_csv_point_is_projected(tmp_path):
    """Abilene lands at its Albers coordinates, with its name and row."""
    path = csv_file(tmp_path, f"lat,lon,name\n{ABILENE},Abilene\n")
    (site,) = read_sites(path)
    assert (site.name, site.place) == ("Abilene", f"{path}, row 2")
    assert site.geometry.distance(shapely.Point(-349_015.5, 1_048_650.3)) < 1.0


@pytest.mark.parametrize(
    "header",
    ["lat,lon,name", " lat , lon , name ", "LAT,Lon,NAME", "\ufefflat,lon,name"],
    ids=["plain", "spaces", "capitals", "mark"],
)
def test_csv_header_may_have_spaces_capitals_or_a_byte_order_mark(tmp_path, header):
    """Headers as spreadsheets write them are understood."""
    (site,) = read_sites(csv_file(tmp_path, f"{header}\n{ABILENE},here\n"))
    assert site.name == "here"


def test_csv_columns_may_come_in_any_order_among_others(tmp_path):
    """Only lat, lon and name are read."""
    (site,) = read_sites(csv_file(tmp_path, "owner,lon,mw,lat\nme,-99.7331,5,32.4487\n"))
    assert site.geometry.distance(shapely.Point(-349_015.5, 1_048_650.3)) < 1.0


def test_csv_site_without_name_is_numbered(tmp_path):
    """Unnamed rows count from 1."""
    sites = read_sites(csv_file(tmp_path, f"lat,lon,name\n{ABILENE},\n{ABILENE},  \n{ABILENE},x\n"))
    assert [s.name for s in sites] == ["site 1", "site 2", "x"]


def test_csv_with_windows_line_ends(tmp_path):
    """CRLF is no part of a number or name."""
    (site,) = read_sites(csv_file(tmp_path, f"lat,lon,name\r\n{ABILENE},here\r\n"))
    assert site.name == "here"


def test_csv_name_may_hold_a_comma(tmp_path):
    """Quoted names keep their commas."""
    (site,) = read_sites(csv_file(tmp_path, f'lat,lon,name\n{ABILENE},"Abilene, TX"\n'))
    assert site.name == "Abilene, TX"


def test_geojson_point_and_polygon_are_read(tmp_path):
    """A point stays a point, a parcel a polygon of about 104 km2."""
    point, parcel = read_sites(
        geojson_file(tmp_path, {"type": "Point", "coordinates": [-99.7331, 32.4487]}, {"type": "Polygon", "coordinates": [RING]})
    )
    assert point.geometry.geom_type == "Point"
    assert parcel.geometry.area == pytest.approx(104.4e6, rel=0.01)


def test_geojson_single_feature_is_read(tmp_path):
    """A file of one feature needs no collection; heights are dropped."""
    path = tmp_path / "my.json"
    feature = {"type": "Feature", "properties": {"name": "p"}, "geometry": {"type": "Point", "coordinates": [-99.7, 32.4, 520]}}
    path.write_text(json.dumps(feature))
    (site,) = read_sites(path)
    assert (site.name, site.geometry.has_z) == ("p", False)


def test_geojson_name_may_be_a_number_or_missing(tmp_path):
    """A numeric name becomes text; without properties the feature is numbered."""
    geometry = {"type": "Point", "coordinates": [-99.7, 32.4]}
    assert read_sites(geojson_file(tmp_path, geometry, properties={"name": 7}))[0].name == "7"
    assert read_sites(geojson_file(tmp_path, geometry))[0].name == "site 1"


def test_suffix_may_be_in_capitals(tmp_path):
    """MY.CSV is a CSV."""
    path = tmp_path / "MY.CSV"
    path.write_text(f"lat,lon\n{ABILENE}\n")
    assert len(read_sites(path)) == 1


# -- what is wrong -------------------------------------------------------------------------------------------------------


def test_missing_file_is_named(tmp_path):
    """A path that does not exist."""
    assert f"{tmp_path / 'none.csv'}: No such file" in refusal(tmp_path / "none.csv")


@pytest.mark.parametrize("name", ["my.xlsx", "my", "my.shp"])
def test_unknown_kind_of_file_is_refused(tmp_path, name):
    """Only .csv and .geojson are read; the message says so before the file is opened."""
    assert ".csv or .geojson" in refusal(tmp_path / name)


def test_file_that_is_not_utf8_is_refused(tmp_path):
    """A spreadsheet's Latin-1 export gets its remedy."""
    assert "Save it as UTF-8" in refusal(csv_file(tmp_path, f"lat,lon,name\n{ABILENE},Cañon\n", "latin-1"))


@pytest.mark.parametrize("text", ["", "lat,lon,name\n", "\n\n"], ids=["nothing", "header only", "blank lines"])
def test_empty_csv_is_refused(tmp_path, text):
    """No site is a mistake, not an empty result."""
    assert refusal(csv_file(tmp_path, text)).startswith("Empty SITES file")


@pytest.mark.parametrize("text", ["", '{"type": "FeatureCollection", "features": []}'], ids=["nothing", "no feature"])
def test_empty_geojson_is_refused(tmp_path, text):
    """Likewise for GeoJSON."""
    path = tmp_path / "my.geojson"
    path.write_text(text)
    assert refusal(path).startswith("Empty SITES file")


@pytest.mark.parametrize(("header", "missing"), [("latitude,lon", "lat"), ("lat,lng", "lon"), ("lat;lon", "lat")])
def test_missing_column_is_named(tmp_path, header, missing):
    """The first column that lacks is named, with the header that is wanted."""
    message = refusal(csv_file(tmp_path, f"{header}\n{ABILENE}\n"))
    assert f"lacks the column '{missing}'" in message
    assert "lat and lon" in message


@pytest.mark.parametrize("row", ["32.4N,-99.7", ",", "32.4", "32°26',-99", '"32,4",-99.7'])
def test_coordinate_that_is_not_a_number_names_its_row(tmp_path, row):
    """The row of the mistake is told, not just the file."""
    message = refusal(csv_file(tmp_path, f"lat,lon\n{ABILENE}\n{row}\n"))
    assert "row 3" in message
    assert "decimal degrees" in message


@pytest.mark.parametrize("row", ["nan,-99.7", "32.4,inf"])
def test_coordinate_that_is_not_finite_names_its_row(tmp_path, row):
    """nan and inf parse as numbers but are no place."""
    assert "row 2" in refusal(csv_file(tmp_path, f"lat,lon\n{row}\n"))


def test_row_number_counts_blank_lines(tmp_path):
    """The row told is the line of the file, as an editor shows it."""
    assert "row 4" in refusal(csv_file(tmp_path, f"lat,lon\n{ABILENE}\n\nx,y\n"))


def test_swapped_coordinates_are_recognised(tmp_path):
    """Longitude under lat: the message says which way round they go."""
    message = refusal(csv_file(tmp_path, "lat,lon\n-99.7331,32.4487\n"))
    assert "row 2" in message
    assert "swapped" in message


def test_swapped_geojson_is_recognised(tmp_path):
    """GeoJSON writes longitude first."""
    message = refusal(geojson_file(tmp_path, {"type": "Point", "coordinates": [32.4487, -99.7331]}))
    assert "feature 1" in message
    assert "swapped" in message


@pytest.mark.parametrize(
    "row",
    ["61.2,-149.9", "48.85,2.35", "32.4487,99.7331", "21.3,-157.8"],
    ids=["Anchorage", "Paris", "no minus sign", "Honolulu"],
)
def test_place_outside_the_contiguous_states_is_refused(tmp_path, row):
    """The box and the sign of longitudes are explained."""
    message = refusal(csv_file(tmp_path, f"lat,lon\n{row}\n"))
    assert "outside the contiguous United States" in message
    assert "west longitudes negative" in message


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[]",
        "7",
        '{"type": "FeatureCollection"}',
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": null}]}',
        '{"type": "FeatureCollection", "features": ["x"]}',
        '{"type": "Feature", "geometry": {"type": "Point"}}',
        '{"type": "Feature", "geometry": {"type": "Blob", "coordinates": [1, 2]}}',
        '{"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[1, 2], [3, 4]]]}}',
        '{"type": "Feature", "geometry": {"type": "Point", "coordinates": ["a", "b"]}}',
        '{"type": "Feature", "properties": ["name"], "geometry": {"type": "Point", "coordinates": [-99.7, 32.4]}}',
        '{"type": "Feature", "properties": "name", "geometry": {"type": "Point", "coordinates": [-99.7, 32.4]}}',
        '{"type": "Feature", "properties": {"name": "\\ud800"}, "geometry": {"type": "Point", "coordinates": [-99.7, 32.4]}}',
    ],
)
def test_text_that_is_not_geojson_is_refused(tmp_path, text):
    """Broken or foreign JSON is the user's mistake, told in one line."""
    path = tmp_path / "my.geojson"
    path.write_text(text)
    assert str(path) in refusal(path)


@pytest.mark.parametrize(
    "geometry",
    [{"type": "LineString", "coordinates": RING[:2]}, {"type": "MultiPoint", "coordinates": RING}],
    ids=["line", "points"],
)
def test_geometry_that_is_no_place_is_refused(tmp_path, geometry):
    """Lines and point clouds are no sites."""
    message = refusal(geojson_file(tmp_path, geometry))
    assert geometry["type"] in message
    assert "feature 1" in message


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Polygon", "coordinates": [[[-99.8, 32.4], [-99.7, 32.5], [-99.7, 32.4], [-99.8, 32.5], [-99.8, 32.4]]]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Point", "coordinates": []},
    ],
    ids=["bow tie", "empty polygon", "empty point"],
)
def test_geometry_that_is_broken_is_refused(tmp_path, geometry):
    """A parcel that crosses itself, or nothing at all."""
    assert "my.geojson" in refusal(geojson_file(tmp_path, geometry))


# -- campuses ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def field():
    """A square of 30 km of free land around Abilene, 40 % buildable, every cell scored 50."""
    row, col = (int(v) for v in GRID.cell_at(-349_000.0, 1_048_700.0))
    rows, cols = np.mgrid[row - 15 : row + 15, col - 15 : col + 15]
    land = Land(GRID, (rows * GRID.width + cols).ravel().astype(np.int32))
    return Field.of(land, np.full(land.size, 50, np.float32), np.full(land.size, 40, np.float32))


@pytest.fixture(scope="module")
def config(default_path):
    """The shipped configuration."""
    return load_config(default_path).config


def site(geometry):
    """A user's site of a geometry in EPSG:5070."""
    return UserSite("mine", "my.csv, row 2", geometry)


def test_campus_of_a_point_grows_around_it(field, config):
    """A point's campus begins at its cell and reaches the acres."""
    campus = campus_of(site(shapely.Point(-349_000, 1_048_700)), field, config)
    row, col = GRID.cell_at(-349_000.0, 1_048_700.0)
    assert campus.cells[0] == row * GRID.width + col
    assert campus.enough
    assert campus.acres >= config.campus_acres


def test_campus_of_a_parcel_has_its_area(field, config):
    """Shares of the cells add up to the parcel's area whatever its place on the grid."""
    parcel = shapely.Point(-349_123, 1_048_456).buffer(2_345)
    campus = campus_of(site(parcel), field, config)
    assert campus.share.sum() * 1e6 == pytest.approx(parcel.area)
    assert campus.acres == pytest.approx(parcel.area / 4046.86 * 0.4, rel=1e-3)
    assert np.unique(campus.cells).size == campus.cells.size


def test_campus_of_a_parcel_begins_inside_it(field, config):
    """The first cell, which places the site on the map, holds the point that represents the parcel, not its corner."""
    parcel = shapely.Point(-349_000, 1_048_700).buffer(6_000)
    campus = campus_of(site(parcel), field, config)
    anchor = parcel.representative_point()
    row, col = GRID.cell_at(anchor.x, anchor.y)
    assert campus.cells[0] == row * GRID.width + col
    assert campus.share[0] == pytest.approx(1.0)


def test_small_parcel_says_that_it_is_not_enough(field, config):
    """A parcel smaller than a cell keeps its own acres."""
    parcel = shapely.box(-349_100, 1_048_600, -348_900, 1_048_800)
    campus = campus_of(site(parcel), field, config)
    assert campus.enough is False
    assert campus.acres == pytest.approx(40_000 / 4046.86 * 0.4, rel=1e-3)


def test_point_beyond_the_shore_is_refused(field, config):
    """A point in the sea is refused with file and row."""
    with pytest.raises(SitesError, match=r"my\.csv, row 2: it lies outside the land"):
        campus_of(site(shapely.Point(-300_000, 1_048_700)), field, config)


@pytest.mark.parametrize(("x", "y"), [(-2_400_000, 1_000_000), (2_300_000, 1_000_000), (0, 3_300_000), (0, 200_000)])
def test_point_beyond_the_frame_is_refused(field, config, x, y):
    """Beyond any side of the frame there is no cell: refused, not wrapped around."""
    with pytest.raises(SitesError, match="outside the land"):
        campus_of(site(shapely.Point(x, y)), field, config)


def test_parcel_across_the_shore_keeps_its_land(field, config):
    """Only land cells belong to the campus."""
    west = GRID.centre(np.array(0), field.land.rows_cols(np.array([0]))[1])[0][0] - 500
    parcel = shapely.box(west - 5_000, 1_047_000, west + 9_000, 1_050_000)
    campus = campus_of(site(parcel), field, config)
    assert (field.land.position.reshape(-1)[campus.cells] >= 0).all()
    assert campus.share.sum() * 1e6 == pytest.approx(9_000 * 3_000)
