"""The command portfolio."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from sitefinder.cli.portfolio import portfolio
from sitefinder.errors import SitefinderError
from tests.helpers.paths import ROOT
from tests.helpers.portfolio_cases import random_pool, write_run


def arguments(folder, *settings):
    """A run folder and overrides, with the shipped configuration."""
    base = ["--config", str(ROOT / "config" / "default.yaml"), "--run", str(folder)]
    return [*base, *(a for s in ("portfolio.campuses=3", "portfolio.floor=null", *settings) for a in ("--set", s))]


def test_the_files_lie_in_the_run(tmp_path):
    """Three files, and the set on the terminal."""
    run = write_run(tmp_path / "run", random_pool(15, 2))
    done = CliRunner().invoke(portfolio, arguments(run), catch_exceptions=False)
    assert done.exit_code == 0
    content = json.loads((run / "portfolio.json").read_text(encoding="utf-8"))
    assert content["config_fingerprint"] == json.loads((run / "run.json").read_text(encoding="utf-8"))["config_fingerprint"]
    assert content["set"]["sites"][0] in done.output
    assert (run / "portfolio.csv").exists()
    assert (run / "portfolio.geojson").exists()


@pytest.mark.parametrize("setting", ["portfolio.budget_musd=100", "portfolio.campuses=99", "nonsense", "portfolio.campus=3"])
def test_what_is_wrong_is_told_in_one_line(setting, tmp_path):
    """Impossible asks, wrong keys and malformed overrides; nothing is written."""
    run = write_run(tmp_path / "run", random_pool(15, 2))
    done = CliRunner().invoke(portfolio, arguments(run, setting))
    assert isinstance(done.exception, SitefinderError)
    assert "\n" not in str(done.exception)
    assert not (run / "portfolio.json").exists()


def test_a_missing_run_is_the_users_fault(tmp_path):
    """The message names the file."""
    done = CliRunner().invoke(portfolio, arguments(tmp_path / "none"))
    assert isinstance(done.exception, SitefinderError)
    assert "run.json" in str(done.exception)
