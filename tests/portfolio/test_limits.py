"""Limits of a set as rows."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from sitefinder.config.portfolio import Portfolio
from sitefinder.config.project import PATHWAYS, sources_of
from sitefinder.portfolio.limits import build, cliques, gas_part, most_campuses, river_reaches, station_groups
from sitefinder.portfolio.values import discounts
from tests.helpers.portfolio_cases import FREE, campus, pool_with, random_pool


def rows_of(pool, config, family, **terms):
    """Rows of one family."""
    limits = build(pool, Portfolio.model_validate(FREE | terms), config)
    return [r for r in limits.rows if r.family == family]


def test_cliques_hold_every_near_pair_and_no_other():
    """Random graphs: the union of the groups' pairs is the graph."""
    rng = np.random.default_rng(1)
    for _ in range(20):
        near = np.triu(rng.random((15, 15)) < 0.3, 1)
        near = near | near.T
        pairs = {p for c in cliques(near) for p in itertools.combinations(c, 2)}
        assert pairs == {(int(i), int(j)) for i, j in np.argwhere(np.triu(near))}


def test_rows_of_spacing_name_campuses_that_are_too_near(default_config):
    """Campuses a degree apart, 91 km at 35 degrees north."""
    pool = pool_with([campus(i) for i in range(4)])
    constraints = rows_of(pool, default_config.config, "spacing_km", spacing_km=100.0)
    assert [r.columns.tolist() for r in constraints] == [[0, 1], [1, 2], [2, 3]]


def test_caps_leave_out_groups_that_cannot_break_them(default_config):
    """Three in one state with at most two make a row, two in another do not."""
    pool = pool_with([campus(i, state="A" if i < 3 else "B") for i in range(5)])
    constraints = rows_of(pool, default_config.config, "caps.state", caps={"state": {"each": 2}})
    assert [(r.key, r.columns.tolist(), r.most) for r in constraints] == [("A", [0, 1, 2], 2.0)]


def test_a_pathway_that_nobody_has_described_fails(default_config):
    """It is not taken for one that burns gas, nor for one that does not."""
    rows = [campus(i, gas_pipeline="P", pathway="fusion") for i in range(4)]
    with pytest.raises(ValueError, match="fusion"):
        gas_part("fusion", default_config.config)
    for terms in ({"caps": {"gas_pipeline": {"each": 2}}}, {"headroom": None}):
        with pytest.raises((ValueError, KeyError), match="fusion"):
            rows_of(pool_with(rows), default_config.config, "caps.gas_pipeline", **terms)


@pytest.mark.parametrize("pathway", PATHWAYS)
def test_the_share_of_gas_follows_the_sources(pathway, default_config):
    """None of the load without gas, all of it without the grid, part of it with both."""
    share = gas_part(pathway, default_config.config)
    expected = {("grid",): share == 0.0, ("gas",): share == 1.0, ("grid", "gas"): 0.0 < share < 1.0}
    assert expected[sources_of(pathway)]


def test_a_campus_that_burns_no_gas_does_not_count_for_its_pipeline(default_config):
    """The grid pathway needs no pipeline."""
    rows = [campus(i, gas_pipeline="P", pathway="grid" if i == 0 else "hybrid") for i in range(4)]
    constraints = rows_of(pool_with(rows), default_config.config, "caps.gas_pipeline", caps={"gas_pipeline": {"each": 2}})
    assert [r.columns.tolist() for r in constraints] == [[1, 2, 3]]


def test_stations_are_the_same_by_name_voltage_headroom_and_place():
    """The same name two states away is another station; unnamed ones are told apart by their headroom."""
    unnamed = {"grid_station": None, "grid_station_km": 20.0}
    rows = [
        campus(0, lon=-100.0, grid_station="A"),
        campus(1, lon=-100.1, grid_station="A"),
        campus(2, lon=-90.0, grid_station="A"),
        campus(3, lon=-80.0, **unnamed),
        campus(4, lon=-80.2, **unnamed),
        campus(5, lon=-80.2, **unnamed, grid_headroom_mw_p50=801),
        campus(6, lon=-100.0, grid_station="A", pathway="onsite_gas"),
    ]
    assert station_groups(pool_with(rows)) == [[0, 1], [3, 4]]


