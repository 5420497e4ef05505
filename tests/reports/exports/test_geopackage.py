"""The GeoPackage, read by GDAL and by SQLite."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from xml.etree import ElementTree as ET

import geopandas
import pyogrio
import pytest

from sitefinder.columns import Column
from sitefinder.reports.exports.geopackage import GEOMETRY, geopackage_bytes, titled


@pytest.fixture(scope="module")
def path(tables, tmp_path_factory):
    """The file."""
    path = tmp_path_factory.mktemp("gpkg") / "run.gpkg"
    path.write_bytes(geopackage_bytes(list(tables.values())))
    return path


def _query(path, text):
    with closing(sqlite3.connect(path)) as base:
        return base.execute(text).fetchall()


def test_every_table_is_a_layer(path, tables):
    """With its kind of geometries, in degrees."""
    layers = dict(pyogrio.list_layers(path).tolist())
    assert layers == {
        **{"sites": "MultiPolygon", "own_sites": "MultiPolygon", "routes": "LineString", "own_routes": "LineString"},
        **{"near_misses": "Point", "stations": "Point", "layer_styles": None},
    }
    frame = geopandas.read_file(path, layer="sites")
    assert frame.crs.to_epsg() == 4326
    assert frame["score"].tolist() == tables["sites"].values("score")
    assert frame["name"].tolist() == tables["sites"].values("name")


def test_every_layer_has_a_default_style_that_qgis_looks_for(path, tables):
    """QGIS compares schema, table and column of geometries letter by letter; an empty schema is '', not NULL."""
    rows = _query(path, "SELECT f_table_name, f_table_schema, f_geometry_column, useAsDefault, styleQML FROM layer_styles")
    assert {row[0] for row in rows} == set(tables)
    columns = dict(_query(path, "SELECT table_name, column_name FROM gpkg_geometry_columns"))
    for name, schema, geometry, default, qml in rows:
        assert (schema, geometry, default) == ("", columns[name], 1)
        assert ET.fromstring(qml.partition("\n")[2]).find("renderer-v2") is not None
    assert set(columns.values()) == {GEOMETRY}


def test_a_style_draws_by_columns_that_its_layer_has(path):
    """What a layer is coloured and labelled by."""
    for name, qml in _query(path, "SELECT f_table_name, styleQML FROM layer_styles"):
        root, fields = ET.fromstring(qml.partition("\n")[2]), pyogrio.read_info(path, layer=name)["fields"].tolist()
        assert {a.get("field") for a in root.iter("alias")} == set(fields), name
        used = [root.find("renderer-v2").get("attr"), *(s.get("fieldName") for s in root.iter("text-style"))]
        assert [u for u in used if u and u not in fields] == [], name


def test_columns_are_explained(path, tables):
    """Title with unit and meaning, in the table that GeoPackage has for it."""
    rows = _query(path, "SELECT column_name, title, description FROM gpkg_data_columns WHERE table_name = 'sites'")
    assert {r[0] for r in rows} == {c.name for c in tables["sites"].columns}
    assert ("buildable_acres", "buildable acres", "Estimated buildable acres of the footprint") in rows
    assert _query(path, "PRAGMA integrity_check") == [("ok",)]


def test_the_same_tables_give_the_same_bytes(path, tables):
    """No time of the day in it."""
    assert geopackage_bytes(list(tables.values())) == path.read_bytes()


def test_titles_say_the_unit_once():
    """Where the name says it already it is not repeated."""
    assert titled(Column("km", "km", "", "")) == "km"
    assert titled(Column("score", "points", "", "")) == "score [points]"
