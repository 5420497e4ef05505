"""The point of the grid of every land cell is the one that a site there takes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sitefinder.config import load_config
from sitefinder.layers.able import choose, chosen_at
from sitefinder.layers.able_cells import everywhere
from sitefinder.layers.package import DataPackage
from sitefinder.layers.sources import Sources
from sitefinder.layers.zones import open_land

#: built layers of the country
pytestmark = pytest.mark.stack


def test_all_cells_are_served_by_the_rule_of_the_sites(package: DataPackage, default_path: Path, tmp_path: Path) -> None:
    """On a coarse grid, every fiftieth cell has the point and the distance that a site there has."""
    config = load_config(default_path, {"grid.resolution_m": "10000"}).config
    land, _ = open_land(package, config, cache_folder=tmp_path)
    cells = everywhere(Sources(package, land, config))
    index = np.arange(0, land.size, 50)
    xy = np.stack(land.grid.centre(*land.rows_cols(index)), axis=1)
    found = choose(cells.points, config.section("delivery"), config.project.mw, xy)
    same = cells.row[index] == found.row
    assert same[found.able].mean() > 0.98  # circuits drawn on one path tie, and so do pieces at their joint
    again = chosen_at(cells.points, config.section("delivery"), config.project.mw, xy, cells.row[index])
    # the nearest of many short pieces is found by its neighbours: off by a hundredth of a cell and a little
    np.testing.assert_allclose(again.km[found.able], found.km[found.able], atol=0.15)
    assert (again.able == found.able).mean() > 0.999
    stations = found.able & ~again.points.is_line
    np.testing.assert_allclose(cells.km[index][stations], again.km[stations], atol=0.02)
