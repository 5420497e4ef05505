"""JSON Schemas that editors complete and check the configuration by."""

from __future__ import annotations

import json
import re

import pytest

from sitefinder.config import Config, load_config
from sitefinder.config.financing import SHIPPED, Terms
from sitefinder.config.keyed_yaml import read_tree
from sitefinder.config.schema import schema
from tests.helpers.paths import ROOT

CONFIG = ROOT / "config"
FILES = sorted(CONFIG.rglob("*.yaml"))


@pytest.fixture(scope="module")
def whole():
    """Schema of the configuration as the code makes it."""
    return schema(Config, load_config(CONFIG / "default.yaml").tree)


def test_the_committed_schemas_are_current(whole):
    """After a change of the models or of the comments: make docs."""
    terms = schema(Terms, read_tree(ROOT / SHIPPED.model, SHIPPED))
    for name, made in (("configuration", whole), ("financing", terms)):
        assert json.loads((CONFIG / "schema" / f"{name}.json").read_text(encoding="utf-8")) == json.loads(json.dumps(made)), name


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(CONFIG).as_posix())
def test_every_shipped_file_names_its_schema(path):
    """In the first line, as editors look for it."""
    first = path.read_text(encoding="utf-8").splitlines()[0]
    named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert named
    assert (path.parent / named[1]).is_file()
    assert ("financing" in named[1]) == (path.stem == "financing")


def test_a_key_is_described_with_its_unit_and_source(whole):
    """From the comment of the shipped file."""
    described = whole["$defs"]["GridSteps"]["properties"]
    assert described["agreement"]["description"] == "[months] contract, security, will-serve letter (K)"
    assert described["routing_factor"]["description"].startswith("[-] length of a line")
    assert described["transformer"]["description"].startswith("128 weeks")
    assert whole["$defs"]["WaterNeed"]["properties"]["wue"]["description"].startswith("litres per kWh")


def test_a_part_that_stands_in_several_places_has_no_description_of_one_of_them(whole):
    """A range by technology is a heat rate here and a price there."""
    assert "description" not in whole["$defs"]["ByTechnology"]["properties"]["engines"]


def test_a_file_may_hold_some_keys_only_and_extend_others(whole):
    """Nothing is required; unknown keys are not allowed."""
    assert not any("required" in part for part in (whole, *whole["$defs"].values()))
    assert whole["additionalProperties"] is False
    assert [option.get("type") for option in whole["properties"]["extends"]["anyOf"]] == ["string", "array"]


def test_a_year_is_a_month_for_editors_too(whole):
    """2028 means its end."""
    assert whole["$defs"]["Project"]["properties"]["energise_by"]["type"] == ["string", "integer"]
