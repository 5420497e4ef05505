"""Loans, present values, waiting and splits against sums written out by hand."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitefinder.financing import formulas
from sitefinder.financing.formulas import annuity, cash_split, month_of_delay, present_value, schedule, total_uses

RATES = st.floats(0.0, 0.3)
MONEY = st.floats(1.0, 1e6)


def test_examples_in_the_docstrings_hold():
    """The examples a reader sees are true."""
    assert doctest.testmod(formulas).failed == 0


@pytest.mark.parametrize(("rate", "years", "known"), [(0.10, 5, 0.263797), (0.06, 30, 0.072649), (0.0, 4, 0.25), (0.05, 1, 1.05)])
def test_annuity_is_the_one_in_the_tables(rate, years, known):
    """Values of the capital recovery factor as printed in engineering economics tables."""
    assert annuity(rate, years) == pytest.approx(known, abs=5e-7)


@given(RATES, st.integers(1, 40))
def test_level_payments_are_worth_the_loan(rate, years):
    """The present value of the payments is what was lent."""
    assert present_value(rate, [annuity(rate, years)] * years) == pytest.approx(1.0, rel=1e-9)


@given(MONEY, RATES, st.integers(1, 40))
def test_interest_and_principal_are_the_debt_service(loan, rate, years):
    """Each payment is level, its parts add up, principal sums to the loan, and nothing is owed at the end."""
    payments = schedule(loan, rate, years)
    assert payments.service == pytest.approx(np.full(years, loan * annuity(rate, years)), rel=1e-9)
    assert payments.principal.sum() == pytest.approx(loan, rel=1e-9)
    assert payments.balance[-1] == pytest.approx(0.0, abs=1e-6 * loan)


def test_schedule_of_three_years_by_hand():
    """1000 at 10 % over three years: 402.11 a year, as any calculator says."""
    payments = schedule(1000.0, 0.10, 3)
    assert payments.interest == pytest.approx([100.0, 69.789, 36.556], abs=1e-3)
    assert payments.principal == pytest.approx([302.115, 332.326, 365.559], abs=1e-3)


def test_total_uses_pay_their_own_interest_and_fees():
    """100 with half borrowed at 10 % over two years and a fee of 1 %: U = 100 / (1 - 0.5 (0.01 + 0.1))."""
    assert total_uses(100.0, [0.5], [0.10], [0.01], 2.0) == pytest.approx(100.0 / 0.945)


@given(MONEY, st.floats(0.0, 1.0), st.floats(0.0, 0.15), st.floats(0.0, 0.03), st.floats(0.5, 5.0))
def test_total_uses_equal_capital_interest_and_fees(capital, share, rate, fee, years):
    """Uses = capital + fees + interest on half of the loan over the time of building."""
    uses = total_uses(capital, [share], [rate], [fee], years)
    assert uses == pytest.approx(capital + share * uses * (fee + rate * years / 2.0), rel=1e-9)


def test_money_that_is_all_eaten_is_refused():
    """A loan at 100 % over two years leaves nothing to build with."""
    with pytest.raises(ValueError, match="take all the money"):
        total_uses(100.0, [1.0], [1.0], [0.0], 2.0)


def test_twelve_months_of_delay_cost_a_year_of_discount():
    """Twelve delays one after the other leave the worth of a stream that comes a year later."""
    worth = 1000.0
    for _ in range(12):
        worth -= month_of_delay(worth, 0.08)
    assert worth == pytest.approx(1000.0 / 1.08)


@given(st.lists(st.floats(-100.0, 1000.0), min_size=1, max_size=30), MONEY, st.floats(0.0, 0.15))
def test_both_sides_together_get_the_cash(cash, owed, rate):
    """The split gives away what there is, no more and no less, and never a loss."""
    payments = cash_split(cash, owed, rate, 0.5, 0.1)
    assert payments.lender + payments.host == pytest.approx(np.maximum(cash, 0.0), rel=1e-9, abs=1e-9)
    assert (payments.lender >= 0).all()
    assert (payments.host >= -1e-9).all()


def test_split_by_hand():
    """100 owed at 10 %, cash 150 a year: 75 of 110, then 38.5 owed is paid out of 77, the rest goes one to nine."""
    payments = cash_split([150.0, 150.0, 150.0], 100.0, 0.10, 0.5, 0.1)
    assert payments.owed == pytest.approx([35.0, 0.0, 0.0])
    assert payments.lender == pytest.approx([75.0, 38.5 + 0.1 * (150.0 - 77.0), 15.0])
    assert payments.repaid_after == pytest.approx(1.0 + 77.0 / 150.0)


def test_what_is_never_repaid_says_so():
    """Cash below the interest never repays; the debt grows."""
    payments = cash_split([10.0] * 5, 1000.0, 0.05, 0.5, 0.1)
    assert payments.repaid_after is None
    assert payments.owed[-1] > 1000.0
    assert payments.lender == pytest.approx([5.0] * 5)
