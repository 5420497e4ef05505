"""Calendar months as text and as numbers that can be counted between."""

from __future__ import annotations

import calendar
import re

from sitefinder.units import MONTHS_PER_YEAR

#: a month, or a day of it
_MONTH = re.compile(r"((?:19|20)\d\d-(?:0[1-9]|1[0-2]))(-\d\d(?:[ T].*)?)?")


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


def read_month(value: object) -> str | None:
    """The month that a cell of a table holds, of a day its month; None where it holds none.

    >>> read_month("2027-06-30"), read_month("2027-13")
    ('2027-06', None)
    """
    month = _MONTH.fullmatch(str(value).strip())
    return month[1] if month else None


def month_words(month: str) -> str:
    """A month for the reader.

    >>> month_words("2028-12")
    'Dec 2028'
    """
    year, number = month.split("-")
    return f"{calendar.month_abbr[int(number)]} {year}"
