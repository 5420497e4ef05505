"""The earlier screen as a sign of protected land, on the whole country at 2 km."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sitefinder.config import load_config
from sitefinder.layers.files import EARLIER_SCREEN, LANDCOVER
from sitefinder.layers.package import DataPackage
from sitefinder.layers.sources import Sources
from sitefinder.layers.stack import LayerStack, open_stack

#: built layers of the country
pytestmark = pytest.mark.stack

LAYERS = ("protected_prior_pct", "park_forest_pct")
#: MODIS class of cropland; bits of combined-cycle gas and of wind in the earlier screen
CROPLAND, GAS, WIND = 12, 6, 9


@pytest.fixture(scope="module")
def stack(package: DataPackage, default_path: Path, tmp_path_factory: pytest.TempPathFactory) -> LayerStack:
    """Layers of held land."""
    config = load_config(default_path, {"grid.resolution_m": "2000"})
    return open_stack(package, config, LAYERS, cache_folder=tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def sources(package: DataPackage, default_path: Path, stack: LayerStack) -> Sources:
    """Raw files on the same cells."""
    return Sources(package, stack.land, load_config(default_path).config)


def test_the_prior_keeps_parks_and_lets_more_cropland_go(stack: LayerStack, sources: Sources) -> None:
    """It marks nearly every park and forest cell, as one rule for gas plants does, and fewer fields than that."""
    prior, park = stack.values("protected_prior_pct"), stack.values("park_forest_pct")
    gas = (np.nan_to_num(sources.raster(EARLIER_SCREEN, method="nearest")).astype(int) >> GAS & 1).astype(bool)
    fields = (sources.raster(LANDCOVER, method="nearest") == CROPLAND) & (park == 0) & np.isfinite(prior)
    assert (prior[(park > 95) & np.isfinite(prior)] == 100).mean() > 0.99
    assert (prior[fields] == 100).mean() < 0.34
    assert gas[fields].mean() > 0.40


def test_wind_says_nothing_about_protected_land(stack: LayerStack, sources: Sources) -> None:
    """In the windy Dakotas its rules exclude not even the parks: it follows the wind."""
    bits = np.nan_to_num(sources.raster(EARLIER_SCREEN, method="nearest")).astype(int)
    park = stack.values("park_forest_pct") > 95
    of_county = np.array([county["state"] in ("ND", "SD") for county in stack.zones.names["county"]])
    dakotas = of_county[stack.zones.county]
    assert (park & dakotas).sum() > 100
    assert (bits[park & dakotas] >> WIND & 1).mean() < 0.01
