"""Formats that GDAL reads."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas
import pandas
import pyogrio.raw
import pytest
import shapely

from sitefinder.errors import SitesError
from sitefinder.sites.reading.entry import Limits
from sitefinder.sites.reading.vector import read_vector

POINTS = [shapely.Point(-99.7, 32.4), shapely.Point(-83.0, 39.0)]


def geopackage(folder: Path, geometry: list = POINTS, **columns: object) -> Path:
    """A GeoPackage."""
    path = folder / "a.gpkg"
    geopandas.GeoDataFrame(columns, geometry=geometry, crs=4326).to_file(path)
    return path


def read(path: Path, **options: object):
    """The table of a file."""
    return read_vector(path, str(path), Limits(**options.pop("limits", {})), kind=path.suffix[1:], **options)


def test_whole_numbers_beside_gaps_stay_whole(tmp_path):
    """A parcel number is not 1.2e15 because another row lacks one."""
    table = read(
        geopackage(tmp_path, apn=pandas.array([1234567890123456789, None], "Int64"), open=pandas.array([True, None], "boolean"))
    )
    assert [dict(row.values) for row in table.rows] == [{"apn": 1234567890123456789, "open": True}, {"apn": None, "open": None}]
    assert table.crs == "EPSG:4326"
    assert table.remarks == ("layer 'a'",)


def test_rows_without_geometry_are_bad_rows(tmp_path):
    """They stand in their place."""
    table = read(geopackage(tmp_path, [POINTS[0], None], name=["a", "b"]))
    assert [row.problem is None for row in table.rows] == [True, False]
    assert "no geometry" in table.rows[1].problem


def test_text_of_a_shapefile_that_hides_its_encoding_is_mended(tmp_path):
    """UTF-8 without its .cpg file comes out as it was meant; text of the code page stays what it is."""
    for encoding in ("utf-8", "cp1252"):
        path = tmp_path / f"{encoding}.shp"
        geopandas.GeoDataFrame({"name": ["Cañón", "plain"]}, geometry=POINTS, crs=4326).to_file(path, encoding=encoding)
        path.with_suffix(".cpg").unlink()
        assert [row.values["name"] for row in read(path).rows] == ["Cañón", "plain"]


def test_limits_are_told_before_rows_are_read(tmp_path):
    """Number of sites, then vertices."""
    path = geopackage(tmp_path, [shapely.Point(-99.7, 32.4).buffer(0.1, quad_segs=500)] * 2, name=["a", "b"])
    with pytest.raises(SitesError, match="2 sites, the limit is 1"):
        read(path, limits={"sites": 1})
    with pytest.raises(SitesError, match="more than 1,000 vertices"):
        read(path, limits={"vertices": 1000})


def test_folders_of_kml_are_columns_and_its_own_extras_are_not(tmp_path):
    """Folders of one name come together; what GDAL adds to every place is left out."""
    place = "<Placemark><name>{}</name><Point><coordinates>-99.7,32.4</coordinates></Point></Placemark>"
    folder = "<Folder><name>Tier</name>{}</Folder>"
    path = tmp_path / "a.kml"
    body = "".join(folder.format(place.format(n)) for n in "ab")
    path.write_text(f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}</Document></kml>')
    table = read(path)
    assert [dict(row.values) for row in table.rows] == [{"Name": "a", "folder": "Tier"}, {"Name": "b", "folder": "Tier"}]
    assert [row.place for row in table.rows] == ["feature 1", "feature 2"]
    assert not table.typed


def test_layers_of_lines_are_no_choice_beside_places(tmp_path):
    """Roads drawn along leave one layer of places; alone they are read, and their rows refused later."""
    path = geopackage(tmp_path, name=["a", "b"])
    roads = geopandas.GeoDataFrame({"id": [1]}, geometry=[shapely.LineString([(-99.7, 32.4), (-99.6, 32.4)])], crs=4326)
    roads.to_file(path, layer="roads")
    assert [row.values["name"] for row in read(path).rows] == ["a", "b"]
    roads.to_file(tmp_path / "b.gpkg", layer="roads")
    assert len(read(tmp_path / "b.gpkg").rows) == 1


def test_a_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    """As in a CSV file: which of the two is meant cannot be known."""
    fields = [{"name": "price", "type": "esriFieldTypeInteger"}] * 2
    feature = {"attributes": {"price": 1}, "geometry": {"x": -99.7, "y": 32.4}}
    system = {"geometryType": "esriGeometryPoint", "spatialReference": {"wkid": 4326}}
    path = tmp_path / "a.json"
    path.write_text(json.dumps(system | {"fields": fields, "features": [feature]}), encoding="utf-8")
    with pytest.raises(SitesError, match=r"the column 'price' stands twice\. Remove or rename one"):
        read(path)


def test_shapes_without_rows_are_refused(tmp_path, monkeypatch):
    """A damaged file that gives fewer rows than shapes ends in one line."""
    path = geopackage(tmp_path, name=["a", "b"])
    whole = pyogrio.raw.read_arrow
    monkeypatch.setattr(pyogrio.raw, "read_arrow", lambda *args, **options: (None, whole(*args, **options)[1].slice(0, 1)))
    with pytest.raises(SitesError, match="more shapes than rows") as refused:
        read(path)
    assert str(path) in str(refused.value)
