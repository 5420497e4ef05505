"""Lines of cells as a table."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitefinder.errors import SitesError
from sitefinder.sites.reading.entry import Limits
from sitefinder.sites.reading.headers import HEAD_LINES
from sitefinder.sites.reading.tabular import HEADER, head_of, table_of

PATH = Path("a.csv")


def table(*lines, limits=None):
    """The table of lines of cells, numbered from 1."""
    return table_of(PATH, enumerate([line.split(",") for line in lines], start=1), limits or Limits())


def test_the_header_is_found_below_a_title():
    """Rows keep the numbers of their lines."""
    result = table("Sites", "", "lat,lon,name", "1,2,a", ",,", "3,4,b")
    assert result.columns == ("lat", "lon", "name")
    assert [(row.place, row.values["name"]) for row in result.rows] == [("row 4", "a"), ("row 6", "b")]
    assert head_of([["Sites"], ["lat", "lon"]]) == 1
    assert head_of([["Sites"]] * HEAD_LINES + [["lat", "lon"]]) is None


def test_columns_without_a_name_are_kept_where_they_hold_something():
    """Padding of spreadsheets is dropped."""
    assert table("lat,lon,,", "1,2,,x").columns == ("lat", "lon", "column 4")


def test_columns_of_one_name_are_told_apart():
    """Unless they are read, which is refused."""
    assert table("lat,lon,note,note", "1,2,a,b").rows[0].values == {"lat": "1", "lon": "2", "note": "a", "note (4)": "b"}
    with pytest.raises(SitesError, match="'lat' stands twice"):
        table("lat,lon,LAT", "1,2,3")


def test_longer_rows_and_lines_without_header_are_told():
    """The row is a problem, the file without a header is refused with its first line."""
    assert "it has 3 fields, the header has 2" in table("lat,lon", "1,2,3").rows[0].problem
    with pytest.raises(SitesError, match="its first line holds: a, b") as caught:
        table("a,b", "1,2")
    assert HEADER in str(caught.value)


def test_too_many_rows_are_refused_while_reading():
    """The first row too many ends it."""
    with pytest.raises(SitesError, match="more than 1 sites"):
        table("lat,lon", "1,2", "3,4", limits=Limits(sites=1))
