"""The command ``export``."""

from __future__ import annotations

from click.testing import CliRunner

from sitefinder.cli.export import export
from tests.helpers.dossier_run import write_run
from tests.helpers.paths import DATA


def _run(*arguments):
    return CliRunner().invoke(export, [*map(str, arguments), "--data", str(DATA)])


def test_files_are_written_below_the_run(tmp_path):
    """By default in the folder exports of the run; the terminal lists them with their sizes."""
    folder = write_run(tmp_path / "run", own=False)
    done = _run("--run", folder)
    assert done.exit_code == 0, done.output
    assert (folder / "exports" / "run.gpkg").is_file()
    assert str(folder / "exports" / "sites.csv") in done.output


def test_a_missing_run_is_refused(tmp_path):
    """The error names the file and the remedy; nothing is written."""
    assert "make rank" in str(_run("--run", tmp_path / "none", "--out", tmp_path / "out").exception)
    assert not (tmp_path / "out").exists()
