"""Friction: products of ranges and factors, unknown taken as easy ground, kept by fingerprint."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.config import load_config
from sitefinder.config.connections import Avoid, Terrain
from sitefinder.errors import ConfigError
from sitefinder.layers.stack import open_stack
from sitefinder.routes.friction import avoided, check_layers, digest, friction, multiplier, raster, terrain_at
from tests.helpers.stacks import warm

#: built layers of the country
pytestmark = pytest.mark.stack


STEEP = Terrain(layer="slope_pct", unit="%", steps={2: (1.1, 1.3, 1.5), 8: (1.2, 1.6, 2.0)})


@pytest.fixture(scope="module")
def settings(tiny_config):
    """The shipped section."""
    return tiny_config.config.connections


@pytest.fixture(scope="module")
def stack(package, tiny_config, settings, tmp_path_factory):
    """Layers of the section at 25 km."""
    return open_stack(package, tiny_config, settings.layers(), cache_folder=warm(tmp_path_factory.mktemp("cache")))


def test_a_multiplier_holds_from_its_threshold_on():
    """Below the first step nothing, at a step already its range, unknown like easy ground."""
    found = multiplier(STEEP, np.array([0.0, 1.99, 2.0, 7.9, 8.0, 50.0, np.nan]))
    assert found[:, 1].tolist() == [1, 1, 1.3, 1.3, 1.6, 1.6, 1]
    assert found[4].tolist() == [1.2, 1.6, 2.0]


def test_what_is_avoided_lies_beyond_the_threshold():
    """Above or below, the threshold itself and unknown are free."""
    values = np.array([1.0, 3.0, 5.0, np.nan])
    assert avoided(Avoid(layer="a", unit="", above=3, line=2, pipe=2), values).tolist() == [False, False, True, False]
    assert avoided(Avoid(layer="a", unit="", below=3, line=2, pipe=2), values).tolist() == [True, False, False, False]


def test_friction_is_the_product_of_its_terms(stack, settings):
    """Cell by cell against the slow way, for lines and pipes."""
    index = np.arange(0, stack.land.size, 37)
    ground, crossed = terrain_at(stack, settings, index)
    for kind in ("line", "pipe"):
        expected = ground[:, 1].copy()
        for name, term in settings.avoid.items():
            expected[crossed[name]] *= term.factor(kind)
        np.testing.assert_allclose(friction(stack, settings, kind)[index], expected, rtol=1e-5)


def test_friction_is_never_below_easy_ground(stack, settings):
    """The local search relies on it: a route of cost c goes no farther than c cells."""
    for kind in ("line", "pipe"):
        assert friction(stack, settings, kind).min() >= 1


def test_low_is_below_high(stack, settings):
    """The ranges of all terms together are in order everywhere."""
    ground, crossed = terrain_at(stack, settings, np.arange(stack.land.size))
    assert (np.diff(ground, axis=1) >= 0).all()
    assert set(crossed) == {*settings.terrain, *settings.avoid, "unknown"}
    assert 0 < crossed["steep"].mean() < 1


def test_the_raster_is_closed_off_land_and_kept(stack, settings):
    """Asked for a second time it comes from the cache, with the same key."""
    made, key = raster(stack, settings, "line")
    off_land = stack.land.position < 0
    assert np.isinf(made[off_land]).all()
    again, same = raster(stack, settings, "line")
    assert same == key
    np.testing.assert_array_equal(made, again)
    assert len(list(stack.folder.glob("friction-line-*.npy"))) == 1


def test_another_multiplier_makes_another_raster(stack, settings, default_path):
    """The key follows the settings."""
    other = load_config(default_path, {"connections.avoid.federal.line": "3"}).config.connections
    assert raster(stack, other, "line")[1] != raster(stack, settings, "line")[1]


def test_a_digest_changes_with_its_content():
    """Sixteen hexadecimal digits."""
    assert digest([1]) != digest([2])
    assert len(digest({"a": 1})) == 16


def test_every_term_of_the_shipped_section_is_checked(default_config, settings, monkeypatch):
    """With all layers there is nothing to complain of; without any, every term of ground and every avoided kind is named."""
    assert check_layers(default_config) is None
    monkeypatch.setattr("sitefinder.layers.naming.REGISTRY", {})
    with pytest.raises(ConfigError) as caught:
        check_layers(default_config)
    assert len(str(caught.value).splitlines()) == len(settings.terrain) + len(settings.avoid)


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("terrain.steep.layer", "slop_pct", "did you mean 'slope_pct'"),
        ("avoid.federal.unit", "km", "The layer is in '%'"),
    ],
)
def test_unknown_layers_and_wrong_units_are_refused(default_path, key, value, expected):
    """Named with their place in the file."""
    with pytest.raises(ConfigError, match=expected):
        check_layers(load_config(default_path, {f"connections.{key}": value}))
