"""The campuses of an earlier list: recovered cell by cell, and ordered as a run orders them."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from pyproj import Transformer

from sitefinder.errors import DataError
from sitefinder.grid import Grid, Land
from sitefinder.results.geojson import feature_collection
from sitefinder.sites import kept
from sitefinder.sites.campuses import Field, national_campuses
from sitefinder.sites.shape import footprints

CELL_M = 5000.0


@pytest.fixture(scope="module")
def field() -> Field:
    """A country of random scores with holes, 5 km cells."""
    grid = Grid(CELL_M)
    rng = np.random.default_rng(3)
    land = Land(grid, np.arange(grid.height * grid.width, dtype=np.int32))
    score = rng.uniform(20, 90, land.size).astype(np.float32)
    score[rng.random(land.size) < 0.2] = np.nan
    return Field.of(land, score, rng.uniform(20, 100, land.size).astype(np.float32))


@pytest.fixture(scope="module")
def campuses(field, default_path):
    """The best forty campuses, each of several cells."""
    from sitefinder.config import load_config

    settings = {"grid.resolution_m": str(CELL_M), "candidates.count": "40", "candidates.acres": "30000"}
    return national_campuses(field, load_config(default_path, settings).config)


@pytest.fixture
def path(field, campuses, tmp_path):
    """The list that a run writes of them."""
    from sitefinder.sites.columns import IDENTITY, PLACE

    seed = np.array([c.cells[0] for c in campuses])
    centres = field.land.grid.centre(seed // field.land.grid.width, seed % field.land.grid.width)
    lon, lat = Transformer.from_crs("EPSG:5070", "EPSG:4326", always_xy=True).transform(*centres)
    rows = [{"site_id": f"S{i}", "lon": lon[i], "lat": lat[i]} for i in range(len(campuses))]
    path = tmp_path / "sites.geojson"
    path.write_bytes(feature_collection(footprints([c.cells for c in campuses], field.land.grid), rows, IDENTITY + PLACE))
    return path


def test_every_cell_is_recovered_with_the_seed_first(field, campuses, path):
    """Outlines rounded to six decimals still hold exactly the cells they were drawn around."""
    found = kept.kept_cells(kept.read_list(path), field.land.grid, path)
    assert [c.cells[0] for c in campuses] == [cells[0] for cells in found]
    assert [sorted(c.cells) for c in campuses] == [sorted(cells) for cells in found]


def test_under_the_same_scores_the_order_is_the_same(field, campuses, path):
    """Keeping the campuses of a run and ranking them again changes nothing."""
    again = kept.kept_campuses(path, field)
    assert [c.cells[0] for c in again] == [c.cells[0] for c in campuses]
    assert [c.acres for c in again] == pytest.approx([c.acres for c in campuses])


def test_under_other_scores_the_same_land_is_ordered_anew(field, campuses, path):
    """The worst campus comes first when scores are turned round."""
    turned = replace(field, score=100 - field.score)
    again = kept.kept_campuses(path, turned)
    assert {int(c.cells[0]) for c in again} == {int(c.cells[0]) for c in campuses}
    means = [turned.mean_score(c) for c in again]
    assert means == sorted(means, reverse=True)


def test_another_cell_size_is_refused(path):
    """Outlines that are not made of the grid's cells cannot be recovered."""
    with pytest.raises(DataError, match="not made of cells of 4000 m"):
        kept.kept_cells(kept.read_list(path), Grid(4000.0), path)


def test_land_that_is_excluded_now_is_refused(field, campuses, path):
    """A campus on excluded land has no score: the file is named, and the remedy."""
    score = field.score.copy()
    score.reshape(-1)[campuses[0].cells] = np.nan
    with pytest.raises(DataError, match="S0 lies on land that is excluded now"):
        kept.kept_campuses(path, replace(field, score=score))


@pytest.mark.parametrize("content", ["", "{}", '{"features": []}', '{"features": [{"properties": {}}]}'])
def test_a_damaged_list_is_refused(tmp_path, content):
    """One line that names the file, whatever is wrong with it."""
    path = tmp_path / "sites.geojson"
    path.write_text(content)
    with pytest.raises(DataError, match=r"Damaged list of sites .*sites\.geojson"):
        kept.read_list(path)


def test_a_missing_list_is_refused(tmp_path):
    """The remedy is to rank first."""
    with pytest.raises(DataError, match="make rank"):
        kept.read_list(tmp_path / "none.geojson")


def test_a_list_is_read_as_it_was_written(path):
    """Features come in the order of the file."""
    assert [f["properties"]["site_id"] for f in kept.read_list(path)][:3] == ["S0", "S1", "S2"]
    assert json.loads(path.read_text())["type"] == "FeatureCollection"
