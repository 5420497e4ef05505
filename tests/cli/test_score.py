"""The command ``score``."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from sitefinder.cli.score import score
from tests.helpers.paths import DATA, ROOT
from tests.helpers.stacks import used


def _score(cache, *arguments):
    where = ["--config", ROOT / "config" / "default.yaml", "--data", DATA, "--cache", cache, "--resolution", "25000"]
    return CliRunner().invoke(score, [*map(str, where), *map(str, arguments)])


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """Built layers."""
    return used(tmp_path_factory.mktemp("scored") / "cache")


@pytest.mark.stack
def test_a_place_is_explained_in_lines(cache):
    """Score, families, gates, criteria, what lies around, a link; the same figures as in JSON."""
    lines, tree = _score(cache, "--at", "41.48,-88.25"), json.loads(_score(cache, "--at", "41.48,-88.25", "--json").stdout)
    assert lines.exit_code == 0, lines.output
    for text in (
        "Family grid capacity",
        "Gates",
        "Earns: ",
        "Loses: ",
        "Station for the load",
        "Nearest known campus",
        "https://",
    ):
        assert text in lines.output
    assert f"{tree['weighted']:.2f}" in lines.output
    assert tree["county_fips"] in lines.output


@pytest.mark.stack
def test_an_excluded_place_says_so(cache):
    """Yellowstone: a national park."""
    text = _score(cache, "--at", "44.6,-110.5").output
    assert "Excluded by: national_park" in text
    assert "Score without gates" in text


@pytest.mark.parametrize("text", ["x", "41.48", "41,-88,3", ""])
def test_what_is_no_point_is_refused(tmp_path, text):
    """One line with how to write it."""
    assert f"Invalid --at '{text}'" in str(_score(tmp_path, "--at", text).exception)
