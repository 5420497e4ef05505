"""The KMZ, read as XML and by GDAL."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree as ET

import geopandas
import pyogrio
import pytest
import shapely

from sitefinder.reports.exports.earth import LABELS, SHOWN, SPACE, kmz_bytes
from sitefinder.reports.exports.tables import AERIAL

KML = {"k": SPACE}
#: order of the children of a feature in the schema of KML 2.2
ORDER = ["name", "Snippet", "description", "styleUrl", "Style", "ExtendedData", "Folder", "Placemark"]
ORDER += ["Point", "Polygon", "MultiGeometry"]


@pytest.fixture(scope="module")
def content(tables):
    """The archive."""
    return kmz_bytes(tables["sites"], tables["own_sites"])


@pytest.fixture(scope="module")
def root(content):
    """Its document, which stands first."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.namelist() == ["doc.kml"]
    return ET.fromstring(archive.read("doc.kml"))


def _names(folder):
    return [e.text for e in folder.findall("k:name", KML)]


def test_folders_are_named_once_and_none_is_empty(root, tables):
    """A folder of points and one of outlines for each tier, and for the user's own sites."""
    folders = root.findall("k:Document/k:Folder", KML)
    names = [_names(folder)[0] for folder in folders]
    assert len(set(names)) == len(names) == 4
    assert names[-2:] == ["Your sites", "Your sites: outlines"]
    counts = [len(folder.findall("k:Placemark", KML)) for folder in folders]
    assert counts == [3, 3, 2, 2]


def test_a_balloon_shows_facts_with_units_and_a_link(root, tables):
    """Labels, values, the address of an aerial picture; markup of names is text."""
    texts = [e.text for e in root.iter(f"{{{SPACE}}}description")][1:]
    assert "<script>" not in texts[0]
    assert "Buildable acres" in texts[0]
    assert " acres</td>" in texts[0]
    assert str(tables["sites"].rows[0][AERIAL.name]).replace("&", "&amp;") in texts[0]


def test_elements_stand_in_the_order_of_the_schema(root):
    """Google Earth reads on where they do not; others refuse the file."""
    for feature in [root.find("k:Document", KML), *root.iter(f"{{{SPACE}}}Folder"), *root.iter(f"{{{SPACE}}}Placemark")]:
        tags = [child.tag.partition("}")[2] for child in feature]
        assert [ORDER.index(t) for t in tags] == sorted(ORDER.index(t) for t in tags), tags


def test_styles_named_exist(root):
    """Every placemark has the colours of its folder."""
    named = {e.text for e in root.iter(f"{{{SPACE}}}styleUrl")}
    assert named == {f"#{e.get('id')}" for e in root.iter(f"{{{SPACE}}}Style")}


def test_gdal_reads_points_and_outlines_where_they_lie(content, tables, tmp_path):
    """Scores come back in the attributes."""
    path = tmp_path / "sites.kmz"
    path.write_bytes(content)
    layers = [name for name, _ in pyogrio.list_layers(path).tolist()]
    assert len(layers) == 4
    points, outlines = (geopandas.read_file(path, layer=name) for name in layers[:2])
    assert [(p.x, p.y) for p in points.geometry] == [(r["lon"], r["lat"]) for r in tables["sites"].rows]
    areas = shapely.area(outlines.geometry.to_numpy())
    assert areas == pytest.approx([g.area for g in tables["sites"].geometry], rel=1e-4)


def test_every_fact_has_a_label():
    """For people."""
    assert set(SHOWN) <= set(LABELS)
