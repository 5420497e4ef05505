"""Where to look."""

from __future__ import annotations

import pytest

from sitefinder.config import load_config
from sitefinder.config.area import Area
from tests.helpers.config_text import refusal


def test_nothing_said_is_the_whole_country(default_config):
    """The shipped configuration leaves nothing out, and its fingerprint is that of before there were areas."""
    assert not default_config.config.area
    tree = default_config.config.model_copy(update={"area": Area(where=("TX",))})
    assert tree.area
    assert tree.fingerprint() != default_config.config.fingerprint()
    assert default_config.config.model_copy(update={"area": Area()}).fingerprint() == default_config.config.fingerprint()


def test_names_may_be_one_text_and_codes_may_be_numbers(default_path):
    """YAML takes 01001 for a number and drops its zero."""
    config = load_config(default_path, {"area.where": "[1001, 17093, tx]", "area.not_in": "PJM"}).config
    assert config.area.where == ("01001", "17093", "tx")
    assert config.area.not_in == ("PJM",)


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("area.where", "[1.5]", "not a list of names"),
        ("area.where", "[true]", "not a list of names"),
        ("area.near", "[41.5, -88.2]", "not a point and a distance"),
        ("area.near", "[-88.2, 41.5, 50]", "longitude before latitude"),
        ("area.near", "[60, -88, 50]", "outside the contiguous states"),
        ("area.near", "[41.5, -88.2, 0]", "no distance"),
        ("area.near", "[41.5, -88.2, .nan]", "finite"),
    ],
)
def test_what_is_no_area_is_refused(default_path, key, text, said):
    """One line with the key and how to write it."""
    message = refusal(default_path, {key: text})
    assert key in message
    assert said in message.replace("Not a", "not a")
