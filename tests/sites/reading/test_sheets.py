"""Excel workbooks."""

from __future__ import annotations

import datetime
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from sitefinder.errors import SitesError
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


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("[Content_Types].xml", b"ContentType=", b"Kind="),
        ("xl/styles.xml", b"fontId=", b"letters="),
        ("xl/worksheets/sheet1.xml", b"workbookViewId=", b"view="),
        ("xl/workbook.xml", b"<sheets>", b"<leaves>"),
        ("xl/workbook.xml", b'sheetId="1"', b'sheetId="first"'),
    ],
)
def test_a_workbook_whose_parts_are_none_is_refused(tmp_path: Path, part: str, old: bytes, new: bytes) -> None:
    """A zip, and XML in it, that are no workbook: openpyxl says so by errors of many kinds, the user gets one line."""
    book = openpyxl.Workbook()
    book.active.append(["lat", "lon"])
    book.active.append([32.4, -99.7])
    book.save(tmp_path / "a.xlsx")
    changed = io.BytesIO()
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive, zipfile.ZipFile(changed, "w") as other:
        for name in archive.namelist():
            content = archive.read(name)
            assert name != part or old in content
            other.writestr(name, content.replace(old, new) if name == part else content)
    with pytest.raises(SitesError, match=r"^Invalid SITES file [^\n]*not a readable Excel workbook[^\n]*$"):
        read_sheet(tmp_path / "a.xlsx", changed.getvalue(), Limits())
