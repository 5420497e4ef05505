"""Who draws, who feeds in, and who would feed more load: small fleets that can be added up by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitefinder.compiling.powerflow.dispatch import (
    NEXT_UNITS_MW,
    PLANT_REACH_KM,
    Plants,
    dispatch,
    load_bus,
    next_units,
    plant_bus,
    size_bus,
)


def fleet(mw, order, *, dispatchable=None, xy=None, kv=None, nameplate=None) -> Plants:
    """Plants with what matters given and the rest plain."""
    n = len(mw)
    return Plants(
        np.zeros((n, 2)) if xy is None else np.array(xy, float),
        np.array(mw, float),
        np.array(order),
        np.ones(n, bool) if dispatchable is None else np.array(dispatchable),
        np.zeros(n, int) if kv is None else np.array(kv),
        np.array(mw if nameplate is None else nameplate, float),
        np.ones(n, bool),
    )


ONE = np.zeros(1, int)


def test_cheapest_plants_run_first():
    """250 MW of load: the first in the order run flat out, the second share the rest evenly, the third stay idle."""
    plants = fleet([100.0, 50.0, 300.0, 100.0], [2, 0, 1, 1])
    given = dispatch(plants, np.zeros(4, int), ONE, np.array([250.0]))
    np.testing.assert_allclose(given, [0.0, 50.0, 150.0, 50.0])


def test_shortage_is_covered_from_the_same_interconnection_only():
    """Region 0 lacks 60 MW: its neighbour gives them, cheapest first; the idle plants of the other interconnection do not."""
    plants = fleet([40.0, 100.0, 50.0, 500.0], [1, 1, 2, 0])
    given = dispatch(plants, np.array([0, 1, 1, 2]), np.array([0, 0, 1]), np.array([100.0, 80.0, 20.0]))
    np.testing.assert_allclose(given, [40.0, 100.0, 40.0, 20.0])


def test_region_feeds_itself_before_its_neighbours():
    """A dear plant runs for its own region although a cheap one next door is idle."""
    plants = fleet([100.0, 100.0], [5, 0])
    np.testing.assert_allclose(dispatch(plants, np.array([0, 1]), np.zeros(2, int), np.array([70.0, 30.0])), [70.0, 30.0])


def test_interconnection_without_enough_runs_flat_out():
    """With 150 MW of plants for 400 MW of load everything runs and the rest stays missing."""
    plants = fleet([100.0, 50.0], [0, 1])
    np.testing.assert_allclose(dispatch(plants, np.array([0, 1]), np.zeros(2, int), np.array([300.0, 100.0])), [100.0, 50.0])


def test_region_without_plants_or_load_is_no_trouble():
    """A region of load alone is fed by its neighbour; one of plants alone gives only what is missing elsewhere."""
    plants = fleet([100.0, 100.0], [0, 1])
    given = dispatch(plants, np.array([1, 1]), np.zeros(3, int), np.array([120.0, 0.0, 30.0]))
    np.testing.assert_allclose(given, [100.0, 50.0])


@given(seed=st.integers(0, 10_000))
def test_generation_adds_up_to_the_load_of_each_interconnection(seed):
    """Whatever the fleet: no plant beyond its capacity, every interconnection serves the smaller of its load and its plants."""
    rng = np.random.default_rng(seed)
    grid_of_region = rng.integers(0, 2, 6)
    plants = fleet(rng.uniform(0, 500, 40), rng.integers(0, 7, 40))
    region, load = rng.integers(0, 6, 40), rng.uniform(0, 2500, 6)
    given = dispatch(plants, region, grid_of_region, load)
    assert given.min() >= 0.0
    assert (given <= plants.mw * (1.0 + 1e-12)).all()
    for grid in np.unique(grid_of_region):
        here = grid_of_region[region] == grid
        expected = min(load[grid_of_region == grid].sum(), plants.mw[here].sum())
        assert given[here].sum() == pytest.approx(expected)


def test_next_units_are_the_cheapest_idle_ones():
    """Up to 5 GW: 2 GW of the cheap and 3 GW of the two dear units in proportion; what runs or cannot be asked gives nothing."""
    plants = fleet([2500.0, 4000.0, 8000.0, 9000.0, 3000.0], [1, 2, 2, 0, 0], dispatchable=[True, True, True, False, True])
    running = np.array([500.0, 0.0, 0.0, 0.0, 3000.0])
    share, supply = next_units(plants, running, np.zeros(5, int), ONE)
    np.testing.assert_allclose(share, [[2000 / NEXT_UNITS_MW, 0.2, 0.4, 0.0, 0.0]])
    assert supply.tolist() == [14_000.0]


def test_what_a_region_lacks_comes_from_its_interconnection():
    """Its own idle units come first, however dear; the rest up to 5 GW from the same interconnection, none from another."""
    plants = fleet([999.0, 3000.0, 9000.0], [3, 1, 0])
    share, supply = next_units(plants, np.zeros(3), np.array([0, 1, 2]), np.array([0, 0, 1]))
    np.testing.assert_allclose(share, [[999 / 3999, 3000 / 3999, 0.0], [999 / 3999, 3000 / 3999, 0.0], [0.0, 0.0, 1.0]])
    assert supply.tolist() == [3999.0, 3999.0, 9000.0]


def test_shares_do_not_jump_with_the_idle_capacity_of_the_region():
    """One more idle megawatt at home moves one megawatt of the answer, whatever the level."""
    shares = []
    for idle in (999.0, 1001.0):
        plants = fleet([idle, 50_000.0], [3, 1])
        shares.append(next_units(plants, np.zeros(2), np.array([0, 1]), np.array([0, 0]))[0][0])
    np.testing.assert_allclose(shares[0], shares[1], atol=2.1 / NEXT_UNITS_MW)


def test_no_idle_unit_anywhere_gives_no_share():
    """Where everything runs, nobody answers and the supply is zero: no division by zero."""
    plants = fleet([100.0], [0])
    share, supply = next_units(plants, np.array([100.0]), np.zeros(1, int), ONE)
    assert (share.tolist(), supply.tolist()) == ([[0.0]], [0.0])


@given(seed=st.integers(0, 10_000))
def test_shares_of_the_next_units_sum_to_one_and_stay_in_the_interconnection(seed):
    """Shares are positive and sum to 1; the region's own units come first, cheapest first, then those of its interconnection."""
    rng = np.random.default_rng(seed)
    grid_of_region = np.array([0, 0, 1, 1])
    plants = fleet(rng.uniform(0, 900, 60), rng.integers(0, 5, 60), dispatchable=rng.random(60) < 0.7)
    region = rng.integers(0, 4, 60)
    running = plants.mw * rng.choice([0.0, 0.5, 1.0], 60)
    share, supply = next_units(plants, running, region, grid_of_region)
    np.testing.assert_allclose(share.sum(axis=1), 1.0)
    assert share.min() >= 0.0
    idle = np.where(plants.dispatchable, plants.mw - running, 0.0)
    for home in range(4):
        assert not share[home][grid_of_region[region] != grid_of_region[home]].any()
        used = share[home] * min(NEXT_UNITS_MW, supply[home])
        assert (used <= idle * (1.0 + 1e-9)).all()
        own = region == home
        near = grid_of_region[region] == grid_of_region[home]
        assert used[own].sum() == pytest.approx(min(idle[own].sum(), NEXT_UNITS_MW))
        for pool in (own, near & ~own):
            if used[pool].sum() > 1e-6:
                cheaper = pool & (plants.order < plants.order[pool & (used > 1e-6)].max())
                np.testing.assert_allclose(used[cheaper], idle[cheaper])


