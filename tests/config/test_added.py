"""Layers of the user's own, as the configuration takes them."""

from __future__ import annotations

import hashlib
import json

import pytest
from pydantic import ValidationError

from sitefinder.config import load_config
from sitefinder.config.added import Added, GivenStations
from sitefinder.config.project import Layers
from sitefinder.errors import ConfigError
from tests.helpers.paths import ROOT

SHARE = {"file": "a.gpkg", "measure": "share", "family": "land", "title": "A", "unit": "%"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"unit": "km"}, "is in %, not km"),
        ({"measure": "distance"}, "is in km, not %"),
        ({"column": "mw"}, "has no column; remove it"),
        ({"measure": "value", "unit": "MW"}, "needs column; add it"),
        ({"measure": "sum", "column": "mw", "unit": "MW"}, "needs within_km; add it"),
        ({"family": "watr"}, "did you mean 'water'"),
        ({"title": ""}, "at least 1 character"),
    ],
)
def test_a_measure_has_its_keys_and_its_unit(changes, expected):
    """What a measure needs, what it has no use for, and the unit that it has by itself."""
    with pytest.raises(ValidationError, match=expected):
        Added.model_validate(SHARE | changes)


@pytest.mark.parametrize("name", ["slope_pct", "zones", "my_Zones", "my_", "my zones"])
def test_names_tell_the_users_layers_from_the_products(name):
    """No layer or column of the product begins with my_, today or later."""
    with pytest.raises(ValidationError, match="is no name of a layer of yours"):
        Layers.model_validate({"add": {name: SHARE}})


def test_one_file_is_a_list_of_it():
    """Unavailable land of one file needs no brackets."""
    assert Layers.model_validate({"unavailable": "a.geojson"}).unavailable == ("a.geojson",)


def test_what_nobody_asks_for_leaves_the_fingerprint_as_it_was(default_config):
    """Runs of before keep theirs; every key that is used changes it."""
    plain = default_config.config.fingerprint()
    tree = default_config.config.model_dump(mode="json")
    del tree["area"], tree["inclusions"], tree["layers"]["add"], tree["layers"]["unavailable"]
    del tree["delivery"]["grid"]["stations"]
    text = json.dumps(tree, sort_keys=True, separators=(",", ":"))
    assert plain == hashlib.sha256(text.encode()).hexdigest()
    used = [
        {"layers.unavailable": "[a.geojson]"},
        {"layers.add": "{my_a: {file: a.gpkg, measure: share, family: land, title: A, unit: '%'}}"},
        {"inclusions": "{a: {layer: slope_pct, unit: '%', below: 1, reason: flat}}"},
        {"delivery.grid.stations": "{file: a.csv}"},
    ]
    prints = {load_config(ROOT / "config" / "default.yaml", settings).config.fingerprint() for settings in used}
    assert len(prints | {plain}) == 5


def test_gates_of_places_have_a_bit_each(default_config):
    """31 are the most, whatever stands beside them on footprints alone; unavailable land has one of them."""
    gate = "{layer: slope_pct, unit: '%', above: 8, reason: steep}"
    places = sum(g.scope == "place" for g in default_config.config.exclusions.values())
    many = {f"exclusions.more_{i}": gate for i in range(31 - places)}
    assert len(load_config(ROOT / "config" / "default.yaml", many).config.exclusions) > 31
    for more in ({"exclusions.last": gate}, {"layers.unavailable": "a.geojson"}):
        with pytest.raises(ConfigError, match="gates of the scope place, the limit is 3"):
            load_config(ROOT / "config" / "default.yaml", many | more)


def test_a_station_is_the_mapped_one_within_two_kilometres():
    """The distance is said, and bounded."""
    assert GivenStations(file="a.csv").match_km == 2.0
    with pytest.raises(ValidationError):
        GivenStations(file="a.csv", match_km=100.0)
