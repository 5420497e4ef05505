"""The eighteen fields: every column that a run may write has a place in one of them."""

from __future__ import annotations

import pytest

from sitefinder.config import FAMILIES
from sitefinder.reports.dossier.fields import FAMILY_WORDS, INSTEAD, SECTIONS, catalogue, column, placed


def test_every_column_of_every_register_has_a_place():
    """A new column has to be put into a field of the dossier (sitefinder/reports/dossier/fields.py)."""
    assert sorted(set(catalogue()) - placed(SECTIONS)) == []


def test_every_column_placed_is_in_a_register():
    """A field names no column that nobody writes."""
    assert sorted(placed(SECTIONS) - set(catalogue())) == []


def test_fields_are_named_once_and_ask_something():
    """Keys are unique; each field says which question it answers."""
    assert len({s.key for s in SECTIONS}) == len(SECTIONS) == 18
    assert all(s.question.endswith("?") for s in SECTIONS)
    assert set(FAMILY_WORDS) == set(FAMILIES)


def test_ranges_have_three_ends():
    """A fact that is a range names its low, middle and high column."""
    assert {len(f.columns) for s in SECTIONS for f in s.facts if f.span} == {3}


def test_a_misspelled_column_is_an_error():
    """There is one look-up, and it knows every column by its name."""
    with pytest.raises(KeyError, match="brand_new"):
        column("brand_new")
    assert column("capex_musd_mid").unit == "million USD"
    assert set(INSTEAD) | set(INSTEAD.values()) <= set(catalogue())


def test_no_two_lines_of_a_section_say_the_same():
    """A reader cannot tell two lines of one label apart; the drivers are rows of a table."""
    for section in SECTIONS:
        labels = [fact.label for fact in section.facts or ()]
        assert section.key == "drivers" or len(labels) == len(set(labels)), section.key
