"""Work on a finished run: its configuration read back, and named campuses that are ranked once and kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sitefinder.config import ConfigFile
from sitefinder.errors import DataError
from sitefinder.pipeline import finished
from sitefinder.pipeline.finished import KEPT, rebuilt, run_config, with_benchmarks
from sitefinder.reports.dossier.reading import read_folder
from tests.helpers.dossier_run import write_run
from tests.helpers.paths import DATA


def test_the_configuration_of_a_run_comes_back_as_it_was(tmp_path: Path, default_config: ConfigFile) -> None:
    """Same fingerprint, so the same run."""
    write_run(tmp_path / "run")
    assert run_config(tmp_path / "run" / "run.json").fingerprint() == default_config.config.fingerprint()


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    """The remedy is to rank first."""
    with pytest.raises(DataError, match="make rank"):
        rebuilt(tmp_path, data=DATA, cache=tmp_path)


@pytest.mark.parametrize("content", ["", "{}", '{"config": {"weights": 3}}', "[]"])
def test_a_damaged_manifest_is_refused(tmp_path: Path, content: str) -> None:
    """One line that names the file."""
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(DataError, match=r"Damaged .*run\.json"):
        run_config(tmp_path / "run.json")


def test_a_run_without_its_list_is_refused(tmp_path: Path) -> None:
    """A manifest alone makes no map, and no layer is opened for it."""
    folder = write_run(tmp_path / "run")
    (folder / "sites.geojson").unlink()
    with pytest.raises(DataError, match="Missing list of sites"):
        rebuilt(folder, data=DATA, cache=tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


@pytest.fixture
def ranked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stands in for a ranking of the named campuses; each call adds the sites it was given."""
    calls: list[str] = []
    other = write_run(tmp_path / "other")

    def rank(file: ConfigFile, *, out: Path, sites: Path, **more: object) -> None:
        calls.append(sites.read_text(encoding="utf-8"))
        out.mkdir(parents=True)
        for name in KEPT:
            (out / name).write_bytes((other / name).read_bytes())

    monkeypatch.setattr("sitefinder.pipeline.stages.run", rank)
    return calls


def test_named_campuses_are_ranked_once_for_a_configuration(tmp_path: Path, ranked: list[str]) -> None:
    """The second time they are taken from the folder; after a change of the configuration they are ranked again."""
    folder, kept = read_folder(write_run(tmp_path / "run", own=False)), tmp_path / "kept"
    for _ in range(2):
        both = with_benchmarks(folder, kept, data=DATA, cache=tmp_path)
    assert len(ranked) == 1
    assert len(both.known) == 2
    record = json.loads((kept / "run.json").read_text()) | {"config_fingerprint": "another"}
    (kept / "run.json").write_text(json.dumps(record))
    with_benchmarks(folder, kept, data=DATA, cache=tmp_path)
    assert len(ranked) == 2


def test_what_is_kept_of_a_ranking_is_all_that_is_read(tmp_path: Path, ranked: list[str]) -> None:
    """Nothing but the files named lies in the folder afterwards."""
    with_benchmarks(read_folder(write_run(tmp_path / "run", own=False)), tmp_path / "kept", data=DATA, cache=tmp_path)
    assert sorted(p.name for p in (tmp_path / "kept").iterdir()) == sorted(finished.KEPT)
