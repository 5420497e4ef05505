"""The ``needs`` and ``costs`` sections: what they hold, and how mistakes in them are refused."""

from __future__ import annotations

import pytest

from sitefinder.config import load_config
from sitefinder.config.costs import ByTechnology, Facility
from sitefinder.errors import ConfigError


@pytest.fixture(scope="module")
def config(default_config):
    """The shipped configuration."""
    return default_config.config


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("needs.load_factor", "[0.5, 0.9, 1.2]", "at most 1"),
        ("needs.load_factor", "[0, 0.9, 1]", "above 0"),
        ("needs.gas.heating_value", "[0, 1037, 1060]", "above 0"),
        ("needs.gas.own_share", "0.01", "at least expansion_share"),
        ("needs.water.pue.dry", "[0.9, 1.1, 1.2]", "at least 1"),
        ("needs.water.wue.hybrid", "[0.5, 0.4, 1]", "out of order"),
        ("needs.water.factor_limits", "[1.1, 2]", "must hold 1"),
        ("needs.water.reclaimed", "[0.1, 0.2, 2]", "at most 1"),
        ("costs.facility.kind", "bitcoin", "standard"),
        ("costs.land.share_of_residentail", "[0, 1, 2]", "share_of_residential"),
        ("costs.power.gas_usd_mmbtu", "[0, 1, 2]", "above 0"),
    ],
)
def test_mistakes_are_refused_with_key_and_remedy(default_path, key, value, words):
    """One line that names the key and says what would do."""
    with pytest.raises(ConfigError) as caught:
        load_config(default_path, {key: value})
    assert key in str(caught.value) or key.rpartition(".")[0] in str(caught.value)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_sections_may_be_missing(default_path, tmp_path):
    """A file that sets them to null does without."""
    old = tmp_path / "old.yaml"
    old.write_text(f"extends: {default_path}\nneeds: null\ncosts: null\nconnections: null\n", encoding="utf-8")
    config = load_config(old).config
    assert config.needs is None
    assert config.costs is None


def test_entries_are_found_by_option(config):
    """Each cooling option, technology and kind of facility has its own range."""
    water, costs = config.needs.water, config.costs
    assert [water.wue.of(k)[1] for k in ("evaporative", "hybrid", "dry")] == [2.2, 0.49, 0.06]
    assert ByTechnology(combined_cycle=(1, 2, 3), engines=(4, 5, 6)).of("engines") == (4, 5, 6)
    assert costs.facility.musd_mw == (20, 25, 30)
    assert Facility(kind="standard", standard_musd_mw=(10, 11, 12), ai_musd_mw=(20, 25, 30)).musd_mw == (10, 11, 12)


def test_gas_follows_the_heat_rate(config):
    """150 MMcf/d for a gigawatt of combined cycle, 205 to 220 for engines; megawatts count in proportion."""
    gas = config.needs.gas
    assert gas.mmcfd(1000.0) == pytest.approx([6.2 * 24000 / 1060, 156000 / 1037, 7.0 * 24000 / 1020])
    assert gas.mmcfd(1000.0)[1] == pytest.approx(150.4, abs=0.05)
    assert 205 < gas.model_copy(update={"technology": "engines"}).mmcfd(1000.0)[1] < 220
    assert gas.mmcfd(2500.0) == pytest.approx(2.5 * gas.mmcfd(1000.0))


def test_published_anchors_stand_in_the_ranges(config):
    """The figures that sources name lie inside the shipped ranges."""
    generation = config.costs.generation.usd_kw.combined_cycle
    assert all(generation[0] <= published <= generation[2] for published in (2157, 2400, 33.3e6 / 9200))
    assert config.costs.land.share_of_residential[2] == 1.0
    assert config.needs.gas.heat_rate.combined_cycle[1] == 6.5
