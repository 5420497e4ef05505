"""Power from the grid and from gas: events, hand-computed months, monotonicity draw by draw."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.config import load_config
from sitefinder.power.gas_power import GAS_AFTER, GAS_EVENTS, GasPower
from sitefinder.power.grid_power import GRID_AFTER, GRID_EVENTS, GridPower
from sitefinder.power.timetable import random_numbers
from tests.helpers.power import sites

TIMES = (0.0, 12.0, 25.0, 37.0, 49.0, 61.0, 85.0, 109.0, 200.0)
#: every range of the grid a certainty
CERTAIN_GRID = {
    "delivery.grid.study": "{elsewhere: [6, 6, 6]}",
    "delivery.grid.agreement": "[4, 4, 4]",
    "delivery.grid.line": "{230: {base: [10, 10, 10], per_10_km: [2, 2, 2]}}",
    "delivery.grid.substation": "[18, 18, 18]",
    "delivery.grid.transformer": "[24, 24, 24]",
    "delivery.grid.upgrade": "{elsewhere: [40, 40, 40]}",
    "delivery.grid.energisation": "[2, 2, 2]",
    "delivery.reuse.process": "[5, 5, 5]",
    "delivery.planned.slip": "[3, 3, 3]",
    "delivery.planned.share": "[0.4, 0.4, 0.4]",
}
#: and every range of the gas
CERTAIN_GAS = {
    "delivery.gas.permit": "[12, 12, 12]",
    "delivery.gas.nonattainment": "[6, 6, 6]",
    "delivery.gas.site_works": "[8, 8, 8]",
    "delivery.gas.lateral": "{base: [10, 10, 10], per_10_km: [4, 4, 4]}",
    "delivery.gas.fast.lead": "[20, 20, 20]",
    "delivery.gas.fast.mw_per_year": "[300, 300, 300]",
    "delivery.gas.fast.most_mw": "[500, 500, 500]",
    "delivery.gas.combined_cycle.lead": "[48, 48, 48]",
    "delivery.gas.combined_cycle.erection": "[12, 12, 12]",
    "delivery.gas.combined_cycle.between_trains": "[6, 6, 6]",
    "delivery.gas.commissioning": "[2, 2, 2]",
    "delivery.gas.pipeline_mw": "[400, 400, 400]",
    "delivery.gas.new_pipeline": "[70, 70, 70]",
}


@pytest.fixture(scope="module")
def config(default_path):
    """The shipped ranges with few draws."""
    return load_config(default_path, {"delivery.draws": "200"}).config


@pytest.fixture(scope="module")
def certain(default_path):
    """No chance anywhere but in the headroom and in the right to a closed plant's connection."""
    return load_config(default_path, {"delivery.draws": "200"} | CERTAIN_GRID | CERTAIN_GAS).config


def grid(config, *changes):
    """Grid power of made-up sites."""
    return GridPower(sites(*changes), config.delivery, config.project.mw, random_numbers(config.delivery))


def gas(config, *changes):
    """Gas power of made-up sites."""
    return GasPower(sites(*changes), config.delivery, config.project.mw, random_numbers(config.delivery))


def curve(power):
    """MW at a few times, (times, n, draws)."""
    return np.stack([np.broadcast_to(power.mw(t), power.shape) for t in TIMES])


def ready(power, event):
    """Month of an event in the first draw of the first site."""
    return float(power.ready[list(power.events).index(event)][0, 0])


def test_events_need_steps_that_exist():
    """The tables of events name steps of their network, and every step serves some event."""
    for events, after in ((GRID_EVENTS, GRID_AFTER), (GAS_EVENTS, GAS_AFTER)):
        assert {s for steps in events.values() for s in steps} == set(after)


def test_headroom_comes_after_study_agreement_station_and_energisation(certain):
    """6 + 4, then the substation's 18 (the line of 6.5 routed km takes 11.3), then 2: month 30."""
    assert ready(grid(certain), "headroom") == pytest.approx(30)


def test_a_far_station_waits_for_its_line(certain):
    """50 km straight are 65 km routed: 10 + 13 months of line, so 6 + 4 + 23 + 2 = 35."""
    assert ready(grid(certain, {"station_km": 50.0}), "headroom") == pytest.approx(35)


