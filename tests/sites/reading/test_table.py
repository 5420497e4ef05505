"""One table for every format: what is taken from it, and how the user's columns come back."""

from __future__ import annotations

import datetime

import geopandas
import numpy as np
import pytest
import shapely

from sitefinder.sites.own_reading import Limits, read_listing
from sitefinder.sites.reading.table import Row, Table, listing_of


def listing(*rows, columns=None, **options):
    """The listing of rows of text."""
    names = columns or tuple(dict.fromkeys(c for row in rows for c in row))
    made = [Row(f"row {n}", row) for n, row in enumerate(rows, start=2)]
    return listing_of(Table(tuple(names), made, **{"shapes": False, "typed": False} | options))


def shaped(geometry, **values):
    """The entry of one row with a geometry of its own."""
    return listing_of(Table(tuple(values), [Row("feature 1", values, geometry)])).entries[0]


def test_what_was_taken_as_what_is_one_line():
    """In the words of the file."""
    row = {"LONG": "-99.7", "Latitude": "32.4", "Site Name": "a", "GIS_ACRES": "1,200", "usable acres": "900", "Deal": "x"}
    assert listing(row, remarks=("separated by tabs",)).taken == (
        "latitude from 'Latitude', longitude from 'LONG', name from 'Site Name', acres from 'GIS_ACRES', group from 'Deal', "
        "what you state from usable acres; separated by tabs"
    )


def test_columns_come_back_with_the_number_of_the_row():
    """Under short names that are unique; names that the program uses itself are moved aside."""
    entry = listing({"lat": "32.4", "lon": "-99.7", "Parcel No.": "007", "parcel-no": "x", "Row": "9", "": ""}).entries[0]
    assert entry.attributes == {
        "your_row": 2,
        "your_lat": 32.4,
        "your_lon": -99.7,
        "your_parcel_no": "007",
        "your_parcel_no_2": "x",
        "your_row_2": 9,
        "your_column": None,
    }


def test_columns_of_numbers_become_numbers_and_codes_stay_text():
    """A leading zero, a long number or one word keep a column as it is."""
    rows = [
        {"lat": "1", "lon": "1", "price": "1200", "fips": "01001", "id": "12345678901234567890", "mixed": "1"},
        {"lat": "1", "lon": "1", "price": "-3.5", "fips": "48441", "id": "2", "mixed": "n/a"},
        {"lat": "1", "lon": "1", "price": "", "fips": "", "id": "", "mixed": ""},
    ]
    columns = [[e.attributes[f"your_{c}"] for e in listing(*rows).entries] for c in ("price", "fips", "id", "mixed")]
    assert columns == [[1200, -3.5, None], ["01001", "48441", None], ["12345678901234567890", "2", None], ["1", "n/a", None]]


def test_decimal_commas_of_the_coordinates_hold_for_all_columns():
    """1.200,5 acres and 12,5 a kilowatt-hour."""
    (entry,) = listing({"lat": "32,4", "lon": "-99,7", "acres": "1.200,5", "price": "12,5"}).entries
    assert (entry.geometry.x, entry.geometry.y, entry.acres) == (-99.7, 32.4, 1200.5)
    assert entry.attributes["your_price"] == 12.5


def test_values_of_typed_formats_are_kept_as_json_holds_them():
    """Numbers of numpy, dates, lists, gaps, half characters; bytes have no place in a table."""
    entry = shaped(
        shapely.Point(0, 0),
        count=np.int64(3),
        gap=float("nan"),
        day=datetime.datetime(2026, 3, 1),
        time=datetime.datetime(2026, 3, 1, 12, 30),
        tags=["a", 1],
        owner={"name": "x"},
        half="a\ud800",
        raw=b"x",
        yes=True,
        code="007",
    )
    assert entry.attributes == {
        "your_row": 1,
        "your_count": 3,
        "your_gap": None,
        "your_day": "2026-03-01",
        "your_time": "2026-03-01T12:30:00",
        "your_tags": '["a", 1]',
        "your_owner": '{"name": "x"}',
        "your_half": "a?",
        "your_raw": None,
        "your_yes": True,
        "your_code": "007",
    }


@pytest.mark.parametrize("column", ["NAME", "Site Name", "property"])
def test_names_stand_under_many_names(column):
    """In any case, in every format."""
    assert shaped(shapely.Point(0, 0), **{column: "a"}).name == "a"


