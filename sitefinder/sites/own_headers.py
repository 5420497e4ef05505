"""The header of the user's CSV file: which line it is, and which column holds what, under the names that programs give them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sitefinder.sites.stated import STATED, USABLE

#: columns that are read
LAT, LON, NAME, ACRES, WKT = "lat", "lon", "name", "acres", "wkt"
#: names of each column besides its own, the first that stands in the file counts
ALIASES: Mapping[str, tuple[str, ...]] = {
    LAT: ("latitude", "y"),
    LON: ("lng", "long", "longitude", "x"),
    NAME: ("site", "site name", "site_name"),
    ACRES: (),
    WKT: ("geometry", "geom", "the_geom"),
    **dict.fromkeys(STATED, ()),
    USABLE: ("usable acres",),
}
#: lines looked at for the header: a title and notes may stand above it
HEAD_LINES = 10
#: characters of a line that are shown
SHOWN = 60


def is_separator_line(fields: Sequence[str]) -> bool:
    """Whether a line tells Excel the separator: "sep=,"."""
    return re.fullmatch(r"sep=.?", fields[0].strip().lower()) is not None and not any(f.strip() for f in fields[1:])


def clean(fields: Sequence[str]) -> list[str]:
    """Names of columns in lower case, without the sign of a comment before the first."""
    names = [f.strip().lower() for f in fields]
    names[0] = names[0].lstrip("#").strip()
    return names


def columns_of(fields: Sequence[str]) -> dict[str, int]:
    """Where each column that is read stands in a header.

    >>> columns_of(["#Site", "Latitude", "Longitude"])
    {'lat': 1, 'lon': 2, 'name': 0}
    """
    names = clean(fields)
    at = {}
    for wanted, others in ALIASES.items():
        present = [name for name in (wanted, *others) if name in names]
        if present:
            at[wanted] = names.index(present[0])
    return at


def is_header(fields: Sequence[str]) -> bool:
    """Whether a line names the columns of a place."""
    at = columns_of(fields)
    return {LAT, LON} <= at.keys() or WKT in at


def twice(fields: Sequence[str]) -> str | None:
    """The name of a column that is read and stands twice; None if there is none."""
    names = clean(fields)
    return next((names[i] for i in columns_of(fields).values() if names.count(names[i]) > 1), None)


def missing(fields: Sequence[str]) -> str:
    """What a line that should be the header lacks, and what it holds."""
    lacking = next(name for name in (LAT, LON) if name not in columns_of(fields))
    line = ", ".join(f.strip() for f in fields if f.strip())
    return f"it lacks the column '{lacking}'; its first line holds: {line[:SHOWN]}"
