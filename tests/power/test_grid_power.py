"""Power from the grid: events, hand-computed months, what is in hand, monotonicity draw by draw."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.power.grid_power import GRID_AFTER, GRID_EVENTS, GridPower
from sitefinder.power.timetable import random_numbers
from tests.helpers.power import curve, ready, sites

PLANT = {"reusable_mw": 800.0, "reusable_km": 2.0, "reusable_months": -5.0}
LINE = {"planned_kv": 345.0, "planned_km": 5.0, "planned_months": 40.0}
#: a line of 138 kV 10 km away, with little room at the station
NEAR_LINE = {"cut_in_kv": 138.0, "cut_in_km": 10.0, "headroom_mw": (0.0, 0.0, 0.0)}
POOR = {"headroom_mw": (100.0, 300.0, 500.0)}


def grid(config, *changes, **settings):
    """Grid power of made-up sites."""
    return GridPower(sites(*changes), config.delivery, random_numbers(config.delivery), **settings)


def with_grid(config, **changes):
    """The configuration with other settings of the grid."""
    delivery = config.delivery
    return config.model_copy(update={"delivery": delivery.model_copy(update={"grid": delivery.grid.model_copy(update=changes)})})


def test_events_need_steps_that_exist():
    """The table of events names steps of the network, and every step serves some event."""
    assert {s for steps in GRID_EVENTS.values() for s in steps} == set(GRID_AFTER)


def test_headroom_comes_after_letter_station_and_energisation(certain):
    """1 of approvals, 3 of letter, the substation's 18 (the line of 6.5 routed km takes 11.3), 2: month 24."""
    assert ready(grid(certain), "headroom") == pytest.approx(24)


def test_the_agreement_gates_energisation_alone(certain):
    """Engineering starts under the letter: study and agreement of 12 + 4 hide behind the 22, of 30 + 4 they do not, + 2."""
    hidden = with_grid(certain, study={"elsewhere": (12.0, 12.0, 12.0)})
    gating = with_grid(certain, study={"elsewhere": (30.0, 30.0, 30.0)})
    assert ready(grid(hidden), "headroom") == pytest.approx(24)
    assert ready(grid(gating), "headroom") == pytest.approx(36)


def test_a_later_letter_delays_what_is_built_but_not_the_upgrades(certain):
    """Letters of 9 months instead of 3: the station 6 months later; upgrades wait for the agreement alone, 6 + 4 + 40 + 2."""
    late = with_grid(certain, letter=(9.0, 9.0, 9.0))
    assert ready(grid(late), "headroom") == pytest.approx(30)
    assert ready(grid(late), "upgrade") == ready(grid(certain), "upgrade") == pytest.approx(52)


def test_a_far_station_waits_for_its_line(certain):
    """50 km straight are 65 km routed: 10 + 13 months of line, so 4 + 23 + 2 = 29."""
    assert ready(grid(certain, {"station_km": 50.0}), "headroom") == pytest.approx(29)


def test_a_cut_in_brings_the_first_megawatts(certain):
    """4 to the letter, 7 + 2.6 of cut-in while the small transformer takes half of 16, 2: month 15.6. 100 MW of the line."""
    power = grid(certain, NEAR_LINE)
    assert ready(power, "cut-in") == pytest.approx(15.6)
    assert [power.mw(t).max() for t in (15.5, 15.7, 51.9, 52.0)] == [0, 100, 100, 1000]


def test_a_cut_in_to_a_large_line_waits_for_a_large_transformer(certain):
    """4 + 16 + 2 from 345 kV; with the transformer in hand the cut-in itself binds again."""
    large = NEAR_LINE | {"cut_in_kv": 345.0}
    assert ready(grid(certain, large), "cut-in") == pytest.approx(22)
    assert ready(grid(certain, large | {"transformer": True}), "cut-in") == pytest.approx(15.6)


def test_a_line_beyond_reach_brings_nothing(certain):
    """30 km is as far as one is cut into."""
    assert grid(certain, NEAR_LINE | {"cut_in_km": 30.1}).mw(51.0).max() == 0
    assert grid(certain, NEAR_LINE | {"cut_in_km": 30.0}).mw(51.0).max() == 100


