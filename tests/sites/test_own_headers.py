"""Headers of the user's CSV file, as programs write them."""

from __future__ import annotations

import pytest

from sitefinder.sites.own_headers import HEAD_LINES, columns_of, is_header, is_separator_line, missing, twice


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("name,lat,lon", {"name": 0, "lat": 1, "lon": 2}),
        ("Site,Latitude,Longitude", {"name": 0, "lat": 1, "lon": 2}),
        ("X,Y,name", {"lon": 0, "lat": 1, "name": 2}),
        ("#name,lat,lng", {"name": 0, "lat": 1, "lon": 2}),
        ("WKT,name", {"wkt": 0, "name": 1}),
        ("lat,latitude,lon,Cleared,Usable_Acres", {"lat": 0, "lon": 2, "cleared": 3, "usable_acres": 4}),
    ],
)
def test_columns_are_known_by_the_names_that_programs_give_them(line, at):
    """In any case, with the sign of a comment before the first; the plain name before another for the same."""
    fields = line.split(",")
    assert columns_of(fields) == at
    assert is_header(fields)


def test_a_title_is_no_header_and_says_what_it_holds():
    """The message names the line, not the column alone."""
    title = ["Parcels exported 2026-03-01"]
    assert not is_header(title)
    assert "'lat'" in missing(title)
    assert "Parcels exported 2026-03-01" in missing(title)
    assert "'lon'" in missing(["latitude", "acres"])


def test_only_the_same_name_stands_twice():
    """Latitude beside lat is no mistake, lat beside lat is."""
    assert twice(["lat", "latitude", "lon"]) is None
    assert twice(["lat", "lon", "Lat"]) == "lat"


def test_the_line_for_excel_is_known():
    """A separator line, and a first cell that only looks like one."""
    assert is_separator_line(["sep=", ""])
    assert not is_separator_line(["separate", "lat"])
    assert HEAD_LINES >= 2
