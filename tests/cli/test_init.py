"""A copy of the configuration to change."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from sitefinder.cli.init import init
from sitefinder.cli.train import train
from sitefinder.config import shipped
from sitefinder.config.shipped import CONFIG, DATA, FOLDER, REGISTER, home, resolved
from sitefinder.errors import DataError, OutputError


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def call(*arguments: str) -> str:
    """Output of the command."""
    return CliRunner().invoke(init, arguments, catch_exceptions=False, standalone_mode=False).output


def test_the_copy_is_whole_and_used_from_then_on():
    """All files of the configuration are there, and the program reads them."""
    assert f"config copied from {home() / 'config'}" in call()
    names = {p.relative_to(home() / "config") for p in (home() / "config").rglob("*.yaml")}
    assert {p.relative_to("config") for p in Path("config").rglob("*.yaml")} == names
    assert resolved(CONFIG) == Path(CONFIG)
    assert not Path(DATA).exists()


def test_what_is_there_stays():
    """An earlier copy may hold somebody's work."""
    Path("config").mkdir()
    with pytest.raises(OutputError, match="Cannot copy to config: it exists"):
        call()
    assert list(Path("config").iterdir()) == []


def test_a_copy_that_fails_leaves_nothing(monkeypatch):
    """A full disk ends in one line and an empty folder."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copytree", full)
    with pytest.raises(OutputError, match="No space left"):
        call()
    assert list(Path().iterdir()) == []


def test_train_names_the_installed_layers_and_asks_for_a_copy(tmp_path, monkeypatch):
    """Nobody writes into an installed package; a copy is used without being named."""
    register = tmp_path / "sitefinder" / FOLDER / DATA / REGISTER
    register.parent.mkdir(parents=True)
    register.write_text("{}", encoding="utf-8")
    monkeypatch.setattr(shipped, "_PACKAGE", tmp_path / "sitefinder")
    runner = CliRunner()
    refused = runner.invoke(train, [])
    assert f"data: {register.parent}" in refused.stderr
    assert isinstance(refused.exception, DataError)
    assert "sitefinder init --data" in str(refused.exception)
    Path(DATA).mkdir()
    (Path(DATA) / REGISTER).write_text("{}", encoding="utf-8")
    assert "data:" not in runner.invoke(train, ["--config", "none.yaml"]).stderr
