"""What every reader makes."""

from __future__ import annotations

from pathlib import Path

from sitefinder.sites.reading.entry import Entry, Listing, clean_name, too_large


def test_names_are_one_line_of_printable_text():
    """Line breaks, tabs and control characters become blanks; what is no text becomes a number."""
    assert clean_name(" a\r\n\tb\x00c\u2028d ", 1) == "a b c d"
    assert [clean_name(n, 3) for n in (None, "", {}, [1], True, 7)] == ["site 3"] * 5 + ["7"]


def test_a_listing_without_a_declaration_is_in_longitudes_and_latitudes():
    """As GeoJSON has them."""
    assert Listing([Entry("row 2", "a")]).crs == "OGC:CRS84"


def test_a_limit_is_told_with_both_numbers():
    """What the file holds, what is allowed, and the remedy."""
    assert str(too_large(Path("a.csv"), "20 sites", "10")) == (
        "Invalid SITES file a.csv: it holds 20 sites, the limit is 10. Simplify or split it."
    )
