"""Costs of connections against sums done by hand, and how they behave."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitefinder.config import load_config
from sitefinder.routes.costs import (
    Element,
    GridEnd,
    cable_musd,
    circuits,
    diameter_in,
    lateral_musd,
    lift_musd,
    line_musd,
    main_musd,
    miles,
)
from tests.helpers.paths import ROOT

TERMS = load_config(ROOT / "config" / "default.yaml").config.connections
EASY = np.ones((1, 3))
TEN_MILES = np.array([16.09344])


def line(km, *, kv=345, region="MISO", mw=1000.0, ground=EASY, cut_in=False):
    """Cost of one line."""
    at = GridEnd(np.array([kv]), np.array([cut_in]), [region])
    return line_musd(TERMS.grid, np.array([km]), ground, at=at, mw=mw)[0]


def test_ten_miles_are_ten_miles():
    """The statute mile."""
    assert miles(TEN_MILES)[0] == pytest.approx(10)


@pytest.mark.parametrize(
    ("kv", "mw", "expected"), [(230, 1000, 3), (345, 1000, 2), (500, 1000, 2), (500, 5000, 4), (765, 1000, 2)]
)
def test_circuits_carry_the_load_and_one_more_than_none(kv, mw, expected):
    """Capacity by class, and never less than two."""
    assert circuits(TERMS.grid, np.array([kv]), mw)[0] == expected


def test_a_class_between_two_takes_the_lower_one():
    """A 400 kV line carries what a 345 kV line does; one below all classes what the lowest does."""
    assert circuits(TERMS.grid, np.array([400, 138]), 1500.0).tolist() == [2, 4]


def test_ten_miles_of_345_kv_by_hand():
    """Two circuits on one tower, two bays, adders, escalation."""
    likely = (10 * 1.78 * 1.6 + 2 * 3.8) * 1.2 * 1.175 * 1.5
    assert line(TEN_MILES[0])[1] == pytest.approx(likely)


def test_an_odd_circuit_stands_alone():
    """Three circuits: one double, one single."""
    likely = (10 * 1.69 * 2.6 + 3 * 2.2) * 1.2 * 1.175 * 1.5
    assert line(TEN_MILES[0], kv=230)[1] == pytest.approx(likely)


@given(km=st.floats(0, 300), more=st.floats(0, 100), mw=st.floats(10, 10_000))
def test_longer_and_larger_costs_more(km, more, mw):
    """No distance or load makes a line cheaper; low, likely and high stay in order."""
    assert (line(km + more, mw=mw) >= line(km, mw=mw)).all()
    assert (line(km, mw=2 * mw) >= line(km, mw=mw)).all()
    assert (np.diff(line(km, mw=mw)) >= 0).all()


def test_hard_ground_multiplies_the_line_and_not_the_bays():
    """Twice as dear ground adds the line once more."""
    bays = line(0.0)
    np.testing.assert_allclose(line(20.0, ground=2 * EASY) - bays, 2 * (line(20.0) - bays))


def test_a_new_switching_station_stands_in_for_a_bay():
    """Without a line, 345 kV of MISO: 14.2 and a bay of 3.8 million of 2019 instead of two bays, with all adders."""
    assert line(0.0, cut_in=True)[1] / line(0.0)[1] == pytest.approx((14.2 + 3.8) / (2 * 3.8))
    for region in ("MISO", "CAISO", "non-ISO West", "non-ISO Southeast", None):
        assert (line(0.0, region=region, cut_in=True) > line(0.0, region=region)).all()


def test_a_region_without_a_table_takes_the_widest_range():
    """ERCOT and land outside all markets span the four tables."""
    for region in ("ERCOT", None):
        assert line(50.0, region=region)[0] <= min(line(50.0, region=r)[0] for r in ("MISO", "CAISO", "non-ISO West"))
        assert line(50.0, region=region)[2] >= max(line(50.0, region=r)[2] for r in ("MISO", "CAISO", "non-ISO West"))


def test_the_diameter_solves_the_flow_equation():
    """Just enough: the pipe carries the flow, the next smaller one does not."""
    terms = TERMS.gas
    fall = (terms.inlet_psi + 14.7) ** 2 - (terms.outlet_psi + 14.7) ** 2

    def carried(inches, length):
        root = np.sqrt(fall / (0.6 * 519.67 * length * 0.9))
        return 433.5 * 519.67 / 14.7 * 0.92 * root * inches ** (8 / 3) / 1e6

    for length, flow in ((10.0, 150.0), (30.0, 750.0), (60.0, 1000.0)):
        size = diameter_in(terms, np.array([length * 1.609344]), np.array([flow]))[0, 0]
        smaller = max(s for s in terms.sizes_in if s < size)
        assert carried(size, length) >= flow > carried(smaller, length)


def test_what_one_pipe_cannot_carry_needs_two():
    """Beyond the largest size, pipes lie side by side."""
    assert diameter_in(TERMS.gas, np.array([300.0]), np.array([9000.0]))[0, 0] > max(TERMS.gas.sizes_in)


def test_a_short_lateral_is_sized_as_one_of_ten_miles():
    """Pressure would drive any flow through a short thin pipe; speed would not allow it."""
    sizes = diameter_in(TERMS.gas, np.array([0.1, 16.0]), np.array([150.0]))
    assert sizes[0, 0] == sizes[1, 0]


def test_five_gigawatts_over_forty_miles_cost_hundreds_of_millions():
    """The published 500 to 700 million dollars lie within the range on ground of 1.5."""
    low, _, high = lateral_musd(TERMS.gas, np.array([64.0]), 1.5 * EASY, mw=5000.0)[0]
    assert low < 500
    assert high > 700


def test_cable_and_main_by_hand():
    """Ten miles of cable; a main of 13.4 inches for 3.1 million gallons a day."""
    assert cable_musd(TERMS.fiber, TEN_MILES, EASY)[0, 1] == pytest.approx(0.96)
    need = 0.1361
    inches = np.sqrt(4 * need / np.pi / 1.5) / 0.0254
    mgd = need / 0.0438126
    assert main_musd(TERMS.water, TEN_MILES, EASY, need_m3s=need)[0, 1] == pytest.approx(10 * inches * 0.06 + mgd * 2.5, rel=1e-4)


def test_no_route_has_no_length_dependent_cost():
    """Unknown length stays unknown."""
    assert np.isnan(cable_musd(TERMS.fiber, np.array([np.nan]), EASY)).all()
    assert np.isnan(diameter_in(TERMS.gas, np.array([np.nan]), np.array([150.0]))).all()


def lift(kind, kv=345, km=16.09344, added_mw=300.0, region="MISO"):
    """Cost of strengthening one element."""
    element = Element([kind], np.array([kv]), np.array([km]), np.array([added_mw]), [region])
    return lift_musd(TERMS.grid, element, (8000.0, 15000.0, 30000.0))[0]


def test_a_second_circuit_is_miles_and_two_bays():
    """Ten miles of 345 kV in MISO's table, by hand; a feeder costs the same."""
    terms = TERMS.grid
    per_mile, bay = terms.musd_per_mile_2019["MISO"][345][1], terms.bay_musd_2019["MISO"][345][1]
    adders = (1 + terms.contingency[1]) * (1 + terms.afudc + terms.overhead) * terms.escalation_since_2019[1]
    assert lift("line")[1] == pytest.approx((10 * per_mile + 2 * bay) * adders)
    assert lift("feeder") == pytest.approx(lift("line"))


def test_one_more_transformer_is_a_bay_and_a_bank():
    """300 MW at 15,000 dollars per MVA are 4.5 million before the adders; dollars of today are not escalated."""
    terms = TERMS.grid
    adders = (1 + terms.contingency[1]) * (1 + terms.afudc + terms.overhead)
    bay = terms.bay_musd_2019["MISO"][345][1] * terms.escalation_since_2019[1]
    assert lift("transformer", km=0.0)[1] == pytest.approx((bay + 4.5) * adders)


def test_where_nothing_limits_nothing_is_priced():
    """Idle generation has no element; the ends of a range are in order."""
    assert np.isnan(lift(None, kv=0, km=np.nan)).all()
    for kind in ("line", "transformer"):
        assert (np.diff(lift(kind)) > 0).all()
