"""The register of output columns."""

from __future__ import annotations

import re

import pytest
from sitefinder.results.columns import NEAREST_LAYERS, columns, family_column, layer_column

from sitefinder.certainty.columns import CERTAINTY
from sitefinder.config import FAMILIES
from sitefinder.layers import REGISTRY
from sitefinder.sites.columns import NEAREST, USER

ALL = columns(tuple(REGISTRY), user=True)
MONEY = {"million USD", "million USD/yr", "million USD/month", "USD/MWh"}
PHYSICAL = {"", "points", "degrees", "acres", "kV", "MMcf/d", "inches", "m3/s"}
WORDS = PHYSICAL | MONEY | {layer.spec.unit for layer in REGISTRY.values()}


def test_names_are_unique():
    """No column of the widest file has the name of another."""
    names = [c.name for c in ALL]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("column", ALL, ids=lambda c: c.name)
def test_column_says_what_it_means(column):
    """A plain name, a meaning, a source, a known unit."""
    assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)
    assert len(column.meaning) > 3
    assert column.source
    assert column.unit in WORDS


def test_numbers_have_decimals():
    """A column with a unit is a number and says how many digits it keeps."""
    assert [c.name for c in ALL if c.unit and c.decimals is None] == []


def test_user_columns_come_only_with_the_users_own_sites():
    """The national list has no column about the user's file, and the user's none about the certainty of national ranks."""
    national = {c.name for c in columns(("slope_pct",))}
    own = {c.name for c in columns(("slope_pct",), user=True)}
    assert own - national == {c.name for c in USER}
    assert national - own == {c.name for c in CERTAINTY}


def test_every_family_has_a_score():
    """One score per family, in reporting order."""
    found = [c.name for c in columns(()) if c.name in {f"score_{f}" for f in FAMILIES}]
    assert found == [f"score_{f}" for f in FAMILIES]
    assert family_column("gas").decimals == 1


def test_layers_come_last_in_the_order_given():
    """Layer values follow the criteria of the run."""
    ids = ("slope_pct", "gas_any_km", "river_km")
    assert tuple(c.name for c in columns(ids)[-3:]) == ids


def test_layer_column_takes_unit_and_sources_from_the_layer():
    """The register of layers is the one place where a unit is written."""
    column, spec = layer_column("gas_any_km"), REGISTRY["gas_any_km"].spec
    assert (column.unit, column.meaning) == (spec.unit, spec.meaning)
    assert all(source in column.source for source in spec.sources)


def test_nearest_columns_have_a_layer_each():
    """Every column of a nearest feature is filled by a layer that exists."""
    assert set(NEAREST_LAYERS) == {c.name for c in NEAREST}
    assert set(NEAREST_LAYERS.values()) <= set(REGISTRY)


def test_sources_of_place_columns_exist(package):
    """A source that names a compiled file names one that is in the data register."""
    files = {part for c in ALL for part in c.source.split(", ") if "/" in part}
    assert files <= set(package.resources)
