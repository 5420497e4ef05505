"""The preset of revealed weights: what is written, and the shipped file."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.config import FAMILIES, load_config
from sitefinder.pipeline.revealing import FOLLOWS, RANGES, preset_text, reveal_weights
from tests.helpers.paths import ROOT


@pytest.fixture(scope="module")
def preset():
    """The shipped preset."""
    return load_config(ROOT / "config/presets/revealed.yaml").config


def test_shipped_families_lie_in_the_published_ranges(preset):
    """Every family but the one that is not fitted, to the digits of the file."""
    shares = preset.family_weights()
    for family, (low, high) in RANGES.items():
        assert low - 1e-3 <= shares[family] <= high + 1e-3, family


def test_what_follows_campuses_has_no_weight(preset):
    """Exchange facilities and queues."""
    weights = preset.criterion_weights()
    assert [weights[k] for k in FOLLOWS] == [0.0] * len(FOLLOWS)


def test_preset_is_the_weighted_score_alone(preset):
    """The learned score rests on the same choices: both together would count them twice."""
    assert preset.model.share == 0.0


def test_text_is_a_configuration_with_its_intervals(tmp_path):
    """Weights of families and criteria come back as written; shares and intervals stand behind them."""
    fitted = np.array([0.3, 0.1, 0.6])
    drawn = np.tile(fitted, (20, 1))
    families = ("grid_capacity", "grid_capacity", "water")
    text = preset_text(("line_345_km", "able_grid_km", "river_km"), families, fitted, drawn)
    path = tmp_path / "mine.yaml"
    path.write_text(f"extends: {ROOT / 'config/default.yaml'}\n{text}", encoding="utf-8")
    config = load_config(path).config
    assert config.weights["grid_capacity"] == pytest.approx(0.4)
    assert config.criteria["grid_capacity"]["line_345_km"].weight == pytest.approx(0.75)
    assert "line_345_km: {weight: 0.750}  # 30.0 (30.0 to 30.0)" in text


@pytest.mark.slow
@pytest.mark.stack
def test_fitting_again_gives_a_preset_of_all_families(tiny_config, package, tmp_path, monkeypatch):
    """On coarse cells and few resamples: a whole file that loads."""
    monkeypatch.setattr("sitefinder.ml.revealed.DRAWS", 2)
    text = reveal_weights(tiny_config, data=package.root, cache=tmp_path)
    path = tmp_path / "presets" / "revealed.yaml"
    path.parent.mkdir()
    path.write_text(text.replace("../default.yaml", str(ROOT / "config/default.yaml")), encoding="utf-8")
    assert set(load_config(path).config.weights) == set(FAMILIES)
