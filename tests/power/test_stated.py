"""What the user's list says about power, price and zoning of a site."""

from __future__ import annotations

import dataclasses
import json

import geopandas
import numpy as np
import pytest
import shapely

from sitefinder.config import load_config
from sitefinder.errors import SitesError
from sitefinder.months import month_number
from sitefinder.power.stated import COLUMNS, NOTHING_SAID, StatedPower, in_hand_of, stated_power_of
from sitefinder.power.timetable import draws_of, random_numbers, timetable
from sitefinder.sites.own_list import read_sites
from sitefinder.sites.own_reading import read_listing
from sitefinder.sites.reading.entry import Limits
from tests.helpers.power import CERTAIN, sites
from tests.helpers.sections import of_power

#: everything that a row can say
FULL = {
    "flexible": "yes",
    "mobile_gas": "no",
    "existing_interconnection": "1",
    "existing_connection_mw": "120",
    "powered_land": "0",
    "battery": "True",
    "phased": "no",
    "signed_mw": "300",
    "energisation": "2027-06-30",
    "turbines_on_order_mw": "250.5",
    "transformer_in_hand": "yes",
    "price_per_acre": "12000",
    "zoning": "By right",
    "station": "Hub  North",
    "document": "service agreement of 2026-03-01",
}
SAID = StatedPower(
    flexible=True,
    mobile_gas=False,
    existing_interconnection=True,
    existing_connection_mw=120.0,
    powered_land=False,
    battery=True,
    phased=False,
    signed_mw=300.0,
    energisation="2027-06",
    turbines_on_order_mw=250.5,
    transformer_in_hand=True,
    price_per_acre=12_000.0,
    zoning="by_right",
    station="Hub North",
    document="service agreement of 2026-03-01",
)


def in_hand(said, delivery):
    """As a list of sites asks: months to the ends of those that the rows name."""
    return in_hand_of(said, delivery.options, np.full(len(said), month_number(delivery.start) - 1))


def test_every_column_is_read():
    """Each to its field, and there is a column for every field."""
    assert stated_power_of(FULL) == SAID
    assert set(COLUMNS) == set(FULL) == {f.name for f in dataclasses.fields(StatedPower)}


@pytest.mark.parametrize("empty", [None, "", "  ", float("nan")])
def test_empty_cells_say_nothing(empty):
    """As CSV, GeoJSON and data frames write them; "no" and 0 do say something."""
    assert stated_power_of(dict.fromkeys(COLUMNS, empty)) == NOTHING_SAID
    assert NOTHING_SAID.words == ""
    assert stated_power_of({"flexible": "no", "price_per_acre": 0}) == StatedPower(flexible=False, price_per_acre=0.0)


def test_numbers_and_truths_of_other_formats_are_read():
    """GeoJSON and Parquet bring numbers and booleans, not text."""
    assert stated_power_of({"powered_land": True, "battery": 0, "signed_mw": 300, "energisation": "2027-06"}) == StatedPower(
        powered_land=True, battery=False, signed_mw=300.0, energisation="2027-06"
    )


def test_the_words_say_what_is_documented_and_where():
    """All that is said, with the document; without one, nobody is named."""
    assert stated_power_of({"signed_mw": "300", "energisation": "2027-06", "document": "letter"}).words == (
        "as documented (letter): MW signed: 300, energised in 2027-06"
    )
    assert StatedPower(powered_land=True, battery=False).words == "as documented: powered land, no batteries"
    words = SAID.words
    assert all(
        part in words for part in ("12,000", "zoning by_right", "station Hub North", "transformer in hand", "connection owned")
    )
    assert StatedPower(document="letter").words == ""


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("flexible", "maybe", "is neither yes nor no. Write yes or no"),
        ("transformer_in_hand", "2", "is neither yes nor no"),
        ("signed_mw", "-3", "must be a number of at least 0"),
        ("existing_connection_mw", "lots", "must be a number of at least 0"),
        ("turbines_on_order_mw", "inf", "must be a number of at least 0"),
        ("price_per_acre", "12,000", "must be a number of at least 0"),
        ("energisation", "June 2027", "is no month. Write YYYY-MM, e.g. 2027-06"),
        ("energisation", "2027-061", "is no month"),
        ("zoning", "perhaps", "is unknown. Use by_right or rezoning"),
    ],
)
def test_mistakes_name_the_column_the_value_and_the_remedy(column, value, told):
    """In one line."""
    problem = stated_power_of({column: value})
    assert isinstance(problem, str)
    assert problem.startswith(f"{column} '{value}' ")
    assert told in problem
    assert "\n" not in problem


@pytest.mark.parametrize("alone", [{"signed_mw": "300"}, {"energisation": "2027-06"}])
def test_signed_megawatts_need_their_month(alone):
    """And the other way round."""
    assert stated_power_of(alone) == "signed_mw and energisation belong together. Give both or neither."


