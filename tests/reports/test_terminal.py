"""Lists and sites as text."""

from __future__ import annotations

from sitefinder.reports.dossier.fields import SECTIONS
from sitefinder.reports.terminal import CELL, NARROW, USUAL, card, plain, table, usual
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
    assert set(USUAL) - {"rank_range", "excluded_by"} <= set(full_site("IL-600220", 1, (41.48, -88.25)).values)
    assert set(NARROW) < set(USUAL)


def test_the_usual_list_says_what_it_shows_and_cuts_no_word():
    """Heads in words, scores with one decimal, the interval of the ranks, months by name, long names whole."""
    name = "12 km NE of a town with quite a long name that nobody would shorten, MI"
    text = usual(
        [site(rank=7, name=name, rto="non-ISO Southeast", score=80.256, rank_p05=3, rank_p95=90, full_load_p50="2031-07")], 1000
    )
    head, first = text.splitlines()
    assert "market region" in head
    assert all(word in first for word in (name, "non-ISO Southeast", "80.3", "3-90", "Jul 2031"))


def test_a_narrow_terminal_has_fewer_columns_and_no_cut_ones():
    """Every line fits where the least columns do; what is left out is told."""
    sites = [full_site("IL-600220", 1, (41.48, -88.25))]
    whole, narrow = usual(sites, 1000), usual(sites, 70)
    assert "too narrow for" not in whole
    assert all(len(line) <= 70 for line in narrow.splitlines()[:2])
    assert "too narrow for" in narrow.splitlines()[-1]
    assert sites[0].identity.name in narrow


def test_no_colour_is_ever_printed():
    """Neither with nor without NO_COLOR: the texts hold no escape."""
    one = full_site("IL-600220", 1, (41.48, -88.25))
    assert "\x1b" not in usual([one]) + card(one)


def test_long_facts_go_on_below_themselves(monkeypatch):
    """In a terminal of eighty characters no line is longer, but for words that cannot be broken."""
    monkeypatch.setenv("COLUMNS", "100")
    text = card(full_site("IL-600220", 1, (41.48, -88.25), why_up="a long reason with many words " * 9))
    assert all(len(line) <= 100 or "http" in line for line in text.splitlines()[1:])