def test_upgrades_run_beside_the_construction(certain):
    """6 + 4 + 40 + 2 = 52 months."""
    assert ready(grid(certain), "upgrade") == pytest.approx(52)


def test_reuse_skips_the_study_but_not_the_closure(certain):
    """5 of process + 18 of substation + 2, but the transformer takes 24: month 26; a plant that closes at 40 means 42."""
    near = {"reusable_mw": 800.0, "reusable_km": 2.0, "reusable_months": -5.0}
    assert ready(grid(certain, near), "reuse") == pytest.approx(26)
    assert ready(grid(certain, near | {"reusable_months": 40.0}), "reuse") == pytest.approx(42)


def test_a_planned_line_comes_on_its_date_with_its_slip(certain):
    """Planned for month 40, 3 months late, 2 of energisation: 45; 40 percent of a 345 kV line are 300 MW."""
    power = grid(certain, {"planned_kv": 345.0, "planned_km": 5.0, "planned_months": 40.0})
    assert ready(power, "planned") == pytest.approx(45)
    assert power.planned_mw[0, 0] == pytest.approx(300)


def test_megawatts_add_up_by_tranche(certain):
    """100 MW of headroom at 30, 300 MW more at 45, the rest of 1,000 at 52."""
    planned = {"planned_kv": 345.0, "planned_km": 5.0, "planned_months": 40.0}
    power = grid(certain, {"headroom_mw": (100.0, 100.0, 100.0)} | planned)
    draw = 150  # beyond the stratum below P10
    found = [float(np.sort(power.mw(float(t))[0])[draw]) for t in (29, 30, 44, 45, 51, 52)]
    assert found == [0, 100, 100, 400, 400, 1000]


def test_a_closed_plant_and_the_headroom_are_the_same_wires(certain):
    """800 MW of an old plant beside 600 MW of headroom give 800, not 1,400."""
    both = {"headroom_mw": (600.0,) * 3, "reusable_mw": 800.0, "reusable_km": 2.0, "reusable_months": -5.0}
    assert np.unique(grid(certain, both).mw(40.0)).max() == 800


def test_the_chance_of_a_connection_falls_with_the_years(config):
    """Still running or just closed, closed for two years, closed for ten."""
    chances = config.delivery.reuse.chance(np.array([24.0, -6.0, -24.0, -120.0])).tolist()
    assert chances == [0.5, 0.5, 0.3, 0.12]
    power = grid(config, {"reusable_mw": 500.0, "reusable_km": 2.0, "reusable_months": -120.0})
    assert (power.reuse_mw > 0).mean() == pytest.approx(0.12, abs=0.005)


def test_small_units_come_first_and_trains_later(certain):
    """Permit 12 + works 8, engines 20, +2: 50 MW at 22 and every 2 months, at most 500; a train of 500 MW at 48 + 12 + 2."""
    power = gas(certain, {"gas_pipelines": 4.0})
    assert ready(power, "fast") == 22
    assert ready(power, "turbines") == 62
    found = [float(power.mw(float(t))[0, 0]) for t in (21, 22, 24, 42, 61, 62)]
    assert found == [0, 50, 100, 500, 500, 1000]


def test_a_trunk_that_lacks_capacity_feeds_no_more_than_it_has(certain):
    """600 MW come over the lateral, the rest with a pipeline of its own after 70 + 2 months; an unknown one is no limit."""
    ample = {"gas_pipelines": 4.0}
    power, unknown = gas(certain, ample | {"trunk_mw": 600.0}), gas(certain, ample)
    at = [float(power.mw(float(t))[0, 0]) for t in (42, 62, 71, 72)]
    assert at == [500, 600, 600, 1000]
    assert float(unknown.mw(62.0)[0, 0]) == 1000


def test_the_new_pipeline_binds_where_the_trunk_lacks_capacity(certain):
    """It is on the critical path to full load, and a larger trunk is never later."""
    ample = {"gas_pipelines": 4.0}
    power = gas(certain, ample | {"trunk_mw": 600.0})
    path = power.path(np.full(power.shape, 72.0, np.float32))
    assert path.critical[list(GAS_AFTER).index("new pipeline")].all()
    assert (curve(gas(certain, ample | {"trunk_mw": 900.0})) >= curve(power)).all()


