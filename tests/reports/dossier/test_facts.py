"""Facts as rows of a table, with the grade and the year of the evidence."""

from __future__ import annotations

import doctest

from sitefinder.layers import REGISTRY
from sitefinder.reports.dossier import facts
from sitefinder.reports.dossier.fields import Fact


def test_examples_in_the_docstrings_hold():
    """What the docstrings show is what the functions do."""
    assert doctest.testmod(facts).failed == 0


def test_a_value_names_its_column():
    """The number on the page carries the column that it is from."""
    assert facts.value({"slope_pct": 2.25}, "slope_pct") == '<data data-c="slope_pct">2.2 %</data>'


def test_null_absent_and_empty_are_told_apart():
    """Null is unknown, a missing column is not computed, and some nulls mean something of their own."""
    assert "unknown" in facts.value({"slope_pct": None}, "slope_pct")
    assert "not computed in this run" in facts.value({}, "slope_pct")
    assert "nothing" in facts.value({"excluded_by": ""}, "excluded_by")


def test_a_range_gives_its_unit_once():
    """Middle first, then both ends."""
    row = {f"capex_musd_{k}": v for k, v in (("low", 811.0), ("mid", 1925.0), ("high", 5940.0))}
    shown = facts.span(row, tuple(row))
    assert shown.startswith('$<data data-c="capex_musd_mid">1,925</data><small> (')
    assert shown.endswith(" M")
    assert "unknown" in facts.span(dict.fromkeys(row), tuple(row))
    assert "unknown" in facts.span(row | {"capex_musd_high": None}, tuple(row))


def test_marks_give_grade_and_year_of_the_oldest_file(package):
    """A layer has its grade; what was computed says so; a file without grade has its year."""
    register = package.resources
    assert facts.mark_text("slope_pct", register) == f"{REGISTRY['slope_pct'].spec.grade} 2003"
    assert facts.mark_text("capex_musd_mid", register) == "calc"
    assert facts.mark_text("county", register) == "file 2018"


def test_missing_facts_are_listed_once_and_details_on_the_screen_only(package):
    """What a run did not compute stands below the table by its label."""
    known = (Fact("Slope", ("slope_pct",)), Fact("Capital", ("capex_musd_mid",)), Fact("Detail", ("land_musd_mid",), more=True))
    html = facts.table(known, {"slope_pct": 1.0}, package.resources)
    assert html.count("Capital") == 1
    assert '<span data-l="" class="more">Detail</span>' in html
    assert facts.table(known[2:], {}, package.resources).startswith('<p class="absent more">')


def test_the_fuller_reasons_replace_the_shorter_ones(package):
    """Where the run tells why, the plain drivers are left out; where neither is there, one label says so."""
    both = (Fact("Why", ("why_up",)), Fact("Drivers", ("drivers_up",)))
    assert "Drivers" not in facts.table(both, {"why_up": "a", "drivers_up": "b"}, package.resources)
    only = facts.table(both, {"drivers_up": "b"}, package.resources)
    assert "<li>b</li>" in only
    assert "Not computed" not in only


def test_facts_of_own_sites_stand_on_their_pages_only(package):
    """The country's list has no parcels."""
    own = (Fact("Parcel", ("parcel_acres",), own=True),)
    assert facts.table(own, {"parcel_acres": 3.0}, package.resources, own=True)
    assert facts.table(own, {"parcel_acres": 3.0}, package.resources) == ""
