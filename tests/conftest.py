"""Fixtures shared by all tests: the compiled data, a coarse configuration, and real cut-outs around Abilene, Texas."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import settings

from sitefinder.config import ConfigFile, load_config
from sitefinder.grid import Grid, Land
from sitefinder.layers.package import DataPackage
from tests.helpers.paths import ABILENE, DATA, ROOT, STACKS

#: side of the real cut-out, metres
CUT_M = 60_000.0

settings.register_profile("sitefinder", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("sitefinder")


def pytest_configure(config: pytest.Config) -> None:
    """The first process of a session names the folder of the layers that its tests share; workers inherit the name.

    They inherit one thread for OpenMP, too: fits of a few hundred places gain nothing by more, and where processes share the
    cores, threads that wait for one another take thirty times as long as the fit.
    """
    if not hasattr(config, "workerinput"):
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        os.environ[STACKS] = tempfile.mkdtemp(prefix="sitefinder-stacks-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """It removes them at the end, too."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ[STACKS], ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that need built layers or a browser come first: what takes long shall not begin when the rest is done."""
    long = {item.path for item in items if item.get_closest_marker("stack") or item.get_closest_marker("browser")}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture(scope="session")
def package() -> DataPackage:
    """The compiled data of the project."""
    return DataPackage(DATA)


@pytest.fixture(scope="session")
def default_path() -> Path:
    """The configuration that is shipped."""
    return ROOT / "config" / "default.yaml"


@pytest.fixture(scope="session")
def default_config(default_path: Path) -> ConfigFile:
    """The shipped configuration, loaded."""
    return load_config(default_path)


@pytest.fixture(scope="session")
def tiny_config(default_path: Path) -> ConfigFile:
    """The shipped configuration on the coarsest grid."""
    return load_config(default_path, {"grid.resolution_m": "25000"})


@pytest.fixture(scope="session")
def abilene() -> shapely.Polygon:
    """A square of 60 km around Abilene in EPSG:5070."""
    x, y = ABILENE
    return shapely.box(x - CUT_M / 2, y - CUT_M / 2, x + CUT_M / 2, y + CUT_M / 2)


@pytest.fixture(scope="session")
def abilene_lines(abilene: shapely.Polygon) -> np.ndarray:
    """Transmission lines cut to the square around Abilene."""
    return _cut("grid/transmission_lines.parquet", abilene)


@pytest.fixture(scope="session")
def texas_counties() -> np.ndarray:
    """County polygons of Texas: real outlines with bends, islands and shared borders."""
    counties = geopandas.read_parquet(DATA / "boundaries" / "counties.parquet")
    return counties.geometry[counties["state"] == "TX"].to_numpy()


@pytest.fixture(scope="session")
def coarse_land() -> Land:
    """Every second cell of the 25 km grid as land: holes everywhere, so that index errors show."""
    grid = Grid(25_000.0)
    return Land(grid, np.arange(0, grid.width * grid.height, 2, dtype=np.int32))


def _cut(name: str, frame: shapely.Polygon) -> np.ndarray:
    found = geopandas.read_parquet(DATA / name).clip(frame.bounds).geometry.to_numpy()
    if not found.size:
        raise ValueError(f"{name} holds nothing in {frame.bounds}")
    return found
