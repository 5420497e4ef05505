"""Keys of a file checked against a model; whole messages are tested where the files are read."""

from __future__ import annotations

import pytest

from sitefinder.config import Config
from sitefinder.config.checking import names_beside, read_checked
from sitefinder.config.financing import Terms
from sitefinder.config.keyed_yaml import Source
from sitefinder.config.kinds import Part
from sitefinder.errors import ConfigError


@pytest.mark.parametrize(
    ("model", "keys", "name"),
    [
        (Config, ("projekt",), "project"),
        (Config, ("criteria", "gas", "gas_any_km", "wight"), "weight"),
        (Config, ("criteria", "gas", "gas_any_km", "ramp", "wurst"), "worst"),
        (Config, ("delivery", "grid", "transformr"), "transformer"),
        (Config, ("delivery", "grid", "line", 230, "bas"), "base"),
        (Config, ("needs", "water", "wue", "wet"), "hybrid"),
        (Config, ("connections", "terrain", "steep", "step"), "steps"),
        (Terms, ("site_risk", "rank_interval", "steps", 0, "bps"), "bp"),
        (Terms, ("lenders", "jbic", "tenor"), "tenor_years"),
    ],
)
def test_names_in_place_of_an_unknown_key_are_those_of_its_section(model, keys, name):
    """Through mappings, lists, optional and generic sections."""
    assert name in names_beside(model, keys)


def test_names_below_a_number_are_none():
    """Nothing can be suggested where nothing may stand."""
    assert names_beside(Config, ("weights", "gas", "x")) == []
    assert names_beside(Config, ("nothing", "x", "y")) == []


def test_a_missing_key_names_the_shipped_file_of_its_section(tmp_path):
    """The file to copy it from."""

    class Deep(Part):
        given: int

    class Whole(Part):
        deep: Deep
        other: int

    path = tmp_path / "a.yaml"
    path.write_text("deep: {}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_checked(path, Whole, Source("thing", "--thing", "whole.yaml", {"deep": "deep.yaml"}), None)
    assert str(caught.value).splitlines() == [
        f"Missing key in {path}:1: deep.given. Add it, as in deep.yaml.",
        f"Missing key in {path}: other. Add it, as in whole.yaml.",
    ]


def test_a_section_that_is_left_out_can_be_set(tmp_path):
    """Its keys have defaults: a short file need not hold them to be run at other megawatts."""

    class Inner(Part):
        given: int = 1

    class Outer(Part):
        inner: Inner = Inner()
        other: Inner | None = None

    path = tmp_path / "a.yaml"
    path.write_text("other: null\n", encoding="utf-8")
    source = Source("thing", "--thing", "whole.yaml", {})
    tree, outer = read_checked(path, Outer, source, {"inner.given": "3", "other.given": "4"})
    assert (outer.inner.given, outer.other.given) == (3, 4)
    assert tree.where(("inner", "given")) == "--set inner.given"
    with pytest.raises(ConfigError, match="has no 'iner'; use one of other"):
        read_checked(path, Outer, source, {"iner.given": "3"})
