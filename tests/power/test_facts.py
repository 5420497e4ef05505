"""What is known about the power of a place: stations, closed plants, planned lines, and what stays unknown."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from sitefinder.config import load_config
from sitefinder.errors import DataError
from sitefinder.layers.able import choose, grid_points
from sitefinder.layers.files import PLANNED, REUSABLE
from sitefinder.layers.package import DataPackage, read_points
from sitefinder.layers.stack import open_stack
from sitefinder.power.facts import LAYERS, planned_mw, site_facts
from sitefinder.power.in_hand import InHand
from tests.helpers.able import written_grid
from tests.helpers.power import NAN, sites
from tests.helpers.sections import of_power
from tests.helpers.stacks import warm

#: built layers of the country
pytestmark = pytest.mark.stack


STATIONS = ({"name": "Yard", "x": -348.0, "y": 1048.7, "mw": 50.0}, {"name": "Hub", "x": -346.0, "y": 1048.7, "mw": 1500.0})
PLANT = {"mw": 800.0, "status": "retired", "closed": "2025-06", "operating_mw_2km": 0.0}
LINE = {"kv": 345, "in_service": "2029-06", "new_line": True}


def written(folder: Path, **tables: list[dict]) -> DataPackage:
    """A data folder with stations, and tables of plants and planned lines at x and y kilometres, with their register."""
    names = {"reusable": (REUSABLE, PLANT), "planned": (PLANNED, LINE)}
    lines, made = tables.pop("lines", []), {}
    for key, rows in tables.items():
        name, usual = names[key]
        full = [usual | row for row in rows]
        points = shapely.points([[r.pop("x", 0.0) * 1000.0, r.pop("y", 0.0) * 1000.0] for r in full])
        made[name] = gpd.GeoDataFrame(full, geometry=points, crs="EPSG:5070")
    campuses = [{"x": -346.0, "y": 1060.0, "mw": 200.0}]
    return written_grid(folder, STATIONS, lines=lines, campuses=campuses, others=made)


def test_a_file_without_a_column_is_told_in_one_line(tmp_path):
    """A table of another layout is not guessed at."""
    package = written(tmp_path, planned=[{}])
    with pytest.raises(DataError, match="lacks the column 'mw'"):
        read_points(package, PLANNED, ("kv", "mw"))


@pytest.fixture(scope="module")
def at_abilene(package, tmp_path_factory, default_path):
    """Facts at Abilene with made-up points around it; the other layers are the compiled ones on a coarse grid."""
    file = load_config(default_path, {"grid.resolution_m": "25000"})
    stack = open_stack(package, file, LAYERS, cache_folder=warm(tmp_path_factory.mktemp("cache")))
    row, col = (int(v) for v in stack.land.grid.cell_at(-349_000.0, 1_048_700.0))
    index = np.array([stack.land.position[row, col]])

    def facts(mw: float = 1000.0, hand: InHand | None = None, **tables: list[dict]):
        lines = tables.pop("lines", [])
        shifted = {k: [r | {"x": r.get("x", 0.0) - 349.0, "y": 1048.7} for r in rows] for k, rows in tables.items()}
        made = written(tmp_path_factory.mktemp("data"), lines=lines, **shifted)
        xy, (delivery, _) = np.array([[-349_000.0, 1_048_700.0]]), of_power(file.config)
        chosen = choose(grid_points(made, delivery, mw), delivery, mw, xy)
        load, served = np.array([mw]), np.array([[100.0, 200.0, 300.0]])
        return site_facts(stack, made, delivery, index=index, xy=xy, chosen=chosen, load_mw=load, non_firm_mw=served, hand=hand)

    return facts


def test_facts_of_a_real_place(at_abilene):
    """Abilene lies in ERCOT, attains the standards, and has gas; nothing needed is unknown."""
    facts = at_abilene(reusable=[{"x": 9.0}], planned=[{"x": 12.0}])
    assert facts.region.tolist() == ["ERCOT"]
    assert (facts.station[0], facts.station_kv[0], facts.cut_in[0]) == ("Hub", 345, False)
    assert facts.station_km[0] == pytest.approx(3.0)
    assert facts.headroom_mw[0].tolist() == [1400, 1400, 1400]
    assert (facts.before_mw[0], facts.claimed_mw[0]) == (1500, 200)
    assert (facts.reusable_mw[0], facts.reusable_months[0]) == (800, -18)
    assert (facts.planned_kv[0], facts.planned_months[0]) == (345, 30)
    assert facts.gas_km[0] < 60
    assert (facts.state[0], facts.year[0], facts.load_mw[0]) == ("TX", 2026, 1000)
    assert facts.non_firm_mw[0].tolist() == [100, 200, 300]
    assert 0.5 < facts.blocked[0] < 0.8
    assert 1e4 < facts.jobs[0] < 1e6
    assert not facts.unknown().any()


def north(km: float, kv: int, **more: object) -> dict:
    """A line from west to east so many kilometres north of the place."""
    return {"from": (-369.0, 1048.7 + km), "to": (-329.0, 1048.7 + km), "kv_class": kv} | more


@pytest.mark.parametrize(("mw", "kv", "km"), [(30.0, 69, 1.0), (50.0, 138, 4.0), (1000.0, 138, 4.0)])
def test_the_first_megawatts_come_from_the_nearest_line_that_serves_them(at_abilene, mw, kv, km):
    """69 kV serves a campus that it carries whole (35 MW), else the nearest of 138 kV and more; direct current serves none."""
    lines = [north(1.0, 69), north(4.0, 138), north(6.0, 345), north(0.5, 345, is_dc=True)]
    facts = at_abilene(mw, reusable=[{"x": 99.0}], planned=[{"x": 99.0}], lines=lines)
    assert (facts.cut_in_kv[0], facts.cut_in_km[0]) == (kv, pytest.approx(km))


def test_without_a_line_there_is_no_cut_in(at_abilene):
    """Class 0, infinitely far away."""
    facts = at_abilene(reusable=[{"x": 99.0}], planned=[{"x": 99.0}])
    assert (facts.cut_in_kv[0], facts.cut_in_km[0]) == (0, np.inf)


def test_what_is_in_hand_is_that_of_the_options_unless_the_list_says_it(at_abilene, default_config):
    """Of the row, if there is one."""
    tables = {"reusable": [{"x": 99.0}], "planned": [{"x": 99.0}]}
    assert at_abilene(**tables).hand.powered.tolist() == [False]
    said = InHand.of_options(default_config.config.delivery.options.model_copy(update={"powered_land": True}), 1)
    assert at_abilene(hand=said, **tables).hand.powered.tolist() == [True]


def test_the_closed_plant_with_most_free_capacity_is_taken(at_abilene):
    """Capacity still running beside a retired plant is in use; plants beyond 25 km and closures far off do not count."""
    plants = [
        {"x": 2.0, "mw": 900.0, "operating_mw_2km": 850.0},
        {"x": 10.0, "mw": 500.0},
        {"x": 30.0, "mw": 2000.0},
        {"x": 1.0, "mw": 3000.0, "status": "retiring", "closed": "2045-01"},
    ]
    facts = at_abilene(reusable=plants, planned=[{}])
    assert (facts.reusable_mw[0], facts.reusable_km[0]) == (500, pytest.approx(10.0))


def test_only_new_planned_lines_nearby_count(at_abilene):
    """An upgrade brings no new circuit; a line beyond 30 km is another place's; none known is NaN, not 0."""
    lines = [{"x": 1.0, "new_line": False}, {"x": 31.0, "kv": 765}]
    facts = at_abilene(reusable=[{"x": 99.0}], planned=lines)
    assert np.isnan([facts.planned_kv[0], facts.planned_km[0], facts.planned_months[0]]).all()
    assert facts.reusable_mw[0] == 0


