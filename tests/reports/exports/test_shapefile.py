"""The zipped shapefile, read by GDAL."""

from __future__ import annotations

import zipfile

import geopandas
import pytest

from sitefinder.reports.exports.shapefile import archive, shapefile_bytes, short_names


@pytest.fixture(scope="module")
def path(tables, tmp_path_factory):
    """The file."""
    path = tmp_path_factory.mktemp("shape") / "sites_arcgis.zip"
    path.write_bytes(shapefile_bytes(tables["sites"]))
    return path


def test_parts_have_one_name(path):
    """As ArcGIS Online asks for: geometry, index, attributes, projection, encoding."""
    assert sorted(zipfile.ZipFile(path).namelist()) == ["sites.cpg", "sites.dbf", "sites.prj", "sites.shp", "sites.shx"]


def test_values_come_back_under_short_names(path, tables):
    """Texts in UTF-8, numbers as they are."""
    frame = geopandas.read_file(path)
    assert [c for c in frame.columns if c != "geometry"] == list(short_names().values())
    for name in ("score", "lat", "buildable_acres", "site_id"):
        assert frame[short_names()[name]].tolist() == tables["sites"].values(name)
    assert "\u05d0" in frame["name"][0] or "km from" in frame["name"][0]


def test_the_same_input_gives_the_same_bytes(path, tables):
    """No time of the day in it."""
    assert shapefile_bytes(tables["sites"]) == path.read_bytes()
    assert archive({"a": b"1"}) == archive({"a": b"1"})
