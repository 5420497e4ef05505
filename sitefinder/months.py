"""Calendar months as text and as numbers that can be counted between."""

from __future__ import annotations

from sitefinder.units import MONTHS_PER_YEAR


def month_number(month: str) -> int:
    """Months since year 0, to count between two months.

    >>> month_number("2028-12") - month_number("2026-12")
    24
    """
    year, number = month.split("-")
    return int(year) * MONTHS_PER_YEAR + int(number) - 1


def month_name(number: int) -> str:
    """The month of a number of :func:`month_number`.

    >>> month_name(month_number("2026-12") + 1)
    '2027-01'
    """
    return f"{number // MONTHS_PER_YEAR:04d}-{number % MONTHS_PER_YEAR + 1:02d}"
