"""GeoJSON of sites against a strict RFC 7946 check, and the check itself against good and bad texts."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from sitefinder.columns import Column
from sitefinder.grid import Grid
from sitefinder.results.geojson import collection, features_of, site_features
from sitefinder.sites.shape import footprints
from tests.helpers.records import site
from tests.helpers.rfc7946 import problems

GRID = Grid(1000.0)
COLUMNS = (Column("name", "", "Name", "x"), Column("score", "points", "Score", "x", 2), Column("rank", "", "Rank", "x", 0))
SQUARE = [[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]
HOLE = [[0.5, 0.5], [0.5, 1], [1, 1], [1, 0.5], [0.5, 0.5]]
#: a cell in the middle of Texas
START = 2133 * GRID.width + 2013


def text(geometry=None, properties=None, **members):
    """A feature collection of one feature as bytes."""
    feature = {"type": "Feature", "geometry": geometry, "properties": {} if properties is None else properties}
    return json.dumps({"type": "FeatureCollection", "features": [feature], **members}).encode()


def polygon(*rings, **members):
    """A collection of one polygon."""
    return text({"type": "Polygon", "coordinates": list(rings), **members})


# -- the check -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        b'{"type":"FeatureCollection","features":[]}',
        text(),
        text({"type": "Point", "coordinates": [-99.733101, 32.448699]}),
        text({"type": "LineString", "coordinates": [[0, 0], [1, 1, 30]]}),
        polygon(SQUARE),
        polygon(SQUARE, HOLE),
        text({"type": "MultiPolygon", "coordinates": [[SQUARE, HOLE]]}),
        text({"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [1, 2]}]}),
        polygon(SQUARE, bbox=[0, 0, 2, 2]),
    ],
)
def test_check_accepts_what_the_standard_allows(raw):
    """Right texts have no problems."""
    assert problems(raw) == []


BAD = {
    "not JSON": (b"{", "not JSON"),
    "not UTF-8": (b'{"type":"FeatureCollection","features":[],"name":"Ca\xf1on"}', "not JSON"),
    "byte order mark": (b"\xef\xbb\xbf" + polygon(SQUARE), "not JSON"),
    "NaN": (polygon(SQUARE).replace(b'"properties": {}', b'"properties": {"a": NaN}'), "NaN"),
    "a member twice": (b'{"type":"FeatureCollection","features":[],"features":[]}', "twice"),
    "bare geometry": (b'{"type":"Point","coordinates":[1,2]}', "not a FeatureCollection"),
    "no features": (b'{"type":"FeatureCollection"}', "features is not an array"),
    "feature of another type": (b'{"type":"FeatureCollection","features":[{"type":"Point"}]}', "not a Feature"),
    "crs": (polygon(SQUARE).replace(b'"FeatureCollection"', b'"FeatureCollection", "crs": {}'), "crs"),
    "crs in a geometry": (polygon(SQUARE, crs={}), "crs"),
    "properties in a geometry": (polygon(SQUARE, properties={}), "belongs to another type"),
    "properties missing": (b'{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null}]}', "properties"),
    "properties an array": (text(properties=["a"]), "properties"),
    "geometry missing": (b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{}}]}', "geometry is missing"),
    "unknown geometry": (text({"type": "Circle", "coordinates": [1, 2]}), "unknown geometry"),
    "wrong nesting": (text({"type": "Polygon", "coordinates": SQUARE}), "nested"),
    "text as coordinate": (text({"type": "Point", "coordinates": ["1", 2]}), "nested"),
    "one number": (text({"type": "Point", "coordinates": [1]}), "1 numbers"),
    "latitude beyond the pole": (text({"type": "Point", "coordinates": [0, 91]}), "no longitude and latitude"),
    "metres for degrees": (text({"type": "Point", "coordinates": [-349015.5, 1048650.3]}), "no longitude and latitude"),
    "seven decimals": (text({"type": "Point", "coordinates": [1.1234567, 2]}), "decimals"),
    "small exponent": (b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":'
                       b'{"type":"Point","coordinates":[1e-7,2]}}]}', "decimals"),
    "line of one position": (text({"type": "LineString", "coordinates": [[0, 0]]}), "fewer than two"),
    "no ring": (polygon(), "no ring"),
    "three positions": (polygon([[0, 0], [1, 0], [0, 0]]), "fewer than four"),
    "open ring": (polygon(SQUARE[:-1]), "not closed"),
    "ring without area": (polygon([[0, 0], [1, 1], [2, 2], [0, 0]]), "no area"),
    "clockwise exterior": (polygon(SQUARE[::-1]), "exterior ring is clockwise"),
    "counter-clockwise hole": (polygon(SQUARE, HOLE[::-1]), "hole is counter-clockwise"),
    "bad part of a collection": (
        text({"type": "GeometryCollection", "geometries": [{"type": "Polygon", "coordinates": [SQUARE[::-1]]}]}),
        "clockwise",
    ),
    "bad bbox": (polygon(SQUARE, bbox=[0, 0, 2]), "bbox"),
    "bbox upside down": (polygon(SQUARE, bbox=[0, 2, 2, 0]), "bbox"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_check_refuses_what_the_standard_forbids(case):
    """Each fault is found and named."""
    raw, words = BAD[case]
    assert any(words in problem for problem in problems(raw))


# -- the writer ----------------------------------------------------------------------------------------------------------


def shape_of(*offsets):
    """Flat cells at (row, column) offsets from a place in Texas."""
    return np.array([START + r * GRID.width + c for r, c in offsets], np.int32)


CORNERS = [(r, c) for r in range(3) for c in range(3) if (r, c) != (1, 1)]
SHAPES = {
    "one cell": shape_of((0, 0)),
    "an L": shape_of((0, 0), (1, 0), (2, 0), (2, 1)),
    "a ring with a hole": shape_of(*CORNERS),
    "two parts": shape_of((0, 0), (5, 5)),
    "touching by a corner": shape_of((0, 0), (1, 1)),
}


def written(*cells, rows=None):
    """The file of some groups of cells."""
    rows = rows or [{"name": "x", "score": 1.0, "rank": 1}] * len(cells)
    return collection(features_of(footprints(cells, GRID), rows, COLUMNS))


@pytest.mark.parametrize("name", SHAPES)
def test_footprint_is_strict_geojson(name):
    """Every shape of campus passes the strict check."""
    assert problems(written(SHAPES[name])) == []


@pytest.mark.parametrize(("name", "parts", "holes"), [("an L", 1, 0), ("a ring with a hole", 1, 1), ("two parts", 2, 0)])
def test_footprint_keeps_parts_and_holes(name, parts, holes):
    """Islands stay apart, a hole stays a hole."""
    (outline,) = footprints([SHAPES[name]], GRID)
    assert shapely.get_num_geometries(outline) == parts
    assert sum(len(p.interiors) for p in shapely.get_parts(outline)) == holes


@pytest.mark.parametrize("name", SHAPES)
def test_footprint_has_the_area_of_its_cells(name):
    """Read back from the file's text and projected, the outline covers its cells to a thousandth."""
    feature = json.loads(written(SHAPES[name]))["features"][0]
    forward = Transformer.from_crs("EPSG:4326", "EPSG:5070", always_xy=True)
    outline = shapely.transform(
        shapely.geometry.shape(feature["geometry"]), lambda x, y: forward.transform(x, y), interleaved=False
    )
    assert outline.area == pytest.approx(SHAPES[name].size * 1e6, rel=1e-3)
    x, y = GRID.centre(SHAPES[name] // GRID.width, SHAPES[name] % GRID.width)
    assert shapely.contains_xy(outline, x, y).all()


def test_footprints_come_in_the_order_of_the_groups():
    """The first outline belongs to the first group, also when groups interleave."""
    first, second = footprints([shape_of((0, 0), (0, 1)), shape_of((4, 0), (4, 1), (4, 2))], GRID)
    assert second.area == pytest.approx(1.5 * first.area, rel=0.01)
    assert first.centroid.y > second.centroid.y
    assert first.disjoint(second)


def test_properties_come_in_the_order_of_the_columns():
    """Names, order and rounding follow the columns; what has no column is not written."""
    raw = written(SHAPES["one cell"], rows=[{"rank": 3, "extra": 1, "score": 71.23456, "name": "here"}])
    properties = json.loads(raw)["features"][0]["properties"]
    assert list(properties.items()) == [("name", "here"), ("score", 71.23), ("rank", 3)]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), np.float32("nan"), None])
