"""Bans and moratoria of counties reach to their borders, and no farther."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from sitefinder.config import load_config
from sitefinder.grid import CRS
from sitefinder.layers.files import COUNTIES, MORATORIA
from sitefinder.layers.stack import open_stack
from tests.helpers.paths import DATA, ROOT
from tests.helpers.stacks import warm

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def stack(tmp_path_factory, package):
    """Both layers on cells of 25 km."""
    file = load_config(ROOT / "config" / "default.yaml", {"grid.resolution_m": "25000"})
    cache = warm(tmp_path_factory.mktemp("bans"))
    return open_stack(package, file, ("local_rule", "county_ban_pct"), cache_folder=cache)


def test_every_cell_under_a_ban_is_closed_and_so_is_its_border(stack):
    """More cells are touched than have their centre inside."""
    inside = stack.values("local_rule") >= 2
    touched = stack.values("county_ban_pct") > 0
    assert inside.any()
    assert (touched | ~inside).all()
    assert touched.sum() > inside.sum()


def test_only_what_a_ban_touches_is_closed(stack):
    """No cell that lies apart from every county with a rule."""
    rules = gpd.read_parquet(DATA / MORATORIA)
    named = rules.loc[rules["county_wide"] & ~rules["rule"].fillna("none").eq("none"), "fips"]
    counties = gpd.read_parquet(DATA / COUNTIES)
    ruled = shapely.union_all(counties.geometry.values[counties["fips"].isin(named)])
    grid = stack.land.grid
    closed = np.flatnonzero(stack.values("county_ban_pct") > 0)
    x, y = grid.centre(*stack.land.rows_cols(closed))
    half = grid.resolution_m / 2
    cells = gpd.GeoSeries(shapely.box(x - half, y - half, x + half, y + half), crs=CRS)
    assert cells.distance(ruled).max() < 1.0
