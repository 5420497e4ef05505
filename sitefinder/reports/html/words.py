"""Text of values: numbers with spelled-out units, months by name, words for codes and unknown values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sitefinder.columns import Column
from sitefinder.months import month_words
from sitefinder.results.site import YOURS

UNKNOWN = "unknown"
ABSENT = "not computed in this run"
PERCENT = 100.0
#: what pathways are called
PATHWAYS: Mapping[str, str] = {
    "grid": "power from the grid",
    "non_firm": "non-firm power from the grid",
    "onsite_gas": "gas on the site",
    "hybrid": "gas and grid together",
}
#: words for values that are codes, by column
CODES: Mapping[str, Mapping[Any, str]] = {
    "pathway": PATHWAYS,
    "cost_pathway": PATHWAYS,
    "gas_adequacy": {
        "small_share": "a small share of its capacity",
        "expansion": "likely an expansion",
        "own_pipeline": "likely a pipeline of its own",
        "unknown": UNKNOWN,
    },
    "drought_ok": {"yes": "yes", "no": "no", "unknown": UNKNOWN},
    "incentive_level": {0: "none found", 1: "local programmes only", 2: "statewide relief"},
    "energy_community": {0: "no", 1: "yes"},
}
#: unit -> (before the number, after it)
_UNITS: Mapping[str, tuple[str, str]] = {
    "share": ("", " %"),
    "%": ("", " %"),
    "%g": ("", " % of gravity"),
    "C": ("", " °C"),
    "F-days": ("", " °F days"),
    "h": ("", " hours"),
    "h/yr": ("", " hours a year"),
    "million USD": ("$", " M"),
    "million USD/yr": ("$", " M a year"),
    "million USD/month": ("$", " M a month"),
    "USD/MWh": ("$", " per MWh"),
    "USD/acre": ("$", " per acre"),
    "Mgd": ("", " million gallons a day"),
    "MMcf/d": ("", " million cubic feet a day"),
    "m3/s": ("", " m³/s"),
    "km2": ("", " km²"),
    "mm/yr": ("", " mm a year"),
    "ratio": ("", ""),
    "flag": ("", ""),
    "level": ("", ""),
    "degrees": ("", "°"),
    "percentile": ("", " (percentile of counties)"),
}
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
#: from here on no decimals, one decimal, two
_WHOLE, _ONE = 100.0, 1.0


def figure(value: float, decimals: int | None = None) -> str:
    """Text of a number with few digits: none after the point from a hundred on, one from one on, else two.

    >>> [figure(x) for x in (24458.77, 12.34, 0.14, 3.0)]
    ['24,459', '12.3', '0.14', '3']
    """
    size = abs(value)
    digits = 0 if size >= _WHOLE else 1 if size >= _ONE else 2
    digits = digits if decimals is None else min(digits, decimals)
    digits_text = f"{size:,.{digits}f}"
    if digits:
        digits_text = digits_text.rstrip("0").rstrip(".")
    return ("\u2212" if value < 0 and float(digits_text.replace(",", "")) else "") + digits_text


def month(value: str) -> str:
    """Name of a month with its year.

    >>> month("2030-10")
    'Oct 2030'
    """
    return month_words(value) if _MONTH.fullmatch(value) else value


def scaled(value: float, column: Column) -> float:
    """Number in the displayed unit: shares in percent, other values unchanged."""
    return value * PERCENT if column.unit == "share" else value


def bare(value: Any, column: Column) -> str:
    """Text of a value without its unit, for ranges, which give the unit once."""
    if value is None:
        return UNKNOWN
    code = CODES.get(column.name, {})
    if not isinstance(value, bool) and value in code:
        return code[value]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return month(value)
    if column.name in ("lat", "lon"):
        return f"{value:.4f}".replace("-", "\u2212")
    if column.name.startswith(YOURS):
        return f"{value:,}"
    if column.unit == "share":
        return figure(scaled(value, column), 1)
    return figure(value, column.decimals)


def unit(column: Column) -> tuple[str, str]:
    """Text of the unit before and after a number of this column."""
    return _UNITS.get(column.unit, ("", f" {column.unit}" if column.unit else ""))


def with_unit(value: Any, column: Column) -> str:
    """Text of a value with its unit."""
    if value is None or isinstance(value, bool | str) or value in CODES.get(column.name, {}):
        return bare(value, column)
    before, after = unit(column)
    if value == 1 and after.endswith("s") and column.decimals != 0 and after.strip() in _COUNTED:
        after = after[:-1]
    return f"{before}{bare(value, column)}{after}"


_COUNTED = ("standards", "pipelines", "corridors", "line ends", "events")
