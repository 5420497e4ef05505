"""Two runs compared."""

from __future__ import annotations

import csv
import io
import json
import math

import pytest

from sitefinder.config import load_config
from sitefinder.errors import ConfigError, DataError
from sitefinder.pipeline.stages import run
from sitefinder.results.differences import CAUSES, comparable, compare, report, table
from sitefinder.results.run import read_run
from tests.helpers.stacks import used

#: built layers of the country
pytestmark = pytest.mark.stack

COARSE = {
    "grid.resolution_m": "25000",
    "candidates.count": "60",
    "candidates.spacing_km": "50",
    "delivery.draws": "200",
    "uncertainty.draws": "200",
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory, default_path):
    """Three runs on the coarsest grid: as shipped, with more water, and with another value function and no model."""
    root = tmp_path_factory.mktemp("runs")
    changes = {
        "base": {},
        "water": {"weights.water": "0.4"},
        "both": {
            "criteria.grid_capacity.able_grid_km.table": "[[3, 1], [200, 0]]",
            "model.share": "0",
        },
    }
    used(root / "cache")
    for name, change in changes.items():
        run(load_config(default_path, {**COARSE, **change}), out=root / name, cache=root / "cache", with_map=False)
    return root


def test_run_compared_with_itself_shows_nothing(folders):
    """No site moved, no cause."""
    a = read_run(folders / "base")
    found = compare(a, a)
    assert (found.settings, found.inputs, found.model, found.code) == ([], [], False, None)
    assert all(move.rank_before == move.rank_after for move in found.moved)
    assert not found.entered
    assert not found.left
    assert "0 new, 0 gone" in report(found, a, a)


@pytest.mark.parametrize("other", ["water", "both"])
def test_causes_add_up_to_the_change_of_the_score(folders, other):
    """For every site that is in both lists."""
    found = compare(read_run(folders / "base"), read_run(folders / other))
    assert found.moved
    for move in found.moved:
        assert list(move.points) == list(CAUSES)
        assert math.fsum(move.points.values()) == pytest.approx(move.score_after - move.score_before, abs=1e-9)


def test_changed_weight_is_named_as_the_cause(folders):
    """The layers did not change; the setting is listed; weights carry the change."""
    a, b = read_run(folders / "base"), read_run(folders / "water")
    found = compare(a, b)
    assert [key for key, _, _ in found.settings] == ["weights.water"]
    assert found.inputs == []
    for move in found.moved:
        assert move.points["layers"] == pytest.approx(0.0, abs=1e-9)
        assert move.points["value functions"] == 0.0
    assert any("weight of" in move.because for move in found.moved)
    assert "weights.water: 0.1 -> 0.4" in report(found, a, b)


def test_changed_value_function_and_model_are_told_apart(folders):
    """Each has its own column."""
    found = compare(read_run(folders / "base"), read_run(folders / "both"))
    assert found.model
    assert any(abs(move.points["value functions"]) > 0.1 for move in found.moved)
    assert any("value function of able_grid_km" in move.because for move in found.moved)
    assert any(abs(move.points["learned score"]) > 0.1 for move in found.moved)


def test_changed_layer_is_named_with_both_numbers(folders, tmp_path):
    """A site whose river moved away, and the file that changed."""
    other = tmp_path / "other"
    other.mkdir()
    manifest = json.loads((folders / "base" / "run.json").read_text())
    name = next(iter(manifest["inputs"]))
    manifest["inputs"][name] = "sha256:else"
    (other / "run.json").write_text(json.dumps(manifest))
    sites = json.loads((folders / "base" / "sites.geojson").read_text())
    row = sites["features"][0]["properties"]
    row["river_km"], row["score"], row["weighted_score"] = 500.0, row["score"] - 2.0, row["weighted_score"] - 2.0
    (other / "sites.geojson").write_text(json.dumps(sites))
    found = compare(read_run(folders / "base"), read_run(other))
    moved = next(move for move in found.moved if move.site_id == row["site_id"])
    assert found.inputs == [f"{name} (changed)"]
    assert moved.points["layers"] < 0
    assert "to 500" in moved.because


