"""Where configuration and compiled layers come from, inside a project's folder and outside."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from sitefinder import load_config
from sitefinder.config import shipped
from sitefinder.config.shipped import (
    CONFIG,
    DATA,
    FOLDER,
    PRESETS,
    REGISTER,
    TERMS,
    data_folder,
    home,
    is_installed,
    resolved,
    restore,
)
from sitefinder.errors import ConfigError
from sitefinder.layers.package import DataPackage
from tests.helpers.paths import ROOT


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation whose package holds a configuration and a register, used from an empty folder."""
    package, work = tmp_path / "site-packages" / "sitefinder", tmp_path / "work"
    for name in (CONFIG, TERMS, f"{PRESETS}/ours.yaml", f"{DATA}/{REGISTER}"):
        path = package / FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}\n", encoding="utf-8")
    work.mkdir()
    monkeypatch.setattr(shipped, "_PACKAGE", package)
    monkeypatch.chdir(work)
    return package / FOLDER


def test_a_checkout_is_its_own_home():
    """Without an installed copy the repository is where the files are, from any working folder."""
    assert home() == ROOT
    assert all((home() / name).exists() for name in (CONFIG, TERMS, PRESETS, f"{DATA}/{REGISTER}"))


@pytest.mark.parametrize("name", [CONFIG, TERMS, PRESETS])
def test_an_empty_folder_gets_the_installed_files(installed, name):
    """Every path that the program knows by itself exists."""
    assert resolved(name) == installed / name
    assert data_folder() == installed / DATA


def test_files_of_the_working_folder_come_first(installed):
    """A project's own configuration is used, and what it lacks is taken from the installation."""
    Path(CONFIG).parent.mkdir()
    Path(CONFIG).write_text("{}\n", encoding="utf-8")
    assert resolved(CONFIG) == Path(CONFIG)
    assert resolved(TERMS) == installed / TERMS


def test_a_folder_named_data_without_a_register_is_somebody_elses(installed):
    """Compiled layers are recognised by their register."""
    Path(DATA).mkdir()
    assert data_folder() == installed / DATA
    (Path(DATA) / REGISTER).write_text("{}", encoding="utf-8")
    assert data_folder() == Path(DATA)


def test_a_name_that_exists_nowhere_stays_as_it_was_given(installed):
    """The complaint then names what the user wrote."""
    assert resolved("config/none.yaml") == Path("config/none.yaml")
    assert resolved("/none/default.yaml") == Path("/none/default.yaml")


def test_only_installed_files_are_called_installed(installed):
    """The remedy for a damaged file fits where it lies."""
    assert is_installed(installed / DATA / REGISTER)
    assert not is_installed(Path(DATA))
    assert restore(installed / DATA / REGISTER) == "Install sitefinder again."
    assert restore(Path(DATA)) == "Restore it with 'git checkout -- data'."


def test_a_refusal_names_a_configuration_that_exists(installed):
    """'Start from' is followed by the installed file."""
    Path("mine.yaml").write_text("- 1\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=f"Start from {installed / CONFIG}"):
        load_config("mine.yaml")


def test_the_configuration_is_found_from_any_folder(tmp_path, monkeypatch):
    """The library needs no path either."""
    monkeypatch.chdir(tmp_path)
    assert load_config().path == ROOT / CONFIG


def test_the_wheel_takes_along_what_the_program_looks_for():
    """The build puts ``config`` and ``data`` where the program looks, and both hold what it asks for."""
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    places = {name: f"sitefinder/{FOLDER}/{name}" for name in ("config", "data")}
    assert build["wheel"]["sources"] == places
    assert set(places) < set(build["wheel"]["only-include"])
    assert set(places) < set(build["sdist"]["only-include"])
    assert all((ROOT / name).exists() for name in build["sdist"]["only-include"])
    assert all((ROOT / DATA / name).is_file() for name in DataPackage(ROOT / DATA).resources)
