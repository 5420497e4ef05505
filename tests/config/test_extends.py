"""A configuration that extends another."""

from __future__ import annotations

import pytest

from sitefinder.config import load_config
from sitefinder.config.extends import extended
from sitefinder.errors import ConfigError
from sitefinder.scoring.criteria import check_layers


@pytest.fixture
def over(tmp_path, default_path):
    """Writes a file that extends the default."""

    def write(text, name="mine.yaml"):
        path = tmp_path / name
        path.write_text(f"extends: {default_path}\n{text}", encoding="utf-8")
        return path

    return write


def test_file_that_extends_nothing_is_read_as_it_is(default_path):
    """The tree itself comes back."""
    from ruamel.yaml import YAML

    tree = YAML(typ="rt").load("a: 1")
    assert extended(default_path, tree, None) is tree


def test_keys_are_laid_over_one_by_one(over, default_config):
    """A weight inside a criterion changes; its value function and everything else stays."""
    config = load_config(over("weights: {water: 0.5}\ncriteria: {water: {river_km: {weight: 0.9}}}\n")).config
    base = default_config.config
    assert config.weights["water"] == 0.5
    assert config.weights["gas"] == base.weights["gas"]
    assert config.criteria["water"]["river_km"].weight == 0.9
    assert config.criteria["water"]["river_km"].table == base.criteria["water"]["river_km"].table


def test_override_from_the_command_line_wins(over):
    """--set comes last."""
    assert load_config(over("weights: {water: 0.5}\n"), {"weights.water": "0.7"}).config.weights["water"] == 0.7


def test_fault_in_the_extending_file_names_that_file_and_line(over):
    """Also for a key that the other file has on another line."""
    with pytest.raises(ConfigError, match=r"mine\.yaml:3: weights\.water"):
        load_config(over("weights:\n  water: wet\n"))


def test_unknown_key_in_the_extending_file_names_that_file_and_line(over):
    """Inside a part that both files have."""
    with pytest.raises(ConfigError, match=r"mine\.yaml:2: candidates\.cuont.*did you mean 'count'"):
        load_config(over("candidates: {cuont: 5}\n"))


def test_fault_inside_a_new_mapping_names_its_own_line(over):
    """A criterion that the other file does not have."""
    text = "criteria:\n  water:\n    gauge_km:\n      weight: 1\n      unit: km\n      ramp: {best: 2, worst: 2}\n"
    with pytest.raises(ConfigError, match=r"mine\.yaml:7: criteria\.water\.gauge_km\.ramp"):
        load_config(over(text))


def test_fault_in_the_other_file_names_the_other_file(tmp_path):
    """With its line."""
    (tmp_path / "base.yaml").write_text("weights:\n  gas: -1\ncriteria: {}\nexclusions: {}\n", encoding="utf-8")
    (tmp_path / "mine.yaml").write_text("extends: base.yaml\nweights: {water: 1}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"base\.yaml:2: weights\.gas"):
        load_config(tmp_path / "mine.yaml")


def test_later_stage_names_the_extending_file(over):
    """A layer that does not exist, found when criteria meet layers."""
    file = load_config(over("exclusions: {open_water: {layer: open_watr_pct}}\n"))
    with pytest.raises(ConfigError, match=r"mine\.yaml:2: exclusions\.open_water\.layer.*did you mean 'open_water_pct'"):
        check_layers(file)


def test_three_files_in_a_row(over, tmp_path):
    """The nearest file wins."""
    over("weights: {water: 0.5, gas: 0.5}\n", "middle.yaml")
    top = tmp_path / "top.yaml"
    top.write_text("extends: middle.yaml\nweights: {gas: 0.25}\n", encoding="utf-8")
    config = load_config(top).config
    assert (config.weights["water"], config.weights["gas"]) == (0.5, 0.25)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("extends: none.yaml\n", r"a\.yaml:1: extends\. There is no file"),
        ("extends: a.yaml\n", "circle"),
        ("extends: [a, b]\n", "Name one file"),
    ],
)
def test_wrong_extends_is_refused_in_one_line(tmp_path, text, expected):
    """File, line and remedy."""
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=expected) as caught:
        load_config(path)
    assert "\n" not in str(caught.value)