def test_what_is_not_known_is_null(value):
    """NaN and missing become null, which JSON can say."""
    raw = written(SHAPES["one cell"], rows=[{"name": None, "score": value, "rank": None}])
    assert json.loads(raw)["features"][0]["properties"] == {"name": None, "score": None, "rank": None}


@pytest.mark.parametrize(("value", "shown"), [(True, True), (np.True_, True), (np.False_, False)])
def test_flags_stay_flags(value, shown):
    """True is not written as 1."""
    raw = written(SHAPES["one cell"], rows=[{"name": value, "score": 1.0, "rank": 1}])
    assert json.loads(raw)["features"][0]["properties"]["name"] is shown


@pytest.mark.parametrize("value", [np.float32(2.345), np.float64(2.345), np.int64(2), 2])
def test_numbers_of_numpy_are_written_as_numbers(value):
    """Scalars of NumPy need no conversion by the caller."""
    raw = written(SHAPES["one cell"], rows=[{"name": "x", "score": value, "rank": 1}])
    assert json.loads(raw)["features"][0]["properties"]["score"] == pytest.approx(float(value), abs=0.006)


@given(name=st.text(max_size=40))
def test_any_name_survives(name):
    """Quotes, line breaks and letters of any script come back as written."""
    raw = collection(features_of([shapely.box(-99, 32, -98, 33)], [{"name": name, "score": 1.0, "rank": 1}], COLUMNS))
    assert json.loads(raw)["features"][0]["properties"]["name"] == name
    assert problems(raw) == []


