"""The user's list of sites as a file: every way to write it, and every way to get it wrong."""

from __future__ import annotations

import json
import time

import geopandas
import pandas
import pytest
import shapely

from sitefinder.errors import SitesError
from sitefinder.sites.own_list import Asked, read_sites
from sitefinder.sites.own_reading import read_listing
from sitefinder.sites.reading.entry import LONLAT, Limits, clean_name
from sitefinder.sites.reading.tabular import HEADER

ABILENE = "32.4487,-99.7331"
RING = [[-99.8, 32.4], [-99.7, 32.4], [-99.7, 32.5], [-99.8, 32.5], [-99.8, 32.4]]


def csv_file(folder, text, encoding="utf-8"):
    """The text as my.csv."""
    path = folder / "my.csv"
    path.write_bytes(text.encode(encoding))
    return path


def geojson_file(folder, *geometries, properties=None, **members):
    """A feature collection as my.geojson."""
    features = [{"type": "Feature", "properties": properties, "geometry": g} for g in geometries]
    path = folder / "my.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **members}))
    return path


def parquet_file(folder, geometries, crs="EPSG:4326", **columns):
    """A GeoParquet file as my.parquet."""
    path = folder / "my.parquet"
    geopandas.GeoDataFrame(columns, geometry=geometries, crs=crs).to_parquet(path)
    return path


def entries(path, **limits):
    """Rows of a file."""
    return read_listing(path, Limits(**limits)).entries


def refusal(path, **limits):
    """First line of the refusal; a second one may say how many rows are wrong."""
    with pytest.raises(SitesError) as caught:
        read_sites(path, None, Asked(strict=True, limits=Limits(**limits)))
    lines = str(caught.value).splitlines()
    assert len(lines) == 1 or "--skip-bad" in lines[-1]
    return lines[0]


# -- what is right -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    ["lat,lon,name", " lat , lon , name ", "LAT,Lon,NAME", "\ufefflat,lon,name"],
    ids=["plain", "spaces", "capitals", "mark"],
)
def test_csv_header_may_have_spaces_capitals_or_a_byte_order_mark(tmp_path, header):
    """Headers as spreadsheets write them are understood."""
    (site,) = read_sites(csv_file(tmp_path, f"{header}\n{ABILENE},here\n")).sites
    assert site.name == "here"


def test_csv_columns_may_come_in_any_order_among_others(tmp_path):
    """Only lat, lon and name are read."""
    (site,) = read_sites(csv_file(tmp_path, "owner,lon,mw,lat\nme,-99.7331,5,32.4487\n")).sites
    assert site.geometry.distance(shapely.Point(-349_015.5, 1_048_650.3)) < 1.0


def test_csv_site_without_name_is_numbered(tmp_path):
    """Unnamed rows count from 1."""
    sites = entries(csv_file(tmp_path, f"lat,lon,name\n{ABILENE},\n{ABILENE},  \n{ABILENE},x\n"))
    assert [s.name for s in sites] == ["site 1", "site 2", "x"]


def test_csv_with_windows_line_ends(tmp_path):
    """CRLF is no part of a number or name."""
    (site,) = entries(csv_file(tmp_path, f"lat,lon,name\r\n{ABILENE},here\r\n"))
    assert site.name == "here"


def test_csv_name_may_hold_a_comma(tmp_path):
    """Quoted names keep their commas."""
    (site,) = entries(csv_file(tmp_path, f'lat,lon,name\n{ABILENE},"Abilene, TX"\n'))
    assert site.name == "Abilene, TX"


def test_geojson_single_feature_is_read(tmp_path):
    """A file of one feature needs no collection; heights are dropped."""
    path = tmp_path / "my.json"
    feature = {"type": "Feature", "properties": {"name": "p"}, "geometry": {"type": "Point", "coordinates": [-99.7, 32.4, 520]}}
    path.write_text(json.dumps(feature))
    (site,) = read_sites(path).sites
    assert (site.name, site.geometry.has_z) == ("p", False)


