"""One record for a campus: its columns, and the way into a file and back."""

from __future__ import annotations

import dataclasses
import json
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitefinder.certainty.columns import CertaintyPart
from sitefinder.config import FAMILIES
from sitefinder.layers import REGISTRY
from sitefinder.results.site import ALWAYS, LAYER_HEADING, PARTS, Site, columns, layer_column
from sitefinder.sites.columns import NEAREST_LAYERS, NearestPart, OwnPart
from sitefinder.sites.scores import FLAG_LAYERS
from tests.helpers.records import site

#: a finished run of the country
pytestmark = pytest.mark.stack

NATIONAL, OWN = columns(tuple(REGISTRY)), columns(tuple(REGISTRY), user=True)
ALL = tuple(dict.fromkeys((*NATIONAL, *OWN)))
MONEY = {"million USD", "million USD/yr", "million USD/month", "USD/MWh"}
PHYSICAL = {"", "points", "degrees", "acres", "kV", "MMcf/d", "inches", "m3/s", "km2", "years", "h", "MVA", "USD/MMBtu"}
WORDS = PHYSICAL | MONEY | {layer.spec.unit for layer in REGISTRY.values()}
#: parts that a configuration may leave out
OPTIONAL = [name for name in PARTS if name not in ALWAYS]


# -- the columns -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shown", [NATIONAL, OWN], ids=["national", "own"])
def test_names_are_unique(shown):
    """No column of the widest file has the name of another."""
    names = [c.name for c in shown]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("column", ALL, ids=lambda c: c.name)
def test_column_says_what_it_means(column):
    """A plain name, a meaning without gaps, a source, a heading, a known unit."""
    assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)
    assert len(column.meaning) > 3
    assert "{" not in column.meaning
    assert column.source
    assert column.heading
    assert column.unit in WORDS


def test_numbers_have_decimals():
    """A column with a unit is a number and says how many digits it keeps."""
    assert [c.name for c in ALL if c.unit and c.decimals is None] == []


def test_own_columns_come_only_with_the_users_own_sites():
    """The national list has no column about the user's file, and the user's none about the certainty of national ranks."""
    national, own = ({c.name for c in columns(("slope_pct",), user=user)} for user in (False, True))
    assert own - national == set(OwnPart.names())
    assert national - own == set(CertaintyPart.names())


def test_every_family_has_a_score():
    """One score per family, in reporting order."""
    families = {f"score_{f}" for f in FAMILIES}
    assert [c.name for c in columns(()) if c.name in families] == [f"score_{f}" for f in FAMILIES]


def test_layers_come_last_in_the_order_given():
    """Layer values follow the criteria of the run."""
    ids = ("slope_pct", "gas_any_km", "river_km")
    assert tuple(c.name for c in columns(ids)[-3:]) == ids


def test_a_layer_that_a_part_shows_is_no_column_twice():
    """The distance to the climate station stands once, with the evidence."""
    shown = [c for c in columns(("station_km", "slope_pct")) if c.name == "station_km"]
    assert [c.heading for c in shown] == ["Evidence"]


def test_layer_column_takes_unit_and_sources_from_the_layer():
    """The register of layers is the one place where a unit is written."""
    column, spec = layer_column("gas_any_km"), REGISTRY["gas_any_km"].spec
    assert (column.unit, column.meaning, column.heading) == (spec.unit, spec.meaning, LAYER_HEADING)
    assert all(source in column.source for source in spec.sources)


def test_nearest_columns_have_a_layer_each():
    """Every column of a nearest feature is filled by a layer that exists."""
    assert list(NEAREST_LAYERS) == [field.name for field in dataclasses.fields(NearestPart)]
    assert set(NEAREST_LAYERS.values()) <= set(REGISTRY)


def test_sources_that_are_files_exist(package):
    """A source that names a compiled file names one that is in the data register."""
    files = {part for c in ALL for part in c.source.split(", ") if "/" in part}
    assert files <= set(package.resources)


# -- the record ------------------------------------------------------------------------------------------------------------


def sites_of(finished):
    """Sites of both lists of the run."""
    return [*finished.result.sites, *finished.result.own]