# -- files ---------------------------------------------------------------------------------------------------------------


def as_csv(folder):
    """One place with everything said, one with nothing."""
    names = ",".join(FULL)
    path = folder / "my.csv"
    path.write_text(f"name,lat,lon,{names}\nA,32.45,-99.73,{','.join(FULL.values())}\nB,33,-99,{',' * (len(FULL) - 1)}\n")
    return path


def as_geojson(folder):
    """The same as points."""
    points = [("A", [-99.73, 32.45], FULL), ("B", [-99.0, 33.0], {})]
    features = [
        {"type": "Feature", "properties": {"name": n} | said, "geometry": {"type": "Point", "coordinates": xy}}
        for n, xy, said in points
    ]
    path = folder / "my.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def as_geoparquet(folder):
    """The same with columns of their own types."""
    typed = {name: getattr(SAID, name) for name in COLUMNS}
    path = folder / "my.parquet"
    columns = {"name": ["A", "B"]} | {name: [value, None] for name, value in typed.items()}
    geopandas.GeoDataFrame(columns, geometry=shapely.points([[-99.73, 32.45], [-99, 33]]), crs=4326).to_parquet(path)
    return path


@pytest.mark.parametrize("write", [as_csv, as_geojson, as_geoparquet])
def test_all_formats_say_the_same(write, tmp_path):
    """The facts of each row, and nothing for the row without any."""
    first, second = read_listing(write(tmp_path), Limits()).entries
    assert (first.problem, second.problem) == (None, None)
    assert first.stated.power == SAID
    assert second.stated.power == NOTHING_SAID


def test_a_mistake_in_a_file_is_told_with_its_row(tmp_path):
    """File, row, column, remedy."""
    path = tmp_path / "my.csv"
    path.write_text("name,lat,lon,zoning\nA,32.45,-99.73,by_right\nB,32.6,-99.9,perhaps\n")
    with pytest.raises(SitesError, match=r"my\.csv.*3.*zoning 'perhaps' is unknown\. Use by_right or rezoning"):
        read_sites(path)


# -- what follows --------------------------------------------------------------------------------------------------------


def test_rows_override_the_options_of_the_configuration(default_path):
    """Said counts, unsaid is the option; an owned MW is an owned connection."""
    delivery = load_config(
        default_path, {"delivery.options.battery": "true", "delivery.options.flexible": "true"}
    ).config.delivery
    hand = in_hand([SAID, NOTHING_SAID, StatedPower(existing_connection_mw=80.0, flexible=False)], delivery)
    assert hand.flexible.tolist() == [True, True, False]
    assert hand.battery.tolist() == [True, True, True]
    assert hand.existing.tolist() == [True, False, True]
    assert hand.phased.tolist() == [False, True, True]
    assert hand.transformer.tolist() == [True, False, False]
    assert hand.approved.tolist() == [True, False, False]
    np.testing.assert_array_equal(hand.existing_mw, [120, np.nan, 80])
    np.testing.assert_array_equal(hand.ordered_mw, [250.5, np.nan, np.nan])
    np.testing.assert_array_equal(hand.signed_months, [7, np.nan, np.nan])


@pytest.mark.parametrize(("month", "by_years"), [("2027-12", [0, 300, 300]), ("2028-01", [0, 0, 300])])
def test_signed_megawatts_are_printed_in_the_month_signed(default_path, month, by_years):
    """The month of the first 200 MW is the one of the document, and the year ends agree with it."""
    delivery, project = of_power(load_config(default_path, CERTAIN).config)
    hand = in_hand([StatedPower(signed_mw=300.0, energisation=month)], delivery)
    facts = dataclasses.replace(sites({"headroom_mw": (0.0,) * 3, "gas_km": 9000.0}), hand=hand)
    table = timetable(facts, delivery, project)
    grid = table.pathways["grid"]
    assert {int(m) for m in table.month_numbers(grid.first_months)[0]} == {2027 * 12 + 11 if month == "2027-12" else 2028 * 12}
    assert grid.mw[0, :3].tolist() == [[mw] * 3 for mw in by_years]


def test_a_signed_row_is_dated_by_its_document_in_every_draw(default_path):
    """Shipped ranges have no part in the megawatts signed: with powered land the rest comes earlier, these do not."""
    delivery = load_config(default_path, {"delivery.draws": "100"}).config.delivery
    said = [StatedPower(signed_mw=100.0, energisation="2027-03", zoning="by_right", powered_land=p) for p in (False, True)]
    place = {"headroom_mw": (0.0,) * 3, "gas_km": 9000.0}
    facts = dataclasses.replace(sites(place, place), hand=in_hand(said, delivery))
    first, _, _, full = draws_of(facts, delivery, "grid", random_numbers(delivery))
    assert (first == 4).all()
    assert (full[1] < full[0]).any()
