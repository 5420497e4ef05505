"""Excel workbooks."""

from __future__ import annotations

import datetime
from pathlib import Path

import openpyxl

from sitefinder.sites.reading.entry import Limits
from sitefinder.sites.reading.sheets import read_sheet


def test_cells_keep_their_kinds_and_lines_their_numbers(tmp_path: Path) -> None:
    """Numbers, dates, text and gaps; the row is the one that Excel shows."""
    book = openpyxl.Workbook()
    book.active.title = "Sites"
    for row in (
        ["For sale"],
        [],
        ["name", "lat", "lon", "option", "apn"],
        [" a ", 32.4, -99.7, datetime.date(2027, 1, 1), "007"],
    ):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    table = read_sheet(tmp_path / "a.xlsx", (tmp_path / "a.xlsx").read_bytes(), Limits())
    (row,) = table.rows
    assert row.place == "row 4"
    assert row.values == {"name": "a", "lat": 32.4, "lon": -99.7, "option": datetime.datetime(2027, 1, 1), "apn": "007"}
    assert table.remarks == ("sheet 'Sites'",)
    assert table.typed
