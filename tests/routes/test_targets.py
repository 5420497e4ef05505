"""Targets of routes: the right features, in the right cells."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from sitefinder.config import load_config
from sitefinder.errors import DataError
from sitefinder.grid import Grid, Land
from sitefinder.layers.able import choose, grid_points
from sitefinder.layers.families.water import river_flow_needed
from sitefinder.layers.files import STATIONS
from sitefinder.layers.package import read_features
from sitefinder.routes.targets import cells_of, grid_targets, nearest_free, targets, trunk_capacity
from sitefinder.units import M3S_PER_MGD
from tests.helpers.paths import ABILENE
from tests.helpers.sections import of_power, of_routes

#: EPSG:5070: Abilene, near Columbus OH
SITES = np.array([ABILENE, (1_110_000, 1_950_000)], float)
GRID = Grid(25_000.0)
EVERYWHERE = Land(GRID, np.arange(GRID.width * GRID.height, dtype=np.int32))
FREE = np.ones(GRID.shape, np.float32)


@pytest.fixture(scope="module")
def found(package, default_config):
    """All classes of the shipped data and configuration."""
    return targets(package, *of_routes(default_config.config))


def at(row, col):
    """Centre of a cell."""
    return shapely.Point(*(float(v) for v in GRID.centre(np.array(row), np.array(col))))


def test_every_class_has_features(found):
    """Names, groups and facts are as long as the features."""
    assert {"gas", "gas_trunk", "fiber", "water"} == set(found)
    for target in found.values():
        n = len(target.geometry)
        assert n > 100
        assert {len(target.label), len(target.group), *(len(v) for v in target.facts.values())} == {n}


def test_the_grid_of_each_site_is_the_point_chosen_for_it(package, default_config):
    """In the order of the sites, with its class, its headroom and whether it is a line."""
    delivery, project = of_power(default_config.config)
    chosen = choose(grid_points(package, delivery, project.mw), delivery, project.mw, SITES)
    target = grid_targets(chosen)
    assert target.label.tolist() == chosen.points.name.tolist()
    assert (target.geometry == chosen.points.geometry).all()
    assert target.facts["headroom_mw"].tolist() == chosen.points.left_mw[:, 1].tolist()
    assert all(target.facts["able"])
    assert grid_targets(choose(chosen.points, delivery, project.mw, SITES[::-1])).key != target.key


def test_trunks_can_feed_the_load(package, default_path, found):
    """Companies of which the load is a fifth at most: fewer for a larger one, none for twenty gigawatts."""
    capacity = trunk_capacity(package)
    assert min(capacity[name] for name in found["gas_trunk"].label) >= 150 / 0.2
    larger = targets(package, *of_routes(load_config(default_path, {"project.mw": "3000"}).config))
    assert set(larger["gas_trunk"].label) < set(found["gas_trunk"].label)
    assert "gas_trunk" not in targets(package, *of_routes(load_config(default_path, {"project.mw": "20000"}).config))


def test_intrastate_pipelines_count_in_three_states(found):
    """Some, but not those of the other states."""
    gas = found["gas"]
    intrastate = gas.facts["kind"] == "intrastate"
    assert 0 < intrastate.mean() < 0.9
    houston, columbus = shapely.Point(66_000, 760_000), shapely.Point(1_110_000, 1_950_000)
    near = [shapely.distance(gas.geometry[intrastate], place).min() / 1000 for place in (houston, columbus)]
    assert near[0] < 50 < 300 < near[1]


def test_water_is_enough_for_the_campus(found, default_config):
    """Rivers by their mean flow, plants by half of their design flow."""
    water, config = found["water"], default_config.config
    need = river_flow_needed(config.project, config.needs.water) * 0.05
    river = water.facts["source"] == "river"
    assert water.facts["flow_m3s"][river].min() >= need / 0.05
    assert water.facts["flow_m3s"][~river].min() >= need / 0.5 * 0.99
    assert water.facts["flow_m3s"][~river].max() < 2000 * M3S_PER_MGD


def test_a_thirstier_campus_needs_larger_rivers_and_plants(found, default_path, package):
    """Litres per kWh of the section ``needs`` decide which targets of water are enough; the others stay."""
    thirsty = load_config(default_path, {"needs.water.wue.hybrid": "[0.4, 0.98, 2.0]"}).config
    changed = targets(package, *of_routes(thirsty))
    for source in ("river", "wastewater"):
        before, after = (t["water"].facts["flow_m3s"][t["water"].facts["source"] == source] for t in (found, changed))
        assert 0 < after.size < before.size
        assert after.min() > before.min()
    assert changed["water"].key != found["water"].key
    assert [k for k in found if changed[k].key != found[k].key] == ["water"]


def test_rows_that_are_not_wanted_are_not_decoded(package):
    """The choice sees all columns."""
    rows = read_features(package, STATIONS, ("kv_class",), where=lambda table: table["kv_class"] >= 765)
    assert rows["kv_class"].min() == 765
    assert len(rows["geometry"]) == len(rows["kv_class"])


def test_a_missing_column_is_named(package):
    """With the file and the remedy."""
    with pytest.raises(DataError, match="lacks the column 'volts'"):
        read_features(package, STATIONS, ("volts",))


def test_a_line_lies_in_every_cell_it_crosses():
    """A horizontal line of three cells and a point; pairs are in order."""
    line = shapely.LineString([at(5, 5), at(5, 7)])
    cells, feature = cells_of(np.array([line, at(5, 6)], object), EVERYWHERE, FREE)
    assert cells.tolist() == [5 * GRID.width + c for c in (5, 6, 6, 7)]
    assert feature.tolist() == [0, 0, 1, 0]


def test_what_lies_outside_the_frame_is_left_out():
    """No cell, no error."""
    cells, _ = cells_of(np.array([shapely.Point(9e6, 9e6)], object), EVERYWHERE, FREE)
    assert cells.size == 0


def test_a_feature_on_closed_ground_goes_to_the_nearest_free_cell():
    """Ties go north; one too far from free ground is left out."""
    friction = FREE.copy()
    friction[10:19, 10:19] = np.inf
    centre, corner = 14 * GRID.width + 14, 11 * GRID.width + 14
    assert nearest_free(np.array([centre, corner, 3]), friction).tolist() == [-1, 9 * GRID.width + 14, 3]
    cells, feature = cells_of(np.array([at(14, 14), at(10, 12), at(9, 12)], object), EVERYWHERE, friction)
    assert cells.tolist() == [9 * GRID.width + 12] * 2
    assert feature.tolist() == [1, 2]
