"""The command that prints and explains a configuration."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from sitefinder.cli.config import config_command
from sitefinder.cli.main import main
from sitefinder.config import load_config
from tests.helpers.paths import ROOT

DEFAULT = ROOT / "config" / "default.yaml"


def test_the_whole_configuration_is_printed_as_one_file(tmp_path, monkeypatch):
    """It reads again as the same configuration, with what came from the command line."""
    monkeypatch.chdir(ROOT)
    done = CliRunner().invoke(config_command, ["--config", str(ROOT / "config/presets/equal.yaml"), "--set", "project.mw=500"])
    path = tmp_path / "whole.yaml"
    path.write_text(done.output, encoding="utf-8")
    expected = load_config(ROOT / "config/presets/equal.yaml", {"project.mw": "500"}).config
    assert load_config(path).config.fingerprint() == expected.fingerprint()
    assert "extends" not in done.output


def test_a_key_is_explained(monkeypatch):
    """With --config and --set."""
    monkeypatch.chdir(ROOT)
    done = CliRunner().invoke(config_command, ["--config", str(DEFAULT), "--set", "weights.gas=3", "--explain", "weights.gas"])
    assert done.exit_code == 0
    assert done.output.splitlines()[:3] == [
        "weights.gas = 3",
        f"  default  0.06  (config/default.yaml:{line('gas: 0.06')})",
        "  file     --set",
    ]


def line(start):
    """Number of the first line of the default that begins so."""
    return next(i for i, text in enumerate(DEFAULT.read_text().splitlines(), 1) if text.strip().startswith(start))


def test_an_unknown_key_ends_with_exit_code_2(monkeypatch, capsys):
    """One line with a suggestion."""
    monkeypatch.chdir(ROOT)
    with pytest.raises(SystemExit) as caught:
        main(["config", "--explain", "delivery.grid.transformr"])
    assert caught.value.code == 2
    assert "did you mean 'transformer'?" in capsys.readouterr().err
