"""Keys that the page may set, the configuration that they make, and the file that says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitefinder.config import ConfigFile, load_config
from sitefinder.errors import ConfigError, OutputError
from sitefinder.tuning.settings import FileExistsAlreadyError, checked, save, settings_of, tuned, tuned_yaml
from tests.helpers.paths import ROOT

CHANGES = {"weights.water": 0.3, "model.share": 0.0, "criteria.water.river_km.weight": 0.125, "weights.gas": 0.0}


def test_every_weight_can_be_set_and_nothing_else(default_config: ConfigFile) -> None:
    """Eight families, each criterion, the learned share."""
    config = default_config.config
    keys = settings_of(config)
    assert len(keys) == 8 + 1 + len(config.flat_criteria())
    assert keys["weights.water"] == config.weights["water"]
    assert checked(config, keys) == {}


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("project.mw", 2000, "project.mw"),
        ("layers.replace", {"slope_pct": "/etc/passwd"}, "layers.replace"),
        ("criteria.water.river_km.unit", "m", "river_km.unit"),
        ("criteria.water.nothing.weight", 1, "nothing"),
        ("weights.water", -0.1, "from 0 to"),
        ("weights.water", 1e7, "from 0 to"),
        ("weights.water", "0.3", "from 0 to"),
        ("weights.water", True, "from 0 to"),
        ("weights.water", None, "from 0 to"),
        ("weights.water", float("nan"), "from 0 to"),
        ("weights.water", float("inf"), "from 0 to"),
        ("weights.water", 10**400, "from 0 to"),
        ("weights.\ud800", 1, "Invalid key"),
        ("model.share", 1.01, "from 0 to 1"),
    ],
)
def test_other_keys_and_values_are_refused(default_config: ConfigFile, key: str, value: object, said: str) -> None:
    """One line with the key and a remedy."""
    with pytest.raises(ConfigError, match=said) as refused:
        checked(default_config.config, {key: value})
    assert "\n" not in str(refused.value)


def test_nothing_to_weigh_is_refused(default_config: ConfigFile) -> None:
    """All families of weight zero, or a family whose criteria are."""
    config = default_config.config
    zeros = {key: 0.0 for key in settings_of(config) if key.startswith("weights.")}
    with pytest.raises(ConfigError, match="all family weights are zero"):
        tuned(config, zeros)
    with pytest.raises(ConfigError, match=r"criteria\.gas"):
        tuned(config, {key: 0.0 for key in settings_of(config) if key.startswith("criteria.gas.")})


def test_the_configuration_is_that_of_set(default_config: ConfigFile) -> None:
    """The same fingerprint as with --set and the same keys; the one in use stays as it is."""
    before = default_config.config.fingerprint()
    other = load_config(default_config.path, {key: repr(value) for key, value in CHANGES.items()})
    assert tuned(default_config.config, CHANGES).fingerprint() == other.config.fingerprint() != before
    assert tuned(default_config.config, {}).fingerprint() == default_config.config.fingerprint() == before


@pytest.mark.parametrize("given", [{}, {"project.mw": "2000", "weights.land": "0.4", "grid.resolution_m": "5000"}])
def test_the_file_makes_the_same_configuration(tmp_path: Path, given: dict[str, str]) -> None:
    """Read back it is what was shown, with what the command line said; it holds what differs and no more."""
    file = load_config(ROOT / "config" / "default.yaml", given)
    path = save(file, CHANGES, tmp_path, "mine.yaml", replace=False)
    assert path == tmp_path / "mine.yaml"
    assert load_config(path).config.fingerprint() == tuned(file.config, CHANGES).fingerprint()
    numbers = [line for line in path.read_text(encoding="utf-8").splitlines() if line[-1].isdigit()]
    assert len(numbers) == len(CHANGES) + len(given)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.yaml"]


def test_a_file_is_only_replaced_when_that_is_asked_for(default_config: ConfigFile, tmp_path: Path) -> None:
    """It stays byte for byte, a link to nowhere too; asked for, it is replaced."""
    path = tmp_path / "mine.yaml"
    path.write_text("precious", encoding="utf-8")
    (tmp_path / "link.yaml").symlink_to(tmp_path / "nowhere.yaml")
    for name in ("mine.yaml", "link.yaml"):
        with pytest.raises(FileExistsAlreadyError, match="exists"):
            save(default_config, CHANGES, tmp_path, name, replace=False)
    assert path.read_text(encoding="utf-8") == "precious"
    assert not (tmp_path / "nowhere.yaml").exists()
    save(default_config, CHANGES, tmp_path, "mine.yaml", replace=True)
    assert path.read_bytes() == tuned_yaml(default_config, CHANGES, tmp_path)


@pytest.mark.parametrize(
    "name", ["../mine.yaml", "/tmp/mine.yaml", "mine.txt", ".hidden.yaml", "", "a\nb.yaml", "mine.yaml/", "x" * 200]
)
def test_other_names_are_refused(default_config: ConfigFile, tmp_path: Path, name: str) -> None:
    """No folders, nothing hidden, only YAML; nothing is written."""
    with pytest.raises(OutputError, match="Invalid name"):
        save(default_config, CHANGES, tmp_path, name, replace=True)
    assert list(tmp_path.iterdir()) == []


def test_files_of_the_configuration_are_never_replaced(tmp_path: Path) -> None:
    """A file that extends itself would be the end of both."""
    (tmp_path / "base.yaml").write_text(f"extends: {ROOT / 'config' / 'default.yaml'}\n", encoding="utf-8")
    mine = tmp_path / "mine.yaml"
    mine.write_text("extends: base.yaml\nweights: {water: 0.2}\n", encoding="utf-8")
    file = load_config(mine)
    for name in ("mine.yaml", "base.yaml"):
        with pytest.raises(OutputError, match="stays as it is"):
            save(file, CHANGES, tmp_path, name, replace=True)
    assert load_config(mine).config.fingerprint() == file.config.fingerprint()


def test_what_a_file_cannot_say_is_not_saved(tmp_path: Path) -> None:
    """A section that --set replaced whole would be laid over that of the file below it."""
    file = load_config(ROOT / "config" / "default.yaml", {"weights": "{water: 1.0}"})
    with pytest.raises(ConfigError, match="cannot say weights"):
        save(file, {}, tmp_path, "mine.yaml", replace=False)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(default_config: ConfigFile, tmp_path: Path) -> None:
    """One line with the file and a remedy."""
    with pytest.raises(OutputError, match="--folder"):
        save(default_config, CHANGES, tmp_path / "none", "mine.yaml", replace=False)
