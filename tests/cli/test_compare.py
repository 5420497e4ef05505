"""The commands diff, compare-presets and ahp."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from sitefinder.cli.compare import ahp, diff, presets
from sitefinder.config import load_config
from sitefinder.errors import SitefinderError
from sitefinder.pipeline.stages import run
from tests.helpers.paths import ROOT
from tests.helpers.stacks import used

COARSE = {"grid.resolution_m": "25000", "candidates.count": "30", "candidates.spacing_km": "50", "model.share": "0"}


@pytest.fixture(scope="module")
def group():
    """A command line that holds only these commands."""
    return click.Group("sitefinder", commands={c.name: c for c in (diff, presets, ahp)})


@pytest.mark.slow
def test_diff_prints_the_report_and_writes_the_table(group, default_path, tmp_path):
    """Two runs, one with another weight."""
    used(tmp_path / "cache")
    for name, water in (("a", "0.1"), ("b", "0.5")):
        file = load_config(default_path, {**COARSE, "weights.water": water})
        run(file, out=tmp_path / name, cache=tmp_path / "cache")
    arguments = ["diff", str(tmp_path / "a"), str(tmp_path / "b"), "--csv", str(tmp_path / "moves.csv")]
    done = CliRunner().invoke(group, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    assert "weights.water: 0.1 -> 0.5" in done.output
    assert (tmp_path / "moves.csv").read_text().startswith("site_id,rank_before,rank_after")


def test_diff_of_a_missing_folder_is_the_users_fault(group, tmp_path):
    """A one-line message, which the entry point turns into exit code 2."""
    done = CliRunner().invoke(group, ["diff", str(tmp_path / "a"), str(tmp_path / "b")])
    assert isinstance(done.exception, SitefinderError)
    assert "\n" not in str(done.exception)


def test_ahp_prints_weights_that_a_configuration_takes(group, tmp_path):
    """YAML with a comment that names the consistency ratio."""
    (tmp_path / "pairs.yaml").write_text("grid_capacity: {water: 4, land: 2}\nwater: {land: 1/2}\n", encoding="utf-8")
    done = CliRunner().invoke(group, ["ahp", str(tmp_path / "pairs.yaml")], catch_exceptions=False)
    (tmp_path / "mine.yaml").write_text(f"extends: {ROOT / 'config' / 'default.yaml'}\n{done.output}", encoding="utf-8")
    weights = load_config(tmp_path / "mine.yaml").config.weights
    assert weights["grid_capacity"] == pytest.approx(0.5714)
    assert weights["land"] == pytest.approx(0.2857)


@pytest.mark.stack
def test_compare_presets_writes_its_files(group, tmp_path):
    """Two presets on the coarsest grid."""
    files = [str(ROOT / "config" / "presets" / f"{n}.yaml") for n in ("ours", "equal")]
    arguments = ["compare-presets", *files, "--out", str(tmp_path / "out"), "--data", str(ROOT / "data")]
    arguments += ["--cache", str(used(tmp_path / "cache")), "--resolution", "25000"]
    done = CliRunner().invoke(group, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    assert (tmp_path / "out" / "presets.md").read_text(encoding="utf-8") in done.output
    assert (tmp_path / "out" / "presets.csv").exists()