def test_a_shared_station_carries_its_headroom_and_the_rest_waits(default_config):
    """Two grid campuses of 1,000 MW on 700 MW: each can use 700 alone, so 700 wait; the loss is 2 years of revenue."""
    station = {"pathway": "grid", "grid_station": "A", "grid_headroom_mw_p50": 700}
    pool = pool_with([campus(0, lon=-100.0, **station), campus(1, lon=-100.05, **station)])
    terms = Portfolio.model_validate(FREE | {"campuses": 2, "headroom": {"wait_years": [1, 2, 3]}})
    limits = build(pool, terms, default_config.config)
    row = next(r for r in limits.rows if r.family == "headroom")
    assert row.weights.tolist() == [700.0, 700.0, -1.0]
    assert row.most == 700.0
    assert limits.most == [700.0]
    assert limits.loss[0] == pytest.approx(11 * 2 / 1000 * discounts(0.08)[4])
    forbidden = terms.model_copy(update={"headroom": terms.headroom.model_copy(update={"excess": "forbidden"})})
    assert build(pool, forbidden, default_config.config).most == [0.0]


def test_stations_of_a_corridor_carry_a_share_together(default_config):
    """Two stations 9 km apart, 900 MW each, half of both together: as much as one of them."""
    rows = [campus(i, lon=-100.0 + i / 10, pathway="grid", grid_headroom_mw_p50=900) for i in range(2)]
    constraints = rows_of(pool_with(rows), default_config.config, "headroom", headroom={"corridor_share": 0.5})
    assert [(r.key.split()[0], r.most) for r in constraints] == [("corridor", 900.0)]


def test_disasters_hold_the_exposed_within_reach(default_config):
    """Exposed campuses around each exposed one; those far away or not exposed do not count."""
    rows = [campus(i, lon=-100.0 + i, hurricane_per_decade=1.0 if i != 1 else 0.0) for i in range(4)]
    rows.append(campus(4, lon=-60.0, hurricane_per_decade=1.0))
    hazard = {"hurricane_per_decade": {"above": 0.5, "within_km": 200.0, "share": 0.4}}
    constraints = rows_of(pool_with(rows), default_config.config, "hazards.hurricane_per_decade", hazards=hazard)
    assert [r.columns.tolist() for r in constraints] == [[0, 2, 3]]
    assert constraints[0].most == pytest.approx(1200.0)


def test_a_company_carries_its_share_of_gas(default_config):
    """Two hybrid campuses of 75 MMcf/d on a company with 0.2 x 500 MMcf/d."""
    rows = [campus(i, gas_pipeline="P", gas_company_mmcfd=500) for i in range(2)]
    constraints = rows_of(pool_with(rows), default_config.config, "gas_shared", gas_shared=True)
    assert [(r.key, r.weights.tolist(), r.most) for r in constraints] == [("P", [75.0, 75.0], 100.0)]


def test_rivers_are_followed_downstream_by_their_flow():
    """A site takes from its reach and all those below; the same name far away is another river."""
    flow = np.array([10.0, 20.0, 30.0, 15.0])
    rows = [
        campus(i, lon=-100.0 + (i if i < 3 else 30), water_river="White River", water_river_m3s=f) for i, f in enumerate(flow)
    ]
    assert river_reaches(pool_with(rows), flow, 150.0) == [(0, [0]), (1, [0, 1]), (2, [0, 1, 2])]


def test_reaches_of_one_main_stem_are_one_river():
    """The Catawba flows into the Wateree: two names, one water."""
    flow = np.array([10.0, 20.0])
    rows = [
        campus(i, lon=-100.0 + i, water_river=name, water_river_system="Wateree River", water_river_m3s=flow[i])
        for i, name in enumerate(("Catawba River", "Wateree River"))
    ]
    assert river_reaches(pool_with(rows), flow, 150.0) == [(0, [0]), (1, [0, 1])]


def test_campuses_on_a_small_river_share_its_dry_year(default_config):
    """25 m3/s gives 11.4 Mgd in a dry year: one campus of 8 Mgd, not two; a large river makes no rows."""
    for flow, kept in ((25.0, True), (500.0, False)):
        rows = [campus(i, lon=-100.0 + i / 2, water_river="Creek", water_river_m3s=flow) for i in range(2)]
        constraints = rows_of(pool_with(rows), default_config.config, "water", water={"on": True}, campuses=2)
        assert bool(constraints) == kept
    assert {r.unit for r in constraints} <= {"Mgd"}


def test_megawatts_are_turned_into_campuses():
    """2.5 GW of campuses of one gigawatt are three."""
    terms = Portfolio.model_validate({k: v for k, v in FREE.items() if k != "campuses"} | {"mw": 2500.0})
    assert most_campuses(random_pool(5), terms) == 3