def test_geojson_name_may_be_a_number_or_missing(tmp_path):
    """A numeric name becomes text; without properties the feature is numbered."""
    geometry = {"type": "Point", "coordinates": [-99.7, 32.4]}
    assert entries(geojson_file(tmp_path, geometry, properties={"name": 7}))[0].name == "7"
    assert entries(geojson_file(tmp_path, geometry))[0].name == "site 1"


def test_suffix_may_be_in_capitals(tmp_path):
    """MY.CSV is a CSV."""
    path = tmp_path / "MY.CSV"
    path.write_text(f"lat,lon\n{ABILENE}\n")
    assert len(entries(path)) == 1


# -- what is wrong -------------------------------------------------------------------------------------------------------


def test_missing_file_is_named(tmp_path):
    """A path that does not exist."""
    assert f"{tmp_path / 'none.csv'}: No such file" in refusal(tmp_path / "none.csv")


@pytest.mark.parametrize(("name", "remedy"), [("my.xls", "Save it as .xlsx"), ("my", "must end in .csv"), ("my.dwg", "Export")])
def test_unknown_kind_of_file_is_refused(tmp_path, name, remedy):
    """The message names the remedy and the formats before the file is opened."""
    message = refusal(tmp_path / name)
    assert remedy in message
    assert "File Geodatabase" in message


def test_file_that_is_no_text_is_refused(tmp_path):
    """A picture that was renamed is not read as a code page."""
    path = tmp_path / "my.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xfe")
    assert "not text" in refusal(path)


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


@pytest.mark.parametrize(("header", "missing"), [("north,lon", "lat"), ("lat,east", "lon"), ("name,a,b", "lat")])
def test_missing_column_is_named(tmp_path, header, missing):
    """The first column that lacks is named, with the header that is wanted."""
    message = refusal(csv_file(tmp_path, f"{header}\n{ABILENE}\n"))
    assert f"lacks the column '{missing}'" in message
    assert "lat and lon" in message


@pytest.mark.parametrize("row", ["32.4X,-99.7", ",-99.7", "32.4", "32°76',-99", '"32,4,4",-99.7', "-32.4S,-99.7"])
def test_coordinate_that_is_not_a_number_names_its_row(tmp_path, row):
    """The row of the mistake is told, not just the file."""
    message = refusal(csv_file(tmp_path, f"lat,lon\n{ABILENE}\n{row}\n"))
    assert "row 3" in message
    assert "decimal degrees" in message


def test_row_number_counts_blank_lines(tmp_path):
    """The row told is the line of the file, as an editor shows it."""
    assert "row 4" in refusal(csv_file(tmp_path, f"lat,lon\n{ABILENE}\n\nx,y\n"))


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


# -- rows that need a clear line -----------------------------------------------------------------------------------------


def problem(path, **limits):
    """What is wrong with the last row."""
    return entries(path, **limits)[-1].problem


@pytest.mark.parametrize("header", ["lat,lon,lat", "lat,lon,name,Name", "lat,lon,acres,ACRES"])
def test_csv_column_that_stands_twice_is_refused(tmp_path, header):
    """Which of the two is meant cannot be known."""
    assert "stands twice" in refusal(csv_file(tmp_path, f"{header}\n1,2,3,4\n"))


def test_csv_column_that_is_not_read_may_stand_twice(tmp_path):
    """Foreign columns are none of our business."""
    assert len(entries(csv_file(tmp_path, f"lat,lon,x,x\n{ABILENE},1,2\n"))) == 1


def test_csv_rows_of_commas_only_are_blank(tmp_path):
    """Spreadsheets pad their exports; trailing commas add no field."""
    (entry,) = entries(csv_file(tmp_path, f"lat,lon,name\n,,\n{ABILENE},x,,\n,,\n"))
    assert (entry.place, entry.problem) == ("row 3", None)


def test_csv_row_with_more_fields_than_the_header_is_told(tmp_path):
    """Decimal commas make four fields of two numbers: not read as another place."""
    assert "it has 4 fields, the header has 2" in problem(csv_file(tmp_path, "lat,lon\n32,4487,-99,7331\n"))


