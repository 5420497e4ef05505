"""Facts as table rows: label, value with unit, grade of the evidence and its year; each number says which column it is from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sitefinder.certainty.evidence import year_of
from sitefinder.layers import REGISTRY
from sitefinder.reports.dossier.fields import FAMILY_WORDS, INSTEAD, Fact, column
from sitefinder.reports.html import words
from sitefinder.reports.html.markup import Safe, join, name, tag, text

Row = Mapping[str, Any]
Register = Mapping[str, Mapping[str, Any]]
#: files that place a county and date nothing else
_FRAMES = ("boundaries/counties.parquet", "boundaries/states.parquet")
#: columns whose text somebody else chose
NAMES = (
    "name",
    "county",
    "nearest_substation_345",
    "nearest_gas_interstate",
    "nearest_river",
    "nearest_exchange",
    "nearest_moratorium",
)
#: columns that are lists, parted by "; "
LISTS = ("why_up", "why_down", "drivers_up", "drivers_down", "ml_drivers", "large_load_terms")
#: what a null means where it is not "unknown"
NOTHING: Mapping[str, str] = {
    "grid_station": "unnamed station",
    "grid_route_to": "unnamed station",
    "grid_nearest_route_to": "unnamed station",
    "grid_able_route_to": "unnamed",
    "water_route_to": "unnamed",
    "capex_leaves_out": "nothing",
    "gas_route_to": "none in reach",
    "gas_second_route_to": "none in reach",
    "fiber_second_route_to": "none in reach",
    "excluded_by": "nothing",
    "to_rank_10": "there already, or none does it",
    "to_rank_50": "there already, or none does it",
    "large_load_terms": "none listed",
    "wins_under": "never first",
    "national_rank": "not in the list",
    "parcel_acres": "a point, not a parcel",
    "first_200mw_p50": "unknown, or later than the years looked at",
    "full_load_p10": "unknown or too late",
    "full_load_p50": "unknown or too late",
    "full_load_p90": "unknown or too late",
}
#: head of the list of facts that a run has not computed
ABSENT_HEAD = f"{words.ABSENT.capitalize()}: "
#: columns whose text names layers by their ids, with numbers in any notation
RAW = ("ml_drivers", "ml_analogue", "wins_under")
#: layers that are gates, or told in words elsewhere: no line says that a run without them as criteria has not computed them
QUIET = (
    *("federal_pct", "park_forest_pct", "national_park_pct", "tribal_pct", "wetland_pct", "forest_pct"),
    *("airport_km", "military_km", "superfund_km", "open_water_pct", "urban_pct"),
    *("precedents_blocked_share", "precedents_decided_80km", "precedents_ahead_80km", "precedents_open_80km"),
)
#: grade shown for what a stage of the tool computed
COMPUTED = "calc"


def value(row: Row, key: str) -> Safe:
    """A value of a row with its unit, marked with its column and, of another site, with that site."""
    known = column(key)
    found = row.get(key)
    if key not in row:
        return tag("i", words.ABSENT)
    if found is None or found == "":
        return tag("i", NOTHING.get(key, words.UNKNOWN), data_c=key)
    if isinstance(found, str) and key in RAW:
        found = plain(found)
    if isinstance(found, str) and key in LISTS:
        return tag("ul", *(_item(item.strip()) for item in found.split("; ") if item.strip()), data_c=key)
    shown = words.shown(found, known)
    return tag("data", name(shown) if isinstance(found, str) else shown, data_c=key)


def _item(said: str) -> Safe:
    """One of a list; the file that it is from stands on the screen only."""
    main, source = split_source(said)
    return tag("li", main, tag("small", f" ({source})", class_="more") if source else None)


def split_source(said: str) -> tuple[str, str]:
    """A reason and the file in brackets at its end; empty where none is named.

    >>> split_source("Slope 2 % (land/slope.tif, 2003 (mean))")
    ('Slope 2 %', 'land/slope.tif, 2003 (mean)')
    """
    found = _SOURCE.search(said)
    return (said[: found.start()], found[1]) if found else (said, "")


def plain(said: str) -> str:
    """Text of the learned score with titles for the ids of layers and families, and ordinary numbers.

    >>> plain("population_10km 1.061e+05 (+1.7)")
    'people within 10 km 106,100 (+1.7)'
    """
    said = _ID.sub(lambda m: _title(m[0]), said)
    return _POWER.sub(lambda m: words.figure(float(m[0])), said)


def _title(key: str) -> str:
    if key in REGISTRY:
        title = REGISTRY[key].spec.title
        return title[:1].lower() + title[1:]
    return FAMILY_WORDS.get(key, key).lower() if key in FAMILY_WORDS else key


_ID = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+")
_SOURCE = re.compile(r" \(([a-z_]+/[\w.]+, .*)\)$")
_POWER = re.compile(r"\d+(?:\.\d+)?e[+-]?\d+")


def span(row: Row, keys: Sequence[str]) -> Safe:
    """A range: middle, then low and high end, the unit once."""
    if not any(k in row for k in keys):
        return tag("i", words.ABSENT)
    if all(row.get(k) is None for k in keys):
        return tag("i", NOTHING.get(keys[0], words.UNKNOWN), data_c=keys[1])
    before, after = words.unit(column(keys[1]))
    low, mid, high = (tag("data", _bare(row, k), data_c=k) for k in keys)
    return join([before, mid, tag("small", " (", low, " to ", high, ")"), after])


def _bare(row: Row, key: str) -> str:
    found = row.get(key)
    return NOTHING.get(key, words.UNKNOWN) if found is None else words.bare(found, column(key))


def shows(fact: Fact, row: Row, *, own: bool) -> bool:
    """Whether a row has anything to say under this label."""
    if fact.own and not own:
        return False
    if any(INSTEAD.get(c) in row for c in fact.columns):
        return False
    return any(c in row for c in fact.columns)


def fact_row(fact: Fact, row: Row, register: Register) -> Safe:
    """One line of the table of a section."""
    parts = [value(row, c) for c in fact.columns if c in row]
    shown = span(row, fact.columns) if fact.span else join(parts, ", ")
    about = "; ".join(dict.fromkeys(column(c).meaning for c in fact.columns))
    if any(c in LISTS for c in fact.columns):
        label = tag("span", fact.label, title=about, data_l=True, class_="label")
        return tag("tr", tag("td", label, " ", shown, colspan=3), class_="more" if fact.more else None)
    return tag(
        "tr",
        tag("th", fact.label, scope="row", title=about, data_l=True),
        tag("td", shown),
        tag("td", mark(fact.columns[-1], register), class_="ev"),
        class_="more" if fact.more or _needless(fact, row) else None,
    )


def _needless(fact: Fact, row: Row) -> bool:
    """The way to a station that can carry the load is for the screen only where the way that is costed leads to one."""
    return fact.columns[0].startswith("grid_able_") and row.get("grid_route_able") is not False


def table(facts: Sequence[Fact], row: Row, register: Register, *, own: bool = False) -> Safe:
    """The facts of a section, and below them what this run has not computed."""
    shown = [f for f in facts if shows(f, row, own=own)]
    missing = [
        f for f in facts if f not in shown and not (f.own and not own) and not any(INSTEAD.get(c) in row for c in f.columns)
    ]
    missing = [f for f in missing if f.columns[0] not in QUIET]
    alternatives = {v: k for k, v in INSTEAD.items()}
    missing = [f for f in missing if alternatives.get(f.columns[0], "") not in row]
    rows = tag("table", *(fact_row(f, row, register) for f in shown), class_="facts") if shown else None
    told = [tag("span", f.label, data_l=True, class_="more" if f.more else None) for f in sorted(missing, key=lambda f: f.more)]
    note = tag("p", tag("b", ABSENT_HEAD), _listed(told, missing), class_=_note_class(missing)) if missing else None
    return join([rows, note])


def _listed(told: Sequence[Safe], missing: Sequence[Fact]) -> Safe:
    """The labels with marks between them; details and the marks before them stand on the screen only."""
    parts = [told[0]]
    for label, fact in zip(told[1:], sorted(missing, key=lambda f: f.more)[1:], strict=True):
        parts += [tag("span", "; ", class_="more" if fact.more else None), label]
    return join(parts)


def _note_class(missing: Sequence[Fact]) -> str:
    return "absent more" if all(f.more for f in missing) else "absent"


def layer_files(key: str, register: Register) -> list[str]:
    """Compiled files behind a column; empty for what a stage computed."""
    files = REGISTRY[key].spec.sources if key in REGISTRY else tuple(s.strip() for s in column(key).source.split(","))
    return [f for f in files if f in register]


def grade(key: str) -> str:
    """Evidence grade of a column, or that it was computed."""
    return REGISTRY[key].spec.grade if key in REGISTRY else COMPUTED


def vintages(key: str, register: Register) -> str:
    """Vintage of each file behind a column."""
    return "; ".join(f"{f}: {register[f]['vintage']}" for f in layer_files(key, register))


def year(key: str, register: Register) -> int | None:
    """Year of the oldest file behind a column; None where none names one."""
    files = [f for f in layer_files(key, register) if f not in _FRAMES] or layer_files(key, register)
    years = [y for y in (year_of(str(register[f]["vintage"])) for f in files) if y is not None]
    return min(years, default=None)


def mark_text(key: str, register: Register) -> str:
    """Grade and year of a column: "E2 2024", "calc", "file 2018"."""
    dated = year(key, register)
    kind = grade(key)
    if kind == COMPUTED and layer_files(key, register):
        kind = "file"
    return f"{kind} {dated}" if dated else kind


def mark(key: str, register: Register) -> Safe:
    """The same as a small mark, with the files on hover."""
    return tag("span", text(mark_text(key, register)), data_e=key, title=vintages(key, register) or column(key).source)
