"""What the user's list says about power, land price and zoning of a site, with the document that says it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sitefinder.config.early_power import Options
from sitefinder.months import month_number, read_month
from sitefinder.power.in_hand import InHand

BY_RIGHT, NEEDS_REZONING = "by_right", "rezoning"


@dataclass(frozen=True)
class StatedPower:
    """Facts of one row; None = not said.

    Parameters
    ----------
    flexible, mobile_gas, existing_interconnection, powered_land, battery, phased, transformer_in_hand : bool or None
        The options of ``delivery.options``, and whether the transformer is in hand.
    existing_connection_mw, signed_mw, turbines_on_order_mw, price_per_acre : float or None
    energisation : str or None
        Month of the signed megawatts, YYYY-MM.
    zoning : str or None
        ``by_right`` or ``rezoning``.
    station, document : str or None
        For the reader: the station named, and the paper with its date.
    """

    flexible: bool | None = None
    mobile_gas: bool | None = None
    existing_interconnection: bool | None = None
    existing_connection_mw: float | None = None
    powered_land: bool | None = None
    battery: bool | None = None
    phased: bool | None = None
    signed_mw: float | None = None
    energisation: str | None = None
    turbines_on_order_mw: float | None = None
    transformer_in_hand: bool | None = None
    price_per_acre: float | None = None
    zoning: str | None = None
    station: str | None = None
    document: str | None = None

    @property
    def words(self) -> str:
        """What is said, for the reader; empty where nothing is."""
        said = []
        for name, (kind, title) in COLUMNS.items():
            value = getattr(self, name)
            if value is None or name == "document":
                continue
            if kind is yes_no:
                said.append(title if value else f"no {title}")
            else:
                said.append(f"{title} {value:,.0f}" if isinstance(value, float) else f"{title} {value}")
        if not said:
            return ""
        return f"as documented{f' ({self.document})' if self.document else ''}: {', '.join(said)}"


def is_empty(value: Any) -> bool:
    """Whether a cell says nothing: None, NaN or blanks."""
    return value is None or (isinstance(value, float) and math.isnan(value)) or not str(value).strip()


def yes_no(value: Any) -> bool | str:
    """What a cell says, or what is wrong with it."""
    words = {"1": True, "1.0": True, "yes": True, "true": True, "0": False, "0.0": False, "no": False, "false": False}
    text = str(value).strip().lower()
    return words.get(text, "is neither yes nor no. Write yes or no")


def _amount(value: Any) -> float | str:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    return number if 0 <= number < math.inf else "must be a number of at least 0. Correct it"


def _month(value: Any) -> str | tuple[str]:
    month = read_month(value)
    return (month,) if month else "is no month. Write YYYY-MM, e.g. 2027-06"


def _zoning(value: Any) -> str | tuple[str]:
    text = str(value).strip().lower().replace(" ", "_").replace("-", "_")
    return (text,) if text in (BY_RIGHT, NEEDS_REZONING) else f"is unknown. Use {BY_RIGHT} or {NEEDS_REZONING}"


def _text(value: Any) -> tuple[str]:
    return (" ".join(str(value).split())[:120],)


#: column of the user's list -> how it is read, and its words
COLUMNS: Mapping[str, tuple[Callable[[Any], Any], str]] = {
    "flexible": (yes_no, "non-firm service"),
    "mobile_gas": (yes_no, "mobile generation as a bridge"),
    "existing_interconnection": (yes_no, "connection owned"),
    "existing_connection_mw": (_amount, "MW of an owned connection:"),
    "powered_land": (yes_no, "powered land"),
    "battery": (yes_no, "batteries"),
    "phased": (yes_no, "halls run one by one"),
    "signed_mw": (_amount, "MW signed:"),
    "energisation": (_month, "energised in"),
    "turbines_on_order_mw": (_amount, "MW of turbines on order:"),
    "transformer_in_hand": (yes_no, "transformer in hand"),
    "price_per_acre": (_amount, "USD per acre:"),
    "zoning": (_zoning, "zoning"),
    "station": (_text, "station"),
    "document": (_text, "document"),
}
NOTHING_SAID = StatedPower()


def stated_power_of(values: Mapping[str, Any]) -> StatedPower | str:
    """The facts of a row, or its problem with the remedy.

    Parameters
    ----------
    values : mapping
        Column of ``COLUMNS`` -> its content; None, NaN and blanks say nothing.

    >>> stated_power_of({"signed_mw": "300", "energisation": "2027-06"}).words
    'as documented: MW signed: 300, energised in 2027-06'
    """
    facts = {}
    for name, (read, _) in COLUMNS.items():
        value = values.get(name)
        if is_empty(value):
            continue
        known = read(value)
        if isinstance(known, str):
            return f"{name} '{str(value)[:20]}' {known}."
        facts[name] = known[0] if isinstance(known, tuple) else known
    stated = StatedPower(**facts)
    if (stated.signed_mw is None) != (stated.energisation is None):
        return "signed_mw and energisation belong together. Give both or neither."
    return stated


def in_hand_of(stated: Sequence[StatedPower], options: Options, start: np.ndarray) -> InHand:
    """What the developers of the sites have in hand: what the rows say, else the options of the configuration.

    Parameters
    ----------
    stated : sequence of StatedPower
    options : Options
    start : (n,) int64
        Month from which each site counts, as of :func:`sitefinder.months.month_number`.
    """

    def flag(name: str, *, otherwise: bool) -> np.ndarray:
        return np.array([otherwise if getattr(s, name) is None else getattr(s, name) for s in stated], bool)

    def amount(name: str) -> np.ndarray:
        return np.array([np.nan if getattr(s, name) is None else getattr(s, name) for s in stated], np.float64)

    energised = [np.nan if s.energisation is None else month_number(s.energisation) for s in stated]
    owned = amount("existing_connection_mw")
    return InHand(
        flexible=flag("flexible", otherwise=options.flexible),
        mobile=flag("mobile_gas", otherwise=options.mobile_gas),
        existing=flag("existing_interconnection", otherwise=options.existing_interconnection) | (owned > 0),
        powered=flag("powered_land", otherwise=options.powered_land),
        battery=flag("battery", otherwise=options.battery),
        phased=flag("phased", otherwise=options.phased),
        existing_mw=owned,
        signed_mw=amount("signed_mw"),
        signed_months=np.array(energised, np.float64) - start,
        ordered_mw=amount("turbines_on_order_mw"),
        transformer=flag("transformer_in_hand", otherwise=False),
        approved=np.array([s.zoning == BY_RIGHT for s in stated], bool),
        runs_first=np.zeros(len(stated), bool),
    )