def test_values_of_a_run_are_read_and_written_again_unchanged(finished):
    """Every column of both lists survives the way into the file and back."""
    for each in sites_of(finished):
        assert Site.of(each.values).values == each.values
        assert Site.of(json.loads(json.dumps(each.values))).values == each.values


def test_values_of_a_run_hold_every_column_in_order(finished):
    """Whatever the run did, the columns of its files are the same; those of the user's own file come last."""
    ids = (*finished.file.config.flat_criteria(), *FLAG_LAYERS)
    for user, sites in ((False, finished.result.sites), (True, finished.result.own)):
        names = [c.name for c in columns(ids, user=user)] + ["your_row", "your_name", "your_lat", "your_lon"] * user
        assert all(list(each.values) == names for each in sites)


def test_a_run_of_every_stage_leaves_no_part_out(finished):
    """But certainty in the user's own list, and the user's columns in the national one."""
    lacking = [{name for name in PARTS if getattr(each, name) is None} for each in sites_of(finished)]
    assert lacking == [{"own"}] * 12 + [{"certainty"}] * 2


def test_parts_of_a_site_read_again_are_those_that_were_computed(finished):
    """No part comes to life by being read, and none is lost."""
    for each in sites_of(finished):
        again = Site.of(each.values)
        assert [getattr(again, name) is None for name in PARTS] == [getattr(each, name) is None for name in PARTS]
        assert {type(getattr(again, name)) for name in ALWAYS} == {PARTS[name] for name in ALWAYS}


def test_fields_are_those_of_the_columns():
    """Typed access and the name in the file lead to the same number."""
    each = site(mw_p50_2031=640, full_load_p90="2032-05", capex_musd_high=2100, gas_route_km=3.4, nearest_river="Brazos River")
    assert each.power.mw[2031].p50 == 640.0
    assert each.power.full_load.p90 == "2032-05"
    assert each.costs.capex_musd.high == 2100.0
    assert each.routes.route("gas").km == 3.4
    assert each.nearest.river == "Brazos River"
    assert each.site_id == each.values["site_id"] == "TX-1"


@pytest.mark.parametrize("name", OPTIONAL)
def test_a_part_of_nulls_was_not_computed(name):
    """It is None, and its columns are null in the file."""
    each, shown = site(), PARTS[name].names()
    assert getattr(each, name) is None
    assert [each.values.get(column) for column in shown] == [None] * len(shown)


@pytest.mark.parametrize("name", OPTIONAL)
def test_one_value_makes_a_part_known(name):
    """What else the part holds is unknown then."""
    column = next(c for c in PARTS[name].columns() if c.decimals is not None)
    each = site(**{column.name: 1})
    assert getattr(each, name) is not None
    assert [k for k in PARTS[name].names() if each.values[k] is not None] == [column.name]


@pytest.mark.parametrize("column", [c.name for c in columns(())])
def test_a_missing_column_is_named(column):
    """A list of another version lacks one: whichever it is, unless its whole part is null, it is the argument of the error."""
    row = dict(site().values)
    del row[column]
    with pytest.raises(KeyError) as caught:
        Site.of(row)
    assert caught.value.args == (column,)


def test_a_list_with_a_column_of_its_own_is_read():
    """Later versions may add some; what is no layer is left aside."""
    row = site(slope_pct=2.0).values | {"unheard_of": 1}
    assert Site.of(row).values == site(slope_pct=2.0).values


def test_layers_are_numbers_or_unknown():
    """Unknown is None where it is asked for, and null in the file; so is a layer that the run did not use."""
    each = site(slope_pct=2.25, river_km=None)
    assert each.layer("slope_pct") == 2.25
    assert math.isnan(each.layers["river_km"])
    assert (each.layer("river_km"), each.values["river_km"]) == (None, None)
    assert each.layer("gas_any_km") is None
    assert "gas_any_km" not in each.values


@given(st.floats(0, 100) | st.none(), st.floats(0, 1e4) | st.none(), st.booleans())
def test_values_are_rounded_once(score, capex, own):
    """Read and written again, they stay what they are, of either list."""
    each = site(score=score, capex_musd_mid=capex, slope_pct=score, **({"acres_enough": True} if own else {}))
    assert Site.of(each.values).values == each.values
    assert each.values["score"] == (None if score is None else round(score, 2))
