"""All exports together: the same places have the same scores in every format."""

from __future__ import annotations

import csv
import io
import json
import shutil
import zipfile
from xml.etree import ElementTree as ET

import geopandas
import openpyxl
import pytest

from sitefinder.reports.exports.building import RESULTS, write_exports
from sitefinder.reports.exports.earth import SPACE
from sitefinder.results.derived import RECORD
from sitefinder.results.run import read_run
from tests.helpers.paths import DATA


@pytest.fixture(scope="module")
def folder(exported_run, tmp_path_factory):
    """The exports of a run beside which a raster lies."""
    run = tmp_path_factory.mktemp("all") / "run"
    shutil.copytree(exported_run.folder, run)
    (run / "suitability.tif").write_bytes(b"")
    write_exports(read_run(run), run / "exports", data=DATA)
    return run / "exports"


def _csv(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def _sheet(path):
    head, *rows = openpyxl.load_workbook(path)["Summary"].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


READERS = {
    "sites.csv": _csv,
    "sites.xlsx": _sheet,
    "sites.parquet": lambda p: geopandas.read_parquet(p).to_dict("records"),
    "sites_arcgis.zip": lambda p: geopandas.read_file(p).to_dict("records"),
    "run.gpkg": lambda p: geopandas.read_file(p, layer="sites").to_dict("records"),
    "sites.kmz": lambda p: _data(p),
}


def _data(path):
    """Attributes of the first folder of a KMZ."""
    root = ET.fromstring(zipfile.ZipFile(path).read("doc.kml"))
    places = root.find(f".//{{{SPACE}}}Folder").iter(f"{{{SPACE}}}ExtendedData")
    return [{data.get("name"): data.findtext(f"{{{SPACE}}}value") for data in place} for place in places]


def _fields(rows):
    return [(row["site_id"], float(row["score"])) for row in rows]


@pytest.mark.parametrize("name", READERS)
def test_scores_are_those_of_the_run(name, folder, exported_run):
    """Whatever the format."""
    expected = [(e.site_id, e.site.values["score"]) for e in exported_run.sites]
    assert _fields(READERS[name](folder / name)) == expected


def test_every_file_is_written_and_described(folder):
    """The package lists the files of lists with the units of their columns."""
    assert {p.name for p in folder.iterdir()} == {*RESULTS, RECORD}
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    paths = [entry["path"] for entry in package["resources"]]
    assert paths == [f"{name}{form}" for name in ("sites", "own_sites") for form in (".csv", ".parquet", "_arcgis.zip")]
    units = {f["name"]: f.get("unit") for f in package["resources"][0]["schema"]["fields"]}
    assert len(units) == 25
    assert units["capex_musd_mid"] == "million USD"


def test_styles_lie_beside_the_rasters_that_are_there(folder):
    """QGIS looks for them under the name of the raster."""
    assert sorted(p.name for p in folder.parent.glob("*.qml")) == ["suitability.qml"]


def test_files_of_own_sites_go_when_there_are_none_any_more(folder, tmp_path):
    """What an earlier run left is not taken for today's."""
    run = tmp_path / "run"
    shutil.copytree(folder.parent, run)
    for path in run.glob("own_*"):
        path.unlink()
    write_exports(read_run(run), run / "exports", data=DATA)
    assert [p.name for p in (run / "exports").glob("own_*")] == []
