"""Lists and sites as text."""

from __future__ import annotations

from sitefinder.reports.dossier.fields import SECTIONS
from sitefinder.reports.terminal import CELL, USUAL, card, plain, table
from tests.helpers.dossier_run import full_site
from tests.helpers.records import site


def test_columns_are_aligned_and_unknown_is_a_dash():
    """Numbers end, texts begin in one column; long texts are cut."""
    text = table([site(score=9.5, rto=None), site(score=80.25, rto="PJM", name="x" * 99)], ["score", "rto", "name"])
    head, first, second = text.splitlines()
    assert head.index("rto") == first.index("-") == second.index("PJM")
    assert first.startswith("  9.5")
    assert second.startswith("80.25")
    assert second.endswith("x" * (CELL - 1) + "~")


def test_a_list_without_sites_is_its_head():
    """No row, no error."""
    assert table([], ["rank", "name"]) == "rank  name"


def test_a_card_has_every_field_with_facts_and_the_link():
    """Units are written out; nothing that a plain terminal cannot show."""
    text = card(full_site("IL-600220", 1, (41.48, -88.25)))
    titles = [s.title.upper() for s in SECTIONS if any(not f.more and not f.own for f in s.facts)]
    assert [line for line in text.splitlines() if line in titles] == titles
    assert "https://" in text
    assert text.isascii()


def test_every_fact_is_shown_only_when_asked_for():
    """The long form has the facts that paper leaves out."""
    short, long = (card(full_site("IL-600220", 1, (41.48, -88.25)), every=every) for every in (False, True))
    assert len(long.splitlines()) > 1.5 * len(short.splitlines())
    assert "Compactness" in long
    assert "Compactness" not in short


def test_an_unknown_fact_is_called_so():
    """It is not left out."""
    assert "unknown" in card(site()).split("PLACE AND LAND")[1]


def test_signs_become_letters():
    """Minus signs, degrees, powers."""
    assert plain("\u22125 \u00b0C, 3 m\u00b3/s") == "-5 C, 3 m3/s"


def test_usual_columns_exist():
    """Of a full list."""
    assert set(USUAL) <= set(full_site("IL-600220", 1, (41.48, -88.25)).values)
