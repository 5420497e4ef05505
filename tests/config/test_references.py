"""A value that is that of another key."""

from __future__ import annotations

import pytest

from sitefinder.config import load_config
from sitefinder.config.keyed_yaml import KeyTree, Source, read_tree
from sitefinder.config.references import resolve
from sitefinder.errors import ConfigError


@pytest.fixture
def tree(tmp_path):
    """Reads a text as keys."""

    def read(text) -> KeyTree:
        path = tmp_path / "a.yaml"
        path.write_text(text, encoding="utf-8")
        return read_tree(path, Source("thing", "--thing", "model.yaml", {}))

    return read


def test_a_reference_takes_the_value_of_the_other_key(tree):
    """A number, a whole section, an entry by its voltage; the tree remembers where it came from."""
    one = tree("a: {b: [1, 2], 345: 7}\nc: '${a.b}'\nd: {e: '${a}', f: '${a.345}'}\n")
    resolve(one)
    assert one.values["c"] == [1, 2]
    assert one.values["d"] == {"e": {"b": [1, 2], 345: 7}, "f": 7}
    assert one.references == {("c",): ("a", "b"), ("d", "e"): ("a",), ("d", "f"): ("a", "345")}


def test_references_may_lead_to_references(tree):
    """In any order, also into a section that is one."""
    one = tree("a: '${b}'\nb: '${c.x}'\nc: {x: 5}\nd: '${e.x}'\ne: '${c}'\nf: '${g}'\ng: {h: '${c.x}'}\n")
    resolve(one)
    assert (one.values["a"], one.values["d"], one.values["f"]) == (5, 5, {"h": 5})


def test_a_copy_is_no_alias(tree):
    """Changing one place later does not change the other."""
    one = tree("a: [1]\nb: '${a}'\n")
    resolve(one)
    assert one.values["a"] is not one.values["b"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: '${b.c}'\nb: {d: 1}\n", r"Invalid value '\$\{b\.c\}' in \S+a\.yaml:1: a\. There is no value at 'b\.c'"),
        ("a: '${a}'\n", "circle"),
        ("a: '${b}'\nb: '${a}'\n", "circle"),
        ("a: {b: '${a}'}\n", "circle"),
        ("a: {b: '${c}'}\nc: {d: '${a}'}\n", "circle"),
        ("a: '${}'\n", "There is no value"),
        ("a: '${b.c.d}'\nb: {c: 1}\n", "There is no value"),
    ],
)
def test_a_reference_to_nothing_or_in_a_circle_is_refused_in_one_line(tree, text, expected):
    """File, line and remedy."""
    with pytest.raises(ConfigError, match=expected) as caught:
        resolve(tree(text))
    assert "\n" not in str(caught.value)


def test_a_fault_is_reported_where_the_value_is_written(default_path, tmp_path):
    """Once, not at every reference."""
    path = tmp_path / "mine.yaml"
    path.write_text(f"extends: {default_path}\ncosts:\n  escalation_since_2019: [3, 2, 1]\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert f"{path}:3: costs.escalation_since_2019" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_reference_to_the_wrong_kind_of_value_is_reported_where_it_stands(default_path):
    """The other key is right."""
    with pytest.raises(ConfigError, match=r"--set connections\.search_km"):
        load_config(default_path, {"connections.search_km": "${project.name}"})


def test_a_value_of_ones_own_replaces_a_reference(default_path):
    """Only there."""
    config = load_config(default_path, {"connections.grid.escalation_since_2019": "[1, 1, 1]"}).config
    assert config.connections.grid.escalation_since_2019 == (1, 1, 1)
    assert config.costs.escalation_since_2019[1] == 1.5


def test_a_section_that_others_refer_to_cannot_be_left_out_alone(default_path):
    """The refusal names the reference."""
    with pytest.raises(ConfigError, match=r"connections\.yaml:\d+: connections\.gas\.burns\. There is no value at 'needs\.gas'"):
        load_config(default_path, {"needs": "null"})
