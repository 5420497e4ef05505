"""One table for every format: the user's columns and rows as they are, from which places, names and acres are taken."""

from __future__ import annotations

import datetime
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely

from sitefinder.columns import Scalar
from sitefinder.power.stated import is_empty
from sitefinder.sites.reading.entry import LONLAT, Entry, Listing, clean_name
from sitefinder.sites.reading.headers import ACRES, GROUP, LAT, LON, NAME, PAIR, WKT, WORDS, columns_of, longitude_first
from sitefinder.sites.reading.numbers import COMMA, MINUS, acres_in, acres_of, degrees, number, pair
from sitefinder.sites.stated import STATED, stated_of

#: most acres that a row may ask for, as in candidates.acres
MAX_ACRES = 100_000.0
#: begins the names of the user's own columns in the results
YOURS = "your_"
#: columns of the results that are not the user's: number of the row, rows of a site of several parcels, what was changed
ROW, ROWS, NOTE = f"{YOURS}row", f"{YOURS}rows", f"{YOURS}note"
#: column of KML in which people write acres
DESCRIPTION = "description"
#: numbers as a program writes them: no leading zeros, which are codes, and no more digits than a float holds
CANONICAL = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,14})?")
#: whole numbers from here on are numbers of something, not amounts; real numbers tell all whole ones apart up to the second
LONG, EXACT = 1e9, 2.0**53


@dataclass(frozen=True)
class Row:
    """One row of the user's table.

    Parameters
    ----------
    place : str
        "row 3" or "feature 2".
    values : mapping
        Column as it is written -> content.
    geometry : shapely geometry or None
    problem : str or None
        Why the row cannot be used, with the remedy.
    """

    place: str
    values: Mapping[str, Any]
    geometry: Any = None
    problem: str | None = None


@dataclass(frozen=True)
class Table:
    """The user's rows.

    Parameters
    ----------
    columns : tuple of str
    rows : list of Row
    crs : Any
        As the file declares it; None where it declares none.
    shapes : bool
        The rows have geometries of their own; else they follow from columns.
    typed : bool
        The format tells numbers from text; else columns of numbers become numbers.
    assumed : bool
        A file of this format without a declaration holds longitudes and latitudes.
    remarks : tuple of str
        What else was taken for granted, for the user.
    """

    columns: tuple[str, ...]
    rows: list[Row]
    crs: Any = None
    shapes: bool = True
    typed: bool = True
    assumed: bool = True
    remarks: tuple[str, ...] = ()


def listing_of(table: Table) -> Listing:
    """The rows of a table as sites, and what was taken as what."""
    at = {wanted: table.columns[i] for wanted, i in columns_of(table.columns).items()}
    if table.shapes:
        at = {wanted: name for wanted, name in at.items() if wanted not in (LAT, LON, PAIR, WKT)}
    foreign = [wanted for wanted, name in at.items() if name != wanted and wanted in STATED and _is_foreign(table, wanted, name)]
    reader = _Rows(table, {wanted: name for wanted, name in at.items() if wanted not in foreign})
    attributes = _attributes(table, [c for c in table.columns if c != at.get(WKT)], decimal_comma=reader.decimal_comma)
    entries = [replace(reader.entry(row, n), attributes=attributes[n - 1]) for n, row in enumerate(table.rows, start=1)]
    taken = _taken(table, reader.at, reader.described)
    said = "".join(f"; '{at[wanted]}' is not taken as {wanted}: none of its values is known" for wanted in foreign)
    said += "".join(
        f"; '{column}' has whole numbers too long for the real numbers that the file holds: their last digits are rounded there"
        for column in table.columns
        if _too_long(row.values.get(column) for row in table.rows)
    )
    return Listing(entries, LONLAT if table.crs is None else table.crs, taken + said)


def _is_foreign(table: Table, wanted: str, name: str) -> bool:
    """Whether a column only sounds like one that states something: codes of a county under ZONING."""
    values = [v for row in table.rows if not is_empty(v := row.values.get(name))]
    problems = [stated_of({wanted: _plain(v)}) for v in values]
    return bool(values) and all(isinstance(p, str) and p.startswith((f"{wanted} '", f"{wanted} names")) for p in problems)


def _plain(value: Any) -> Any:
    """A date as the month that is stated, text without blanks around it."""
    if isinstance(value, datetime.date):
        return f"{value:%Y-%m}"
    return value.strip() if isinstance(value, str) else value


