"""GeoJSON in its shapes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sitefinder.errors import SitesError
from sitefinder.sites.reading.entry import Limits
from sitefinder.sites.reading.features import read_features

PATH = Path("a.geojson")
POINT = {"type": "Point", "coordinates": [-99.7, 32.4]}


def read(content):
    """The table of a text or an object."""
    return read_features(PATH, (content if isinstance(content, str) else json.dumps(content)).encode(), Limits())


def feature(geometry=POINT, **properties):
    """A feature."""
    return {"type": "Feature", "properties": properties, "geometry": geometry}


@pytest.mark.parametrize("separator", ["\n", "\r\n", "\n\n", "\n\x1e"], ids=["lines", "Windows", "gaps", "RFC 8142"])
def test_features_one_a_line(separator):
    """Newline-delimited, with and without the mark of a text sequence; columns of all rows."""
    table = read(separator.join(json.dumps(f) for f in (feature(a=1), feature(b=2))))
    assert [dict(row.values) for row in table.rows] == [{"a": 1}, {"b": 2}]
    assert table.columns == ("a", "b")


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": [-99.7, 32.4, 520.0, 7.0]},
        {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [-99.7, 32.4, 1, 2, 3]}]},
        {"type": "Polygon", "coordinates": [[[0, 0, 1, 2], [1, 0, 1, 2], [1, 1, 1, 2], [0, 0, 1, 2]]]},
    ],
)
def test_positions_may_hold_more_than_a_height(geometry):
    """Measures and times behind the third number are left out."""
    assert read(feature(geometry)).rows[0].problem is None


@pytest.mark.parametrize(
    ("member", "crs"),
    [
        ({"type": "name", "properties": {"name": "EPSG:5070"}}, "EPSG:5070"),
        ({"type": "EPSG", "properties": {"code": 2276}}, "EPSG:2276"),
        ({"type": "EPSG", "properties": {"code": "2276"}}, "EPSG:2276"),
    ],
)
def test_reference_systems_are_named_in_two_ways(member, crs):
    """By name, and by code as old programs do."""
    assert read({"type": "FeatureCollection", "crs": member, "features": []}).crs == crs
    assert read(feature()).crs is None


@pytest.mark.parametrize("member", [None, "x", {"type": "EPSG", "properties": {"code": "x"}}, {"type": "link", "properties": {}}])
def test_reference_systems_that_cannot_be_known_are_refused(member):
    """With what to write instead."""
    with pytest.raises(SitesError, match="Give its name"):
        read({"type": "FeatureCollection", "crs": member, "features": []})


def test_json_of_other_programs_is_left_to_gdal():
    """Esri's and topologies; a GeoJSON collection that also has a reference system of Esri is read here."""
    assert read({"geometryType": "esriGeometryPoint", "features": []}) is None
    assert read({"type": "Topology", "objects": {}}) is None
    assert read({"type": "FeatureCollection", "spatialReference": {}, "features": [feature()]}).rows[0].geometry.x == -99.7


@pytest.mark.parametrize("content", ["{", "[]", '{"a": 1}', f"{json.dumps(POINT)}\nno"])
def test_what_is_no_geojson_is_refused(content):
    """Cut short, a list, another object, a line that is none."""
    with pytest.raises(SitesError, match="not GeoJSON"):
        read(content)
