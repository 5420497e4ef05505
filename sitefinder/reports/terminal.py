"""Lists and single sites as text for the terminal."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Mapping, Sequence

from sitefinder.columns import Column, Scalar
from sitefinder.reports.dossier.fields import INSTEAD, SECTIONS, column
from sitefinder.reports.dossier.lines import Fact
from sitefinder.reports.html.words import UNKNOWN, month, with_unit
from sitefinder.results.links import aerial_view
from sitefinder.results.site import Site

#: columns of a list where none are asked for, under what they say
USUAL: Mapping[str, str] = {
    "rank": "rank",
    "rank_range": "9 in 10",
    "tier": "tier",
    "score": "score",
    "site_id": "site",
    "name": "place",
    "county": "county",
    "state": "state",
    "rto": "market region",
    "first_200mw_p50": "200 MW by",
    "full_load_p50": "full load by",
    "grid_headroom_mw_p50": "MW headroom",
    "buildable_acres": "acres",
    "people_5km": "people 5 km",
    "excluded_by": "excluded by",
}
#: what the heads of the usual columns mean
LEGEND = (
    "9 in 10: ranks in nine of ten draws of weights and data. 200 MW by, full load by: in half of the draws. MW headroom: left "
    "at the station, an estimate. People 5 km: within 5 km of the outline."
)
#: columns that go first where the terminal is narrow
NARROW = (
    "people_5km",
    "buildable_acres",
    "grid_headroom_mw_p50",
    "county",
    "rto",
    "first_200mw_p50",
    "tier",
    "state",
    "rank_range",
)
#: width of a line that goes into a file or a pipe
UNLIMITED = 10_000
#: tiers in a word
TIERS: Mapping[str, str] = {"leads": "leads", "top 50 likely": "likely top 50", "cannot be told apart": "not told apart"}
#: what lies around a site
AROUND = (
    Fact("Nearest power plant of 10 MW and more", ("nearest_plant", "nearest_plant_mw", "nearest_plant_km")),
    Fact("Nearest known campus, its planned power", ("nearest_campus", "nearest_campus_mw", "nearest_campus_km")),
    Fact("Serving utility", ("serving_utility",)),
    Fact("Balancing authority", ("balancing_authority",)),
)
#: longest text of a cell of a list of named columns, and width of a label, characters
CELL, LABEL = 60, 46


def plain(text: str) -> str:
    """Text with signs that every terminal shows.

    >>> plain("\u22121 \u00b0C \u00b7 m\u00b3/s")
    '-1 C - m3/s'
    """
    for sign, letters in (("\u2212", "-"), ("\u00b0", ""), ("\u00b7", "-"), ("\u00b3", "3")):
        text = text.replace(sign, letters)
    return text


def usual(sites: Sequence[Site], width: int | None = None) -> str:
    """The list as a person reads it: heads that say what they are, no cut words; a narrow terminal has fewer columns.

    Parameters
    ----------
    sites : sequence of Site
    width : int, optional
        Characters of a line; by default those of the terminal, without end in a file or a pipe.
    """
    width = shutil.get_terminal_size((UNLIMITED, 0)).columns if width is None else width
    known = {name for site in sites for name in site.values} | {"rank_range"}
    names = [name for name in USUAL if name in known]
    cells = {name: [USUAL[name], *(_usual(site, name) for site in sites)] for name in names}
    names = [name for name in names if any(cell != "-" for cell in cells[name][1:])]
    widths = {name: max(map(len, cells[name])) for name in names}
    left_out = []
    for name in NARROW:
        if sum(widths[k] + 2 for k in names) - 2 <= width:
            break
        if name in names:
            names.remove(name)
            left_out.append(USUAL[name])
    right = {name for name in names if _is_number([site.values.get(name) for site in sites])} | {"rank_range"}
    lines = [
        "  ".join(cells[k][row].rjust(widths[k]) if k in right else cells[k][row].ljust(widths[k]) for k in names).rstrip()
        for row in range(len(sites) + 1)
    ]
    return "\n".join([*lines, *([f"(too narrow for: {', '.join(reversed(left_out))})"] if left_out else [])])


def _usual(site: Site, name: str) -> str:
    """A cell of the usual list: scores with one decimal, months and tiers in words, large numbers with commas."""
    if name == "rank_range":
        low, high = site.values.get("rank_p05"), site.values.get("rank_p95")
        return "-" if low is None or high is None else f"{low}-{high}"
    value = site.values.get(name)
    if name == "score" and isinstance(value, float):
        return f"{value:.1f}"
    if name == "tier":
        return TIERS.get(str(value), "-")
    if isinstance(value, int | float) and not isinstance(value, bool) and name != "rank":
        return f"{value:,.0f}"
    return month(value) if isinstance(value, str) and value else _cell(value, limit=UNLIMITED)


def table(sites: Sequence[Site], names: Sequence[str]) -> str:
    """A list as lines of aligned columns under their names; numbers to the right, unknown as a dash.

    Parameters
    ----------
    sites : sequence of Site
    names : sequence of str
        Columns.
    """
    rows = [[_cell(site.values.get(name)) for name in names] for site in sites]
    widths = [max(len(name), *(len(row[j]) for row in rows), 0) for j, name in enumerate(names)]
    right = [_is_number([site.values.get(name) for site in sites]) for name in names]

    def line(cells: Sequence[str]) -> str:
        padded = (c.rjust(w) if r else c.ljust(w) for c, w, r in zip(cells, widths, right, strict=True))
        return "  ".join(padded).rstrip()

    return "\n".join([line(names), *(line(row) for row in rows)])


def _cell(value: Scalar, limit: int = CELL) -> str:
    if value is None or value == "":
        return "-"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= limit else f"{text[: limit - 1]}~"


def _is_number(values: Sequence[Scalar]) -> bool:
    return any(isinstance(v, int | float) and not isinstance(v, bool) for v in values)


def card(site: Site, *, every: bool = False) -> str:
    """A site in the fields of its dossier, a fact to a line.

    Parameters
    ----------
    site : Site
    every : bool
        The facts that a printed dossier leaves out, too.
    """
    place = site.place
    where = ", ".join(part for part in (place.county, place.state, place.rto) if part)
    lines = [f"{site.site_id}  rank {site.identity.rank}  {site.identity.name}  ({where})"]
    for section in SECTIONS:
        facts = [fact for fact in section.facts if (every or not fact.more) and (not fact.own or site.own is not None)]
        shown = [line for fact in facts if not _said_elsewhere(fact, site) and (line := _fact(fact, site))]
        if shown:
            lines += ["", section.title.upper(), *shown]
    lines += ["", "AROUND IT", *(line for fact in AROUND if (line := _fact(fact, site)))]
    return "\n".join([*lines, pairs({"Aerial picture": aerial_view(place.lat, place.lon)})])


def _said_elsewhere(fact: Fact, site: Site) -> bool:
    """Whether a better column says the same."""
    instead = INSTEAD.get(fact.columns[0])
    return instead is not None and site.values.get(instead) is not None


def _fact(fact: Fact, site: Site) -> str:
    """Label and values of a fact; nothing where the run did not compute any of its columns."""
    known = [name for name in fact.columns if name in site.values]
    if not known:
        return ""
    values = [site.values[name] for name in known]
    if all(v is None or v == "" for v in values):
        text = UNKNOWN
    elif fact.span:
        text = " to ".join(_value(v, column(name)) for v, name in zip(values, known, strict=True))
    else:
        text = ", ".join(_value(v, column(name)) for v, name in zip(values, known, strict=True) if v is not None and v != "")
    return _line(fact.label, text)


def _value(value: Scalar, of: Column) -> str:
    return plain(with_unit(value, of))


def pairs(facts: Mapping[str, str]) -> str:
    """Labels and values, one pair to a line."""
    return "\n".join(_line(label, text) for label, text in facts.items())


def _line(label: str, text: str) -> str:
    """Label and text; a text that is longer than the terminal goes on below itself, an address does not."""
    room = max(shutil.get_terminal_size((UNLIMITED, 0)).columns - LABEL - 3, LABEL)
    rows = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]
    return "\n".join([f"  {label:<{LABEL}} {rows[0]}", *(" " * (LABEL + 3) + row for row in rows[1:])])