def test_nonattainment_and_a_long_lateral_delay_the_gas(certain):
    """6 months of stricter permit; 30 km of lateral take 10 + 12 months and do not bind, 100 km take 50 and do."""
    assert ready(gas(certain, {"nonattainment": 2.0}), "fast") == 28
    assert ready(gas(certain, {"gas_km": 30.0}), "fast") == pytest.approx(24)
    assert ready(gas(certain, {"gas_km": 100.0}), "fast") == pytest.approx(52)


def test_one_pipeline_feeds_so_much_until_a_new_one_is_built(certain):
    """400 MW per pipeline nearby; the rest waits for month 72."""
    one, two = gas(certain, {"gas_pipelines": 1.0}), gas(certain, {"gas_pipelines": 2.0})
    assert (one.mw(71.0) == 400).all()
    assert (two.mw(61.0) == 500).all()
    assert (one.mw(72.0) == 1000).all()


@pytest.mark.parametrize(
    ("headroom", "month", "step"), [(0.0, 52.0, "network upgrades"), (2000.0, 30.0, "substation")], ids=["none", "ample"]
)
def test_the_binding_step_of_the_grid_is_named(certain, headroom, month, step):
    """Upgrades bind where there is no headroom, the substation where there is."""
    power = grid(certain, {"headroom_mw": (headroom,) * 3})
    path = power.path(np.full(power.shape, month, np.float32))
    names = [list(GRID_AFTER)[i] for i in path.binding[0]]
    assert max(set(names), key=names.count) == step


def test_the_binding_step_of_the_gas_is_named(certain):
    """The last train waits for the turbines; with one pipeline it is the new pipeline."""
    for pipelines, month, step in ((4.0, 62.0, "turbine delivery"), (1.0, 72.0, "new pipeline")):
        power = gas(certain, {"gas_pipelines": pipelines})
        path = power.path(np.full(power.shape, month, np.float32))
        assert {list(GAS_AFTER)[i] for i in path.binding[0]} == {step}


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ({"headroom_mw": (100.0, 300.0, 500.0)}, {"headroom_mw": (150.0, 300.0, 900.0)}),
        ({"station_km": 40.0}, {"station_km": 10.0}),
        ({}, {"reusable_mw": 600.0, "reusable_km": 10.0, "reusable_months": 10.0}),
        ({}, {"planned_kv": 765.0, "planned_km": 10.0, "planned_months": 30.0}),
        ({"planned_kv": 345.0, "planned_months": 60.0}, {"planned_kv": 345.0, "planned_months": 30.0}),
        ({"region": "CAISO"}, {"region": "ERCOT"}),
    ],
)
def test_better_facts_never_give_less_grid_power(config, worse, better):
    """In every draw and at every time."""
    poor = {"headroom_mw": (100.0, 300.0, 500.0)}
    a, b = curve(grid(config, poor | worse)), curve(grid(config, poor | better))
    assert (b >= a - 1e-2).all()
    assert (b > a + 1.0).any()


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ({"gas_km": 120.0}, {"gas_km": 5.0}),
        ({"nonattainment": 1.0}, {"nonattainment": 0.0}),
        ({"gas_pipelines": 1.0}, {"gas_pipelines": 3.0}),
    ],
)
def test_better_facts_never_give_less_gas_power(config, worse, better):
    """In every draw and at every time."""
    a, b = curve(gas(config, worse)), curve(gas(config, better))
    assert (b >= a - 1e-2).all()
    assert (b > a + 1.0).any()


def test_power_never_falls_and_never_exceeds_the_project(config):
    """Of either source, in every draw."""
    mixed = (
        {},
        {"reusable_mw": 700.0, "reusable_km": 9.0, "reusable_months": 20.0},
        {"gas_km": 80.0, "headroom_mw": (0.0, 9.0, 90.0)},
    )
    for power in (grid(config, *mixed), gas(config, *mixed)):
        found = curve(power)
        assert (np.diff(found, axis=0) >= 0).all()
        assert found.min() >= 0
        assert found.max() <= 1000
