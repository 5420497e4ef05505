"""Limits of a set as rows."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from sitefinder.config.portfolio import Portfolio
from sitefinder.config.project import PATHWAYS, sources_of
from sitefinder.portfolio.limits import (
    build,
    cliques,
    floor_mw,
    gas_part,
    most_campuses,
    river_reaches,
    rivers_of,
    station_groups,
    target_mw,
)
from sitefinder.portfolio.values import discounts
from sitefinder.units import M3S_PER_MGD
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


#: kilometres of a degree of longitude at 35 degrees north
DEGREE_KM = 6371.0088 * np.pi / 180.0 * np.cos(np.radians(35.0))


def plain(rows):
    """Key, columns, weights and bound of each row."""
    return [(r.key, r.columns.tolist(), r.weights.tolist(), r.most) for r in rows]


def test_the_number_is_held_from_both_sides(default_config):
    """At most three and at least three."""
    pool = pool_with([campus(i) for i in range(4)])
    assert plain(rows_of(pool, default_config.config, "size")) == [
        ("number of campuses", [0, 1, 2, 3], [1.0] * 4, 3.0),
        ("number of campuses at least", [0, 1, 2, 3], [-1.0] * 4, -3.0),
    ]


def test_a_budget_is_of_the_most_likely_capital(default_config):
    """Without one there is no row."""
    pool = pool_with([campus(i, capex_musd_mid=1500 + i) for i in range(2)])
    rows = rows_of(pool, default_config.config, "budget_musd", budget_musd=4000.0)
    assert plain(rows) == [("site capital", [0, 1], [1500.0, 1501.0], 4000.0)]
    assert rows[0].unit == "million USD"
    assert rows_of(pool, default_config.config, "budget_musd") == []


def test_megawatts_that_wait_do_not_count_towards_a_floor(default_config):
    """Campuses with their sign turned, waiting megawatts with their own: -1000 a - 1000 b + w <= -1500."""
    station = {"pathway": "grid", "grid_station": "A", "grid_headroom_mw_p50": 700}
    pool = pool_with([campus(0, lon=-100.0, **station), campus(1, lon=-100.05, **station)])
    terms = {"campuses": 2, "headroom": {}, "floor": {"mw": 1500.0, "by": 2031}}
    assert plain(rows_of(pool, default_config.config, "floor", **terms)) == [
        ("MW by 2031", [0, 1, 2], [-1000.0, -1000.0, 1.0], -1500.0)
    ]
    given = Portfolio.model_validate(FREE | terms)
    assert floor_mw(pool, given).tolist() == [1000.0, 1000.0]
    assert floor_mw(pool, given.model_copy(update={"floor": None})).tolist() == [0.0, 0.0]
    early = {"floor": {"mw": 1500.0, "by": 2029}}
    assert rows_of(pool, default_config.config, "floor", **early)[0].weights.tolist() == [0.0, 0.0]


def test_the_load_of_a_set_is_asked_for_or_follows_from_its_number():
    """Megawatts come first; campuses are rounded up."""
    pool = random_pool(5)
    assert target_mw(pool, Portfolio.model_validate(FREE)) == 3000.0
    for mw, count in ((2000.0, 2), (2001.0, 3), (500.0, 1)):
        terms = Portfolio.model_validate({k: v for k, v in FREE.items() if k != "campuses"} | {"mw": mw})
        assert (target_mw(pool, terms), most_campuses(pool, terms)) == (mw, count)


@pytest.mark.parametrize(("km", "groups"), [(11.8, [[0, 1]]), (12.2, [])])
def test_a_station_is_one_within_both_distances_and_two_kilometres(km, groups):
    """Five kilometres each: a station is no point."""
    rows = [campus(i, lon=-100.0 + i * km / DEGREE_KM, grid_station="A") for i in range(2)]
    assert station_groups(pool_with(rows)) == groups


def test_a_station_without_known_headroom_is_shared_with_nobody():
    """What it can take is unknown; so is what two of them draw."""
    rows = [campus(i, lon=-100.0, grid_station="A", grid_headroom_mw_p50=None) for i in range(2)]
    rows += [campus(i, lon=-100.0, grid_station="A") for i in (2, 3, 4)]
    assert station_groups(pool_with(rows)) == [[2, 3, 4]]


@pytest.mark.parametrize(
    ("other", "terms", "expected"),
    [
        ({}, {"corridor_share": 0.9}, [1080.0]),
        ({}, {"corridor_share": 0.2}, [900.0]),
        ({}, {"corridor_share": 1.0}, []),
        ({}, {"corridor_share": 0.9, "corridor_km": 9.0}, []),
        ({}, {"corridor_share": 0.9, "corridor_km": 9.5}, [1080.0]),
        ({"grid_station_kv": 500}, {"corridor_share": 0.9}, []),
        ({"pathway": "onsite_gas"}, {"corridor_share": 0.5}, []),
    ],
)
def test_a_corridor_is_of_near_stations_of_one_voltage(default_config, other, terms, expected):
    """900 and 300 MW 9.1 km apart: the larger of both, or a share of their sum; no row where all can be drawn."""
    rows = [campus(0, pathway="grid", grid_headroom_mw_p50=900)]
    rows.append(campus(1, **({"pathway": "grid"} | other), lon=-99.9, grid_headroom_mw_p50=300))
    limits = build(pool_with(rows), Portfolio.model_validate(FREE | {"headroom": terms}), default_config.config)
    rows_made = [r for r in limits.rows if r.family == "headroom"]
    assert [r.most for r in rows_made] == pytest.approx(expected)
    for row in rows_made:
        assert row.weights.tolist() == [900.0, 300.0, -1.0]
        assert limits.most == pytest.approx([1200.0 - row.most])
    near = build(pool_with(rows), Portfolio.model_validate(FREE | {"headroom": terms, "spacing_km": 20.0}), default_config.config)
    assert [r for r in near.rows if r.family == "headroom"] == []


def test_a_shared_station_is_no_corridor_besides(default_config):
    """One row of the station, none of the pair."""
    station = {"pathway": "grid", "grid_station": "A", "grid_headroom_mw_p50": 700}
    pool = pool_with([campus(0, lon=-100.0, **station), campus(1, lon=-100.05, **station)])
    rows = rows_of(pool, default_config.config, "headroom", headroom={"corridor_share": 0.5})
    assert [r.key for r in rows] == ["station of S000 / S001"]
    assert rows_of(pool, default_config.config, "headroom", headroom=None) == []


def test_a_campus_draws_no_more_than_it_needs(default_config):
    """A hybrid of one gigawatt on two takes from the grid what gas does not carry."""
    part = 1.0 - gas_part("hybrid", default_config.config)
    station = {"grid_station": "A", "grid_headroom_mw_p50": 1000.0 * part * 1.5}
    pool = pool_with([campus(0, lon=-100.0, **station), campus(1, lon=-100.05, **station)])
    (row,) = rows_of(pool, default_config.config, "headroom", headroom={})
    assert row.weights.tolist() == pytest.approx([1000.0 * part, 1000.0 * part, -1.0])
    assert gas_part("hybrid", default_config.config.model_copy(update={"costs": None})) == 0.5


@pytest.mark.parametrize(("share", "exposed", "rows"), [(2 / 3, 2, 0), (2 / 3, 3, 1), (0.1, 1, 0), (0.1, 2, 1)])
def test_a_disaster_may_take_its_share_and_one_campus_at_least(default_config, share, exposed, rows):
    """Exactly the share is allowed; who is exposed as the threshold says counts, who is unknown does not."""
    sites = [campus(i, hurricane_per_decade=0.5 if i < exposed else None) for i in range(4)]
    hazard = {"hurricane_per_decade": {"above": 0.5, "within_km": 1000.0, "share": share}}
    made = rows_of(pool_with(sites), default_config.config, "hazards.hurricane_per_decade", hazards=hazard)
    assert len(made) == rows
    for row in made:
        assert row.key == f"{exposed} sites around S000"
        assert row.weights.tolist() == [1000.0] * exposed
        assert row.most == pytest.approx(max(share * 3000.0, 1000.0))


@pytest.mark.parametrize(("mmcfd", "rows"), [((749.0, 500.0), 1), ((750.0, 500.0), 0), ((None, 500.0), 0), ((749.0, 10.0), 0)])
def test_a_company_is_limited_by_its_largest_supply(default_config, mmcfd, rows):
    """A fifth of it is for one; a campus takes no more than that of its own; unknown supply limits nothing."""
    sites = [campus(i, gas_pipeline="P", gas_company_mmcfd=m) for i, m in enumerate(mmcfd)]
    made = rows_of(pool_with(sites), default_config.config, "gas_shared", gas_shared=True)
    assert default_config.config.needs.gas.own_share == 0.2
    need = [0.0 if m is None else min(75.0, 0.2 * m) for m in mmcfd]
    assert plain(made) == [("P", [0, 1], need, pytest.approx(0.2 * (mmcfd[0] or 0.0)))] * rows
    without = default_config.config.model_copy(update={"needs": None})
    assert rows_of(pool_with(sites), without, "gas_shared", gas_shared=True) == []


def water_rows(config, sites, **terms):
    """Rows of water, and the bounds of what is drawn."""
    limits = build(pool_with(sites), Portfolio.model_validate(FREE | {"water": {"on": True} | terms, "campuses": 2}), config)
    return plain([r for r in limits.rows if r.family == "water"]), limits.most, limits.loss


def test_every_row_of_water_on_a_shared_river(default_config):
    """Needs are met by river and plant; each reach has the dry-year flow at its campus; plants nearby are the same."""
    config, water = default_config.config, default_config.config.needs.water
    mgd = water.low_flow[1] * water.take[1] / 0.043812636574  # of a cubic metre a second
    treated = 4.0 * water.reclaimed[1]
    sites = [
        campus(i, lon=-100.0 + i / 5, water_river="Creek", water_river_m3s=20.0 + i, reclaimed_25km_mgd=4.0) for i in range(2)
    ]
    assert 8.0 < 21.0 * mgd < 16.0
    rows, most, loss = water_rows(config, sites)
    assert rows == [
        ("need of S000", [0, 2, 4], [8.0, -1.0, -1.0], 0.0),
        ("need of S001", [1, 3, 5], [8.0, -1.0, -1.0], 0.0),
        ("Creek down to S001", [2, 3], [1.0, 1.0], pytest.approx(21.0 * mgd)),
        ("wastewater plants of S000 / S001", [4, 5], [1.0, 1.0], pytest.approx(treated)),
    ]
    assert most == pytest.approx([20.0 * mgd, 21.0 * mgd, treated, treated])
    assert loss == [0.0] * 4
    apart, _, _ = water_rows(config, sites, reclaimed_km=10.0)
    assert [key for key, *_ in apart] == ["need of S000", "need of S001", "Creek down to S001"]
    dry, _, _ = water_rows(config, [campus(i, lon=-100.0 + i / 5, water_river="Creek", water_river_m3s=20.0) for i in range(2)])
    assert [key for key, *_ in dry] == ["need of S000", "need of S001", "Creek down to S000", "Creek down to S001"]


def test_one_campus_alone_competes_only_for_plants(default_config):
    """A river too small for it, and a plant: a row of its need. What it lacks without a plant is no matter of the set."""
    for reclaimed, keys in ((8.0, ["need of S000"]), (0.0, [])):
        creek = {"water_river": "Creek", "water_river_m3s": 1.0, "reclaimed_25km_mgd": reclaimed}
        rows, _, _ = water_rows(default_config.config, [campus(0, **creek), campus(1, water_peak_mgd=None)])
        assert [key for key, *_ in rows] == keys


def test_the_system_of_rivers_comes_before_the_name():
    """None without any."""
    sites = [
        campus(0, water_river="Catawba River", water_river_system="Wateree River"),
        campus(1, water_river="Creek"),
        campus(2),
    ]
    assert rivers_of(pool_with(sites)) == ["Wateree River", "Creek", None]


def test_a_river_goes_on_in_steps_of_the_link():
    """Three in a row follow each other though the ends lie apart; a dry bed and a river of one are no reach."""
    flow = np.array([10.0, 20.0, 30.0, 0.0, 5.0])
    sites = [campus(i, lon=-100.0 + i, water_river="Creek" if i < 4 else "Brook") for i in range(5)]
    pool = pool_with(sites)
    assert river_reaches(pool, flow, 1.05 * DEGREE_KM) == [(0, [0]), (1, [0, 1]), (2, [0, 1, 2])]
    assert river_reaches(pool, flow, 0.95 * DEGREE_KM) == []


def test_limits_are_kept_when_they_are_just_met(default_config):
    """The reach of a disaster includes its end, so do the distances of a station, and all of a river is enough."""
    km = 3.0
    sites = [campus(i, lon=-100.0 + i * km / DEGREE_KM, hurricane_per_decade=1.0) for i in range(2)]
    apart = float(pool_with(sites).apart_km[0, 1])
    hazard = {"hurricane_per_decade": {"above": 0.5, "within_km": apart, "share": 0.1}}
    (row,) = rows_of(pool_with(sites), default_config.config, "hazards.hurricane_per_decade", hazards=hazard)
    assert row.columns.tolist() == [0, 1]
    shared = {"grid_station": "A", "lat": 35.0}
    assert 2.0 + (apart - 2.0) + 0.0 == apart
    ends = [campus(i, **shared, lon=s.place.lon, grid_station_km=i * (apart - 2.0)) for i, s in enumerate(sites)]
    assert station_groups(pool_with(ends)) == [[0, 1]]
    water = default_config.config.needs.water
    half = 20.0 * water.low_flow[1] * water.take[1] / M3S_PER_MGD / 2.0
    for peak, keys in ((half, []), (half * 1.001, ["Creek down to S000", "Creek down to S001"])):
        creek = [campus(i, lon=-100.0 + i / 5, water_river="Creek", water_river_m3s=20.0, water_peak_mgd=peak) for i in range(2)]
        rows, _, _ = water_rows(default_config.config, creek)
        assert [key for key, *_ in rows if "down to" in key] == keys
