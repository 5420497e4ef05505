"""Connections of sites on the real data at 25 km, and tracing of routes against hand-made ones."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import shapely

from sitefinder.config import load_config
from sitefinder.layers.able import Chosen, choose, grid_points
from sitefinder.layers.families.water import water_need_m3s
from sitefinder.layers.stack import open_stack
from sitefinder.routes.columns import route_parts
from sitefinder.routes.friction import terrain_at
from sitefinder.routes.legs import ROUTES, Leg, Terms, connect, ground_of, trace
from sitefinder.routes.surfaces import Ways, grid_surface, open_surfaces, ways
from tests.helpers.paths import ABILENE
from tests.helpers.sections import of_power, of_routes
from tests.helpers.stacks import warm

#: built layers of the country
pytestmark = pytest.mark.stack


#: EPSG:5070: Abilene, near Columbus OH, near Des Moines IA, Quincy WA, in Yellowstone
SITES = np.array([ABILENE, (1_110_000, 1_950_000), (190_000, 2_060_000), (-1_790_000, 2_960_000), (-1_160_000, 2_480_000)], float)


@pytest.fixture(scope="module")
def config(tiny_config):
    """The shipped configuration at 25 km."""
    return tiny_config.config


@pytest.fixture(scope="module")
def stack(package, tiny_config, config, tmp_path_factory):
    """Layers of the section."""
    return open_stack(package, tiny_config, config.connections.layers(), cache_folder=warm(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="module")
def chosen(package, config):
    """The point of the grid of each site."""
    delivery, project = of_power(config)
    return choose(grid_points(package, delivery, project.mw), delivery, project.mw, SITES)


@pytest.fixture(scope="module")
def legs(stack, package, config, chosen):
    """All routes of the sites."""
    return connect(stack, package, Terms(*of_routes(config)), xy=SITES, chosen=chosen)


@pytest.fixture(scope="module")
def surfaces(stack, package, config):
    """The surfaces behind them."""
    return open_surfaces(stack, package, *of_routes(config))


@pytest.fixture(scope="module")
def grid(stack, config, chosen):
    """Targets on the grid."""
    return grid_surface(stack, config.connections, chosen)


def test_every_kind_of_route_is_found(legs):
    """Of every site that has one."""
    assert list(legs) == list(ROUTES)
    for name in ("grid", "gas", "fiber", "water"):
        assert np.isfinite(legs[name].km[:4]).all()


def test_a_route_leads_from_the_site_to_its_target(legs, surfaces, grid):
    """First vertex at the site, last one on the feature, and never shorter than the straight line."""
    for name, leg in legs.items():
        for site in np.flatnonzero(~np.isnan(leg.km)):
            line = leg.lines[site]
            assert line.coords[0] == tuple(SITES[site])
            assert line.length / 1000 == pytest.approx(leg.km[site])
            if name == "grid":
                assert shapely.distance(grid.targets.geometry[site], shapely.Point(line.coords[-1])) < 1e-3
            elif name in surfaces:
                assert shapely.distance(surfaces[name].targets.geometry, shapely.Point(line.coords[-1])).min() < 1e-3
            assert leg.km[site] >= leg.straight_km[site] - 1e-6


def test_routes_stay_on_ground_that_they_may_enter(stack, surfaces):
    """No cell of any route from anywhere is impassable."""
    cells = stack.land.cells[:: max(1, stack.land.size // 400)].astype(np.int64)
    for surface in surfaces.values():
        found = ways(surface, cells)
        assert np.isfinite(surface.friction.reshape(-1)[found.path]).all()
        assert found.connected.mean() > 0.9


def test_low_likely_and_high_are_in_order(legs):
    """Costs and multipliers; unknown together."""
    for leg in legs.values():
        known = ~np.isnan(leg.km)
        assert (np.diff(leg.musd[known], axis=1) >= 0).all()
        assert (np.diff(leg.ground[known], axis=1) >= 0).all()
        assert np.isnan(leg.musd[~known]).all()
        assert (leg.ground[known] >= 1).all()


def test_a_route_over_named_ground_is_no_longer_than_the_whole(legs):
    """Steep, federal, unknown and the others."""
    for leg in legs.values():
        for km in leg.over_km.values():
            known = ~np.isnan(leg.km)
            assert (km[known] <= leg.km[known] + 1e-9).all()
            assert (km[known] >= 0).all()


def test_the_second_route_leads_elsewhere(legs):
    """Another pipeline; another corridor may have the same kind but not the same end."""
    first, second = legs["gas"], legs["gas_second"]
    both = np.flatnonzero(~np.isnan(second.km))
    assert both.size
    for site in both:
        assert first.facts["to"][site] != second.facts["to"][site]
        assert second.cost_km[site] >= first.cost_km[site] - 1e-6


def test_the_grid_route_leads_to_the_point_chosen(legs, chosen):
    """Name, class, distance and headroom are those that the dates rest on."""
    grid = legs["grid"]
    assert grid.facts["to"].tolist() == chosen.points.name.tolist()
    assert grid.facts["kv"].tolist() == chosen.points.kv.tolist()
    assert grid.facts["headroom_mw"].tolist() == chosen.points.left_mw[:, 1].tolist()
    np.testing.assert_allclose(grid.straight_km, chosen.km)
    assert grid.km.max() < 3 * chosen.km.max() + 50


def test_two_sites_of_one_cell_go_to_their_own_stations(stack, package, config, chosen):
    """On a coarse grid the targets share cells; each site still has its own."""
    order = np.array([0, 1, 0, 1])
    crossed = Chosen(chosen.row[order], chosen.points.take(order), chosen.km[order], chosen.able[order])
    grid = connect(stack, package, Terms(*of_routes(config)), xy=SITES[[0, 1, 0, 1]], chosen=crossed)["grid"]
    assert grid.facts["to"].tolist() == chosen.points.name[order].tolist()
    assert grid.km[:2].tolist() == grid.km[2:].tolist()


def test_crossings_are_whole_numbers(legs):
    """Rivers, highways and railways; some routes cross some."""
    counted = [n for leg in legs.values() for values in leg.crossings.values() for n in values if not math.isnan(n)]
    assert all(n == int(n) >= 0 for n in counted)
    assert any(n > 0 for n in counted)


def test_legs_fill_the_columns_of_every_site(legs, config):
    """Target, length and cost of the route chosen, and the source of the water."""
    parts = route_parts(legs, config.connections, mw=config.project.mw, water_mgd=8.0)
    assert [part.grid.to for part in parts] == list(legs["grid"].facts["to"])
    assert [part.route("gas").km for part in parts] == pytest.approx(list(legs["gas"].km), nan_ok=True)
    assert parts[0].grid.cost_musd.low < parts[0].grid.cost_musd.mid < parts[0].grid.cost_musd.high
    assert {part.water_route_source for part in parts} <= {"river", "wastewater", None}


def test_the_same_sites_give_the_same_routes(legs, stack, package, config, chosen):
    """From the cache as from the first run."""
    again = connect(stack, package, Terms(*of_routes(config)), xy=SITES, chosen=chosen)
    for name, leg in legs.items():
        np.testing.assert_array_equal(leg.musd, again[name].musd)
        assert [None if line is None else line.wkt for line in leg.lines] == [
            None if line is None else line.wkt for line in again[name].lines
        ]


def one_way(surface, cells, feature):
    """A single hand-made way."""
    return Ways(np.array(cells, np.int64), np.array([0, len(cells)]), np.array([feature]), np.array([1.0]))


def test_a_route_within_its_own_cell_is_the_straight_line(stack, grid, config):
    """A site beside its station: no cells to walk, but the distance counts."""
    surface, at = grid, int(np.flatnonzero(shapely.get_type_id(grid.targets.geometry) == 0)[0])
    station = surface.targets.geometry[at]
    xy = np.array([[station.x + 700.0, station.y]])
    start = int(surface.cells[np.flatnonzero(surface.feature == at)[0]])
    leg = trace(one_way(surface, [start], at), surface, ground_of(stack, config.connections, np.array([start])), xy)
    assert leg.km[0] == pytest.approx(0.7)
    assert leg.straight_km[0] == pytest.approx(0.7)


def test_ground_is_weighted_by_length(stack, grid, config):
    """Two steps over three cells: each cell counts for the half of the steps beside it."""
    surface = grid
    start = int(surface.cells[np.flatnonzero(surface.feature == 0)[0]])
    cells = [start + 2, start + 1, start]
    x, y = surface.grid.centre(
        np.array([c // surface.grid.width for c in cells]), np.array([c % surface.grid.width for c in cells])
    )
    under = ground_of(stack, config.connections, np.array(cells))
    leg = trace(one_way(surface, cells, 0), surface, under, np.array([[x[0], y[0]]]))
    vertices = [(x[0], y[0]), (x[1], y[1]), surface.targets.geometry[0].coords[0]]
    steps = np.array([math.dist(a, b) for a, b in itertools.pairwise(vertices)])
    ground, _ = terrain_at(stack, config.connections, stack.land.position.reshape(-1)[cells])
    likely = (steps * (ground[1:, 1] + ground[:-1, 1]) / 2).sum() / steps.sum()
    assert leg.ground[0, 1] == pytest.approx(likely)
    assert isinstance(leg, Leg)


def test_a_thirstier_campus_has_a_larger_main(legs, stack, package, default_path, chosen):
    """Litres per kWh of the section ``needs`` decide what the main carries: twice as much costs more."""
    tuned = {"grid.resolution_m": "25000", "needs.water.wue.hybrid": "[0.4, 0.98, 2.0]"}
    before, after = (load_config(default_path, changed).config for changed in ({"grid.resolution_m": "25000"}, tuned))
    thirsty = connect(stack, package, Terms(*of_routes(after)), xy=SITES, chosen=chosen)
    some = ~np.isnan(legs["water"].km)
    per_km = [(found["water"].musd / found["water"].km[:, None])[some] for found in (legs, thirsty)]
    assert (per_km[1] > per_km[0]).all()
    need, doubled = (water_need_m3s(c.project, c.needs.water) for c in (before, after))
    assert doubled == pytest.approx(2 * need)
    np.testing.assert_array_equal(thirsty["gas"].musd, legs["gas"].musd)
