"""Verification of a finished run: everything that was changed since is named, and nothing else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from sitefinder.config import load_config
from sitefinder.errors import DataError
from sitefinder.layers.package import DataPackage
from sitefinder.pipeline.listing import ranking_only
from sitefinder.pipeline.stages import run
from sitefinder.results import verification
from sitefinder.results.manifest import sealed_manifest
from sitefinder.results.verification import recorded, verify
from tests.helpers.paths import DATA, ROOT
from tests.helpers.stacks import used

#: a run of the country
pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def ranked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A quick run on coarse cells, with two sites of the user."""
    folder = tmp_path_factory.mktemp("verified")
    (folder / "mine.csv").write_text("name,lat,lon\nA,39.03,-83.01\nB,32.5,-99.8\n")
    file = ranking_only(load_config(ROOT / "config/default.yaml", {"grid.resolution_m": "25000", "candidates.count": "20"}))
    run(file, out=folder / "out", data=DATA, cache=used(folder / "cache"), sites=folder / "mine.csv", with_map=False)
    return folder


@pytest.fixture
def folder(ranked: Path, tmp_path: Path) -> Path:
    """A copy of the run that a test may damage."""
    return Path(shutil.copytree(ranked / "out", tmp_path / "out"))


def differences(folder: Path, data: Path = DATA) -> list[str]:
    """Lines about what differs."""
    return verify(folder, DataPackage(data)).differences


def test_a_run_that_nobody_touched_differs_in_nothing(folder: Path) -> None:
    """Every file of the folder is compared, every compiled file that went in, and the list of the user."""
    verified = verify(folder, DataPackage(DATA))
    assert verified.differences == []
    manifest = json.loads((folder / "run.json").read_text())
    assert verified.counts["results"] == len(list(folder.iterdir())) - 1 == len(manifest["results"])
    assert verified.counts["data files"] == len(manifest["inputs"]) > 50
    assert verified.counts["your files"] == 1


def test_each_result_that_was_changed_or_lost_is_named(folder: Path) -> None:
    """By one line for each."""
    content = bytearray((folder / "suitability.tif").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "suitability.tif").write_bytes(content)
    (folder / "own_sites.geojson").unlink()
    assert differences(folder) == [
        f"results: {folder / 'own_sites.geojson'} is missing",
        f"results: {folder / 'suitability.tif'} differs",
    ]


def test_a_changed_record_is_named(folder: Path) -> None:
    """A weight that was edited in run.json, and one whose checksum was made to fit."""
    manifest = json.loads((folder / "run.json").read_text())
    manifest["config"]["weights"]["water"] = 0.2
    (folder / "run.json").write_text(json.dumps(manifest))
    of_configuration = "record: the configuration in run.json is not that of its fingerprint"
    assert differences(folder) == ["record: run.json was changed after the run", of_configuration]
    (folder / "run.json").write_bytes(sealed_manifest(manifest))
    assert differences(folder) == [of_configuration]


def test_other_data_are_named(folder: Path, tmp_path: Path) -> None:
    """A compiled file that was changed, and those that are not there."""
    data = tmp_path / "data"
    (data / "boundaries").mkdir(parents=True)
    for name in ("datapackage.json", "boundaries/counties.parquet"):
        shutil.copy(DATA / name, data / name)
    with (data / "boundaries/counties.parquet").open("ab") as stream:
        stream.write(b"x")
    found = differences(folder, data)
    assert f"data files: {data / 'boundaries/counties.parquet'} differs" in found
    assert len([line for line in found if line.endswith("is missing")]) == len(found) - 1 > 50


def test_another_program_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its code, and libraries of other versions."""
    monkeypatch.setattr(verification, "code_checksum", lambda: "sha256:other")
    monkeypatch.setattr(verification, "versions", lambda: verification_versions(folder) | {"numpy": "0.9"})
    numpy = verification_versions(folder)["numpy"]
    assert differences(folder) == ["program: its code is not that of the run", f"program: numpy is 0.9, in the run {numpy}"]


def verification_versions(folder: Path) -> dict[str, str]:
    """Versions as the run recorded them."""
    return json.loads((folder / "run.json").read_text())["versions"]


def test_a_list_of_the_user_that_was_edited_is_named(ranked: Path, folder: Path) -> None:
    """Even by a blank."""
    text = (ranked / "mine.csv").read_text()
    try:
        (ranked / "mine.csv").write_text(text + " ")
        assert differences(folder) == [f"your files: {ranked / 'mine.csv'} differs"]
    finally:
        (ranked / "mine.csv").write_text(text)


def test_what_was_made_of_another_run_is_named(folder: Path) -> None:
    """A folder of exports with the record of other lists."""
    (folder / "exports").mkdir()
    (folder / "exports" / "made_of.json").write_text('{"run": "another", "files": []}')
    assert differences(folder) == [f"folders made of the run: {folder / 'exports'} was made of another run"]


def test_a_file_that_is_written_again_is_recorded(folder: Path) -> None:
    """A new map is part of the run once its checksum is."""
    (folder / "map.html").write_bytes(b"new")
    (folder / "run.json").write_bytes(recorded(folder, {"map.html": b"new"}))
    assert differences(folder) == []


def test_a_run_without_checksums_is_refused(folder: Path) -> None:
    """Of an earlier version; the remedy is to rank again."""
    manifest = json.loads((folder / "run.json").read_text())
    del manifest["results"]
    (folder / "run.json").write_text(json.dumps(manifest))
    with pytest.raises(DataError, match="Rank again"):
        differences(folder)
    assert json.loads(recorded(folder, {"map.html": b""})) == manifest
