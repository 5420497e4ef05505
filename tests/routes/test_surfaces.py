"""Routes over surfaces: national ways against the kernel, second ways against a search of the whole country."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from sitefinder.config import load_config
from sitefinder.grid import Grid, Land
from sitefinder.kernels.cost_distance import spread
from sitefinder.layers.stack import LayerStack, open_stack
from sitefinder.layers.zones import Zones
from sitefinder.routes.surfaces import Surface, open_surfaces, other_ways, path_cost, ways
from sitefinder.routes.targets import Targets, cells_of
from tests.helpers.paths import ROOT
from tests.helpers.sections import of_routes
from tests.helpers.stacks import warm

#: built layers of the country
pytestmark = pytest.mark.stack


GRID = Grid(25_000.0)
LAND = Land(GRID, np.arange(GRID.width * GRID.height, dtype=np.int32))
#: a search that sees the whole country of these tests
SETTINGS = load_config(ROOT / "config" / "default.yaml", {"connections.search_km": "500"}).config.connections


def place(row, col):
    """Centre of a cell."""
    return shapely.Point(*(float(v) for v in GRID.centre(np.array(row), np.array(col))))


def cell(row, col):
    """Flat number of a cell."""
    return row * GRID.width + col


def surface(friction, features, groups):
    """A surface to some features."""
    geometry = np.array(features, object)
    label = np.array(groups, object)
    cells, feature = cells_of(geometry, LAND, friction)
    made = spread(friction, np.unique(cells))
    target = Targets("test", "pipe", geometry, label, label, {}, (), [])
    return Surface("test", target, GRID, friction, made.direction, LAND.compact(made.cost), cells, feature)


@pytest.fixture
def stack(tmp_path):
    """A stack without layers: only its folder is used."""
    return LayerStack(LAND, Zones({}, np.empty(0), np.empty(0)), {}, tmp_path)


@pytest.fixture(scope="module")
def rough():
    """Ground of frictions 1 to 10 with holes, and six hundred targets in five groups."""
    rng = np.random.default_rng(4)
    friction = (10 ** rng.uniform(0, 1, GRID.shape)).astype(np.float32)
    friction[rng.random(GRID.shape) < 0.1] = np.inf
    spots = [
        place(int(r), int(c)) for r, c in zip(rng.integers(0, GRID.height, 600), rng.integers(0, GRID.width, 600), strict=True)
    ]
    return surface(friction, spots, [f"group {i % 5}" for i in range(600)])


def some_sites(surface, count):
    """Free cells away from the frame."""
    free = np.flatnonzero(np.isfinite(surface.friction.reshape(-1)) & np.isfinite(surface.cost_km))
    return np.random.default_rng(1).choice(free, count, replace=False)


def test_ways_cost_what_the_surface_says(rough):
    """In kilometres of easy ground: cells of 25 km."""
    sites = some_sites(rough, 50)
    found = ways(rough, sites)
    np.testing.assert_allclose(found.cost_km, rough.cost_km[sites] * 25, rtol=1e-6)
    assert found.connected.all()


def test_a_way_ends_in_a_cell_of_its_feature(rough):
    """And starts at its site."""
    sites = some_sites(rough, 50)
    found = ways(rough, sites)
    for site, start in enumerate(sites):
        path = found.of(site)
        assert path[0] == start
        assert path[-1] in rough.cells[rough.feature == found.feature[site]]


def test_of_two_features_in_a_cell_the_one_nearer_to_its_centre_is_named():
    """The other lies at the edge of the cell."""
    x, y = GRID.centre(np.array(30), np.array(30))
    edge, middle = shapely.Point(x + 9000, y), shapely.Point(x + 100, y)
    made = surface(np.ones(GRID.shape, np.float32), [edge, middle], ["edge", "middle"])
    assert ways(made, np.array([cell(30, 40)])).feature.tolist() == [1]


def test_a_site_that_nothing_reaches_has_no_way():
    """An island; and a site whose surroundings are closed."""
    friction = np.ones(GRID.shape, np.float32)
    friction[40:60, 40:60] = np.inf
    friction[50, 50] = 1
    found = ways(surface(friction, [place(5, 5)], ["a"]), np.array([cell(50, 50), cell(55, 45), cell(5, 8)]))
    assert found.connected.tolist() == [False, False, True]
    assert np.isnan(found.cost_km[:2]).all()
    assert found.offset.tolist() == [0, 0, 0, 4]


def test_a_site_on_closed_ground_starts_beside_it():
    """From the nearest free cell."""
    friction = np.ones(GRID.shape, np.float32)
    friction[20, 20] = np.inf
    found = ways(surface(friction, [place(5, 20)], ["a"]), np.array([cell(20, 20)]))
    assert found.of(0)[0] == cell(19, 20)


def test_path_cost_adds_each_way_by_itself():
    """Steps between two ways do not count."""
    friction = np.array([[1, 3, 5]], np.float32)
    cost = path_cost(friction, np.array([0, 1, 2, 1]), np.array([0, 2, 2, 4]))
    assert cost.tolist() == [2, 0, 4]


def test_the_second_way_is_the_cheapest_to_another_group(rough, stack):
    """Against a surface of the whole country without the group of the first."""
    sites = some_sites(rough, 25)
    first = ways(rough, sites)
    second = other_ways(stack, rough, sites, first, SETTINGS, apart=False)
    checked = 0
    for site, start in enumerate(sites):
        taken = rough.targets.group[first.feature[site]]
        others = rough.cells[rough.targets.group[rough.feature] != taken]
        best = spread(rough.friction, np.unique(others)).cost.reshape(-1)[start] * 25
        if best <= 450:
            assert second.cost_km[site] == pytest.approx(best, rel=1e-6)
            assert rough.targets.group[second.feature[site]] != taken
            checked += 1
    assert checked > 8


def test_second_ways_are_kept(rough, stack):
    """The same sites find them without a search; other sites do not."""
    sites = some_sites(rough, 4)
    first = ways(rough, sites)
    second = other_ways(stack, rough, sites, first, SETTINGS, apart=False)
    again = other_ways(stack, rough, sites, first, SETTINGS, apart=False)
    np.testing.assert_array_equal(second.path, again.path)
    assert len(list(stack.folder.glob("test-other-*.npy"))) == 1
    other_ways(stack, rough, sites[:2], ways(rough, sites[:2]), SETTINGS, apart=False)
    assert len(list(stack.folder.glob("test-other-*.npy"))) == 2


def test_a_second_group_out_of_reach_is_not_found(stack):
    """Only one group within search_km."""
    made = surface(np.ones(GRID.shape, np.float32), [place(30, 30), place(100, 150)], ["near", "far"])
    site = np.array([cell(30, 33)])
    assert not other_ways(stack, made, site, ways(made, site), SETTINGS, apart=False).connected.any()


def test_a_diverse_way_leaves_on_another_side(stack):
    """The second corridor behind the first is reached around it, or one on the other side is taken."""
    east, beyond, west = place(50, 55), place(50, 58), place(50, 40)
    made = surface(np.ones(GRID.shape, np.float32), [east, beyond, west], ["east", "beyond", "west"])
    site = np.array([cell(50, 50)])
    first = ways(made, site)
    straight = other_ways(stack, made, site, first, SETTINGS, apart=False)
    diverse = other_ways(stack, made, site, first, SETTINGS, apart=True)
    assert made.targets.label[straight.feature[0]] == "beyond"
    assert made.targets.label[diverse.feature[0]] == "west"


def test_a_diverse_way_keeps_off_the_first(stack):
    """With nothing on the other side it goes round, and no cell of the first but the site is used again."""
    made = surface(np.ones(GRID.shape, np.float32), [place(50, 55), place(50, 58)], ["east", "beyond"])
    site = np.array([cell(50, 50)])
    first = ways(made, site)
    diverse = other_ways(stack, made, site, first, SETTINGS, apart=True)
    assert diverse.connected.all()
    assert set(first.of(0)) & set(diverse.of(0)) == {cell(50, 50)}
    assert diverse.cost_km[0] > first.cost_km[0] + 3 * 25


def test_surfaces_are_kept_by_what_they_depend_on(package, tiny_config, default_path, tmp_path):
    """A larger project asks for other rivers and trunks; pipelines and corridors stay."""
    settings = tiny_config.config.connections
    stack = open_stack(package, tiny_config, settings.layers(), cache_folder=warm(tmp_path / "cache"))
    open_surfaces(stack, package, *of_routes(tiny_config.config))
    before = {p.name for p in stack.folder.glob("routes-*-cost.npy")}
    larger = load_config(default_path, {"grid.resolution_m": "25000", "project.mw": "3000"})
    open_surfaces(stack, package, *of_routes(larger.config))
    new = {p.name.split("-")[1] for p in stack.folder.glob("routes-*-cost.npy") if p.name not in before}
    assert new == {"water", "gas_trunk"}


def test_old_surfaces_are_forgotten(package, tiny_config, default_path, tmp_path):
    """Of three needs of water, the last two are kept; the other classes are still there."""
    stack = open_stack(package, tiny_config, tiny_config.config.connections.layers(), cache_folder=warm(tmp_path / "cache"))
    for cooling in ("dry", "hybrid", "evaporative"):
        config = load_config(default_path, {"grid.resolution_m": "25000", "project.cooling": cooling}).config
        open_surfaces(stack, package, *of_routes(config))
    kept = [p.name.split("-")[1] for p in stack.folder.glob("routes-*-cost.npy")]
    assert kept.count("water") == 2
    assert kept.count("gas") == kept.count("fiber") == 1


def test_surfaces_do_not_depend_on_the_order_of_threads(package, tiny_config, tmp_path):
    """Two builds in two folders are equal byte by byte."""
    settings = tiny_config.config.connections
    for name in ("a", "b"):
        stack = open_stack(package, tiny_config, settings.layers(), cache_folder=warm(tmp_path / name))
        open_surfaces(stack, package, *of_routes(tiny_config.config))
    files = sorted(p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("routes-*.npy"))
    assert len(files) == 12
    for file in files:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
