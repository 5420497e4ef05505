"""Numbers, coordinates and acres as people write them."""

from __future__ import annotations

import math

import pytest

from sitefinder.sites.reading.numbers import acres_in, acres_of, degrees, number, pair

LAT, LON = 32 + 26 / 60 + 55.3 / 3600, -(99 + 43 / 60 + 59.2 / 3600)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("32.4487", 32.4487),
        (" -99.7331 ", -99.7331),
        ("\N{MINUS SIGN}99.7331", -99.7331),
        ("32,4487", 32.4487),
        ("99.7331W", -99.7331),
        ("W 99.7331", -99.7331),
        ("99.7331° West", -99.7331),
        ("32°26'55.3\"N", LAT),
        ("N32 26 55.3", LAT),
        ("-99 43 59.2", LON),
        ("99\u00b043\u203259.2\u2033 W", LON),
        ("99:43:59.2W", LON),
        ("99-43-59.2 W", LON),
        ("32 deg 26.9217 min N".replace(" min", ""), LAT),
    ],
)
def test_coordinates_are_read_however_they_are_written(text, value):
    """Decimal degrees with point or comma, minutes, seconds, letters, signs of any keyboard."""
    assert degrees(text) == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize("text", ["", "abc", "32°76'", "32 26 99", "-99.7 W", "1 2 3 4", "32,4,4", "N", "2026-03-01-05"])
def test_what_is_no_coordinate_is_none(text):
    """Minutes above 60, a sign beside a letter, too many parts."""
    assert math.isnan(degrees(text))


@pytest.mark.parametrize(
    "text",
    [
        "32.4487, -99.7331",
        "(32.4487,-99.7331)",
        "32.4487 -99.7331",
        "32,4487; -99,7331",
        "32,4487 -99,7331",
        "32.4487N 99.7331W",
        "N32.4487, W99.7331",
        "32.4487° N / 99.7331° W",
    ],
)
def test_two_coordinates_in_one_field(text):
    """Separated by commas, blanks, semicolons, or told apart by their letters."""
    assert pair(text) == pytest.approx((32.4487, -99.7331))


def test_pairs_may_begin_with_the_longitude():
    """The header says so; letters go before it; what is no pair is none."""
    assert pair("-99.7331 32.4487", longitude_first=True) == (32.4487, -99.7331)
    assert pair("32.4487N 99.7331W", longitude_first=True) == (32.4487, -99.7331)
    assert all(math.isnan(v) for v in (*pair("Abilene, TX"), *pair("32.4")))


def test_numbers_follow_the_decimals_of_their_file():
    """A comma stands for thousands or for decimals."""
    assert number("1,200") == 1200.0
    assert number("1,200", decimal_comma=True) == 1.2
    assert number("1.200,5", decimal_comma=True) == 1200.5
    assert number("1\N{NO-BREAK SPACE}200") == 1200.0
    assert math.isnan(number("1,20,0"))
    assert math.isnan(number("nan"))


def test_acres_may_have_their_unit():
    """Before or without it; words are none."""
    assert [acres_of(t) for t in ("1,200 ac", "350.5 acres", "12 AC.", "7")] == [1200.0, 350.5, 12.0, 7.0]
    assert math.isnan(acres_of("many"))


@pytest.mark.parametrize(
    ("text", "acres"),
    [
        ("1,200 acres near US-83", 1200.0),
        ("<table><tr><td>GIS_ACRES</td><td>123.4</td></tr></table>", 123.4),
        ("450-acre farm", 450.0),
        ("Price $5,000/acre for 900 ac", 900.0),
        ("Acreage: 75", 75.0),
        ("640&nbsp;acres +/-", 640.0),
        ("1,200 acres, divisible to 300 acres", math.nan),
        ("Tract 5, zoned AG", math.nan),
    ],
)
def test_acres_of_a_description(text, acres):
    """One number with its unit, behind or before it, markup aside; several different ones are none."""
    assert acres_in(text) == pytest.approx(acres, nan_ok=True)
