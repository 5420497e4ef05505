"""The short list of columns."""

from __future__ import annotations

from sitefinder.reports.exports.brief import BRIEF, SHORT


def test_there_are_25_columns_named_once():
    """Names, short names and labels tell them apart."""
    assert len(BRIEF) == 25
    for field in range(1, 3):
        assert len({b[field] for b in BRIEF}) == 25
    assert len({b.column.name for b in BRIEF}) == 25


def test_short_names_fit_into_a_shapefile():
    """At most ten plain characters, a letter first."""
    assert all(len(b.short) <= SHORT and b.short.isascii() and b.short[0].isalpha() for b in BRIEF)
    assert all(b.short.replace("_", "a").isalnum() for b in BRIEF)
