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
from sitefinder.sites.neighbours import FILES, POINTS, WITHIN_KM, Homes, Neighbours, People, neighbours, open_people

#: built layers of the country
pytestmark = pytest.mark.stack


GRID = Grid(1000.0)
MIDDLE = (-349_000.0, 1_048_700.0)


def people_of(seed, n=4000, spread=60_000.0):
    """Random residents around Abilene, and homes in no order with their plain arrays."""
    rng = np.random.default_rng(seed)
    x, y = (rng.normal(m, spread, n) for m in MIDDLE)
    residents = np.zeros(GRID.shape, np.float32)
    row, col = (int(v) for v in GRID.cell_at(*MIDDLE))
    residents[row - 20 : row + 21, col - 20 : col + 21] = rng.integers(0, 3000, (41, 41))
    return People(residents, GRID, Homes.of(x, y)), x, y


def cells_campus(seed, size=6):
    """A handful of cells, not all connected, and their boxes."""
    rng = np.random.default_rng(seed)
    row, col = (int(v) for v in GRID.cell_at(*MIDDLE))
    rows, cols = row + rng.integers(-4, 5, size), col + rng.integers(-4, 5, size)
    cells = np.unique(rows * GRID.width + cols).astype(np.int32)
    x, y = GRID.centre(cells // GRID.width, cells % GRID.width)
    return Campus(cells, np.ones(cells.size), 1.0), shapely.union_all(shapely.box(x - 500, y - 500, x + 500, y + 500))


def expected(outline, people, x, y):
    """The same by measuring every distance: a sixteenth of a cell's people live in the middle of each of its sixteenths."""
    row, col = (int(v) for v in GRID.cell_at(*MIDDLE))
    rows, cols = np.mgrid[row - 20 : row + 21, col - 20 : col + 21]
    centre = GRID.centre(rows, cols)
    counts = dict.fromkeys(WITHIN_KM, 0.0)
    for east in (-375, -125, 125, 375):
        for north in (-375, -125, 125, 375):
            away = shapely.distance(shapely.points(centre[0] + east, centre[1] + north), outline)
            for k in WITHIN_KM:
                counts[k] += people.residents[rows, cols][away <= k * 1000].sum() / 16
    return counts, shapely.distance(shapely.points(x, y), outline).min() / 1000


def agree(near, counted):
    """The same people and the same distance."""
    people, homes_km = counted
    assert near.people == pytest.approx(people)
    assert near.homes_estimate_km == pytest.approx(homes_km)


@pytest.mark.parametrize("seed", range(8))
def test_neighbours_of_cells_equal_a_count_of_all_points(seed):
    """Sorting by tiles loses nobody: dense and thin country, distances to the footprint and not to its middle."""
    people, x, y = people_of(seed, n=4000 if seed % 2 else 30)
    campus, outline = cells_campus(seed)
    agree(neighbours([campus], people, GRID)[0], expected(outline, people, x, y))


@pytest.mark.parametrize("seed", range(3))
def test_neighbours_of_a_parcel_are_those_of_its_polygon(seed):
    """A parcel is measured as drawn."""
    people, x, y = people_of(seed)
    campus, _ = cells_campus(seed)
    parcel = shapely.Point(MIDDLE).buffer(1234)
    drawn = Campus(campus.cells, campus.share, 1.0, parcel=parcel)
    agree(neighbours([drawn], people, GRID)[0], expected(parcel, people, x, y))


def test_people_inside_the_footprint_count():
    """Who lives on the land is a neighbour at distance 0."""
    campus, outline = cells_campus(1)
    inside = outline.representative_point()
    residents = np.zeros(GRID.shape, np.float32)
    residents[GRID.cell_at(inside.x, inside.y)] = 7.0
    people = People(residents, GRID, Homes.of(np.array([inside.x]), np.array([inside.y])))
    assert neighbours([campus], people, GRID) == [Neighbours({1: 7.0, 5: 7.0}, 0.0)]


def test_nobody_in_the_country_is_infinitely_far():
    """The search ends, also at the edge of the frame."""
    nobody = People(np.zeros(GRID.shape, np.float32), GRID, Homes.of(np.empty(0), np.empty(0)))
    corner = Campus(np.array([0], np.int32), np.ones(1), 1.0)
    assert neighbours([cells_campus(1)[0], corner], nobody, GRID) == [Neighbours({1: 0.0, 5: 0.0}, np.inf)] * 2


def test_every_campus_has_its_own_neighbours():
    """In the order given; no campus, no neighbours."""
    people, *points = people_of(5)
    campuses, outlines = zip(*(cells_campus(seed) for seed in range(3)), strict=True)
    for near, outline in zip(neighbours(campuses, people, GRID), outlines, strict=True):
        agree(near, expected(outline, people, *points))
    assert neighbours([], people, GRID) == []


def test_the_measure_does_not_depend_on_the_cells_of_the_run():
    """A square of one cell of 5 km has the people of the same square made of cells of 1 km."""
    people, *_ = people_of(2)
    coarse = Grid(5000.0)
    row, col = (int(v) for v in coarse.cell_at(*MIDDLE))
    large = Campus(np.array([row * coarse.width + col], np.int32), np.ones(1), 1.0)
    rows, cols = np.mgrid[row * 5 : row * 5 + 5, col * 5 : col * 5 + 5]
    small = Campus((rows * GRID.width + cols).ravel().astype(np.int32), np.ones(25), 1.0)
    assert neighbours([large], people, coarse)[0].people == pytest.approx(neighbours([small], people, GRID)[0].people)


def test_homes_are_sorted_once_and_kept(default_path, package: DataPackage, tmp_path):
    """The compiled points: inhabited block groups and towns, all residents, and the second call reads the cache."""
    file = load_config(default_path, {"grid.resolution_m": "25000"})
    stack = open_stack(package, file, [], cache_folder=tmp_path)
    first, second = open_people(stack, package), open_people(stack, package)
    assert len(list(stack.folder.glob("homes-*.npy"))) == 1
    np.testing.assert_array_equal(first.homes.tile, second.homes.tile)
    assert (np.diff(first.homes.tile) >= 0).all()
    assert first.residents.sum(dtype=float) == pytest.approx(329_260_619, rel=1e-3)  # contiguous states, census of 2020
    assert len(first.homes.x) > 200_000
    assert set(POINTS) < set(FILES)
