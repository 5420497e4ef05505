"""Facts as rows of a table, with the grade and the year of the evidence."""

from __future__ import annotations

import doctest
from dataclasses import replace

import pytest

from sitefinder.layers import REGISTRY
from sitefinder.reports.dossier import facts
from sitefinder.reports.dossier.lines import Fact
from tests.helpers.records import site


@pytest.fixture(scope="module")
def register(package):
    """Vintages of the compiled files."""
    return facts.register_of(package)


def test_examples_in_the_docstrings_hold():
    """What the docstrings show is what the functions do."""
    assert doctest.testmod(facts).failed == 0


def test_a_value_names_its_column():
    """The number on the page carries the column that it is from."""
    assert facts.value(site(slope_pct=2.25), "slope_pct") == '<data data-c="slope_pct">2.2 %</data>'


def test_null_absent_and_empty_are_told_apart():
    """Null is unknown, a layer that is not in the list is not computed, and some nulls mean something of their own."""
    assert "unknown" in facts.value(site(slope_pct=None), "slope_pct")
    assert "not computed in this run" in facts.value(site(), "slope_pct")
    assert "nothing" in facts.value(site(excluded_by=""), "excluded_by")


def test_a_part_that_a_run_did_not_compute_is_no_unknown_value():
    """Columns of a missing part are not computed; a null in a part that is there is unknown."""
    assert "not computed in this run" in facts.value(site(), "capex_musd_mid")
    assert "not computed in this run" in facts.span(site(), [f"capex_musd_{end}" for end in ("low", "mid", "high")])
    assert "unknown" in facts.value(site(facility_musd_mid=900.0), "capex_musd_mid")
    assert not facts.is_known(site(facility_musd_mid=900.0), "capex_musd_mid")
    assert facts.is_known(site(capex_musd_mid=900.0), "capex_musd_mid")
    assert facts.known_value(site(), "capex_musd_mid") is None


def test_columns_of_the_users_own_sites_are_not_computed_for_others():
    """The national list has no parcels, own sites have no rank interval."""
    assert facts.computed(site(parcel_acres=3.0), "parcel_acres")
    assert not facts.computed(site(), "parcel_acres")
    assert not facts.computed(site(parcel_acres=3.0), "rank_p05")


def test_a_misspelled_column_is_an_error():
    """It is neither unknown nor absent."""
    with pytest.raises(KeyError, match="capex_musd_middle"):
        facts.value(site(), "capex_musd_middle")


def test_words_of_the_display_name_columns_that_exist():
    """Lists of columns with a meaning of their own hold no name that nobody writes."""
    keys = {*facts.LISTS, *facts.NOTHING, *facts.RAW}
    assert all(facts.column(name) for name in keys)


def test_a_range_gives_its_unit_once():
    """Middle first, then both ends."""
    known = {f"capex_musd_{k}": v for k, v in (("low", 811.0), ("mid", 1925.0), ("high", 5940.0))}
    span_text = facts.span(site(**known), tuple(known))
    assert span_text.startswith('$<data data-c="capex_musd_mid">1,925</data><small> (')
    assert span_text.endswith(" M")
    assert "unknown" in facts.span(site(facility_musd_mid=1.0), tuple(known))
    assert "unknown" in facts.span(site(**known | {"capex_musd_high": None}), tuple(known))


def test_marks_give_grade_and_year_of_the_oldest_file(register):
    """A layer has its grade; what was computed says so; a file without grade has its year."""
    assert facts.mark_text("slope_pct", register) == f"{REGISTRY['slope_pct'].spec.grade} 2000"
    assert facts.mark_text("capex_musd_mid", register) == "calc"
    assert facts.mark_text("county", register) == "file 2018"


def test_missing_facts_are_listed_once_and_details_on_the_screen_only(register):
    """What a run did not compute stands below the table by its label."""
    known = (Fact("Slope", ("slope_pct",)), Fact("Capital", ("capex_musd_mid",)), Fact("Detail", ("land_musd_mid",), more=True))
    html = facts.table(known, site(slope_pct=1.0), register)
    assert html.count("Capital") == 1
    assert '<span data-l="" class="more">Detail</span>' in html
    assert facts.table(known[2:], site(), register).startswith('<p class="absent more">')


def test_the_fuller_reasons_replace_the_shorter_ones(register):
    """Where the run tells why, the plain drivers are left out; where neither is there, one label says so."""
    both = (Fact("Why", ("why_up",)), Fact("Drivers", ("drivers_up",)))
    assert "Drivers" not in facts.table(both, site(why_up="a", drivers_up="b"), register)
    only = facts.table(both, site(drivers_up="b"), register)
    assert "<li>b</li>" in only
    assert "Not computed" not in only


def test_facts_of_own_sites_stand_on_their_pages_only(register):
    """The country's list has no parcels."""
    own = (Fact("Parcel", ("parcel_acres",), own=True),)
    assert facts.table(own, site(parcel_acres=3.0), register)
    assert facts.table(own, site(), register) == ""


def test_columns_of_the_users_file_are_shown_as_they_are():
    """Numbers, texts and blanks of the user's own list have a place on its page."""
    mine = replace(site(acres_enough=True), yours={"your_row": 3, "your_price": 1250.5, "your_note": None})
    assert ">3<" in facts.value(mine, "your_row")
    assert "1,250.5" in facts.value(mine, "your_price")
    assert "unknown" in facts.value(mine, "your_note")
    assert facts.mark_text("your_row", {}) == "calc"
