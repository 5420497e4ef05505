"""Work on a finished run: its map again, and the named campuses put through the same screen."""

from __future__ import annotations

import csv
import json

import pytest

from sitefinder.errors import DataError
from sitefinder.pipeline import finished
from sitefinder.reports.dossier.benchmarks import BENCHMARKS
from sitefinder.results.run import read_run
from tests.helpers.dossier_run import write_run
from tests.helpers.map_run import HOSTILE, inputs_of_the_run, map_run
from tests.helpers.paths import DATA


@pytest.fixture
def ranked(tmp_path, monkeypatch):
    """Rankings that were asked for: fingerprint of the configuration and places; each leaves the same files."""
    calls, other = [], write_run(tmp_path / "other")

    def rank(file, *, out, sites, **where):
        with sites.open(newline="") as stream:
            calls.append(
                (file.config.fingerprint(), {r["name"]: (float(r["lat"]), float(r["lon"])) for r in csv.DictReader(stream)})
            )
        out.mkdir(parents=True)
        for name in finished.KEPT:
            (out / name).write_bytes((other / name).read_bytes())

    monkeypatch.setattr(finished.stages, "run", rank)
    return calls


def _benchmarks(folder, tmp_path):
    return finished.ranked_benchmarks(read_run(folder), tmp_path / "kept", data=DATA, cache=tmp_path)


def test_named_campuses_are_ranked_once_and_kept(tmp_path, ranked):
    """Under the configuration of the run, at the places of the register; the second time nothing is ranked."""
    folder = write_run(tmp_path / "run", own=False)
    first, second = (_benchmarks(folder, tmp_path) for _ in range(2))
    assert ranked == [(json.loads((folder / "run.json").read_text())["config_fingerprint"], dict(BENCHMARKS))]
    assert first == second
    assert [e.site_id for e in first] == ["OH-694260", "OH-694261"]
    assert all(e.site.own is not None and e.curves and e.steps for e in first)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("run.json", None),
        ("run.json", "{"),
        ("run.json", "[]"),
        ("run.json", '{"config_fingerprint": "of another run", "inputs": {}}'),
        ("own_sites.geojson", '{"features": []}'),
    ],
)
def test_campuses_of_another_run_and_damaged_files_are_ranked_again(tmp_path, ranked, name, content):
    """What is kept is used only where it can be read and has the same configuration and data."""
    folder = write_run(tmp_path / "run", own=False)
    before, path = _benchmarks(folder, tmp_path), tmp_path / "kept" / name
    path.unlink() if content is None else path.write_text(content)
    assert _benchmarks(folder, tmp_path) == before
    assert len(ranked) == 2


def test_a_configuration_of_another_version_is_refused(tmp_path, ranked):
    """The run cannot be repeated: the remedy is to rank again."""
    folder = write_run(tmp_path / "run", own=False)
    manifest = json.loads((folder / "run.json").read_text())
    manifest["config"]["weights"] = "none"
    (folder / "run.json").write_text(json.dumps(manifest))
    with pytest.raises(DataError, match="does not fit this version"):
        _benchmarks(folder, tmp_path)
    assert ranked == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("run.json", None),
        ("run.json", "{}"),
        ("run.json", '{"config": {"weights": 3}}'),
        ("sites.geojson", None),
        ("sites.geojson", "{"),
    ],
)
def test_no_map_is_made_of_a_folder_that_lacks_a_file(tmp_path, name, content):
    """One line names the file and the remedy."""
    path = write_run(tmp_path / "run") / name
    path.unlink() if content is None else path.write_text(content)
    with pytest.raises(DataError, match=rf"{name}.*make rank"):
        finished.rebuilt(tmp_path / "run", data=DATA, cache=tmp_path)


@pytest.mark.stack
def test_the_map_made_again_is_the_map_of_the_run():
    """Byte for byte, with the user's points and parcel and with hostile names: what the files hold is all that the map shows."""
    ran = map_run()
    assert {site.identity.name for site in inputs_of_the_run().own.sites} == set(HOSTILE)
    assert finished.rebuilt(ran.out, data=DATA, cache=ran.cache) == (ran.out / "map.html").read_bytes()