def test_one_feature_per_line():
    """The text has a line per site, so that two files can be compared line by line."""
    lines = written(SHAPES["one cell"], SHAPES["an L"]).decode().splitlines()
    assert len(lines) == 4
    assert all(json.loads(line.rstrip(","))["type"] == "Feature" for line in lines[1:3])


def test_rows_and_outlines_must_match():
    """A row too few is our own mistake and is not written."""
    with pytest.raises(ValueError, match="zip"):
        features_of(footprints([SHAPES["one cell"]], GRID), [], COLUMNS)


def test_a_row_without_one_of_the_columns_is_our_own_mistake():
    """It is not written as null."""
    with pytest.raises(KeyError, match="score"):
        written(SHAPES["one cell"], rows=[{"name": "x", "rank": 1}])


def test_same_input_gives_the_same_bytes():
    """Two writings are equal."""
    assert written(*SHAPES.values()) == written(*SHAPES.values())


# -- the list of sites -----------------------------------------------------------------------------------------------------

SITES = [site(slope_pct=1.23456, capex_musd_mid=2000.4, full_load_p50="2031-02"), site(site_id="OH-2", rank=2, slope_pct=None)]
OUTLINES = [shapely.box(-99.71, 32.49, -99.69, 32.51), shapely.box(-83.0, 39.0, -82.9, 39.1)]


def test_a_list_of_sites_holds_their_values_in_order():
    """Every column, in the order of the register, rounded; one feature per site."""
    raw = collection(site_features(SITES, OUTLINES))
    assert problems(raw) == []
    properties = [f["properties"] for f in json.loads(raw)["features"]]
    assert [list(p.items()) for p in properties] == [list(s.values.items()) for s in SITES]
    assert (properties[0]["slope_pct"], properties[0]["capex_musd_mid"]) == (1.235, 2000)
    assert (properties[1]["slope_pct"], properties[1]["capex_musd_mid"]) == (None, None)


def test_every_site_has_its_outline():
    """The first outline belongs to the first site; one too few is not written."""
    for feature, outline in zip(site_features(SITES, OUTLINES), OUTLINES, strict=True):
        assert shapely.geometry.shape(feature["geometry"]).equals(outline)
    with pytest.raises(ValueError, match="zip"):
        site_features(SITES, OUTLINES[:1])


def test_features_in_memory_are_those_of_the_file():
    """What the map takes from the list and what a reader of the file gets are the same."""
    features = site_features(SITES, OUTLINES)
    assert json.loads(collection(features))["features"] == features


def test_no_sites_make_an_empty_collection():
    """A file all the same."""
    assert json.loads(collection([]))["features"] == []
