"""Published totals are read, compared in the unit of their tolerance, and written as a table."""

from __future__ import annotations

import pytest

from sitefinder.compiling.published import CHECKS, Compared, Published, read_published, table_text
from sitefinder.errors import DataError
from tests.helpers.paths import ROOT

HEAD = "check,place,published,unit,tolerance,source\n"


def total(value, tolerance, unit):
    """A published total of Ohio."""
    return Published("federal_land", "OH", value, "%", tolerance, unit, "a table")


@pytest.mark.parametrize(
    ("ours", "unit", "difference", "agrees"),
    [
        (3.1, "points", 1.9, True),
        (3.3, "points", 2.1, False),
        (1.18, "%", -100 / 60, True),
        (1.3, "%", 100 / 12, False),
        (float("nan"), "points", float("nan"), False),
    ],
)
def test_a_difference_counts_in_the_unit_of_the_tolerance(ours, unit, difference, agrees):
    """Points of a share, or percent of the value; what is unknown does not agree."""
    row = Compared(total(1.2, 2, unit), ours)
    assert row.difference == pytest.approx(difference, nan_ok=True)
    assert row.agrees is agrees


def test_the_table_names_the_worst_of_each_check():
    """One line per check, one per total."""
    rows = [Compared(total(1.2, 2, "points"), 1.5), Compared(total(4.0, 2, "points"), 9.0)]
    text = table_text(rows, "# Head\n\n")
    assert "| Federal land, share of the land | 2 | 1 | +5.0 points | OH | a table |" in text
    assert text.count("| no |") == 1


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("moonlight,OH,1,%,2 points,x", "moonlight"),
        ("federal_land,OH,much,%,2 points,x", "much"),
        ("federal_land,OH,1,%,2,x", "row 2"),
        ("federal_land,OH,1,%,2 feet,x", "2 feet"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(tmp_path, row, message):
    """File, row and what is wrong."""
    path = tmp_path / "published.csv"
    path.write_text(HEAD + row + "\n")
    with pytest.raises(DataError, match=message):
        read_published(path)


def test_the_table_of_the_project_holds_every_check():
    """48 states and DC of land area, 48 of federal land, and one total at least of the others."""
    totals = read_published(ROOT / "docs" / "published.csv")
    counts = {check: sum(row.check == check for row in totals) for check in CHECKS}
    assert counts["federal_land"] == 48
    assert counts["land_area"] == 49
    assert min(counts.values()) >= 1
    assert all(row.source for row in totals)
