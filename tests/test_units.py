"""Conversions, against published equivalents."""

from __future__ import annotations

import pytest

from sitefinder import units


@pytest.mark.parametrize(
    ("factor", "published"),
    [
        (units.M_PER_MILE, 5280 * 0.3048),
        (units.M2_PER_ACRE, 43_560 * 0.3048**2),
        (units.M2_PER_MI2, 640 * 4046.8564224),
        (units.M3_PER_GALLON, 231 * 0.0254**3),
        (units.S_PER_YEAR, 31_557_600.0),
    ],
    ids=["mile = 5280 feet", "acre = 43,560 square feet", "square mile = 640 acres", "gallon = 231 cubic inches", "Julian year"],
)
def test_factor_agrees_with_its_definition(factor, published):
    """Each factor follows from the definition in NIST Handbook 44 appendix C."""
    assert factor == pytest.approx(published, rel=1e-9)


def test_hundred_kilometres_in_miles():
    """100 km are 62.137 miles."""
    assert units.km_to_miles(100.0) == pytest.approx(62.1371, abs=1e-4)


def test_square_mile_in_acres():
    """A square mile is 640 acres."""
    assert units.m2_to_acres(units.M2_PER_MI2) == pytest.approx(640.0)


def test_million_gallons_a_day_in_cubic_feet_per_second():
    """1 Mgd is 1.547 cubic feet per second (USGS)."""
    assert units.mgd_to_m3s(1.0) / units.M_PER_FOOT**3 == pytest.approx(1.547, abs=5e-4)


def test_runoff_of_one_square_kilometre():
    """1000 mm a year from 1 km2 are a million cubic metres a year."""
    assert units.runoff_to_m3s(1000.0, 1.0) * units.S_PER_YEAR == pytest.approx(1.0e6)


def test_light_in_glass_is_slower_than_in_vacuum():
    """4.9 microseconds per kilometre correspond to a refractive index of 1.47."""
    index = units.FIBER_US_PER_KM * 1e-6 * 299_792.458
    assert index == pytest.approx(1.47, abs=0.005)
