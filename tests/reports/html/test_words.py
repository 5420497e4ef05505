"""Words and figures of the dossiers."""

from __future__ import annotations

import doctest

import pytest

from sitefinder.columns import Column
from sitefinder.reports.dossier.fields import column
from sitefinder.reports.html import words


def test_examples_in_the_docstrings_hold():
    """What the docstrings show is what the functions do."""
    assert doctest.testmod(words).failed == 0


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("p_full_by_date", 0.123, "12.3 %"),
        ("capex_musd_mid", 1925.0, "$1,925 M"),
        ("power_price_usd_mwh", 73.6, "$73.6 per MWh"),
        ("full_load_p50", "2030-10", "Oct 2030"),
        ("pathway", "onsite_gas", "gas on the site"),
        ("nonattainment_count", 1.0, "1 standard"),
        ("nonattainment_count", 0.0, "0 standards"),
        ("energy_community", 1.0, "yes"),
        ("incentive_level", 2.0, "statewide relief"),
        ("grid_route_able", False, "no"),
        ("slope_pct", None, "unknown"),
        ("lon", -88.251559, "\u221288.2516°"),
        ("drought_ok", "unknown", "unknown"),
        ("free_cooling_hours", 6071.6, "6,072 hours a year"),
    ],
)
def test_values_are_shown_as_a_lender_reads_them(key, value, text):
    """Units are spelled out, shares are percent, codes are words, null is unknown."""
    assert words.with_unit(value, column(key)) == text


def test_negative_numbers_keep_their_sign_and_nought_has_none():
    """A minus sign stands before what is below nought after rounding."""
    assert words.figure(-2.25, 1) == "\u22122.2"
    assert words.figure(-0.001) == "0"


def test_a_month_that_is_none_stays_as_it_is():
    """Text that only looks like a month is not translated."""
    assert words.month("2030-13") == "2030-13"
    assert words.with_unit("2030-13 or so", Column("x", "", "", "")) == "2030-13 or so"