def test_table_lists_every_site_of_both_lists(folders):
    """As CSV, largest moves first."""
    found = compare(read_run(folders / "base"), read_run(folders / "water"))
    rows = list(csv.DictReader(io.StringIO(table(found))))
    assert len(rows) == len(found.moved)
    steps = [abs(int(r["rank_after"]) - int(r["rank_before"])) for r in rows]
    assert steps == sorted(steps, reverse=True)


def copy_of(folders, tmp_path, change):
    """A copy of the base run with a changed manifest."""
    folder = tmp_path / "copy"
    folder.mkdir()
    manifest = json.loads((folders / "base" / "run.json").read_text())
    change(manifest)
    (folder / "run.json").write_text(json.dumps(manifest))
    (folder / "sites.geojson").write_bytes((folders / "base" / "sites.geojson").read_bytes())
    return folder


def change(path, edit):
    """Change a JSON file in place."""
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content))


def test_runs_on_different_grids_are_refused(folders, tmp_path):
    """Their cells are different places."""
    other = copy_of(folders, tmp_path, lambda m: m["config"]["grid"].update(resolution_m=5000.0))
    with pytest.raises(ConfigError, match=r"not comparable: grid\.resolution_m is 25000 and 5000"):
        compare(read_run(folders / "base"), read_run(other))


def test_runs_without_a_common_site_are_refused(folders, tmp_path):
    """Nothing can be said about them."""
    other = copy_of(folders, tmp_path, lambda m: None)
    sites = json.loads((other / "sites.geojson").read_text())
    for i, feature in enumerate(sites["features"]):
        feature["properties"]["site_id"] = f"X-{i}"
    (other / "sites.geojson").write_text(json.dumps(sites))
    with pytest.raises(ConfigError, match="no site in common"):
        compare(read_run(folders / "base"), read_run(other))


def test_configuration_of_another_version_is_refused(folders, tmp_path):
    """The key that does not fit is named."""
    other = copy_of(folders, tmp_path, lambda m: m["config"]["criteria"]["water"]["river_km"].update(unheard_of=1))
    with pytest.raises(DataError, match="unheard_of"):
        compare(read_run(folders / "base"), read_run(other))


@pytest.mark.parametrize(
    ("damage", "lacking"),
    [
        (lambda folder: change(folder / "run.json", lambda content: content.pop("inputs")), "inputs"),
        (lambda folder: change(folder / "sites.geojson", lambda c: c["features"][1]["properties"].pop("rank")), "rank"),
        (
            lambda folder: change(folder / "sites.geojson", lambda c: c["features"][0]["properties"].pop("weighted_score")),
            "weighted_score",
        ),
    ],
)
def test_files_that_lack_what_is_compared_are_refused(folders, tmp_path, damage, lacking):
    """One line: the folder, the key and the remedy, whichever of the two runs it is."""
    whole, folder = read_run(folders / "base"), copy_of(folders, tmp_path, lambda m: None)
    damage(folder)
    expected = f"Cannot compare {folder}: its files lack '{lacking}'. Rank it again with this version."
    for pair in ((whole, read_run(folder)), (read_run(folder), whole)):
        with pytest.raises(DataError) as caught:
            compare(*pair)
        assert str(caught.value) == expected


def test_a_run_of_another_version_that_holds_enough_is_compared(folders, tmp_path):
    """Columns and sections that no comparison needs may be lacking."""
    folder = copy_of(folders, tmp_path, lambda m: m["config"].pop("costs"))
    change(folder / "sites.geojson", lambda content: [f["properties"].pop("capex_musd_mid") for f in content["features"]])
    other = read_run(folder)
    assert comparable(other) is other
    found = compare(read_run(folders / "base"), other)
    assert all(move.rank_before == move.rank_after for move in found.moved)
    assert {key.split(".")[0] for key, _, _ in found.settings} == {"costs"}
