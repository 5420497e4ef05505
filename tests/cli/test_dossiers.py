"""The command ``dossiers``."""

from __future__ import annotations

import json

from click.testing import CliRunner

from sitefinder.cli.dossiers import dossiers
from sitefinder.pipeline import finished
from sitefinder.reports.dossier.reading import BENCHMARKS, read_folder
from tests.helpers.dossier_run import ROOT, write_run


def _run(*arguments):
    return CliRunner().invoke(dossiers, [*map(str, arguments), "--data", str(ROOT / "data")])


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


def test_named_campuses_are_ranked_once_and_kept(tmp_path, monkeypatch):
    """The same configuration, the places of the register; the second time nothing is ranked."""
    folder, calls = write_run(tmp_path / "run", own=False), []
    other = write_run(tmp_path / "other")

    def rank(file, *, out, sites, **more):
        calls.append((file.config.fingerprint(), sites.read_text()))
        out.mkdir(parents=True)
        for name in finished.KEPT:
            (out / name).write_bytes((other / name).read_bytes())

    monkeypatch.setattr("sitefinder.pipeline.stages.run", rank)
    for _ in range(2):
        done = _run("--run", folder, "--top", 1, "--benchmarks")
        assert done.exit_code == 0, done.output
    fingerprint = json.loads((folder / "run.json").read_text())["config_fingerprint"]
    assert [c[0] for c in calls] == [fingerprint]
    assert all(name in calls[0][1] for name in BENCHMARKS)
    assert 'data-s="own/OH-694260"' in (folder / "dossiers" / "IL-600220.html").read_text()
    assert read_folder(folder).own == []


def test_a_configuration_of_another_version_is_refused(tmp_path):
    """The run cannot be repeated: the remedy is to rank again."""
    folder = write_run(tmp_path / "run", own=False)
    manifest = json.loads((folder / "run.json").read_text())
    manifest["config"]["weights"] = "none"
    (folder / "run.json").write_text(json.dumps(manifest))
    assert "does not fit this version" in str(_run("--run", folder, "--benchmarks").exception)