def _taken(table: Table, at: Mapping[str, str], described: int) -> str:
    parts = [f"{WORDS[wanted]} from '{name.strip()}'" for wanted, name in at.items() if wanted in WORDS]
    stated = [name.strip() for wanted, name in at.items() if wanted in STATED]
    parts += [f"what you state from {', '.join(stated)}"] if stated else []
    parts += [f"acres of {described} from the description"] if described else []
    return "; ".join([", ".join(parts) or "places without names", *table.remarks])


class _Rows:
    """Turns rows into entries by the columns that were recognised."""

    def __init__(self, table: Table, at: Mapping[str, str]) -> None:
        self.table = table
        self.at = at
        self.described = 0
        self.description = next((c for c in table.columns if c.strip().lower() == DESCRIPTION), None)
        coordinates = [str(row.values.get(at[c])) for c in (LAT, LON) if c in at for row in table.rows]
        self.decimal_comma = any(COMMA.fullmatch(text.strip().replace(MINUS, "-")) for text in coordinates)

    def value(self, row: Row, wanted: str) -> Any:
        """Content of a column, None where it is empty."""
        value = _plain(row.values.get(self.at.get(wanted, "")))
        return None if is_empty(value) else value

    def entry(self, row: Row, number_: int) -> Entry:
        """The entry of a row, or its problem."""
        entry = Entry(row.place, f"site {number_}")
        if row.problem:
            return replace(entry, problem=row.problem, name=self._name(row, number_) or entry.name)
        name = self._name(row, number_)
        if name is None:
            return replace(entry, problem="its name is not proper Unicode text. Correct the name.")
        entry = replace(entry, name=name, group=self._group(row))
        stated = stated_of({column: self.value(row, column) for column in STATED})
        if isinstance(stated, str):
            return replace(entry, problem=stated)
        entry = replace(entry, stated=stated)
        placed = replace(entry, geometry=row.geometry) if self.table.shapes else self._placed(entry, row)
        if placed.problem:
            return placed
        return self._with_acres(placed, row)

    def _name(self, row: Row, number_: int) -> str | None:
        try:
            return clean_name(self.value(row, NAME), number_)
        except UnicodeEncodeError:
            return None

    def _group(self, row: Row) -> str | None:
        group = self.value(row, GROUP)
        return None if group is None else clean_name(str(group).encode(errors="replace").decode(), 0)

    def _placed(self, entry: Entry, row: Row) -> Entry:
        """The entry with the place that its columns give."""
        if PAIR in self.at:
            lat, lon = pair(str(self.value(row, PAIR) or ""), longitude_first=longitude_first(self.at[PAIR]))
            said = "the coordinates must be latitude and longitude in decimal degrees, e.g. 41.48, -88.25. Correct the row."
            return _at(entry, lat, lon, said)
        text = [self.value(row, c) for c in (LAT, LON)]
        if WKT in self.at and None in text:
            shape = str(self.value(row, WKT) or "")
            geometry = shapely.from_wkt(
                shape.partition(";")[2] if shape.upper().startswith("SRID=") else shape, on_invalid="ignore"
            )
            if not shape or geometry is None:
                return replace(entry, problem="its geometry is not proper WKT. Correct the row.")
            return replace(entry, geometry=geometry)
        if any(str(t).strip("+-").lower() in ("nan", "inf", "infinity") for t in text):
            return replace(entry, problem="a coordinate is not a number. Correct it.")
        lat, lon = (self._coordinate(t) for t in text)
        said = "lat and lon must be decimal degrees, or degrees with minutes and seconds. Correct the row."
        return _at(entry, lat, lon, said)

    def _coordinate(self, value: Any) -> float:
        if value is None or isinstance(value, bool):
            return math.nan
        if isinstance(value, int | float):
            return float(value)
        as_degrees = degrees(str(value))
        return number(str(value)) if math.isnan(as_degrees) else as_degrees

    def _with_acres(self, entry: Entry, row: Row) -> Entry:
        """The entry with its acres, or with their problem; those of a polygon are only compared with it."""
        value = self.value(row, ACRES)
        point = entry.geometry is not None and entry.geometry.geom_type in ("Point", "MultiPoint")
        if value is None and self.description:
            acres = acres_in(str(row.values.get(self.description) or ""))
            usable = 0 < acres <= MAX_ACRES
            self.described += usable and point
            return replace(entry, acres=acres) if usable else entry
        if value is None:
            return entry
        numeric = isinstance(value, int | float) and not isinstance(value, bool)
        acres = float(value) if numeric else acres_of(str(value), decimal_comma=self.decimal_comma)
        if 0 < acres <= MAX_ACRES or (acres > 0 and not point):
            return replace(entry, acres=acres)
        if not point:
            return entry
        text = f"acres '{str(value)[:20]}' must be a number above 0 and up to {MAX_ACRES:,.0f}. Correct it or leave it empty."
        return replace(entry, geometry=None, problem=text)


