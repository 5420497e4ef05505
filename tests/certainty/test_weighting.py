"""Weights given, from pairwise comparisons, and drawn."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.certainty.weighting import Pairwise, direct, dirichlet, draw_weights, read_pairwise
from sitefinder.config import FAMILIES
from sitefinder.config.uncertainty import Concentration
from sitefinder.errors import ConfigError

CONSISTENT = "power: {water: 4, land: 2}\nwater: {land: 1/2}\n"
CIRCULAR = "power: {water: 5, land: 1/5, fiber: 1}\nwater: {land: 5, fiber: 1}\nland: {fiber: 1}\n"


def write(folder, text):
    path = folder / "pairs.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("weights", [{"a": -1.0, "b": 2.0}, {"a": 0.0}, {"a": float("nan")}])
def test_impossible_direct_weights_are_refused(weights):
    """Negative, all zero or not a number."""
    with pytest.raises(ConfigError, match="Invalid weights"):
        direct(weights)


def test_consistent_comparisons_give_their_ratios_back(tmp_path):
    """4 : 1 : 2 with no contradiction has consistency ratio 0."""
    found = read_pairwise(write(tmp_path, CONSISTENT))
    assert found.weights == pytest.approx({"power": 4 / 7, "water": 1 / 7, "land": 2 / 7})
    assert found.consistency_ratio == pytest.approx(0.0, abs=1e-9)


def test_weights_and_eigenvalue_match_pymcdm(tmp_path):
    """The principal eigenvector of Saaty's method, against another implementation."""
    from pymcdm.weights.subjective import AHP

    matrix = np.array([[1, 3, 5, 2], [1 / 3, 1, 2, 1 / 2], [1 / 5, 1 / 2, 1, 1 / 4], [1 / 2, 2, 4, 1]])
    oracle = AHP(matrix=matrix)
    found = Pairwise(("a", "b", "c", "d"), matrix)
    np.testing.assert_allclose(list(found.weights.values()), oracle(), atol=1e-9)
    assert found.consistency_ratio == pytest.approx(oracle.get_cr(), rel=0.05)


def test_circular_comparisons_are_refused_with_the_worst_triad(tmp_path):
    """Power over water over land over power: the message names the three and what they imply."""
    with pytest.raises(ConfigError, match=r"consistency ratio .* above 0\.1\. Revise power, water, land first.*imply.*25"):
        read_pairwise(write(tmp_path, CIRCULAR))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("power: {water: 4, land: 2}\n", "Missing comparison .* water with land"),
        ("power: {water: 12}\n", r"pairs.yaml:1: power.water. Give a number from 1/9 to 9"),
        ("power: {water: many}\n", "Invalid comparison 'many'"),
        ("power: {water: 1/0}\n", "Invalid comparison '1/0'"),
        ("power: {water: 4}\nwater: {power: 4}\n", r"pairs.yaml:2: water.power. It contradicts"),
        ("power: {power: 3}\n", "contradicts 1"),
        ("power: 3\n", "one line per item"),
        ("power: {water: 1\n", "Invalid YAML"),
        ("".join(f"a{i}: {{b{i}: 1}}\n" for i in range(6)), "at most 10"),
    ],
)
def test_wrong_comparisons_are_refused_in_one_line(tmp_path, text, expected):
    """File, line, item and remedy."""
    with pytest.raises(ConfigError, match=expected) as caught:
        read_pairwise(write(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_missing_comparisons_file_is_refused(tmp_path):
    """A path that does not exist."""
    with pytest.raises(ConfigError, match="Cannot read"):
        read_pairwise(tmp_path / "none.yaml")


def test_drawn_shares_have_the_mean_and_spread_of_the_dirichlet_distribution():
    """Mean w, standard deviation sqrt(w (1 - w) / (c + 1))."""
    mean = np.array([0.4, 0.3, 0.2, 0.1, 0.0])
    drawn = dirichlet(mean, 50.0, 20_000, (1, 2))
    np.testing.assert_allclose(drawn.mean(axis=0), mean, atol=0.003)
    np.testing.assert_allclose(drawn.std(axis=0), np.sqrt(mean * (1 - mean) / 51), atol=0.002)
    np.testing.assert_allclose(drawn.sum(axis=1), 1.0)


def test_drawn_weights_sum_to_one_and_centre_on_the_configuration(default_config):
    """Over families and criteria, in reporting order."""
    config = default_config.config
    drawn = draw_weights(config, Concentration(), 5000, 1)
    wanted = np.array(list(config.criterion_weights().values()))
    np.testing.assert_allclose(drawn.sum(axis=1), 1.0)
    np.testing.assert_allclose(drawn.mean(axis=0), wanted, atol=0.004)
    assert list(config.criterion_weights()) == [k for f in FAMILIES for k in config.criteria[f]]


def test_fixed_weights_are_the_configured_ones_in_every_draw(default_config):
    """No concentration, no spread."""
    config = default_config.config
    drawn = draw_weights(config, Concentration(families=None, criteria=None), 3, 1)
    np.testing.assert_allclose(drawn, np.tile(list(config.criterion_weights().values()), (3, 1)), atol=1e-15)


def test_same_seed_draws_the_same_weights(default_config):
    """Another seed draws others."""
    a, b, c = (draw_weights(default_config.config, Concentration(), 10, s) for s in (1, 1, 2))
    np.testing.assert_array_equal(a, b)
    assert not np.allclose(a, c)


def test_family_without_weight_stays_without(default_path):
    """A weight of 0 is drawn as 0."""
    from sitefinder.config import load_config

    config = load_config(default_path, {"weights.gas": "0"}).config
    drawn = draw_weights(config, Concentration(), 50, 1)
    gas = [i for i, k in enumerate(config.criterion_weights()) if k in config.criteria["gas"]]
    assert not drawn[:, gas].any()
