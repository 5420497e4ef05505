"""The commands ``train`` and ``backtest``: what they hand to the pipeline and where they say the result is."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from sitefinder.cli.train import backtest, train
from sitefinder.config import ConfigFile
from sitefinder.errors import ConfigError
from sitefinder.pipeline import learning
from tests.helpers.paths import ROOT

DEFAULT = ("--config", str(ROOT / "config" / "default.yaml"), "--resolution", "25000")


def test_train_fits_at_the_resolution_asked_for_and_names_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Configuration, data and cache reach the fit; the path of the model is printed."""
    calls: list[tuple[float, Path, Path]] = []

    def fit(file: ConfigFile, *, data: Path, cache: Path) -> Path:
        calls.append((file.config.grid.resolution_m, data, cache))
        return tmp_path / "model.json"

    monkeypatch.setattr(learning, "train_model", fit)
    done = CliRunner().invoke(train, [*DEFAULT, "--data", "d", "--cache", "c"], catch_exceptions=False)
    assert calls == [(25_000.0, Path("d"), Path("c"))]
    assert done.output.splitlines()[-1] == f"model in {tmp_path / 'model.json'}"


def test_backtest_prints_the_report_that_it_writes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The text on the terminal is that of backtest.md."""

    def validate(file: ConfigFile, *, data: Path, cache: Path, out: Path) -> None:
        (out / "backtest.md").write_text(f"cells of {file.config.grid.resolution_m:.0f} m\n", encoding="utf-8")

    monkeypatch.setattr(learning, "backtest", validate)
    done = CliRunner().invoke(backtest, [*DEFAULT, "--out", str(tmp_path)], catch_exceptions=False)
    assert "cells of 25000 m" in done.output


@pytest.mark.parametrize("command", [train, backtest])
def test_a_missing_configuration_is_refused(command, tmp_path: Path) -> None:
    """The path is named."""
    done = CliRunner().invoke(command, ["--config", str(tmp_path / "none.yaml")])
    assert isinstance(done.exception, ConfigError)
    assert "none.yaml" in str(done.exception)