def test_site_is_the_name_or_the_group():
    """The name where there is no other, the group where there is."""
    alone, beside = shaped(shapely.Point(0, 0), site="West"), shaped(shapely.Point(0, 0), site="West", name="a")
    assert (alone.name, alone.group) == ("West", None)
    assert (beside.name, beside.group) == ("a", "West")


def test_acres_of_points_are_checked_and_those_of_polygons_kept_to_compare():
    """A polygon whose column holds no number is as large as it is drawn."""
    square = shapely.box(0, 0, 1, 1)
    assert shaped(shapely.Point(0, 0), ACRES="1,200 ac").acres == 1200.0
    assert "acres 'many'" in shaped(shapely.Point(0, 0), acres="many").problem
    assert shaped(square, acres=400).acres == 400.0
    assert (shaped(square, acres="many").problem, shaped(square, acres="many").acres) == (None, None)
    assert shaped(square, acres=2_000_000.0).acres == 2_000_000.0


def test_acres_of_a_description_count_where_no_column_has_any():
    """And the line says of how many sites."""
    rows = [Row(f"feature {i}", {"description": d}, shapely.Point(0, 0)) for i, d in enumerate(["<b>90 acres</b>", "none"], 1)]
    table = listing_of(Table(("description",), rows))
    assert [e.acres for e in table.entries] == [90.0, None]
    assert "acres of 1 from the description" in table.taken


def test_a_geometry_of_its_own_goes_before_columns():
    """Longitudes in a table of parcels are those of some office."""
    assert shaped(shapely.Point(-99.7, 32.4), lat=0.0, lon=0.0).geometry.equals(shapely.Point(-99.7, 32.4))


def test_codes_of_a_county_are_no_statements():
    """ZONING with codes of its own is kept and told; the very name that states something is checked; a month may be a date."""
    table = listing({"lat": "1", "lon": "1", "ZONING": "AG-2"}, {"lat": "1", "lon": "2", "ZONING": "R1"})
    assert [e.problem for e in table.entries] == [None, None]
    assert "'ZONING' is not taken as zoning" in table.taken
    assert table.entries[0].attributes["your_zoning"] == "AG-2"
    assert "zoning 'AG-2' is unknown" in listing({"lat": "1", "lon": "1", "zoning": "AG-2"}).entries[0].problem
    assert listing({"lat": "1", "lon": "1", "Zoning": "by right"}).entries[0].stated.power.zoning == "by_right"
    dated = shaped(shapely.Point(0, 0), **{"Signed MW": 300, "Energisation": datetime.datetime(2027, 6, 1)})
    assert dated.stated.power.energisation == "2027-06"


def test_problems_of_rows():
    """Coordinates that are none, text that is no shape, half characters in a name, facts that are unknown."""
    problems = [e.problem for e in listing({"lat": "x", "lon": "1"}, {"lat": "nan", "lon": "1"}, {"lat": "", "lon": "1"}).entries]
    assert ["decimal degrees" in problems[0], "not a number" in problems[1], "decimal degrees" in problems[2]] == [True] * 3
    assert "not proper WKT" in listing({"wkt": "POINT"}).entries[0].problem
    assert "not proper Unicode" in shaped(shapely.Point(0, 0), name="\ud800").problem
    assert "swamp" in shaped(shapely.Point(0, 0), cleared="swamp").problem


@pytest.mark.filterwarnings("ignore:Field parcel of type Integer64")
def test_long_numbers_of_a_geodatabase_are_whole_and_their_loss_is_told(tmp_path):
    """A File Geodatabase holds them as real numbers: 17 digits are rounded in the file, which the reader cannot mend but says."""
    frame = geopandas.GeoDataFrame(
        {"parcel": [17031123456789012, 55], "lot": [1703112345, 55], "price": [1500.0, 2500.0]},
        geometry=[shapely.box(-88.0, 41.0, -87.97, 41.03), shapely.box(-88.1, 41.0, -88.07, 41.03)],
        crs="EPSG:4326",
    )
    frame.to_file(tmp_path / "own.gdb", driver="OpenFileGDB")
    listing = read_listing(tmp_path / "own.gdb", Limits())
    first, second = (entry.attributes for entry in listing.entries)
    assert (first["your_parcel"], second["your_parcel"]) == (17031123456789012, 55)
    assert isinstance(first["your_parcel"], int)
    assert isinstance(first["your_price"], float)
    assert "'parcel' has whole numbers too long" in listing.taken
    assert "'lot'" not in listing.taken
