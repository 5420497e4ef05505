"""Lines of cells, from CSV or a spreadsheet, as a table: the header is found among the first lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sitefinder.errors import SitesError
from sitefinder.sites.reading.entry import Limits, too_large
from sitefinder.sites.reading.headers import HEAD_LINES, is_header, is_separator_line, missing, twice
from sitefinder.sites.reading.table import Row, Table

HEADER = "a header with the columns lat and lon, or wkt (and optionally name, acres, group, and what you state)"
#: what a column without a name is called
UNNAMED = re.compile(r"column \d+")


def head_of(lines: Sequence[Sequence[Any]]) -> int | None:
    """Which of the first lines names the columns; None if none does."""
    return next((i for i, line in enumerate(lines[:HEAD_LINES]) if is_header(_texts(line))), None)


def _texts(line: Sequence[Any]) -> list[str]:
    return ["" if cell is None else str(cell) for cell in line]


def _is_blank(line: Sequence[Any]) -> bool:
    return not any(text.strip() for text in _texts(line))


def table_of(path: Path, lines: Iterable[tuple[int, Sequence[Any]]], limits: Limits, *, typed: bool = False) -> Table:
    """A table from the lines of a file, each with its number.

    Parameters
    ----------
    path : Path
        For complaints.
    lines : iterable of (int, sequence)
        Number of the line, which the user sees, and its cells: text, or values of a spreadsheet.
    limits : Limits
    typed : bool
        Cells are numbers, dates and text; else text alone.

    Raises
    ------
    SitesError
        No line names the columns, one that is read stands twice, or there are too many rows.
    """
    columns: list[str] | None = None
    above: list[list[str]] = []
    rows: list[Row] = []
    for line_number, line in lines:
        if _is_blank(line):
            continue
        if columns is None:
            texts = _texts(line)
            if above or not is_separator_line(texts):
                above.append(texts)
            if is_header(texts):
                columns = _columns(path, texts)
            elif len(above) >= HEAD_LINES:
                break
            continue
        rows.append(_row(line_number, line, columns))
        if len(rows) > limits.sites:
            raise too_large(path, f"more than {limits.sites:,} sites", f"{limits.sites:,}")
    if columns is None and above:
        raise SitesError(f"Invalid SITES file {path}: {missing(above[0])}. Give it {HEADER}.")
    named = [c for c in columns or () if not UNNAMED.fullmatch(c) or any(str(row.values.get(c) or "").strip() for row in rows)]
    return Table(tuple(named), rows, shapes=False, typed=typed)


def _columns(path: Path, fields: Sequence[str]) -> list[str]:
    if repeated := twice(fields):
        raise SitesError(f"Invalid SITES file {path}: the column '{repeated}' stands twice. Remove or rename one.")
    names: list[str] = []
    for i, field in enumerate(fields, start=1):
        name = field.strip().lstrip("#").strip() or f"column {i}"
        names.append(name if name not in names else f"{name} ({i})")
    return names


def _row(line_number: int, line: Sequence[Any], columns: Sequence[str]) -> Row:
    place, width = f"row {line_number}", len(columns)
    values = dict(zip(columns, line, strict=False))
    if any(text.strip() for text in _texts(line[width:])):
        said = f"it has {len(line)} fields, the header has {width}. Put text with commas in quotes, write numbers with a point."
        return Row(place, values, problem=said)
    return Row(place, values)
