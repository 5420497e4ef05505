"""Units, marks and sources in the comments of a configuration."""

from __future__ import annotations

import re

import pytest

from sitefinder.config.keyed_yaml import KeyTree, Source, items, read_tree
from sitefinder.config.notes import MARKS, Note, note_of
from tests.helpers.paths import ROOT

TEXT = """\
# head of the file

# what the section is for (K)
top:
  # first line (P, a paper),
  # second line; spread J
  range: [1, 2, 3]  # [months] ordered at the start
  # commented: 5    # [km] a key that nobody set
  bare: 4
  table:            # [MW]
    a: {x: 1, y: 2}
  "quoted": "a#b"
"""
FILES = sorted(p for p in (ROOT / "config").rglob("*.yaml") if p.parent.name != "presets")


@pytest.fixture
def tree(tmp_path) -> KeyTree:
    """The text as a file."""
    path = tmp_path / "a.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return read_tree(path, Source("thing", "--thing", "model.yaml", {}))


def test_unit_stands_beside_a_key_and_its_source_above_and_beside(tree):
    """Both comments make the source; the marks are found in it."""
    note = note_of(tree, ["top", "range"])
    assert note == Note("months", "first line (P, a paper), second line; spread J ordered at the start")
    assert note.marks == ("P", "J")


def test_a_key_without_a_comment_has_the_source_of_its_section(tree):
    """A key that is commented out above it is not its source, nor is the head of the file that of the section."""
    assert note_of(tree, ["top", "bare"]) == Note("", "what the section is for (K)")


def test_a_cell_of_a_table_has_the_unit_of_the_table(tree):
    """However deep it lies."""
    assert note_of(tree, ["top", "table", "a", "y"]).unit == "MW"


def test_a_hash_within_a_value_is_no_comment(tree):
    """Only one after a space is."""
    assert note_of(tree, ["top", "quoted"]) == Note("", "what the section is for (K)")


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_every_shipped_number_has_a_unit(path):
    """But weights, numbers in the unit of a layer, seeds and years of dollars."""
    tree = read_tree(path, Source("file", "--file", "model.yaml", {}))
    free = re.compile(r"^(weights|criteria|exclusions)\.|\.(seed|year|above|below|line|pipe|at_least|bp)$|^year$")
    without = [key for key in numbers(tree.values, ()) if not free.search(".".join(key)) and not note_of(tree, key).unit]
    assert without == []


def numbers(node, keys):
    """Keys of numbers and of lists of numbers."""
    for key, value in items(node):
        here = (*keys, str(key))
        first = value[0] if isinstance(value, list) and value else value
        if isinstance(first, int | float) and not isinstance(first, bool):
            yield here
        else:
            yield from numbers(value, here)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_a_unit_in_the_name_of_a_key_is_the_unit_beside_it(path):
    """A key that ends in _km is in kilometres."""
    units = {"km": "km", "mw": "MW", "months": "months", "usd_mwh": "USD/MWh", "usd_acre": "USD/acre", "psi": "psi"}
    for name, beside in re.findall(r"^ +(\w+): [^{#]* # \[([^\]]+)\]", path.read_text(encoding="utf-8"), re.MULTILINE):
        end = next((end for end in sorted(units, key=len, reverse=True) if name.endswith(f"_{end}")), None)
        if end and not re.search(r"per_|musd_mw$", name):
            assert beside == units[end], name


def test_marks_are_those_of_the_heads():
    """Every head of a file explains marks that exist."""
    for path in FILES:
        head = path.read_text(encoding="utf-8").split("\n\n")[0]
        assert set(re.findall(r"\b([A-Z]) = ", head)) <= set(MARKS)
