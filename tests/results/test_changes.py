"""What changed between two manifests, in words."""

from __future__ import annotations

import pytest

from sitefinder.results.changes import changes

BEFORE = {
    "config": {"project": {"name": "a", "mw": 1000}, "weights": {"water": 0.1, "land": 0.2}},
    "inputs": {"water/rivers.parquet": "sha256:1", "grid/substations.parquet": "sha256:2"},
    "replaced_layers": {},
    "model": "m1",
    "commit": "c1",
    "versions": {"numpy": "2.0"},
}


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"config": {"project": {"name": "b", "mw": 1000}, "weights": {"water": 0.3, "land": 0.2}}}, "weights.water: 0.1 -> 0.3"),
        (
            {"inputs": {"water/rivers.parquet": "sha256:9", "grid/substations.parquet": "sha256:2"}},
            "data: water/rivers.parquet (changed)",
        ),
        ({"inputs": {"water/rivers.parquet": "sha256:1"}}, "data: grid/substations.parquet (gone)"),
        ({"replaced_layers": {"slope_pct": "mine.tif sha256:3"}}, "data: slope_pct (new)"),
        ({"model": "m2"}, "model: m1 -> m2"),
        ({"versions": {"numpy": "2.1"}}, "versions.numpy: 2.0 -> 2.1"),
    ],
)
def test_each_change_is_told_alone(part, words):
    """One line for one change; the name of a project is none."""
    assert changes(BEFORE, BEFORE | part) == [words]


def test_the_same_manifest_changes_nothing():
    """No line, though seconds and memory are others in every run."""
    assert changes(BEFORE | {"seconds": {"score": 1.0}}, BEFORE | {"seconds": {"score": 2.0}}) == []


def test_a_manifest_of_an_earlier_version_lacks_parts():
    """What it does not hold counts as changed; nothing fails."""
    assert changes({}, BEFORE)[-3:] == ["model: None -> m1", "commit: None -> c1", "versions: None -> {'numpy': '2.0'}"]
    assert changes(None, BEFORE) == ["no earlier run in this folder"]
