"""Facts as table rows: label, value with unit, grade and year of the evidence; each number is marked with its column.

Values are looked up by column name. A column whose part the run did not compute reads "not computed in this run", a value that is
None reads "unknown".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from sitefinder.certainty.evidence import year_of
from sitefinder.layers import REGISTRY
from sitefinder.layers.files import COUNTIES, STATES
from sitefinder.layers.package import DataPackage
from sitefinder.reports.dossier.fields import FAMILY_WORDS, INSTEAD, column
from sitefinder.reports.dossier.lines import Fact
from sitefinder.reports.html import words
from sitefinder.reports.html.markup import Safe, join, name, tag, text
from sitefinder.results.site import PARTS, Site

#: compiled file -> vintage of its data
Register = Mapping[str, str]
#: files that place a county and date nothing else
_FRAMES = (COUNTIES, STATES)
#: columns that are lists, parted by "; "
LISTS = ("why_up", "why_down", "drivers_up", "drivers_down", "ml_drivers", "large_load_terms")
#: what a null means where it is not "unknown"
NOTHING: Mapping[str, str] = {
    "grid_station": "none",
    "grid_route_to": "none in reach",
    "water_route_to": "unnamed",
    "capex_leaves_out": "nothing",
    "gas_route_to": "none in reach",
    "gas_second_route_to": "none in reach",
    "gas_trunk_route_to": "none needed",
    "stated": "nothing",
    "fiber_second_route_to": "none in reach",
    "excluded_by": "nothing",
    "to_rank_10": "there already, or none does it",
    "to_rank_50": "there already, or none does it",
    "large_load_terms": "none listed",
    "wins_under": "never first",
    "national_rank": "not in the list",
    "nearest_rule": "nothing on record, which is no consent",
    "water_supplier": "none within 50 km",
    "county_cropland_pct": "unknown (withheld by the publisher)",
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
#: grade shown for what a stage of the tool computed
COMPUTED = "calc"


def register_of(package: DataPackage) -> Register:
    """Vintages of all compiled files."""
    return {file: str(entry["vintage"]) for file, entry in package.resources.items()}


@cache
def _part_of() -> Mapping[str, str]:
    """Column name -> part of a site that holds it; layer values belong to no part."""
    return {name: part for part, kind in PARTS.items() for name in kind.names()}


def computed(site: Site, name: str) -> bool:
    """Whether a run computed this column for a site; a value of a column that it did compute may still be unknown."""
    if name in site.yours:
        return True
    part = _part_of().get(column(name).name)
    return name in site.layers if part is None else getattr(site, part) is not None


def value(site: Site, key: str) -> Safe:
    """Value of a site with its unit, marked with its column.

    Raises
    ------
    KeyError
        There is no such column.
    """
    if not computed(site, key):
        return tag("i", words.ABSENT)
    raw = site.values[key]
    if raw is None or raw == "":
        return tag("i", NOTHING.get(key, words.UNKNOWN), data_c=key)
    if not isinstance(raw, str):
        return tag("data", words.with_unit(raw, column(key)), data_c=key)
    content = plain(raw) if key in RAW else raw
    if key in LISTS:
        return tag("ul", *(_item(item.strip()) for item in content.split("; ") if item.strip()), data_c=key)
    return tag("data", name(words.with_unit(content, column(key))), data_c=key)


def known_value(site: Site, key: str) -> Safe | None:
    """A value with its unit, as of :func:`value`; None where it is unknown or not computed."""
    return value(site, key) if is_known(site, key) else None


def is_known(site: Site, key: str) -> bool:
    """Whether a value was computed and is not unknown."""
    return computed(site, key) and site.values[key] is not None


def _item(reason: str) -> Safe:
    """An item of a list; the file that it is from is shown on the screen only."""
    main, source = split_source(reason)
    return tag("li", main, tag("small", f" ({source})", class_="more") if source else None)


def split_source(reason: str) -> tuple[str, str]:
    """Text of a reason, and the file in brackets at its end; empty where none is named.

    >>> split_source("Slope 2 % (land/slope.tif, 2003 (mean))")
    ('Slope 2 %', 'land/slope.tif, 2003 (mean)')
    """
    match = _SOURCE.search(reason)
    return (reason[: match.start()], match[1]) if match else (reason, "")


def plain(content: str) -> str:
    """Text of the learned score with titles for the ids of layers and families, and ordinary numbers.

    >>> plain("population_10km 1.061e+05 (+1.7)")
    'people in block groups within 10 km 106,100 (+1.7)'
    """
    titled = _ID.sub(lambda m: _title(m[0]), content)
    return _POWER.sub(lambda m: words.figure(float(m[0])), titled)


def _title(key: str) -> str:
    if key in REGISTRY:
        title = REGISTRY[key].spec.title
        return title[:1].lower() + title[1:]
    return FAMILY_WORDS.get(key, key).lower() if key in FAMILY_WORDS else key


_ID = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+")
_SOURCE = re.compile(r" \(([a-z_]+/[\w.]+, .*)\)$")
_POWER = re.compile(r"\d+(?:\.\d+)?e[+-]?\d+")


def span(site: Site, keys: Sequence[str]) -> Safe:
    """A range: the middle, then low and high end, with the unit once."""
    if not computed(site, keys[1]):
        return tag("i", words.ABSENT)
    if all(site.values[k] is None for k in keys):
        return tag("i", NOTHING.get(keys[0], words.UNKNOWN), data_c=keys[1])
    before, after = words.unit(column(keys[1]))
    low, mid, high = (tag("data", _bare(site, k), data_c=k) for k in keys)
    return join([before, mid, tag("small", " (", low, " to ", high, ")"), after])


def _bare(site: Site, key: str) -> str:
    raw = site.values[key]
    return NOTHING.get(key, words.UNKNOWN) if raw is None else words.bare(raw, column(key))


def offered(fact: Fact, site: Site) -> bool:
    """Whether a fact belongs on the page of a site: not where it is for own sites only, nor where a fuller one replaces it."""
    fuller = (INSTEAD[c] for c in fact.columns if c in INSTEAD)
    return (site.own is not None or not fact.own) and not any(computed(site, c) for c in fuller)


def shows(fact: Fact, site: Site) -> bool:
    """Whether a run computed at least one column of a fact."""
    return any(computed(site, c) for c in fact.columns)


def fact_row(fact: Fact, site: Site, register: Register) -> Safe:
    """Table row of a fact: label, value, evidence mark."""
    values = [value(site, c) for c in fact.columns if computed(site, c)]
    content = span(site, fact.columns) if fact.span else join(values, ", ")
    about = "; ".join(dict.fromkeys(column(c).meaning for c in fact.columns))
    if any(c in LISTS for c in fact.columns):
        label = tag("span", fact.label, title=about, data_l=True, class_="label")
        return tag("tr", tag("td", label, " ", content, colspan=3), class_="more" if fact.more else None)
    return tag(
        "tr",
        tag("th", fact.label, scope="row", title=about, data_l=True),
        tag("td", content),
        tag("td", mark(fact.columns[-1], register), class_="ev"),
        class_="more" if fact.more else None,
    )


def table(facts: Sequence[Fact], site: Site, register: Register) -> Safe:
    """The facts of a section, and below them what this run has not computed."""
    on_page = [f for f in facts if offered(f, site)]
    present = [f for f in on_page if shows(f, site)]
    absent = sorted((f for f in on_page if not shows(f, site) and _missed(f, site)), key=lambda f: f.more)
    rows = tag("table", *(fact_row(f, site, register) for f in present), class_="facts") if present else None
    note = tag("p", tag("b", ABSENT_HEAD), _listed(absent), class_=_note_class(absent)) if absent else None
    return join([rows, note])


def _missed(fact: Fact, site: Site) -> bool:
    """Whether a fact that was not computed is listed: it is no layer without weight, and no shorter fact replaces it."""
    shorter = (brief for brief, full in INSTEAD.items() if full == fact.columns[0])
    return fact.columns[0] in _part_of() and not any(computed(site, c) for c in shorter)


def _listed(absent: Sequence[Fact]) -> Safe:
    """Labels of absent facts with separators; details and their separators are for the screen only."""
    labels = [tag("span", f.label, data_l=True, class_="more" if f.more else None) for f in absent]
    parts = [labels[0]]
    for label, fact in zip(labels[1:], absent[1:], strict=True):
        parts += [tag("span", "; ", class_="more" if fact.more else None), label]
    return join(parts)


def _note_class(absent: Sequence[Fact]) -> str:
    return "absent more" if all(f.more for f in absent) else "absent"


def layer_files(key: str, register: Register) -> list[str]:
    """Compiled files behind a column; empty for what a stage computed."""
    files = REGISTRY[key].spec.sources if key in REGISTRY else tuple(s.strip() for s in column(key).source.split(","))
    return [f for f in files if f in register]


def grade(key: str) -> str:
    """Evidence grade of a column, or that it was computed."""
    return REGISTRY[key].spec.grade if key in REGISTRY else COMPUTED


def vintages(key: str, register: Register) -> str:
    """Vintage of each file behind a column."""
    return "; ".join(f"{f}: {register[f]}" for f in layer_files(key, register))


def year(key: str, register: Register) -> int | None:
    """Year of the oldest file behind a column; None where no vintage names a year."""
    files = [f for f in layer_files(key, register) if f not in _FRAMES] or layer_files(key, register)
    years = [y for y in (year_of(register[f]) for f in files) if y is not None]
    return min(years, default=None)


def mark_text(key: str, register: Register) -> str:
    """Evidence grade and year of a column: "E2 2024", "calc", "file 2018"."""
    dated = year(key, register)
    kind = grade(key)
    if kind == COMPUTED and layer_files(key, register):
        kind = "file"
    return f"{kind} {dated}" if dated else kind


def mark(key: str, register: Register) -> Safe:
    """Evidence grade and year of a column as a small mark, with the files on hover."""
    return tag("span", text(mark_text(key, register)), data_e=key, title=vintages(key, register) or column(key).source)
