"""What was decided around a campus: contested projects by name, events of the county, bills and tariffs of the state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from sitefinder.layers.files import MORATORIA, PRECEDENTS, STATE_POLICY
from sitefinder.layers.package import DataPackage, read_points, read_table
from sitefinder.units import M_PER_KM

#: files that this stage reads itself
FILES = (MORATORIA, PRECEDENTS, STATE_POLICY)
#: distance within which contested projects are named, km
NAMED_KM = 25.0
#: columns of the register of local rules
COLUMNS = ("jurisdiction", "state", "fips", "county_wide", "covers_data_centers", "projects")
BILLS = {"yes": "pending", "no": "none pending"}
EXEMPTIONS = {"yes": "yes", "no": "no", "paused": "paused for new applicants"}


class Decided(NamedTuple):
    """What was decided around a campus, in words.

    Parameters
    ----------
    contested : str
        Projects by name, and the events of each county.
    state_law : str or None
        Bill, sales-tax exemption and large-load tariffs of each state; None = unknown.
    """

    contested: str
    state_law: str | None


@dataclass(frozen=True)
class CountyEvents:
    """Row of the table of contested projects: counts by outcome, and the date of the last event."""

    fips: str
    decided: int
    blocked: int
    went_ahead: int
    mixed: int
    open: int
    last_event: str | None


@dataclass(frozen=True)
class StateLaw:
    """Row of the table of state policy: codes of bills, exemptions and tariffs, and how sure the coder was."""

    state: str
    moratorium_bill: str | None
    sales_tax_exemption: str | None
    large_load_tariff: str | None
    confidence: str | None


def decided(package: DataPackage, xy: np.ndarray, counties: Sequence[Sequence[Mapping[str, Any]]]) -> list[Decided]:
    """What was decided around each place.

    Parameters
    ----------
    package : DataPackage
    xy : (n, 2) float64
        EPSG:5070 metres.
    counties : sequence of sequence of mapping
        ``name``, ``fips`` and ``state`` of the counties of each, that of the place first.

    Raises
    ------
    DataError
        A file of ``FILES`` is missing or damaged.
    """
    rules = read_points(package, MORATORIA, COLUMNS)
    events = read_table(package, PRECEDENTS, CountyEvents, "fips")
    laws = read_table(package, STATE_POLICY, StateLaw, "state")
    vintages = (package.entry(MORATORIA)["vintage"], package.entry(PRECEDENTS)["vintage"])
    decisions = []
    for place, around in zip(xy, counties, strict=True):
        fips = [county["fips"] for county in around]
        named = [f"{text} [register of local moratoria, {vintages[0]}]" for text in named_around(rules, place, fips)]
        words = "; ".join(named or [f"none named within {NAMED_KM:.0f} km"])
        tally = ". ".join(county_words(county, events.get(county["fips"]), vintages[1]) for county in around)
        decisions.append(Decided(f"{words}. {tally}", _laws([county["state"] for county in around], laws)))
    return decisions


def _laws(states: Sequence[str], laws: Mapping[str, StateLaw]) -> str | None:
    """Words for the law of each state, under its name where there are several; None = unknown everywhere."""
    said = {state: law_words(laws.get(state)) for state in states}
    if len(said) == 1 or not any(said.values()):
        return said[states[0]]
    return ". ".join(f"{state}: {words or 'unknown'}" for state, words in said.items())


def named_around(rules: Mapping[str, np.ndarray], place: np.ndarray, fips: Sequence[str]) -> list[str]:
    """Contested projects that the register names within 25 km or in the same counties, nearest first, each with its place."""
    km = np.hypot(rules["x"] - place[0], rules["y"] - place[1]) / M_PER_KM
    own = rules["county_wide"].astype(bool) & np.isin(rules["fips"].astype(str), fips)
    named = np.array([bool(text) for text in rules["projects"]]) & rules["covers_data_centers"].astype(bool)
    rows = np.flatnonzero(named & ((km <= NAMED_KM) | own))
    rows = rows[np.argsort(km[rows], kind="stable")]
    names = [f"{rules['jurisdiction'][i].partition(' (')[0]}, {rules['state'][i]}" for i in rows]
    return [f"{rules['projects'][i]} ({name}, its point {km[i]:.0f} km off)" for i, name in zip(rows, names, strict=True)]


def county_words(county: Mapping[str, Any], events: CountyEvents | None, vintage: str) -> str:
    """Contested projects of a county by outcome; the register of events names none.

    >>> events = CountyEvents("18127", decided=3, blocked=2, went_ahead=1, mixed=0, open=1, last_event="2026-05-18")
    >>> county_words({"name": "Porter", "state": "IN"}, events, "2026-08")
    'Porter, IN: 2 blocked, 1 went ahead, 0 mixed, 1 undecided, last on 2026-05-18 [register of events, 2026-08; no names]'
    """
    name = f"{county['name']}, {county['state']}"
    if events is None or not events.decided + events.open:
        return f"{name}: no event on record, which is no consent"
    counts = f"{events.blocked} blocked, {events.went_ahead} went ahead, {events.mixed} mixed, {events.open} undecided"
    return f"{name}: {counts}, last on {events.last_event} [register of events, {vintage}; no names]"


def law_words(law: StateLaw | None) -> str | None:
    """Bill, exemption and tariff of a state in words; None = unknown.

    >>> law_words(StateLaw("OH", "yes", "paused", large_load_tariff=None, confidence="med"))
    'bill to stop data centers or let localities do so: pending; sales-tax exemption: paused for new applicants; large-load \
tariff: unknown (coded by hand, confidence med)'
    """
    if law is None or law.confidence is None:
        return None
    exemption = EXEMPTIONS.get(law.sales_tax_exemption or "", "unknown")
    bill, tariff = BILLS.get(law.moratorium_bill or "", "unknown"), law.large_load_tariff or "unknown"
    return (
        f"bill to stop data centers or let localities do so: {bill}; sales-tax exemption: {exemption}; "
        f"large-load tariff: {tariff} (coded by hand, confidence {law.confidence})"
    )