#: buses on a line: 345 kV at 0 km, 230 kV at 5 km, 138 kV at 8 km, 345 kV at 30 km, 138 kV at 31 km
BUS_XY = np.array([[0.0, 0.0], [5.0, 0.0], [8.0, 0.0], [30.0, 0.0], [31.0, 0.0]]) * 1000.0
BUS_KV = np.array([345, 230, 138, 345, 138])
USABLE = np.ones(5, bool)


def test_load_hangs_on_the_nearest_bus_of_230_kv_or_less():
    """A town beside a 345 kV bus is served from the 230 kV bus, one beside 138 kV from there; an unusable bus serves nobody."""
    towns = np.array([[0.0, 0.0], [9000.0, 0.0], [40_000.0, 0.0]])
    assert load_bus(towns, BUS_XY, BUS_KV, USABLE).tolist() == [1, 2, 4]
    assert load_bus(towns, BUS_XY, BUS_KV, BUS_KV != 230).tolist() == [2, 2, 4]


def test_plant_goes_to_the_voltage_of_the_register():
    """A small plant that reports 345 kV goes there, although a 138 kV bus is nearer."""
    plants = fleet([50.0], [0], xy=[[7000.0, 0.0]], kv=[345])
    assert plant_bus(plants, BUS_XY, BUS_KV, USABLE).tolist() == [0]
    assert size_bus(plants, BUS_XY, BUS_KV, USABLE).tolist() == [2]


@pytest.mark.parametrize(("km", "bus"), [(PLANT_REACH_KM - 0.1, 3), (PLANT_REACH_KM + 0.1, 4)])
def test_register_voltage_counts_within_ten_kilometres_only(km, bus):
    """Beyond 10 km the size of the plant decides: 50 MW go to the nearest bus of any class."""
    plants = fleet([50.0], [0], xy=[[(30.0 + km) * 1000.0, 0.0]], kv=[345])
    assert plant_bus(plants, BUS_XY, BUS_KV, USABLE).tolist() == [bus]


@pytest.mark.parametrize(("nameplate", "bus"), [(400.0, 1), (399.0, 2)])
def test_large_plant_without_a_voltage_goes_to_230_kv_or_more(nameplate, bus):
    """400 MW and more connect at 230 kV, smaller plants at the nearest bus; what counts is the nameplate."""
    plants = fleet([10.0], [0], xy=[[8000.0, 0.0]], nameplate=[nameplate])
    assert plant_bus(plants, BUS_XY, BUS_KV, USABLE).tolist() == [bus]


def test_large_plant_goes_to_the_nearest_bus_where_nothing_higher_is_usable():
    """In a pocket of 138 kV even a gigawatt connects there."""
    plants = fleet([1000.0], [0], xy=[[0.0, 0.0]])
    assert plant_bus(plants, BUS_XY, BUS_KV, BUS_KV == 138).tolist() == [2]


def test_register_voltage_of_an_unusable_bus_does_not_count():
    """A bus outside the main parts feeds nobody."""
    plants = fleet([50.0], [0], xy=[[1000.0, 0.0]], kv=[345])
    assert plant_bus(plants, BUS_XY, BUS_KV, np.array([False, True, True, True, True])).tolist() == [1]
