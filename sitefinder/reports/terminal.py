"""Lists and single sites as text for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sitefinder.columns import Column, Scalar
from sitefinder.reports.dossier.fields import INSTEAD, SECTIONS, column
from sitefinder.reports.dossier.lines import Fact
from sitefinder.reports.html.words import UNKNOWN, with_unit
from sitefinder.results.links import aerial_view
from sitefinder.results.site import Site

#: columns of a list where none are asked for
USUAL = (
    *("rank", "tier", "score", "site_id", "name", "county", "state", "rto", "first_200mw_p50", "full_load_p50"),
    *("grid_headroom_mw_p50", "buildable_acres", "people_5km"),
)
#: what lies around a site
AROUND = (
    Fact("Nearest power plant of 10 MW and more", ("nearest_plant", "nearest_plant_mw", "nearest_plant_km")),
    Fact("Nearest known campus, its planned power", ("nearest_campus", "nearest_campus_mw", "nearest_campus_km")),
    Fact("Serving utility", ("serving_utility",)),
    Fact("Balancing authority", ("balancing_authority",)),
)
#: longest text of a cell of a list, and of a label, characters
CELL, LABEL = 30, 46


def plain(text: str) -> str:
    """Text with signs that every terminal shows.

    >>> plain("\u22121 \u00b0C \u00b7 m\u00b3/s")
    '-1 C - m3/s'
    """
    for sign, letters in (("\u2212", "-"), ("\u00b0", ""), ("\u00b7", "-"), ("\u00b3", "3")):
        text = text.replace(sign, letters)
    return text


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


def _cell(value: Scalar) -> str:
    if value is None or value == "":
        return "-"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= CELL else f"{text[: CELL - 1]}~"


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
    return f"  {fact.label[:LABEL]:<{LABEL}} {text}"


def _value(value: Scalar, of: Column) -> str:
    return plain(with_unit(value, of))


def pairs(facts: Mapping[str, str]) -> str:
    """Labels and values, one pair to a line."""
    return "\n".join(f"  {label[:LABEL]:<{LABEL}} {text}" for label, text in facts.items())
