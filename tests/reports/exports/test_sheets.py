"""CSV and XLSX, read by other libraries."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest

from sitefinder.files import guarded
from sitefinder.reports.exports.brief import BRIEF
from sitefinder.reports.exports.sheets import KEYS, csv_bytes, topics, workbook_bytes
from sitefinder.reports.exports.tables import printable


@pytest.fixture(scope="module")
def book(tables):
    """The workbook as openpyxl reads it."""
    return openpyxl.load_workbook(io.BytesIO(workbook_bytes(tables["sites"], tables["own_sites"])))


def _rows(sheet):
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_every_value_of_every_sheet_is_that_of_the_run(book, tables):
    """Numbers are numbers and texts texts, also where a text begins with an equals sign."""
    by_id = {row["site_id"]: row for table in ("sites", "own_sites") for row in tables[table].rows}
    compared = 0
    for sheet in book.worksheets[:-1]:
        for row in _rows(sheet):
            for name, value in row.items():
                expected = by_id[row["site_id"]].get(name)
                assert value == (printable(expected) if isinstance(expected, str) else expected), (sheet.title, name)
                compared += 1
    assert compared > 1000
    assert {c.data_type for c in book["Summary"]["L"][1:]} == {"n"}


def test_no_cell_is_a_formula(book):
    """The station is called =HYPERLINK(1)."""
    kinds = {cell.data_type for sheet in book.worksheets for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    assert "=HYPERLINK(1)" in [row["grid_station"] for row in _rows(book["Grid"])]


def test_every_column_stands_in_a_sheet_and_is_explained(book, tables):
    """A sheet per topic; the last one says what the columns mean."""
    shown = {name for sheet in book.worksheets[:-1] for name in _rows(sheet)[0]}
    explained = {row["column"]: row["meaning"] for row in _rows(book["Columns"])}
    assert shown >= {c.name for c in tables["sites"].columns}
    assert set(explained) == {c.name for c in tables["sites"].columns}
    assert all(explained.values())


def test_topics_begin_with_the_keys(tables):
    """So that sheets can be joined; a name of a sheet is at most 31 characters long."""
    for title, columns in topics(tables["sites"]):
        assert tuple(c.name for c in columns[:3]) == KEYS
        assert len(title) <= 31


def test_csv_has_the_short_list_and_no_formulas(tables):
    """25 columns in their order; a text that looks like a formula begins with an apostrophe, a negative number does not."""
    rows = list(csv.DictReader(io.StringIO(csv_bytes(tables["sites"]).decode("utf-8-sig"))))
    assert list(rows[0]) == [b.column.name for b in BRIEF]
    assert rows[0]["grid_station"] == "'=HYPERLINK(1)"
    assert float(rows[0]["lon"]) == tables["sites"].rows[0]["lon"]
    assert float(rows[0]["score"]) == tables["sites"].rows[0]["score"]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@A1", "\t=1", "\r=1"])
def test_texts_that_spreadsheets_carry_out_are_guarded(text):
    """By an apostrophe in front."""
    assert guarded(text) == f"'{text}"


def test_the_same_run_gives_the_same_workbook(tables):
    """No time of the day in it."""
    assert workbook_bytes(tables["sites"]) == workbook_bytes(tables["sites"])
