"""Columns declared as typed fields: names, meanings, order, and the way into a file and back."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitefinder.columns import Column, Part, Quantiles, Range, column


@dataclass(frozen=True)
class Spur(Part):
    """One of several lines; its source and heading are its own."""

    source: ClassVar[str] = "spurs"
    heading: ClassVar[str] = "Spurs"

    to: str | None = column("Name of {key}", name="{key}_to")
    cost_musd: Range = column("Cost of the spur to {key}, {end}", name="{key}_cost_musd", unit="million USD", decimals=1)


@dataclass(frozen=True)
class Farm(Part):
    """Every kind of field."""

    source: ClassVar[str] = "farms"
    heading: ClassVar[str] = "Farms"

    name: str = column("What it is called")
    rank: int | None = column("Place in the list", decimals=0)
    open_land: bool | None = column("Whether it is open", source="land", heading="Land")
    acres: float = column("Acres", unit="acres", decimals=1)
    yield_t: Range = column("Harvest", unit="t", decimals=0)
    ready: Quantiles[str | None] = column("Month of harvest: {end}; null if never", ends=("early", "middle", "late"))
    head: Mapping[int, Quantiles[float]] = column(
        "Cattle in {key}, {end}", name="head_{end}_{key}", decimals=0, keys={2026: "its first year", 2027: "its second year"}
    )
    share: Mapping[str, float] = column("Share of {key}", name="{key}_share", decimals=2, keys={"hay": "grass", "oat": "oats"})
    road: Spur = column("the road")
    spurs: Mapping[str, Spur] = column("", keys={"rail": "the railway", "port": "the river port"})


NAMES = [
    "name", "rank", "open_land", "acres", "yield_t_low", "yield_t_mid", "yield_t_high", "ready_p10", "ready_p50", "ready_p90",
    "head_p10_2026", "head_p50_2026", "head_p90_2026", "head_p10_2027", "head_p50_2027", "head_p90_2027",
    "hay_share", "oat_share",
    "road_to", "road_cost_musd_low", "road_cost_musd_mid", "road_cost_musd_high",
    "rail_to", "rail_cost_musd_low", "rail_cost_musd_mid", "rail_cost_musd_high",
    "port_to", "port_cost_musd_low", "port_cost_musd_mid", "port_cost_musd_high",
]  # fmt: skip
COLUMNS = {c.name: c for c in Farm.columns()}

numbers = st.floats(allow_nan=False, allow_infinity=False, width=32)
months = st.none() | st.sampled_from(["2026-12", "2030-01"])
ranges = st.builds(Range, numbers, numbers, numbers)
spurs = st.builds(Spur, st.none() | st.text(), ranges)
farms = st.builds(
    Farm,
    name=st.text(),
    rank=st.none() | st.integers(1, 500),
    open_land=st.none() | st.booleans(),
    acres=numbers,
    yield_t=ranges,
    ready=st.builds(Quantiles, months, months, months),
    head=st.fixed_dictionaries(dict.fromkeys((2026, 2027), st.builds(Quantiles, numbers, numbers, numbers))),
    share=st.fixed_dictionaries(dict.fromkeys(("hay", "oat"), numbers)),
    road=spurs,
    spurs=st.fixed_dictionaries(dict.fromkeys(("rail", "port"), spurs)),
)
#: a farm of which only the name is known
UNKNOWN = dict.fromkeys(NAMES) | {"name": "Erewhon"}


def test_names_follow_fields_keys_and_ends():
    """One column per plain field, three per range and quantiles, one set per key of a mapping, in the order of the fields."""
    assert list(Farm.names()) == NAMES
    assert [c.name for c in Farm.columns()] == NAMES


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("acres", "Acres"),
        ("yield_t_low", "Harvest: low end"),
        ("yield_t_mid", "Harvest: most likely"),
        ("yield_t_high", "Harvest: high end"),
        ("ready_p90", "Month of harvest: late; null if never"),
        ("head_p10_2027", "Cattle in its second year, low end"),
        ("oat_share", "Share of oats"),
        ("road_to", "Name of the road"),
        ("port_cost_musd_mid", "Cost of the spur to the river port, most likely"),
    ],
)
def test_meanings_name_the_key_and_the_end(name, meaning):
    """In the words that the declaration gives them, or in the usual ones."""
    assert COLUMNS[name].meaning == meaning


def test_source_and_heading_are_those_of_the_part_unless_a_column_has_its_own():
    """A part inside another keeps its own."""
    assert (COLUMNS["acres"].source, COLUMNS["acres"].heading) == ("farms", "Farms")
    assert (COLUMNS["open_land"].source, COLUMNS["open_land"].heading) == ("land", "Land")
    assert (COLUMNS["rail_to"].source, COLUMNS["rail_to"].heading) == ("spurs", "Spurs")


def test_unit_and_decimals_hold_for_all_columns_of_a_field():
    """All three ends of a range, every key of a mapping; text has neither."""
    assert {(c.unit, c.decimals) for name, c in COLUMNS.items() if name.startswith("yield_t")} == {("t", 0)}
    assert {(c.unit, c.decimals) for name, c in COLUMNS.items() if "cost_musd" in name} == {("million USD", 1)}
    assert {(c.unit, c.decimals) for name, c in COLUMNS.items() if name.startswith("ready")} == {("", None)}


def test_parts_do_not_share_columns():
    """Each class has its own, asked for once or twice."""
    assert Spur.names() == ("to_to", "cost_musd_cost_musd_low", "cost_musd_cost_musd_mid", "cost_musd_cost_musd_high")
    assert Farm.columns() is Farm.columns()


@given(farms)
def test_a_part_is_what_it_was_after_the_way_through_its_row(farm):
    """Row and reading are inverse to each other, whatever the values."""
    row = farm.row()
    assert list(row) == NAMES
    assert Farm.of(row) == farm
    assert Farm.of(row).row() == row


@given(farms)
def test_a_row_holds_the_values_under_the_names_of_their_keys_and_ends(farm):
    """No value stands under the name of another."""
    row = farm.row()
    assert row["yield_t_high"] == farm.yield_t.high
    assert row["ready_p50"] == farm.ready.p50
    assert row["head_p90_2026"] == farm.head[2026].p90
    assert row["hay_share"] == farm.share["hay"]
    assert (row["road_to"], row["port_to"]) == (farm.road.to, farm.spurs["port"].to)
    assert row["rail_cost_musd_low"] == farm.spurs["rail"].cost_musd.low


@given(farms)
def test_what_a_file_holds_is_read_and_written_again_unchanged(farm):
    """Rounded values survive any number of times."""
    written = {c.name: c.written(value) for c, value in zip(Farm.columns(), farm.row().values(), strict=True)}
    again = Farm.of(written).row()
    assert {c.name: c.written(again[c.name]) for c in Farm.columns()} == written


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_column_is_named(name):
    """Whichever it is, also in the middle of a range or of a part."""
    row = {key: value for key, value in UNKNOWN.items() if key != name}
    with pytest.raises(KeyError) as caught:
        Farm.of(row)
    assert caught.value.args == (name,)


def test_columns_of_others_do_not_disturb():
    """A part takes its own columns out of a whole row."""
    assert Farm.of(UNKNOWN | {"slope_pct": 3.0}).row().keys() == set(NAMES)


def test_unknown_is_nan_for_numbers_and_none_for_the_rest():
    """Null in a file is what the type of the field calls unknown."""
    farm = Farm.of(UNKNOWN)
    numbers = [farm.acres, *farm.yield_t, *farm.head[2027], *farm.share.values(), *farm.spurs["port"].cost_musd]
    assert all(math.isnan(number) for number in numbers)
    assert (farm.rank, farm.open_land, farm.road.to, farm.ready) == (None, None, None, Quantiles(None, None, None))


def test_unknown_is_null_again_in_the_file():
    """Neither NaN, which JSON cannot say, nor zero."""
    row = Farm.of(UNKNOWN).row()
    assert {c.name: c.written(row[c.name]) for c in Farm.columns()} == UNKNOWN


def test_whole_numbers_of_a_file_become_what_the_field_holds():
    """A rounded number is an int in JSON, and a float in a field of floats."""
    farm = Farm.of(UNKNOWN | {"acres": 1200, "rank": 3, "head_p10_2026": 4})
    assert isinstance(farm.acres, float)
    assert isinstance(farm.head[2026].p10, float)
    assert isinstance(farm.rank, int)


@pytest.mark.parametrize(
    ("name", "value"),
    [("acres", "many"), ("rank", "first"), ("open_land", "yes"), ("road_to", 7), ("hay_share", [0.5]), ("ready_p50", 1)],
)
def test_a_value_of_another_kind_is_refused(name, value):
    """A number where text is due, or the other way round."""
    with pytest.raises((TypeError, ValueError)):
        Farm.of(UNKNOWN | {name: value})


def test_fields_without_a_declaration_are_no_columns():
    """A part may hold what no file shows."""

    @dataclass(frozen=True)
    class Shed(Part):
        area: float = column("Area", unit="acres", decimals=0)
        note: str = dataclasses.field(default="")

    assert Shed.names() == ("area",)
    assert Shed.of({"area": 2}) == Shed(2.0)


@given(numbers, st.integers(1, 6))
def test_numbers_are_written_with_the_digits_of_their_column(value, decimals):
    """The written number is the nearest with so many decimals."""
    assert Column("a", "", "A", "x", decimals).written(value) == round(value, decimals)


@given(numbers | st.integers(-1000, 1000))
def test_columns_without_decimals_hold_whole_numbers(value):
    """As ints, which JSON writes without a point."""
    written = Column("a", "", "A", "x", 0).written(value)
    assert isinstance(written, int)
    assert abs(written - value) <= 0.5


@pytest.mark.parametrize("kind", [float, np.float64, np.float32])
@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
@pytest.mark.parametrize("decimals", [None, 0, 2])
def test_what_is_no_number_is_written_as_null(kind, value, decimals):
    """Of any float type and in any column, text columns included."""
    assert Column("a", "", "A", "x", decimals).written(kind(value)) is None


@pytest.mark.parametrize("value", [True, False, np.True_, np.False_])
def test_flags_are_written_as_flags(value):
    """Not as 1 and 0, also where the column keeps digits."""
    for decimals in (None, 0):
        assert Column("a", "", "A", "x", decimals).written(value) is bool(value)


@pytest.mark.parametrize("value", ["", "Ohio", None])
def test_text_is_written_as_it_is(value):
    """Empty text is a statement, null another."""
    assert Column("a", "", "A", "x").written(value) == value


@pytest.mark.parametrize("value", [np.int64(3), np.float32(2.5), np.float64(2.5), np.int32(-1)])
@pytest.mark.parametrize("decimals", [None, 0, 1])
def test_numbers_of_numpy_are_written_as_plain_ones(value, decimals):
    """JSON knows no other."""
    assert type(Column("a", "", "A", "x", decimals).written(value)) in (int, float)