def test_csv_name_may_be_unicode_with_line_breaks(tmp_path):
    """A quoted name over two lines becomes one line, and the rows after it keep their line numbers."""
    text = f'lat,lon,name\n{ABILENE},"Cañón\n  del\tRío 🌵"\nx,y,bad\n'
    first, second = entries(csv_file(tmp_path, text))
    assert (first.name, first.place) == ("Cañón del Río 🌵", "row 2")
    assert (second.name, second.place) == ("bad", "row 4")


def test_csv_quote_that_never_ends_is_refused(tmp_path):
    """The rest of the file must not vanish into one name."""
    assert "unexpected end of data" in refusal(csv_file(tmp_path, f'lat,lon,name\n{ABILENE},"a\n{ABILENE},b\n'))


def test_csv_acres_are_read_and_may_be_empty(tmp_path):
    """A row may ask for its own acres."""
    found = entries(csv_file(tmp_path, f"lat,lon,acres\n{ABILENE},250\n{ABILENE},\n{ABILENE}\n"))
    assert [e.acres for e in found] == [250.0, None, None]


@pytest.mark.parametrize("acres", ["-5", "0", "nan", "inf", "1e9", "many", "100001"])
def test_acres_that_are_absurd_are_told(tmp_path, acres):
    """Negative, zero, no number, or more than a campus can need."""
    assert f"acres '{acres}'" in problem(csv_file(tmp_path, f"lat,lon,acres\n{ABILENE},{acres}\n"))


def test_geojson_point_may_have_acres_and_a_polygon_brings_its_own(tmp_path):
    """The property acres counts for points only: a polygon's own property usually says how large it is."""
    point, ring = {"type": "Point", "coordinates": [-99.7, 32.4]}, {"type": "Polygon", "coordinates": [RING]}
    found = read_sites(geojson_file(tmp_path, point, ring, properties={"acres": 400})).sites
    assert [s.acres for s in found] == [400.0, None]


def test_json_nested_without_end_is_refused(tmp_path):
    """A hundred thousand brackets end in a line, not in a full stack."""
    path = tmp_path / "my.geojson"
    path.write_text("[" * 100_000)
    assert "not GeoJSON" in refusal(path)


@pytest.mark.parametrize(
    ("feature", "said"),
    [
        ("x", "no GeoJSON feature"),
        ({"type": "Feature", "geometry": None}, "no geometry"),
        ({"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[1, 2], [3, 4]]]}}, "not proper GeoJSON"),
        ({"type": "Feature", "geometry": {"type": "Point", "coordinates": [10**400, 2]}}, "not proper GeoJSON"),
        (
            {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[1, 2], [3, 4, 5], [6, 7]]]}},
            "not proper GeoJSON",
        ),
        ({"type": "Feature", "crs": {}, "geometry": {"type": "Point", "coordinates": [1, 2]}}, "its own"),
    ],
)
def test_feature_that_is_broken_does_not_hide_the_others(tmp_path, feature, said):
    """A broken feature is a bad row, not a bad file."""
    path = tmp_path / "my.geojson"
    good = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [-99.7, 32.4]}}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [good, feature]}))
    first, second = entries(path)
    assert first.problem is None
    assert second.place == "feature 2"
    assert said in second.problem


def test_geojson_may_be_a_bare_geometry(tmp_path):
    """A geometry without feature is one site."""
    path = tmp_path / "my.geojson"
    path.write_text(json.dumps({"type": "Polygon", "coordinates": [RING]}))
    assert entries(path)[0].geometry.geom_type == "Polygon"


def test_two_million_vertices_are_refused_at_once(tmp_path):
    """A file of two million vertices is counted, not parsed: well under two seconds."""
    path = tmp_path / "my.geojson"
    ring = b"[-99.75,32.45]," * 2_000_000 + b"[-99.75,32.45]"
    path.write_bytes(b'{"type":"Polygon","coordinates":[[' + ring + b"]]}")
    start = time.perf_counter()
    assert "about 2,000,003 vertices, the limit is 1,000,000" in refusal(path)
    assert time.perf_counter() - start < 2.0