@pytest.mark.parametrize("kv", [69.0, 138.0])
def test_a_small_campus_is_served_from_a_small_line_sooner_than_from_the_big_station(config, kv):
    """With the shipped ranges, 20 MW from 69 kV or 50 MW from 138 kV 4 km away: never later, the median months sooner."""
    small = {"load_mw": 20.0 if kv < 138 else 50.0}
    power = grid(config, small | {"cut_in_kv": kv, "cut_in_km": 4.0}, small)
    near, far = power.ready["cut-in"][0], power.ready["headroom"][1]
    assert np.median(near) + 3.0 < np.median(far)
    assert (curve(power)[:, 0] >= curve(power)[:, 1]).all()


def test_upgrades_run_beside_the_construction(certain):
    """6 + 4 + 40 + 2 = 52 months."""
    assert ready(grid(certain), "upgrade") == pytest.approx(52)


def test_reuse_skips_the_study_but_not_the_closure(certain):
    """5 of process + 18 of substation + 2: month 25; a plant that closes at 40 means 42."""
    assert ready(grid(certain, PLANT), "reuse") == pytest.approx(25)
    assert ready(grid(certain, PLANT | {"reusable_months": 40.0}), "reuse") == pytest.approx(42)


def test_a_planned_line_comes_on_its_date_with_its_slip(certain):
    """Planned for month 40, 3 months late, 2 of energisation: 45; 40 percent of a 345 kV line are 300 MW."""
    power = grid(certain, LINE)
    assert ready(power, "planned") == pytest.approx(45)
    assert power.amounts["planned"][0, 0] == pytest.approx(300)


def test_megawatts_add_up_by_tranche(certain):
    """100 MW of headroom at 24, 300 MW more at 45, the rest of 1,000 at 52."""
    power = grid(certain, {"headroom_mw": (100.0, 100.0, 100.0)} | LINE)
    draw = 150  # beyond the stratum below P10
    found = [float(np.sort(power.mw(float(t))[0])[draw]) for t in (23, 24, 44, 45, 51, 52)]
    assert found == [0, 100, 100, 400, 400, 1000]


@pytest.mark.parametrize(
    "other", [{"reusable_mw": 800.0, **PLANT}, {"cut_in_kv": 345.0, "cut_in_km": 3.0}], ids=["plant", "line"]
)
def test_what_shares_the_wires_with_the_headroom_does_not_add_to_it(certain, other):
    """800 MW of an old plant, or 300 MW of a line, beside 600 MW of headroom give the larger of the two."""
    both = {"headroom_mw": (600.0,) * 3} | other
    assert np.unique(grid(certain, both).mw(40.0)).max() == (800 if "reusable_mw" in other else 600)


def test_the_chance_of_a_connection_falls_with_the_years(config):
    """Still running or just closed, closed for two years, closed for ten."""
    chances = config.delivery.reuse.chance(np.array([24.0, -6.0, -24.0, -120.0])).tolist()
    assert chances == [0.5, 0.5, 0.3, 0.12]
    power = grid(config, {"reusable_mw": 500.0, "reusable_km": 2.0, "reusable_months": -120.0})
    assert (power.amounts["reuse"] > 0).mean() == pytest.approx(0.12, abs=0.005)


def test_signed_megawatts_come_in_their_month_whatever_the_ranges_say(config):
    """300 MW in month 7, before any range could bring something, and exactly those."""
    power = grid(config, {"signed_mw": 300.0, "signed_months": 7.0, "headroom_mw": (0.0,) * 3})
    assert (power.mw(6.9) == 0).all()
    assert (power.mw(7.0) == 300).all()
    assert (power.mw(200.0) == 1000).all()


def test_an_owned_connection_runs_after_its_transfer_and_adds_to_the_station(certain):
    """3 of transfer + 2: 250 MW as said, or 60 where nothing is said; 100 MW of headroom come on top."""
    owned = {"existing": True, "headroom_mw": (100.0,) * 3}
    power = grid(certain, owned | {"existing_mw": 250.0}, owned)
    assert ready(power, "existing") == pytest.approx(5)
    assert [power.mw(t)[:, 150].tolist() for t in (4.9, 5.0)] == [[0, 0], [250, 60]]
    assert np.sort(power.mw(40.0), axis=1)[:, 150].tolist() == [350, 160]


def test_the_enlargement_of_an_owned_connection_starts_with_the_agreement(certain):
    """6 + 4 instead of 3 months of letter, after 1 of approvals: 11 + 18 + 2 = 31, as owners of the dated campuses did.

    So where it runs first, what is built for the rest comes later than elsewhere; else it holds nothing up.
    """
    assert ready(grid(certain, {"existing": True, "runs_first": True}), "headroom") == pytest.approx(31)
    assert ready(grid(certain, {"existing": True}), "headroom") == ready(grid(certain), "headroom")