def test_planned_capacity_goes_by_class(default_config):
    """A class without an entry takes the next lower one; below the lowest and unknown bring nothing."""
    found = planned_mw(default_config.config.delivery, np.array([345.0, 500.0, 735.0, 765.0, 230.0, 138.0, NAN]))
    assert found.tolist() == [750, 1500, 1500, 4500, 400, 0, 0]


def test_unknowns_are_told_and_can_be_assumed_either_way():
    """Headroom, distances and counts at their worst and best; what is known stays."""
    facts = sites({"headroom_mw": (NAN,) * 3}, {"gas_km": NAN}, {})
    assert facts.unknown().tolist() == [True, True, False]
    needed = ("blocked", "slope_pct", "jobs", "people", "nonattainment", "gas_pipelines", "station_km")
    assert sites(*[{name: NAN} for name in needed], {"non_firm_mw": (NAN,) * 3}).unknown().all()
    worst, best = facts.assume(best=False), facts.assume(best=True)
    assert worst.headroom_mw[0].tolist() == [0, 0, 0]
    assert best.headroom_mw[0].min() > 20_000
    assert worst.gas_km[1] > 10_000
    assert best.gas_km[1] == 0
    assert not worst.unknown().any()
    assert (best.headroom_mw[2] == facts.headroom_mw[2]).all()


def test_some_sites_can_be_taken():
    """The facts of a subset, in its order."""
    facts = sites({"region": "PJM"}, {"region": "SPP"}, {"region": "MISO"})
    assert facts.take(np.array([2, 0])).region.tolist() == ["MISO", "PJM"]
    assert facts.size == 3