def _at(entry: Entry, lat: float, lon: float, said: str) -> Entry:
    if math.isfinite(lat) and math.isfinite(lon):
        return replace(entry, geometry=shapely.Point(lon, lat))
    return replace(entry, problem=said)


# -- the user's own columns ----------------------------------------------------------------------------------------------


def _attributes(table: Table, wanted: Sequence[str], *, decimal_comma: bool) -> list[dict[str, Scalar]]:
    """The columns of every row under their names in the results, and the number of the row."""
    names = _names(wanted)
    columns = {c: [_scalar(row.values.get(c)) for row in table.rows] for c in wanted}
    if not table.typed:
        columns = {c: _numbers(values, decimal_comma=decimal_comma) for c, values in columns.items()}
    columns = {c: _whole(values) for c, values in columns.items()}
    numbers = [int(re.sub(r"\D", "", row.place) or 0) for row in table.rows]
    return [{ROW: numbers[i]} | {names[c]: columns[c][i] for c in wanted} for i in range(len(table.rows))]


def _names(columns: Sequence[str]) -> dict[str, str]:
    """Column -> its name in the results; each stands once.

    >>> _names(["Parcel No.", "parcel-no", "row"])
    {'Parcel No.': 'your_parcel_no', 'parcel-no': 'your_parcel_no_2', 'row': 'your_row_2'}
    """
    used = {ROW, ROWS, NOTE}
    names = {}
    for column in columns:
        short = YOURS + (re.sub(r"[\W_]+", "_", column.encode(errors="replace").decode().lower()).strip("_") or "column")
        name = next(n for n in (short, *(f"{short}_{i}" for i in range(2, len(columns) + 3))) if n not in used)
        used.add(name)
        names[column] = name
    return names


def _scalar(value: Any) -> Scalar:
    """A content as JSON holds it: numbers, text, yes or no, or None."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, str):
        return value.strip().encode(errors="replace").decode() or None
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime.datetime) and value.time() == datetime.time() and value.tzinfo is None:
        return value.date().isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=True, default=str)
    return None if isinstance(value, bytes) else str(value)


def _whole(values: Sequence[Scalar]) -> list[Scalar]:
    """A column of real numbers that are all whole, one of them long: numbers of parcels, not amounts, as integers.

    >>> _whole([17031123456789012.0, None, 55.0]), _whole([1500.0, 1600.0])
    ([17031123456789012, None, 55], [1500.0, 1600.0])
    """
    numbers = [v for v in values if isinstance(v, float)]
    whole = len(numbers) == sum(v is not None for v in values) and all(v.is_integer() for v in numbers)
    if not (whole and any(abs(v) >= LONG for v in numbers)):
        return list(values)
    return [int(v) if isinstance(v, float) else v for v in values]


def _too_long(values: Iterable[object]) -> bool:
    """Whether real numbers that are whole lie beyond those that the type tells apart."""
    return any(isinstance(v, float | np.floating) and abs(float(v)) > EXACT and float(v).is_integer() for v in values)


def _numbers(values: Sequence[Scalar], *, decimal_comma: bool) -> list[Scalar]:
    """A column of text as numbers where every content is one; codes with leading zeros stay text."""
    texts = [v for v in values if v is not None]
    form = [str(t).replace(MINUS, "-").replace(",", "." if decimal_comma else ",") for t in texts]
    if not texts or not all(isinstance(t, str) for t in texts) or not all(CANONICAL.fullmatch(t) for t in form):
        return list(values)
    numbers = iter(float(t) if "." in t else int(t) for t in form)
    return [None if v is None else next(numbers) for v in values]
