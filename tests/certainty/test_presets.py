"""Campuses under the published sets of weights: read once, ranked by the same formula as the run."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import numpy as np
import pytest

from sitefinder.cache import Cache
from sitefinder.certainty.columns import PresetPart
from sitefinder.certainty.presets import TOP, Preset, preset_parts, preset_ranks, read_presets
from sitefinder.config import load_config
from sitefinder.errors import ConfigError
from tests.helpers.paths import ROOT

FOLDER = ROOT / "config" / "presets"


def shortlist(values, applicability=0.0, learned=0.0, ids=("a", "b")):
    """Campuses with these values of two criteria."""
    values = np.array(values, np.float64)
    n = len(values)
    return SimpleNamespace(ids=ids, values=lambda: values, applicability=np.full(n, applicability), learned=np.full(n, learned))


def test_shipped_sets_are_read_with_weights_that_sum_to_one(tmp_path):
    """Every file of the folder, by name; the set called ours weighs as the shipped configuration does."""
    found = {p.name: p for p in read_presets(FOLDER, 1000.0, Cache(tmp_path))}
    assert set(found) == {path.stem for path in FOLDER.glob("*.yaml")}
    for preset in found.values():
        assert sum(preset.weights.values()) == pytest.approx(1.0)
    assert found["ours"].weights == pytest.approx(load_config(ROOT / "config" / "default.yaml").config.criterion_weights())


def test_sets_follow_the_load(tmp_path):
    """A 230 kV line says nothing about 5 GW, whatever a set gives it."""
    found = ({p.name: p for p in read_presets(FOLDER, mw, Cache(tmp_path))} for mw in (1000.0, 5000.0))
    small, large = (presets["ercot_screen"].weights["line_230_km"] for presets in found)
    assert small > 0
    assert large == 0


def test_sets_are_kept_as_numbers_until_a_file_changes(tmp_path):
    """Also a file of the list that they extend in turn."""
    folder = tmp_path / "config"
    shutil.copytree(ROOT / "config", folder)
    cache = tmp_path / "cache"
    cache.mkdir()
    first = read_presets(folder / "presets", 1000.0, Cache(cache))
    assert read_presets(folder / "presets", 1000.0, Cache(cache)) == first
    assert len(list(cache.iterdir())) == 1
    text = (folder / "criteria.yaml").read_text().replace("{weight: 0.45, unit", "{weight: 0.9, unit")
    (folder / "criteria.yaml").write_text(text)
    assert read_presets(folder / "presets", 1000.0, Cache(cache)) != first


def test_equal_sets_of_two_folders_are_kept_apart(tmp_path):
    """What they extend lies elsewhere."""
    for name, weight in (("one", "0.10"), ("two", "0.50")):
        shutil.copytree(ROOT / "config", tmp_path / name)
        path = tmp_path / name / "default.yaml"
        path.write_text(path.read_text().replace("  water: 0.10", f"  water: {weight}"))
    one, two = (read_presets(tmp_path / name / "presets", 1000.0, Cache(tmp_path)) for name in ("one", "two"))
    assert one != two
    assert read_presets(tmp_path / "one" / "presets", 1000.0, Cache(tmp_path)) == one


def test_sets_are_read_again_when_a_file_they_extend_is_gone(tmp_path):
    """The refusal names the file."""
    folder = tmp_path / "config"
    shutil.copytree(ROOT / "config", folder)
    read_presets(folder / "presets", 1000.0, Cache(tmp_path))
    (folder / "assumptions" / "needs.yaml").unlink()
    with pytest.raises(ConfigError, match=r"default\.yaml:\d+: extends\.\d\. There is no file"):
        read_presets(folder / "presets", 1000.0, Cache(tmp_path))


def test_a_folder_without_sets_gives_none_and_is_told(tmp_path, caplog):
    """The ranking does not rest on them; the log names the key and the remedy."""
    assert read_presets(tmp_path, 1000.0, Cache(tmp_path)) == []
    assert "uncertainty.presets" in caplog.text
    ranks = preset_ranks(shortlist([[1.0, 0.0]]), [])
    assert preset_parts(ranks, 1) == [PresetPart(None, None, None, None)]


def test_a_base_elsewhere_is_read_again_when_it_changes(tmp_path):
    """Sets may extend files of other folders."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "sets").mkdir()
    base = tmp_path / "lib" / "base.yaml"
    shutil.copytree(ROOT / "config" / "assumptions", tmp_path / "lib" / "assumptions")
    shutil.copy(ROOT / "config" / "criteria.yaml", tmp_path / "lib")
    base.write_text((ROOT / "config" / "default.yaml").read_text())
    (tmp_path / "sets" / "a.yaml").write_text("extends: ../lib/base.yaml\n")
    (first,) = read_presets(tmp_path / "sets", 1000.0, Cache(tmp_path))
    base.write_text(base.read_text().replace("  water: 0.10", "  water: 0.50"))
    assert read_presets(tmp_path / "sets", 1000.0, Cache(tmp_path)) != [first]


def test_ranks_follow_the_weights():
    """The first campus is best in a, the last in b; equal scores keep the order of the run."""
    found = shortlist([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]])
    sets = [Preset("a", {"a": 1.0}, 0.0), Preset("b", {"b": 1.0}, 0.0), Preset("both", {"a": 0.5, "b": 0.5}, 0.0)]
    assert preset_ranks(found, sets).tolist() == [[1, 2, 3], [3, 2, 1], [1, 2, 3]]


def test_the_learned_share_of_a_set_counts_where_it_applies():
    """Half learned: the score of a campus the model likes rises."""
    found = shortlist([[0.6, 0.0], [0.5, 0.0]])
    found.applicability, found.learned = np.array([0.0, 1.0]), np.array([0.0, 1.0])
    weights = {"a": 1.0}
    assert preset_ranks(found, [Preset("x", weights, 0.0), Preset("y", weights, 0.5)]).tolist() == [[1, 2], [2, 1]]


def test_a_set_with_a_criterion_of_its_own_is_left_out(caplog):
    """It could not be computed; the others count."""
    sets = [Preset("x", {"c": 1.0}, 0.0), Preset("y", {"a": 1.0}, 0.0)]
    assert preset_ranks(shortlist([[1.0, 0.0]]), sets).shape == (1, 1)
    assert "'x' left out: it weighs c" in caplog.text


def test_parts_count_the_sets_that_like_a_site():
    """Rank 50 counts, 51 does not."""
    ranks = np.array([[1, TOP, TOP + 1], [3, TOP + 1, 200]])
    parts = preset_parts(ranks, 3)
    assert [part.presets_top50 for part in parts] == [2, 1, 0]
    assert parts[2] == PresetPart(presets=2, presets_top50=0, preset_rank_best=TOP + 1, preset_rank_worst=200)
    assert preset_parts(ranks, 1) == parts[:1]
