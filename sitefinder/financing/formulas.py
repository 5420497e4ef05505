"""Arithmetic of loans: level payments, schedules, present values, the cost of waiting, and how cash is split.

Rates are per year as fractions, cash comes at the end of each year. The formulas are those of any textbook of corporate finance;
the tests hold them against sums written out by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sitefinder.units import MONTHS_PER_YEAR


@dataclass(frozen=True)
class Schedule:
    """Payments of one loan at the end of each year, (years,) each.

    Parameters
    ----------
    interest, principal : (years,) float64
        What a payment is made of.
    balance : (years,) float64
        Owed after the payment.
    """

    interest: np.ndarray
    principal: np.ndarray
    balance: np.ndarray

    @property
    def service(self) -> np.ndarray:
        """Interest and principal together."""
        return self.interest + self.principal


@dataclass(frozen=True)
class Split:
    """Cash of each year divided between two sides, (years,) each.

    Parameters
    ----------
    lender, host : (years,) float64
    owed : (years,) float64
        Deemed amount still owed after the year.
    repaid_after : float or None
        Years until nothing is owed, with the part of the last one; None if that never comes.
    """

    lender: np.ndarray
    host: np.ndarray
    owed: np.ndarray
    repaid_after: float | None


def annuity(rate: float, years: int) -> float:
    """Level payment at the end of each year that repays 1: r / (1 - (1 + r)^-n).

    >>> round(annuity(0.05, 20), 6)
    0.080243
    """
    return 1.0 / years if rate == 0 else rate / -float(np.expm1(-years * np.log1p(rate)))


def present_value(rate: float, cash: Sequence[float] | np.ndarray) -> float:
    """Worth today of cash at the end of years 1, 2, ...

    >>> round(present_value(0.10, [110.0, 121.0]), 6)
    200.0
    """
    values = np.asarray(cash, np.float64)
    return float((values / (1.0 + rate) ** np.arange(1, values.size + 1)).sum())


def schedule(loan: float, rate: float, years: int) -> Schedule:
    """A loan repaid in level payments.

    Parameters
    ----------
    loan, rate : float
    years : int
        Tenor.
    """
    payment = loan * annuity(rate, years)
    interest, principal, balance = np.empty(years), np.empty(years), np.empty(years)
    owed = loan
    for year in range(years):
        interest[year] = owed * rate
        principal[year] = payment - interest[year]
        owed -= principal[year]
        balance[year] = owed
    return Schedule(interest, principal, balance)


def total_uses(capital: float, shares: Sequence[float], rates: Sequence[float], fees: Sequence[float], years: float) -> float:
    """Capital with the interest and fees of the time of building, all paid from the same sources.

    Money is drawn evenly, so that each loan is out for half of the time on average. With U the total and share s, rate r and fee
    f of each loan: U = capital + sum(s U (f + r years / 2)), hence U = capital / (1 - sum(s (f + r years / 2))).

    Parameters
    ----------
    capital : float
    shares, rates, fees : sequence of float
        Of the total, per year, and of the loan once; one of each per loan.
    years : float
        In which the money is spent.

    Raises
    ------
    ValueError
        Interest and fees would eat all the money.
    """
    eaten = sum(s * (f + r * years / 2.0) for s, r, f in zip(shares, rates, fees, strict=True))
    if eaten >= 1.0:
        raise ValueError("interest and fees while building take all the money; shorten the time or lower the rates")
    return capital / (1.0 - eaten)


def month_of_delay(worth: float, rate: float) -> float:
    """Worth lost when a stream of cash comes one month later: PV (1 - (1 + r)^(-1/12)).

    >>> round(month_of_delay(1000.0, 0.08), 4)
    6.3929
    """
    return worth * -float(np.expm1(-np.log1p(rate) / MONTHS_PER_YEAR))


def cash_split(cash: Sequence[float] | np.ndarray, owed: float, rate: float, early: float, late: float) -> Split:
    """Cash shared until a deemed amount with its interest is repaid, and differently afterwards.

    In the year in which it is repaid, cash goes by the first share up to what is owed, the rest by the second.

    Parameters
    ----------
    cash : (years,) array
        To be shared; a loss shares nothing.
    owed : float
        Deemed amount at the start.
    rate : float
        Interest on what is owed.
    early, late : float
        Share of the lending side until then, and after.
    """
    values = np.maximum(np.asarray(cash, np.float64), 0.0)
    lender, left = np.zeros(values.size), np.zeros(values.size)
    repaid: float | None = None
    for year, amount in enumerate(values):
        due = owed * (1.0 + rate)
        first = min(amount, due / early) if early > 0 else amount
        lender[year] = first * early + (amount - first) * late
        owed = max(due - first * early, 0.0) if early * amount < due else 0.0
        if owed == 0.0 and repaid is None:
            repaid = year + (first / amount if amount > 0 else 0.0)
        left[year] = owed
    return Split(lender, values - lender, left, repaid)
