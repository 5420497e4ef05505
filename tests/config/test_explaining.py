"""A key of a configuration explained."""

from __future__ import annotations

import pytest

from sitefinder.config import load_config
from sitefinder.config.explaining import explanation, text
from sitefinder.errors import ConfigError
from tests.helpers.paths import ROOT

SHIPPED = load_config(ROOT / "config" / "default.yaml")


def lines(file, key):
    """The explanation as its heads and what follows them."""
    first, *rest = explanation(file, SHIPPED, key).splitlines()
    return first, {line.split()[0]: line.split(maxsplit=1)[1] for line in rest if len(line.split()) > 1}


def test_a_number_has_value_default_place_unit_mark_and_source():
    """Of the shipped configuration, from the file of its topic."""
    first, told = lines(SHIPPED, "delivery.grid.routing_factor")
    path = ROOT / "config" / "assumptions" / "delivery.yaml"
    number = next(i for i, line in enumerate(path.read_text().splitlines(), 1) if "routing_factor: [" in line)
    assert first == "delivery.grid.routing_factor = [1, 1.3, 1.44]"
    assert told["default"] == "[1, 1.3, 1.44]"
    assert told["file"] == f"{path}:{number}"
    assert told["unit"] == "-"
    assert told["mark"].startswith("P (")
    assert told["source"].startswith("length of a line / straight distance")


def test_a_value_from_the_command_line_keeps_the_unit_and_names_the_source_of_the_default():
    """Its own source is not known."""
    file = load_config(SHIPPED.path, {"delivery.grid.routing_factor": "[1, 2, 3]"})
    first, told = lines(file, "delivery.grid.routing_factor")
    assert first == "delivery.grid.routing_factor = [1, 2, 3]"
    assert told["default"].startswith("[1, 1.3, 1.44]  (")
    assert (told["file"], told["unit"]) == ("--set", "-")
    assert "source" not in told
    assert told["default's"].startswith("source: length of a line")


def test_a_value_of_a_set_of_weights_names_its_file_and_line():
    """And the default beside it."""
    path = ROOT / "config" / "presets" / "equal.yaml"
    _, told = lines(load_config(path), "criteria.water.river_km.weight")
    number = next(i for i, line in enumerate(path.read_text().splitlines(), 1) if "river_km" in line)
    assert told["file"] == f"{path}:{number}"
    assert told["default"].startswith("0.2  (")


def test_a_source_of_ones_own_is_told_beside_that_of_the_default(tmp_path):
    """With its mark."""
    path = tmp_path / "mine.yaml"
    path.write_text(f"extends: {SHIPPED.path}\ncandidates:\n  spacing_km: 40  # [km] our rule (J)\n", encoding="utf-8")
    _, told = lines(load_config(path), "candidates.spacing_km")
    assert told["source"] == "our rule (J)"
    assert told["default's"] == "source: least distance between two campuses of the list"


@pytest.mark.parametrize(
    ("key", "unit"),
    [("criteria.water.river_km.table", "km"), ("exclusions.steep.above", "%"), ("criteria.land.relief_m.weight", None)],
)
def test_breakpoints_are_in_the_unit_of_the_layer(key, unit):
    """Weights have none."""
    assert lines(SHIPPED, key)[1].get("unit") == unit


def test_a_value_of_another_key_names_that_key_and_has_its_source():
    """Where to change it."""
    first, told = lines(SHIPPED, "connections.grid.escalation_since_2019")
    assert first.endswith("= [1.26, 1.5, 1.9]")
    assert told["same"] == "as  costs.escalation_since_2019"
    assert told["source"].startswith("2019 to 2025: general inflation")


def test_a_section_lists_its_keys():
    """With values where they are short."""
    shown = explanation(SHIPPED, SHIPPED, "delivery.grid")
    assert "    agreement = [2, 4, 9]" in shown
    assert "    line = {...}" in shown


def test_a_value_that_no_file_writes_is_built_in():
    """Optional keys can be asked about, too."""
    assert lines(SHIPPED, "candidates.acres")[1]["file"] == "written in no file; built in"


@pytest.mark.parametrize(
    ("key", "remedy"),
    [
        ("projekt", "there is no 'projekt'; did you mean 'project'?"),
        ("delivery.grid.transformr", "'delivery.grid' has no 'transformr'; did you mean 'transformer'?"),
        ("project.mw.x", "'project.mw' has no keys below it. Ask for --explain project.mw."),
        ("connections.terrain.steep.steps.3", "use one of 2, 8"),
    ],
)
def test_an_unknown_key_is_refused_with_a_suggestion(key, remedy):
    """One line that names the nearest key."""
    with pytest.raises(ConfigError) as caught:
        explanation(SHIPPED, SHIPPED, key)
    assert str(caught.value) == f"Unknown key '{key}' in {SHIPPED.path}: {str(caught.value).partition(': ')[2]}"
    assert remedy in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_section_that_the_configuration_lacks_names_the_shipped_file(tmp_path):
    """Where it could be copied from."""
    path = tmp_path / "mine.yaml"
    path.write_text(f"extends: {SHIPPED.path}\ncosts: null\nconnections: null\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"no section 'costs'\. Copy it from config/assumptions/costs\.yaml"):
        explanation(load_config(path), SHIPPED, "costs.land.floor_usd_acre")


def test_values_are_written_as_yaml_writes_them():
    """Whole numbers without a point, words of YAML for nothing and for yes and no."""
    assert text({"a": [1.0, 2.5], 3.0: None, "b": True}) == "{a: [1, 2.5], 3: null, b: true}"
