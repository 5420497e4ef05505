"""Lists for spreadsheets: ``sites.csv`` with the short list, and ``sites.xlsx`` with a sheet per topic."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sitefinder.columns import Column, Scalar
from sitefinder.files import guarded
from sitefinder.reports.dossier.fields import SECTIONS, placed
from sitefinder.reports.exports.brief import BRIEF
from sitefinder.reports.exports.tables import AERIAL, Table, printable

#: columns at the left of every sheet
KEYS = ("rank", "site_id", "name")
#: the same input gives the same bytes, so a file bears no time of the day
CREATED = datetime(2000, 1, 1, tzinfo=UTC)
#: widths of columns, characters
NARROWEST, WIDEST = 8, 40
#: longest text of a cell
CELL = 32_767


def csv_bytes(table: Table) -> bytes:
    """The short list as CSV in UTF-8 with a mark at the front by which spreadsheets know it.

    Units and meanings stand in ``datapackage.json`` beside it.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([brief.column.name for brief in BRIEF])
    for row in table.rows:
        writer.writerow([_plain(guarded(row.get(brief.column.name))) for brief in BRIEF])
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def _plain(value: Scalar) -> Scalar:
    """Yes and no as most readers take them."""
    return str(value).lower() if isinstance(value, bool) else value


def topics(table: Table) -> list[tuple[str, list[Column]]]:
    """Title and columns of each sheet: the fields of the dossier, the columns of :data:`KEYS` first in each.

    Columns that this list lacks are left out, and so is a sheet without any.
    """
    known = {c.name: c for c in table.columns}
    sheets = []
    for section in SECTIONS:
        names = dict.fromkeys(c for fact in section.facts for c in fact.columns) | dict.fromkeys(section.drawn)
        shown = [known[name] for name in names if name in known and name not in KEYS]
        if shown:
            sheets.append((section.key.capitalize(), [*(known[key] for key in KEYS), *shown]))
    rest = [c for c in table.columns if c.name not in placed(SECTIONS) and c.name != AERIAL.name]
    return sheets + ([("Other", [*(known[key] for key in KEYS), *rest])] if rest else [])


def workbook_bytes(sites: Table, own: Table | None = None) -> bytes:
    """The lists as XLSX: the short list, the user's own sites, a sheet per topic, and what each column means.

    Numbers are numbers; a text is a text even where it looks like a formula.

    Parameters
    ----------
    sites : Table
    own : Table, optional
        The user's own sites.
    """
    import xlsxwriter

    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_urls": False}) as book:
        book.set_properties({"title": sites.title, "created": CREATED})
        brief = [b.column for b in BRIEF]
        _sheet(book, "Summary", sites, brief)
        if own is not None:
            _sheet(book, "Your sites", own, [*brief, *(c for c in own.columns if c.name == "excluded_by")])
        for title, columns in topics(sites):
            _sheet(book, title, sites, columns)
        _legend(book, sites)
    return stream.getvalue()


def _sheet(book: Any, title: str, table: Table, columns: Sequence[Column]) -> None:
    """A sheet with one row per site under a frozen header that filters."""
    sheet, head = book.add_worksheet(title), book.add_format({"bold": True, "bottom": 1})
    for j, column in enumerate(columns):
        values = table.values(column.name)
        look = book.add_format({"num_format": _number_format(column)}) if column.decimals is not None else None
        sheet.write_string(0, j, column.name, head)
        for i, value in enumerate(values, start=1):
            _write(sheet, (i, j), value, look)
        wide = max(len(column.name), *(len(str(v)) for v in values if v is not None), NARROWEST)
        sheet.set_column(j, j, min(wide + 2, WIDEST))
    sheet.freeze_panes(1, len(KEYS))
    sheet.autofilter(0, 0, len(table.rows), len(columns) - 1)


def _write(sheet: Any, at: tuple[int, int], value: Scalar, look: Any) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(*at, value)
    elif isinstance(value, str):
        sheet.write_string(*at, printable(value)[:CELL])
    elif value is not None:
        sheet.write_number(*at, value, look)


def _number_format(column: Column) -> str:
    """Digits of a column, as Excel names them.

    >>> _number_format(Column("km", "km", "", "", 2)), _number_format(Column("n", "", "", "", 0))
    ('0.00', '0')
    """
    return f"0.{'0' * column.decimals}" if column.decimals else "0"


def _legend(book: Any, table: Table) -> None:
    """A sheet with unit, meaning and source of every column."""
    sheet, head = book.add_worksheet("Columns"), book.add_format({"bold": True, "bottom": 1})
    for j, (name, wide) in enumerate((("column", 28), ("unit", 14), ("meaning", 100), ("source", 40))):
        sheet.write_string(0, j, name, head)
        sheet.set_column(j, j, wide)
    for i, c in enumerate(table.columns, start=1):
        for j, text in enumerate((c.name, c.unit, c.meaning, c.source)):
            sheet.write_string(i, j, text)
    sheet.freeze_panes(1, 1)
