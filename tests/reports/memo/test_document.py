"""Values that know their field, and how they are shown."""

from __future__ import annotations

import doctest

import pytest

from sitefinder.reports.memo import document
from sitefinder.reports.memo.document import FORMATS, UNKNOWN, Fields, Val, formatted
from tests.helpers.financing_case import tree


def test_examples_in_the_docstrings_hold():
    """The examples a reader sees are true."""
    assert doctest.testmod(document).failed == 0


@pytest.mark.parametrize("kind", sorted(FORMATS))
def test_unknown_is_unknown_in_every_format(kind):
    """No format makes a number of nothing."""
    assert formatted(None, kind) == UNKNOWN


@pytest.mark.parametrize(
    ("value", "kind", "said"),
    [
        (999.4, "musd", "$999 million"),
        (999.6, "musd", "$1.0 billion"),
        (-1500.0, "musd", "minus $1.5 billion"),
        (250_000.0, "musd", "$250 billion"),
        (0.5, "busd", "$500 million"),
        (16_234.0, "thousand_usd", "$16,000"),
        (-0.25, "cover", "\u22120.25"),
        (0, "or_none", "none"),
        (3, "or_none", "3"),
        ("2029-01-19", "day", "19 Jan 2029"),
        ("hybrid", "code", "gas and grid together"),
        ("hybrid", "pathway", "gas and grid"),
        (0.0, "ratio", "0"),
        (2028, "year", "2028"),
    ],
)
def test_formats(value, kind, said):
    """Money in words, rounding that does not change the unit, minus as a word or a sign."""
    assert formatted(value, kind) == said


def test_a_path_that_leads_nowhere_is_unknown():
    """A value of a missing field is told, not raised."""
    assert Fields(tree()).val("set.nothing.there", "musd") == Val(UNKNOWN, "set.nothing.there", "musd")


def test_names_are_a_list_in_words():
    """One, two and three places."""
    facts = Fields(tree())

    def said(keys):
        flat = []
        for part in facts.names(keys):
            flat += part if isinstance(part, list) else [part]
        return "".join(p.text if isinstance(p, Val) else p for p in flat)

    assert said(["TX-1"]) == "County of TX-1, TX"
    assert said(["TX-1", "OH-2"]) == "County of TX-1, TX and County of OH-2, OH"
    assert said(["TX-1", "OH-2", "NY-3"]).count(", ") == 4