def test_powered_land_has_its_papers_and_half_its_buildings(certain):
    """1 of approvals, no letter, study or agreement, half of 18 and of 16, + 2: month 12; upgrades 40 + 2."""
    power = grid(certain, {"powered": True} | NEAR_LINE)
    assert ready(power, "headroom") == pytest.approx(12)
    assert ready(power, "cut-in") == pytest.approx(1 + 9.6 / 2 + 2)
    assert ready(power, "upgrade") == pytest.approx(42)


def test_non_firm_service_waits_for_its_own_station_where_it_is_accepted(certain):
    """4 to the letter, 9 + 1.3 of station and line, 2: month 16.3; elsewhere it brings nothing."""
    service = {"non_firm_mw": (400.0,) * 3, "headroom_mw": (0.0,) * 3}
    power = grid(certain, service | {"flexible": True}, service)
    assert ready(power, "non-firm") == pytest.approx(16.3)
    assert power.mw(20.0).max(axis=1).tolist() == [400, 0]
    assert grid(certain, service, non_firm=True).mw(20.0).max() == 400


def test_a_customers_station_takes_the_quicker_way(certain):
    """A small load may use the near line, 10 km or 2.6 months away, or the station at 1.3; a line 1 km away is quicker: 0.26."""
    small = {"load_mw": 50.0, "flexible": True, "cut_in_kv": 138.0}
    far, near = grid(certain, small | {"cut_in_km": 10.0}), grid(certain, small | {"cut_in_km": 1.0})
    assert (ready(far, "non-firm"), ready(near, "non-firm")) == (pytest.approx(16.3), pytest.approx(15.26))


@pytest.mark.parametrize(
    ("headroom", "month", "step"), [(0.0, 52.0, "network upgrades"), (2000.0, 24.0, "substation")], ids=["none", "ample"]
)
def test_the_binding_step_of_the_grid_is_named(certain, headroom, month, step):
    """Upgrades bind where there is no headroom, the substation where there is."""
    power = grid(certain, {"headroom_mw": (headroom,) * 3})
    path = power.path(np.full(power.shape, month, np.float32))
    names = [list(GRID_AFTER)[i] for i in path.binding[0]]
    assert max(set(names), key=names.count) == step


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ({"headroom_mw": (100.0, 300.0, 500.0)}, {"headroom_mw": (150.0, 300.0, 900.0)}),
        ({"station_km": 40.0}, {"station_km": 10.0}),
        ({"cut_in_km": 25.0}, {"cut_in_km": 5.0}),
        ({}, {"cut_in_km": 25.0}),
        ({}, {"reusable_mw": 600.0, "reusable_km": 10.0, "reusable_months": 10.0}),
        ({}, {"planned_kv": 765.0, "planned_km": 10.0, "planned_months": 30.0}),
        ({"planned_kv": 345.0, "planned_months": 60.0}, {"planned_kv": 345.0, "planned_months": 30.0}),
        ({"region": "CAISO"}, {"region": "ERCOT"}),
        ({"claimed_mw": 9000.0}, {"claimed_mw": 0.0}),
        ({"year": 2026}, {"year": 2022}),
        ({"blocked": 0.9}, {"blocked": 0.5}),
        ({"people": 3000.0}, {"people": 0.0}),
        ({"blocked": 0.8, "people": 900.0}, {"blocked": 0.8, "people": 900.0, "approved": True}),
        ({}, {"signed_mw": 250.0, "signed_months": 6.0}),
        ({}, {"powered": True}),
        ({}, {"transformer": True}),
        ({}, {"flexible": True}),
        ({}, {"battery": True}),
    ],
)
def test_better_facts_never_give_less_grid_power(config, worse, better):
    """In every draw and at every time."""
    a, b = curve(grid(config, POOR | worse)), curve(grid(config, POOR | better))
    assert (b >= a - 1e-2).all()
    assert (b > a + 1.0).any()


def test_power_never_falls_and_never_exceeds_the_project(config):
    """In every draw."""
    mixed = (
        {},
        {"reusable_mw": 700.0, "reusable_km": 9.0, "reusable_months": 20.0, "existing": True, "existing_mw": 900.0},
        {"headroom_mw": (0.0, 9.0, 90.0), "cut_in_km": 3.0, "flexible": True, "signed_mw": 5000.0, "signed_months": 9.0},
    )
    found = curve(grid(config, *mixed))
    assert (np.diff(found, axis=0) >= 0).all()
    assert found.min() >= 0
    assert found.max() <= 1000
