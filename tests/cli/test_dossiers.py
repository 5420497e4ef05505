"""The command ``dossiers``."""

from __future__ import annotations

import json

from click.testing import CliRunner

from sitefinder.cli.dossiers import dossiers
from sitefinder.pipeline import finished
from sitefinder.results.run import read_run
from tests.helpers.dossier_run import write_run
from tests.helpers.paths import DATA


def _run(*arguments):
    return CliRunner().invoke(dossiers, [*map(str, arguments), "--data", str(DATA)])


def test_pages_are_written_below_the_run(tmp_path):
    """By default in the folder dossiers of the run; the terminal says where to start."""
    folder = write_run(tmp_path / "run")
    done = _run("--run", folder, "--top", 1)
    assert done.exit_code == 0, done.output
    assert "start with" in done.output
    assert (folder / "dossiers" / "index.html").is_file()


def test_a_missing_run_is_refused(tmp_path):
    """The error names the file and the remedy."""
    assert "make rank" in str(_run("--run", tmp_path).exception)


def test_named_campuses_stand_beside_the_sites_when_asked_for(tmp_path, monkeypatch):
    """They are put through the same screen; the run itself stays as it is."""
    folder, known = write_run(tmp_path / "run", own=False), read_run(write_run(tmp_path / "other")).own
    monkeypatch.setattr(finished, "ranked_benchmarks", lambda run, kept, **where: known)
    for more, beside in (((), False), (("--benchmarks",), True)):
        done = _run("--run", folder, "--top", 1, *more)
        assert done.exit_code == 0, done.output
        assert ('data-s="own/OH-694260"' in (folder / "dossiers" / "IL-600220.html").read_text()) == beside
    assert read_run(folder).own == []


def test_named_campuses_that_the_run_holds_are_not_ranked_again(tmp_path, monkeypatch):
    """The user's own sites stand for them."""
    monkeypatch.delattr(finished, "ranked_benchmarks")
    assert _run("--run", write_run(tmp_path / "run"), "--top", 1, "--benchmarks").exit_code == 0


def test_a_configuration_of_another_version_is_refused(tmp_path):
    """The run cannot be repeated: the remedy is to rank again."""
    folder = write_run(tmp_path / "run", own=False)
    manifest = json.loads((folder / "run.json").read_text())
    manifest["config"]["weights"] = "none"
    (folder / "run.json").write_text(json.dumps(manifest))
    assert "does not fit this version" in str(_run("--run", folder, "--benchmarks").exception)
