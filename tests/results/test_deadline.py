"""Whether any site meets the date wanted, in plain words."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest

from sitefinder.columns import Quantiles
from sitefinder.results.deadline import Deadline, deadline, month_words

WANTED = SimpleNamespace(mw=1000.0, energise_by="2028-12")


def site(chance, full_load):
    """A site with its chance of full load by the date, and the median month of it."""
    return SimpleNamespace(power=SimpleNamespace(p_full_by_date=chance, full_load=Quantiles(None, full_load, None)))


def test_a_list_in_which_no_site_is_likely_says_so_and_what_would_help():
    """The best chance, the earliest month, and the ways."""
    answer = deadline([site(0.02, "2031-03"), site(0.31, "2030-09"), site(math.nan, None)], WANTED)
    assert (answer.sites, answer.even, answer.best, answer.earliest, answer.met) == (2, 0, 0.31, "2030-09", False)
    assert answer.title == "no site is likely to have 1,000 MW by Dec 2028"
    assert answer.words.startswith("No site is likely to have 1,000 MW by Dec 2028: the best chance is 31 %.")
    assert "by Sep 2030" in answer.words
    assert "may be curtailed" in answer.words


def test_likely_sites_are_counted():
    """Even chances count; nothing has to change."""
    answer = deadline([site(0.5, "2028-12"), site(0.9, "2028-01"), site(0.49, "2029-01")], WANTED)
    assert answer.met
    assert answer.words == "2 of 3 sites are likely to have 1,000 MW by Dec 2028: the best chance is 90 %."


def test_unknown_chances_are_unknown():
    """Neither yes nor no; without dates there is no answer at all."""
    answer = deadline([site(math.nan, None)], WANTED)
    assert answer.words == "Whether any site has 1,000 MW by Dec 2028 is unknown."
    assert deadline([SimpleNamespace(power=None)], WANTED) is None
    assert deadline([], WANTED) is None


@pytest.mark.parametrize(("month", "words"), [("2028-01", "Jan 2028"), ("2030-12", "Dec 2030")])
def test_months_are_written_out(month, words):
    """For the reader."""
    assert month_words(month) == words


def test_a_list_that_never_gets_there_names_no_month():
    """After the years looked at."""
    assert "earliest" not in Deadline(500.0, "2028-12", 3, 0, 0.0, None).words
