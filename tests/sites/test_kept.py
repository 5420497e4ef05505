"""The campuses of an earlier list: recovered cell by cell, and ordered as a run orders them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from sitefinder.columns import Column
from sitefinder.errors import DataError
from sitefinder.grid import CRS, Grid, Land
from sitefinder.results.geojson import collection, features_of
from sitefinder.results.run import read_features
from sitefinder.sites.campuses import Campus, Field, national_campuses
from sitefinder.sites.columns import PlacePart
from sitefinder.sites.kept import kept_campuses, kept_cells, kept_own
from sitefinder.sites.own import UserSite, campus_of
from sitefinder.sites.shape import footprints

CELL_M = 5000.0
#: named in complaints
LIST = Path("an/earlier/sites.geojson")


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


def seed_of(campus: Campus, grid: Grid) -> tuple[float, float]:
    """Longitude and latitude of the cell from which a campus grew."""
    back = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    return back.transform(*grid.centre(campus.cells[0] // grid.width, campus.cells[0] % grid.width))


def features_on(grid: Grid, campuses: list[Campus], outlines: list) -> list:
    """The features that a run writes of them, as a reader of the file gets them."""
    seeds = [seed_of(campus, grid) for campus in campuses]
    rows = [{"site_id": f"S{i}", "lon": lon, "lat": lat} for i, (lon, lat) in enumerate(seeds)]
    shown = [Column("site_id", "", "Key", "x"), *(c for c in PlacePart.columns() if c.name in ("lon", "lat"))]
    return json.loads(collection(features_of(outlines, rows, shown)))["features"]


@pytest.fixture(scope="module")
def features(field, campuses):
    """The list that a run writes of the campuses."""
    grid = field.land.grid
    return features_on(grid, campuses, footprints([c.cells for c in campuses], grid))


def test_every_cell_is_recovered_with_the_seed_first(field, campuses, features):
    """Outlines rounded to six decimals still hold exactly the cells they were drawn around."""
    cells = kept_cells(features, field.land.grid, LIST)
    assert [c.cells[0] for c in campuses] == [own[0] for own in cells]
    assert [sorted(c.cells) for c in campuses] == [sorted(own) for own in cells]


def test_under_the_same_scores_the_order_is_the_same(field, campuses, features):
    """Keeping the campuses of a run and ranking them again changes nothing."""
    again = kept_campuses(features, field, LIST)
    assert [c.cells[0] for c in again] == [c.cells[0] for c in campuses]
    assert [c.acres for c in again] == pytest.approx([c.acres for c in campuses])


def test_under_other_scores_the_same_land_is_ordered_anew(field, campuses, features):
    """The worst campus comes first when scores are turned round."""
    turned = replace(field, score=100 - field.score)
    again = kept_campuses(features, turned, LIST)
    assert {int(c.cells[0]) for c in again} == {int(c.cells[0]) for c in campuses}
    means = [turned.mean_score(c) for c in again]
    assert means == sorted(means, reverse=True)


def test_another_cell_size_is_refused(features):
    """Outlines that are not made of the grid's cells cannot be recovered; the list and the site are named."""
    with pytest.raises(DataError, match=r"^Invalid list of sites an/earlier/sites\.geojson: .*S0 is not made of cells of 4000 m"):
        kept_cells(features, Grid(4000.0), LIST)


def test_land_that_is_excluded_now_is_refused(field, campuses, features):
    """A campus on excluded land has no score: the list is named, and the remedy."""
    score = field.score.copy()
    score.reshape(-1)[campuses[0].cells] = np.nan
    with pytest.raises(DataError, match=r"an/earlier/sites\.geojson: S0 lies on land that is excluded now. Rank with"):
        kept_campuses(features, replace(field, score=score), LIST)


def test_a_list_on_disk_is_kept_as_the_one_in_memory(field, campuses, features, tmp_path):
    """Read by the reader of runs."""
    path = tmp_path / "sites.geojson"
    path.write_bytes(collection(features))
    again = kept_campuses(read_features(path), field, path)
    assert [c.cells[0] for c in again] == [c.cells[0] for c in campuses]


# -- the user's own --------------------------------------------------------------------------------------------------------


def parcel(field: Field, outline, config) -> Campus:
    """The campus of a user's polygon, EPSG:5070."""
    return campus_of(UserSite("mine", "my.csv, row 2", outline), field, config)


@pytest.mark.parametrize("shape", ["disc", "two fields", "one cell"])
def test_own_land_is_recovered_with_its_shares(field, default_config, shape):
    """A parcel covers the same cells by the same shares after its outline went through degrees, the seed first."""
    x, y = 100_000.0, 1_600_000.0
    disc = shapely.Point(x, y).buffer(9000.0)
    outline = {
        "disc": disc,
        "two fields": shapely.union(disc, shapely.box(x + 20_000, y, x + 27_000, y + 4000)),
        "one cell": shapely.box(x + 100, y + 100, x + 900, y + 700),
    }[shape]
    own = parcel(field, outline, default_config.config)
    back = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    degrees = shapely.transform(outline, lambda east, north: back.transform(east, north), interleaved=False)
    (again,) = kept_own(features_on(field.land.grid, [own], [degrees]), field.land)
    assert again.cells[0] == own.cells[0]
    everywhere = np.concatenate([own.cells, own.excluded])
    assert set(again.cells) <= set(everywhere)
    assert set(own.cells) <= set(again.cells)
    shares = dict(zip(again.cells.tolist(), again.share, strict=True))
    assert [shares[cell] for cell in own.cells.tolist()] == pytest.approx(list(own.share), abs=1e-3)
    assert again.parcel.area == pytest.approx(outline.area, rel=1e-4)


def test_cells_that_an_outline_merely_touches_are_no_part_of_it(field):
    """Rounding moves the outline of whole cells by 0.1 m: their neighbours do not join."""
    grid = field.land.grid
    row, col = (int(v) for v in grid.cell_at(np.array(100_000.0), np.array(1_600_000.0)))
    cells = np.array([row * grid.width + col, row * grid.width + col + 1], np.int32)
    whole = Campus(cells, np.ones(2), np.nan)
    (again,) = kept_own(features_on(grid, [whole], footprints([cells], grid)), field.land)
    assert again.cells.tolist() == cells.tolist()
    assert again.share == pytest.approx([1.0, 1.0], abs=1e-3)
