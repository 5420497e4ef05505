"""Reading a configuration: overrides, and mistakes told with file, line, key and remedy."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitefinder.config import FAMILIES, load_config
from sitefinder.config.keyed_yaml import suggest
from tests.helpers.config_text import GOOD, changed, refusal, saved


@pytest.mark.parametrize(
    ("key", "text", "read"),
    [
        ("weights.gas", "0.1", lambda c: c.weights["gas"] == 0.1),
        ("project.cooling", "dry", lambda c: c.project.cooling == "dry"),
        ("exclusions.airport.on", "false", lambda c: c.exclusions["airport"].on is False),
        ("criteria.gas.gas_any_km.ramp", "{best: 1, worst: 9}", lambda c: c.criteria["gas"]["gas_any_km"].ramp.worst == 9),
        ("project.name", "north field", lambda c: c.project.name == "north field"),
    ],
)
def test_override_replaces_a_value(tmp_path, key, text, read):
    """--set reaches numbers, words, flags and whole mappings."""
    assert read(load_config(saved(tmp_path, GOOD), {key: text}).config)


def test_where_names_file_line_and_key(tmp_path):
    """A key of the file is placed by its line."""
    path = saved(tmp_path, GOOD)
    assert load_config(path).where("exclusions", "airport") == f"{path}:16: exclusions.airport"


@given(name=st.sampled_from(FAMILIES), drop=st.integers(0, 30))
def test_suggest_finds_a_name_with_one_letter_missing(name, drop):
    """One dropped letter still leads to the right name."""
    typo = name[: drop % len(name)] + name[drop % len(name) + 1 :]
    assert suggest(typo, FAMILIES) == f"did you mean '{name}'?"


WRONG = {
    "unknown top key": ("project:\n  mw", "projekt:\n  mw", "projekt", "did you mean 'project'?"),
    "unknown key in a part": ("mw: 1000", "mww: 1000", "project.mww", "did you mean 'mw'?"),
    "unknown key in a criterion": (
        "{weight: 1, unit: km, ramp",
        "{weight: 1, wight: 1, unit: km, ramp",
        "any_km.wight",
        "'weight'?",
    ),
    "unknown key in a gate": ("below: 3", "beneath: 3", "exclusions.airport.beneath", "use one of"),
    "unknown key in a ramp": ("worst: 30}", "worst: 30, wurst: 9}", "gas_any_km.ramp.wurst", "did you mean 'worst'?"),
    "unknown key in candidates": ("spacing_km: 25", "spacing: 25", "candidates.spacing", "did you mean 'spacing_km'?"),
    "unknown family weight": ("  water: 0.2", "  watr: 0.2", "weights.watr", "did you mean 'water'?"),
    "unknown family of criteria": ("  water:\n    drought", "  watr:\n    drought", "criteria.watr", "did you mean 'water'?"),
    "negative weight": ("gas: 0.6", "gas: -0.6", "weights.gas", "greater than or equal to 0"),
    "weight not a number": ("gas: 0.6", "gas: .nan", "weights.gas", "number"),
    "weight infinite": ("gas: 0.6", "gas: .inf", "weights.gas", "finite"),
    "weight a word": ("gas: 0.6", "gas: much", "weights.gas", "number"),
    "criterion weight negative": ("{weight: 1, unit: km, ramp", "{weight: -1, unit: km, ramp", "gas_any_km.weight", "equal to 0"),
    "criterion weight infinite": ("{weight: 1, unit: km, ramp", "{weight: .inf, unit: km, ramp", "gas_any_km.weight", "finite"),
    "ramp without extent": ("{best: 2, worst: 30}", "{best: 2, worst: 2}", "gas_any_km.ramp", "two different breakpoints"),
    "logistic without extent": ("ninety: 5", "ninety: 20", "river_km.logistic", "two different breakpoints"),
    "table out of order": ("[8, 0.8], [60, 0]", "[60, 0.8], [8, 0]", "gas_interstate_km", "ascending order"),
    "table with a repeated breakpoint": ("[8, 0.8], [60, 0]", "[8, 0.8], [8, 0]", "gas_interstate_km", "ascending order"),
    "table of one point": ("[[2, 1], [8, 0.8], [60, 0]]", "[[2, 1]]", "gas_interstate_km.table", "at least 2"),
    "table value above one": ("[8, 0.8]", "[8, 1.8]", "gas_interstate_km.table", "less than or equal to 1"),
    "table breakpoint not a number": ("[8, 0.8]", "[.nan, 0.8]", "gas_interstate_km.table", "finite"),
    "trapezoid out of order": ("[0, 0.1, 0.2, 0.4]", "[0, 0.2, 0.1, 0.4]", "drought_share", "ascending order"),
    "trapezoid of three": ("[0, 0.1, 0.2, 0.4]", "[0, 0.1, 0.2]", "drought_share.trapezoid", "at least 4"),
    "two shapes": (
        "ramp: {best: 2, worst: 30}",
        "ramp: {best: 2, worst: 30}, table: [[1, 1], [2, 0]]",
        "gas_any_km",
        "ramp and table",
    ),
    "no shape": (", ramp: {best: 2, worst: 30}", "", "gas_any_km", "found: none"),
    "gate with both sides": ("below: 3", "below: 3, above: 9", "exclusions.airport", "exactly one of above, below"),
    "gate with no side": ("below: 3, ", "", "exclusions.airport", "exactly one of above, below"),
    "gate threshold not a number": ("below: 3", "below: .nan", "exclusions.airport.below", "finite"),
    "gate without a reason": (", reason: near an airport", "", "exclusions.airport.reason", "Add it"),
    "criterion without unit": ("unit: share, ", "", "drought_share.unit", "Add it"),
    "load of nothing": ("mw: 1000", "mw: 0", "project.mw", "greater than 0"),
    "load not a number": ("mw: 1000", "mw: .nan", "project.mw", "20000"),
    "load absurd": ("mw: 1000", "mw: 1e9", "project.mw", "20000"),
    "cooling unknown": ("mw: 1000", "cooling: wet", "project.cooling", "'evaporative', 'hybrid' or 'dry'"),
    "spacing of nothing": ("spacing_km: 25", "spacing_km: 0", "candidates.spacing_km", "greater than 0"),
    "count fractional": ("spacing_km: 25", "count: 2.5", "candidates.count", "integer"),
    "compactness infinite": ("spacing_km: 25", "compactness: .inf", "candidates.compactness", "finite"),
    "list for a mapping": ("weights:\n  gas: 0.6\n  water: 0.2", "weights: [1, 2]", "weights", "dictionary"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_value_is_refused_in_one_line_with_file_line_key_and_remedy(tmp_path, case):
    """One line: what is wrong, my.yaml:line, the dotted key, and what to do."""
    old, new, key, remedy = WRONG[case]
    text, line = changed(old, new)
    path = saved(tmp_path, text)
    message = refusal(path)
    assert "\n" not in message
    assert re.match(r"(Invalid|Missing) ", message)
    assert f"{path}:{line}: " in message
    assert key in message
    assert remedy in message


@pytest.mark.parametrize("section", ["weights", "criteria", "exclusions"])
def test_missing_section_is_named(tmp_path, section):
    """A file without one of the three required sections says which."""
    parts = re.split(r"(?m)^(?=\w)", GOOD)
    path = saved(tmp_path, "".join(p for p in parts if not p.startswith(section)))
    assert f"Missing key in {path}: {section}. Add it" in refusal(path)


def test_several_problems_are_told_at_once(tmp_path):
    """Three mistakes make three lines."""
    text = GOOD.replace("mw: 1000", "mw: -1").replace("below: 3, ", "").replace("worst: 30", "worst: 2")
    assert len(refusal(saved(tmp_path, text)).splitlines()) == 3


def test_text_that_is_not_yaml_names_the_line(tmp_path):
    """A syntax error is placed."""
    path = saved(tmp_path, GOOD.replace("  water: 0.2", "  water: [0.2"))
    message = refusal(path)
    assert re.search(rf"Invalid YAML in {re.escape(str(path))}:\d+: .+ Mend that line\.", message)
    assert "\n" not in message


def test_key_written_twice_names_the_line(tmp_path):
    """A repeated key is refused instead of silently taking one of the two."""
    path = saved(tmp_path, GOOD.replace("  water: 0.2", "  water: 0.2\n  gas: 0.1"))
    message = refusal(path)
    assert f"{path}:8" in message
    assert "\n" not in message


def test_control_characters_are_refused(tmp_path):
    """A file with a character that YAML forbids is refused in one line."""
    message = refusal(saved(tmp_path, GOOD + "# \x01\n"))
    assert "Invalid YAML" in message
    assert "\n" not in message


def test_text_that_is_not_utf8(tmp_path):
    """Latin-1 text is refused with the remedy."""
    path = tmp_path / "my.yaml"
    path.write_bytes((GOOD + "# Cañon\n").encode("latin-1"))
    message = refusal(path)
    assert str(path) in message
    assert "Save it as UTF-8" in message
    assert "\n" not in message


def test_byte_order_mark_is_accepted(tmp_path):
    """UTF-8 with the mark that some editors write loads as usual."""
    path = tmp_path / "my.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert load_config(path).config.project.mw == 1000


def test_missing_file(tmp_path):
    """A path that does not exist is named, with the option that sets it."""
    message = refusal(tmp_path / "none.yaml")
    assert str(tmp_path / "none.yaml") in message
    assert "--config" in message


def test_folder_in_place_of_a_file(tmp_path):
    """A folder is refused like a missing file."""
    assert "--config" in refusal(tmp_path)


@pytest.mark.parametrize("text", ["", "# only a comment\n", "just words\n", "- a\n- list\n"])
def test_file_without_keys(tmp_path, text):
    """An empty file, a text or a list is refused with a place to start from."""
    path = saved(tmp_path, text)
    assert refusal(path) == f"Invalid configuration {path}: it holds no keys. Start from config/default.yaml."


def test_override_with_an_unknown_parent(tmp_path):
    """--set below a section that does not exist names the section and the likely one."""
    path = saved(tmp_path, GOOD)
    message = refusal(path, {"weigths.gas": "1"})
    assert message == f"Invalid --set weigths.gas=1: {path} has no 'weigths'; did you mean 'weights'?."


def test_override_with_an_unknown_key(tmp_path):
    """--set of a key that does not exist is refused with the likely name."""
    message = refusal(saved(tmp_path, GOOD), {"project.mww": "1"})
    assert "project.mww" in message
    assert "did you mean 'mw'?" in message


def test_override_below_a_number(tmp_path):
    """--set below a value that holds no keys says so."""
    assert "'project.mw'" in refusal(saved(tmp_path, GOOD), {"project.mw.x": "1"})


def test_override_that_is_not_yaml(tmp_path):
    """--set with an unfinished list is refused in one line."""
    message = refusal(saved(tmp_path, GOOD), {"weights.gas": "[1"})
    assert message == "Invalid --set weights.gas=[1: the value is not YAML. Quote it, or give a number."


@pytest.mark.parametrize("key", ["weights.gas", "project.mw", "project.mww"])
def test_fault_from_the_command_line_names_no_line_of_the_file(tmp_path, key):
    """The file is right at that line: sending the user there would mislead."""
    path = saved(tmp_path, GOOD)
    message = refusal(path, {key: "-1"})
    assert key in message
    assert not re.search(rf"{re.escape(str(path))}:\d+", message)


def test_missing_key_gives_no_python_names(tmp_path):
    """Messages speak of keys, not of classes or of the validation library."""
    text = GOOD.replace("mw: 1000", "mw: -1").replace("unit: share, ", "").replace("worst: 30", "worst: 2")
    message = refusal(saved(tmp_path, text)).lower()
    assert not any(word in message for word in ("pydantic", "traceback", "basemodel", "value error"))
