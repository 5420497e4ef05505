"""The uncertainty section of the configuration."""

from __future__ import annotations

import pytest

from sitefinder.config import load_config
from sitefinder.config.uncertainty import GRADES, Uncertainty
from sitefinder.errors import ConfigError

NOISE = dict.fromkeys(GRADES, 0.1)


def test_shipped_section_is_read(default_config):
    """The default configuration shakes 10,000 times over 2,000 campuses."""
    settings = default_config.config.uncertainty
    assert (settings.campuses, settings.draws) == (2000, 10_000)
    assert list(settings.noise.values()) == sorted(settings.noise.values())


def test_weaker_evidence_is_noisier_in_the_shipped_section(default_config):
    """From law to proxy the spread grows."""
    noise = default_config.config.uncertainty.noise
    assert [noise[g] for g in GRADES] == sorted(noise.values())
    assert noise["E5"] > noise["E1"]


def test_scaling_halves_every_spread_but_the_weights():
    """Halving touches noise, age, model share, breakpoints and the unknown interval."""
    half = Uncertainty(noise=NOISE, noise_per_decade=0.02, model_share=0.2, breakpoints=0.1).scaled(0.5)
    assert half.noise["E3"] == pytest.approx(0.05)
    assert (half.noise_per_decade, half.model_share, half.breakpoints, half.unknown) == (0.01, 0.1, 0.05, (0.0, 0.5))
    assert half.concentration == Uncertainty(noise=NOISE).concentration


def test_certain_shakes_nothing():
    """All spreads are zero and the weights fixed."""
    sure = Uncertainty(noise=NOISE).certain()
    assert set(sure.noise.values()) == {0.0}
    assert sure.concentration.families is None
    assert sure.concentration.criteria is None


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("uncertainty.noise", "{E1: 0.1}", "no entry for E2, E3, E4, E5"),
        ("uncertainty.unknown", "[1, 0]", "out of order"),
        ("uncertainty.draws", "99", "uncertainty.draws"),
        ("uncertainty.concentration.families", "-1", "uncertainty.concentration.families"),
        ("uncertainty.typo", "1", "uncertainty.typo"),
        ("uncertainty.campuses", "5000", "uncertainty.campuses"),
    ],
)
def test_wrong_section_is_refused_by_its_key(default_path, key, value, expected):
    """The message names the key and what is wrong with it."""
    with pytest.raises(ConfigError, match=expected):
        load_config(default_path, {key: value})


def test_fewer_draws_than_variants_are_refused():
    """Every variant of the breakpoints needs a draw."""
    with pytest.raises(ValueError, match="variants"):
        Uncertainty(noise=NOISE, draws=100, variants=150)


def test_section_may_be_left_out(default_path):
    """A run without it has ranks without intervals."""
    assert load_config(default_path, {"uncertainty": "null"}).config.uncertainty is None
