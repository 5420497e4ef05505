"""Headers of the user's CSV file, as programs write them."""

from __future__ import annotations

import json

import pytest

from sitefinder.errors import SitesError
from sitefinder.sites.own_reading import read_listing
from sitefinder.sites.reading.entry import Limits
from sitefinder.sites.reading.headers import HEAD_LINES, columns_of, is_header, is_separator_line, missing, twice
from sitefinder.sites.stated import Stated

ABILENE = "32.4487,-99.7331"


def csv_file(folder, text):
    """The text as my.csv."""
    path = folder / "my.csv"
    path.write_text(text, encoding="utf-8")
    return path


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


@pytest.mark.parametrize(
    "text",
    [
        "#name,lat,lon\nA,32.50,-99.79\n",
        "Site,Latitude,Longitude\nA,32.50,-99.79\n",
        "sep=,\nname,lat,lon\nA,32.50,-99.79\n",
        "Parcels exported 2026-03-01\n\nname,lat,lon\nA,32.50,-99.79\n",
        "name,lat,lon\nA,32.50,\N{MINUS SIGN}99.79\n",
        'WKT,name\n"POINT (-99.79 32.50)",A\n',
        "X,Y,name\n-99.79,32.50,A\n",
    ],
    ids=["comment sign", "long names", "line for Excel", "title", "typographic minus", "WKT", "x and y"],
)
def test_files_of_other_programs_are_read(tmp_path, text):
    """One site with its name at the right place, however the header is written."""
    (entry,) = read_listing(csv_file(tmp_path, text), Limits()).entries
    assert entry.problem is None
    assert entry.name == "A"
    assert (entry.geometry.x, entry.geometry.y) == (-99.79, 32.5)


def test_a_file_without_a_header_says_what_it_holds(tmp_path):
    """The first line is quoted."""
    with pytest.raises(SitesError, match="Parcels exported"):
        read_listing(csv_file(tmp_path, "Parcels exported 2026-03-01\nA,32.50,-99.79\n"), Limits())


def test_parcels_may_be_written_as_text(tmp_path):
    """A polygon in WKT; text that is none names its row."""
    good, bad = read_listing(csv_file(tmp_path, 'wkt\n"POLYGON ((0 0, 1 0, 1 1, 0 0))"\nnowhere\n'), Limits()).entries
    assert good.geometry.geom_type == "Polygon"
    assert "not proper WKT" in bad.problem


def test_facts_of_the_user_are_read_from_every_format(tmp_path):
    """Columns of CSV and properties of GeoJSON in any case; a wrong one is a problem of its row."""
    text = f"lat,lon,Cleared,usable_acres\n{ABILENE},plants;stations,900\n32.6,-99.7,swamp,\n"
    first, second = read_listing(csv_file(tmp_path, text), Limits()).entries
    assert first.stated == Stated(("plants", "stations"), 900.0)
    assert "swamp" in second.problem
    point = {"type": "Point", "coordinates": [-99.7, 32.4]}
    feature = {"type": "Feature", "properties": {"NAME": "A", "CLEARED": "airports"}, "geometry": point}
    path = tmp_path / "my.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    (entry,) = read_listing(path, Limits()).entries
    assert (entry.name, entry.stated) == ("A", Stated(("airports",)))
