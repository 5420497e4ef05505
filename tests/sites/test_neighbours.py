"""People around campuses: counted one by one, and where there is nobody."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from sitefinder.config import load_config
from sitefinder.grid import Grid
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import open_stack
from sitefinder.sites.campuses import Campus
from sitefinder.sites.neighbours import FILES, WITHIN_KM, Neighbours, People, neighbours, open_people

#: built layers of the country
pytestmark = pytest.mark.stack


GRID = Grid(1000.0)
MIDDLE = (-349_000.0, 1_048_700.0)


def people_of(seed, n=4000, spread=60_000.0):
    """Random block groups around Abilene, in no order, and their plain arrays."""
    rng = np.random.default_rng(seed)
    x, y = (rng.normal(m, spread, n) for m in MIDDLE)
    count = rng.integers(0, 3000, n).astype(float)
    return People.of(x, y, count), x, y, count


def cells_campus(seed, size=6):
    """A handful of cells, not all connected, and their boxes."""
    rng = np.random.default_rng(seed)
    row, col = (int(v) for v in GRID.cell_at(*MIDDLE))
    rows, cols = row + rng.integers(-4, 5, size), col + rng.integers(-4, 5, size)
    cells = np.unique(rows * GRID.width + cols).astype(np.int32)
    x, y = GRID.centre(cells // GRID.width, cells % GRID.width)
    return Campus(cells, np.ones(cells.size), 1.0), shapely.union_all(shapely.box(x - 500, y - 500, x + 500, y + 500))


def expected(outline, x, y, count):
    """The same by measuring every distance."""
    away = shapely.distance(shapely.points(x, y), outline)
    return {k: count[away <= k * 1000].sum() for k in WITHIN_KM}, away.min() / 1000


def agree(near, counted):
    """The same people and the same distance."""
    people, homes_km = counted
    assert near.people == pytest.approx(people)
    assert near.homes_estimate_km == pytest.approx(homes_km)


@pytest.mark.parametrize("seed", range(8))
def test_neighbours_of_cells_equal_a_count_of_all_points(seed):
    """Sorting by tiles loses nobody: dense and thin country, distances to the footprint and not to its middle."""
    people, x, y, count = people_of(seed, n=4000 if seed % 2 else 30)
    campus, outline = cells_campus(seed)
    agree(neighbours([campus], people, GRID)[0], expected(outline, x, y, count))


@pytest.mark.parametrize("seed", range(3))
def test_neighbours_of_a_parcel_are_those_of_its_polygon(seed):
    """A parcel is measured as drawn."""
    people, x, y, count = people_of(seed)
    campus, _ = cells_campus(seed)
    parcel = shapely.Point(MIDDLE).buffer(1234)
    drawn = Campus(campus.cells, campus.share, 1.0, parcel=parcel)
    agree(neighbours([drawn], people, GRID)[0], expected(parcel, x, y, count))


def test_people_inside_the_footprint_count():
    """Who lives on the land is a neighbour at distance 0."""
    campus, outline = cells_campus(1)
    inside = outline.representative_point()
    people = People.of(np.array([inside.x]), np.array([inside.y]), np.array([7.0]))
    assert neighbours([campus], people, GRID) == [Neighbours({1: 7.0, 5: 7.0}, 0.0)]


def test_nobody_in_the_country_is_infinitely_far():
    """The search ends."""
    nobody = People.of(np.empty(0), np.empty(0), np.empty(0))
    assert neighbours([cells_campus(1)[0]], nobody, GRID) == [Neighbours({1: 0.0, 5: 0.0}, np.inf)]


def test_every_campus_has_its_own_neighbours():
    """In the order given; no campus, no neighbours."""
    people, *points = people_of(5)
    campuses, outlines = zip(*(cells_campus(seed) for seed in range(3)), strict=True)
    for near, outline in zip(neighbours(campuses, people, GRID), outlines, strict=True):
        agree(near, expected(outline, *points))
    assert neighbours([], people, GRID) == []


def test_people_are_sorted_once_and_kept(default_path, package: DataPackage, tmp_path):
    """The compiled points: all residents are there, uninhabited block groups are not, and the second call reads the cache."""
    file = load_config(default_path, {"grid.resolution_m": "25000"})
    stack = open_stack(package, file, [], cache_folder=tmp_path)
    first, second = open_people(stack, package), open_people(stack, package)
    assert len(list(stack.folder.glob("people-*.npy"))) == 1
    np.testing.assert_array_equal(first.tile, second.tile)
    assert (np.diff(first.tile) >= 0).all()
    assert 320e6 < first.people.sum() < 340e6  # contiguous states, census of 2020
    assert (first.people == 0).sum() == 21_402  # towns
    assert len(FILES) == 2
