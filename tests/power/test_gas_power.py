"""Power from gas on the site: events, hand-computed months, permits, pipelines, monotonicity draw by draw."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.config import load_config
from sitefinder.power.gas_power import GAS_AFTER, GAS_EVENTS, GasPower
from sitefinder.power.timetable import random_numbers
from tests.helpers.power import CERTAIN, curve, ready, sites

#: pipelines nearby feed 1,600 MW
AMPLE = {"gas_pipelines": 4.0}


def gas(config, *changes):
    """Gas power of made-up sites."""
    return GasPower(sites(*changes), config.delivery, random_numbers(config.delivery))


def at(power, *months):
    """MW of the first site at some months."""
    return [float(power.mw(float(t))[0, 0]) for t in months]


def test_events_need_steps_that_exist():
    """The table of events names steps of the network, and every step serves some event."""
    assert {s for steps in GAS_EVENTS.values() for s in steps} == set(GAS_AFTER)


def test_small_units_come_first_and_trains_later(certain):
    """Under the minor permit the engines of month 1 + 10 come at 13, two blocks of them; under the major one of 12 months 50 MW
    at 14 and every 2 months, at most 500; a train of 500 MW at 1 + 48 + 12 + 2."""
    power = gas(certain, AMPLE)
    assert [ready(power, e) for e in ("minor", "fast", "turbines")] == [13, 14, 63]
    assert at(power, 12, 13, 15, 17, 18, 32, 62, 63) == [0, 50, 100, 100, 150, 500, 500, 1000]


def test_units_on_order_wait_for_the_permit_alone(certain):
    """No delivery: 12 + 2, as many as are on order, and small units ordered beside them."""
    power = gas(certain, AMPLE | {"ordered_mw": 300.0})
    assert ready(power, "in hand") == 14
    assert at(power, 12, 14, 16, 32) == [0, 350, 400, 800]


def test_mobile_units_bridge_until_lasting_ones_stand(certain):
    """Permit 2, delivery 5, pipe 1.2, commissioning 2: 150 MW at 7, not beside the lasting units but until these are more."""
    power = gas(certain, AMPLE | {"mobile": True})
    assert ready(power, "mobile") == 7
    assert at(power, 6, 7, 16, 20, 32) == [0, 150, 150, 200, 500]
    assert at(gas(certain, AMPLE), 7) == [0]


@pytest.mark.parametrize(("state", "minor", "major"), [("TX", 3, 12), ("PA", 4, 15), ("CA", 6, 30)])
def test_permits_go_by_state_and_size(certain, state, minor, major):
    """Quick, usual and slow agencies; up to 100 MW on site the minor permit serves the whole load."""
    power = gas(certain, {"state": state})
    assert (power.months["minor air permit"][0, 0], power.months["air permit"][0, 0]) == (minor, major)
    assert ready(power, "fast") == max(major, 11) + 2
    assert ready(gas(certain, {"state": state, "load_mw": 100.0}), "fast") == 13
    assert ready(gas(certain, {"state": state, "load_mw": 101.0}), "fast") == max(major, 11) + 2


def test_nonattainment_and_a_long_lateral_delay_the_gas(certain):
    """6 months of stricter permit; 30 km of lateral take 8 + 12 months after 1 of approvals, 100 km take 8 + 40, and 2."""
    assert ready(gas(certain, {"nonattainment": 2.0}), "fast") == 20
    assert ready(gas(certain, {"gas_km": 30.0}), "fast") == pytest.approx(23)
    assert ready(gas(certain, {"gas_km": 100.0}), "fast") == pytest.approx(51)


def test_approvals_delay_all_but_mobile_units(default_path):
    """5 months instead of 1: everything that is built comes later, what stands on wheels does not."""
    slow = "{months: [5, 5, 5], full_mw: 300, contested_from: 0.5, per_blocked: [0, 0, 0], per_1000_people: [0, 0, 0]}"
    power = gas(load_config(default_path, CERTAIN | {"delivery.approvals": slow}).config, AMPLE)
    assert [ready(power, e) for e in ("mobile", "minor", "turbines")] == [7, 17, 67]


def test_one_pipeline_feeds_so_much_until_a_new_one_is_built(certain):
    """400 MW per pipeline nearby; the rest waits for month 70 + 2."""
    one, two = gas(certain, {"gas_pipelines": 1.0}), gas(certain, {"gas_pipelines": 2.0})
    assert (one.mw(71.0) == 400).all()
    assert (two.mw(62.0) == 500).all()
    assert (one.mw(72.0) == 1000).all()


def test_firm_capacity_feeds_until_the_pipeline_is_expanded(certain):
    """100 MW are free; compression brings 600 after 20 + 2 months; the rest waits for a pipeline of its own."""
    power = gas(certain, AMPLE | {"firm_mw": 100.0, "trunk_mw": 600.0})
    assert ready(power, "expansion") == 22
    assert at(power, 21, 22, 32, 63, 71, 72) == [100, 250, 500, 600, 600, 1000]


def test_a_trunk_of_unknown_capacity_is_no_limit(certain):
    """What lies nearby counts alone."""
    assert at(gas(certain, AMPLE), 63) == [1000]


def test_the_new_pipeline_binds_where_the_trunk_lacks_capacity(certain):
    """It is on the critical path to full load, and a larger trunk is never later."""
    power = gas(certain, AMPLE | {"firm_mw": 600.0, "trunk_mw": 600.0})
    path = power.path(np.full(power.shape, 72.0, np.float32))
    assert path.critical[list(GAS_AFTER).index("new pipeline")].all()
    assert (curve(gas(certain, AMPLE | {"firm_mw": 600.0, "trunk_mw": 900.0})) >= curve(power)).all()


@pytest.mark.parametrize(
    ("facts", "month", "step"),
    [
        ({"gas_pipelines": 4.0}, 63.0, "turbine delivery"),
        ({"gas_pipelines": 1.0}, 72.0, "new pipeline"),
        ({"load_mw": 200.0, "firm_mw": 50.0, "trunk_mw": 400.0}, 22.0, "firm capacity"),
        ({"load_mw": 100.0, "mobile": True}, 7.0, "delivery of mobile units"),
        ({"load_mw": 200.0, "ordered_mw": 200.0}, 14.0, "air permit"),
    ],
    ids=["train", "pipeline", "expansion", "mobile", "in hand"],
)
def test_the_binding_step_of_the_gas_is_named(certain, facts, month, step):
    """What the last event before full load waited for longest."""
    power = gas(certain, facts)
    path = power.path(np.full(power.shape, month, np.float32))
    assert {list(GAS_AFTER)[i] for i in path.binding[0]} == {step}


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ({"gas_km": 120.0}, {"gas_km": 5.0}),
        ({"nonattainment": 1.0}, {"nonattainment": 0.0}),
        ({"gas_pipelines": 1.0}, {"gas_pipelines": 3.0}),
        ({"state": "CA"}, {"state": "PA"}),
        ({"state": "PA"}, {"state": "TX"}),
        ({"year": 2026}, {"year": 2022}),
        ({"blocked": 0.9, "people": 3000.0}, {"blocked": 0.9, "people": 3000.0, "approved": True}),
        ({"firm_mw": 50.0, "trunk_mw": 900.0}, {"firm_mw": 300.0, "trunk_mw": 900.0}),
        ({"firm_mw": 50.0, "trunk_mw": 300.0}, {"firm_mw": 50.0, "trunk_mw": 900.0}),
        ({"firm_mw": 50.0, "trunk_mw": 300.0}, {}),
        ({}, {"ordered_mw": 400.0}),
        ({}, {"mobile": True}),
    ],
)
def test_better_facts_never_give_less_gas_power(config, worse, better):
    """In every draw and at every time."""
    a, b = curve(gas(config, worse)), curve(gas(config, better))
    assert (b >= a - 1e-2).all()
    assert (b > a + 1.0).any()


def test_power_never_falls_and_never_exceeds_the_project(config):
    """In every draw."""
    found = curve(gas(config, {}, {"gas_km": 80.0, "mobile": True}, {"ordered_mw": 5000.0, "firm_mw": 200.0, "trunk_mw": 500.0}))
    assert (np.diff(found, axis=0) >= 0).all()
    assert found.min() >= 0
    assert found.max() <= 1000