def test_other_limits_are_told_with_their_number(tmp_path):
    """File size and number of sites, and vertices of a GeoParquet file before they are unpacked."""
    path = csv_file(tmp_path, f"lat,lon\n{ABILENE}\n{ABILENE}\n")
    assert "the limit is 1" in refusal(path, sites=1)
    assert "MB, the limit is 0 MB" in refusal(path, file_bytes=10)
    parquet = parquet_file(tmp_path, [shapely.Point(-99.7, 32.4).buffer(0.01, quad_segs=500)])
    assert "vertices, the limit is 1,000" in refusal(parquet, vertices=1000)
    assert "MB unpacked" in refusal(parquet, file_bytes=parquet.stat().st_size)
    assert "1 sites, the limit is 0" in refusal(parquet, sites=0)


# -- coordinate reference systems and GeoParquet -------------------------------------------------------------------------


def test_geojson_crs_is_the_name_that_the_file_gives(tmp_path):
    """The old "crs" member, as GDAL writes it; without one it is WGS 84."""
    point = {"type": "Point", "coordinates": [0, 0]}
    member = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::5070"}}
    assert read_listing(geojson_file(tmp_path, point, crs=member), Limits()).crs == "urn:ogc:def:crs:EPSG::5070"
    assert read_listing(geojson_file(tmp_path, point), Limits()).crs == LONLAT


@pytest.mark.parametrize("crs", [None, "EPSG:5070", {"type": "link", "properties": {"href": "x"}}, 7])
def test_geojson_crs_without_a_name_is_refused(tmp_path, crs):
    """null means unknown; a link is not followed."""
    assert "names no coordinate reference system" in refusal(
        geojson_file(tmp_path, {"type": "Point", "coordinates": [0, 0]}, crs=crs)
    )


def test_geoparquet_rows_have_name_acres_and_crs(tmp_path):
    """Points and polygons with their columns, those of polygons to compare; a gap in acres is no acres."""
    shapes = [shapely.Point(-99.7, 32.4), shapely.Point(-99.8, 32.4), shapely.Polygon(RING)]
    path = parquet_file(tmp_path, shapes, name=["a", None, "c"], acres=[300.0, float("nan"), 5.0])
    found = read_listing(path, Limits())
    assert [(e.place, e.name, e.acres) for e in found.entries] == [
        ("row 1", "a", 300.0),
        ("row 2", "site 2", None),
        ("row 3", "c", 5.0),
    ]
    assert found.crs["id"] == {"authority": "EPSG", "code": 4326}


def test_geoparquet_row_without_geometry_is_a_bad_row(tmp_path):
    """A null among the geometries."""
    assert "no geometry" in problem(parquet_file(tmp_path, [shapely.Point(-99.7, 32.4), None]))


def test_geoparquet_without_crs_is_refused(tmp_path):
    """Unknown is not WGS 84."""
    assert "declares no coordinate reference system" in refusal(parquet_file(tmp_path, [shapely.Point(0, 0)], crs=None))


def test_parquet_without_geometry_is_refused(tmp_path):
    """A plain table, and a file that is no Parquet at all."""
    path = tmp_path / "my.parquet"
    pandas.DataFrame({"lat": [32.4], "lon": [-99.7]}).to_parquet(path)
    assert "no geometry column in WKB" in refusal(path)
    path.write_bytes(b"PAR1 no")
    assert "not a readable GeoParquet file" in refusal(path)


def test_names_are_one_line_of_printable_text():
    """Line breaks, tabs and control characters become blanks; what is no text becomes a number."""
    assert clean_name(" a\r\n\tb\x00c\u2028d ", 1) == "a b c d"
    assert [clean_name(n, 3) for n in (None, "", {}, [1], True, 7)] == ["site 3"] * 5 + ["7"]
    assert "acres" in HEADER
