"""Costs against numbers computed by hand; sums, unknowns and the direction of every dependence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitefinder.config import load_config
from sitefinder.config.project import PATHWAYS
from sitefinder.costs.budget import (
    CONNECTIONS,
    ITEMS,
    Plan,
    annual_musd,
    asked_pathway,
    budget,
    capacity_musd,
    capacity_usd_mw_day,
    capital_usd_mwh,
    delay_musd_month,
    generation_musd,
    grid_usd_mwh,
    land_musd,
    late_months,
    mixed_usd_mwh,
    onsite_usd_mwh,
    sales_tax_musd,
    sitework_musd,
    substation_musd,
    total,
)
from sitefinder.costs.formulas import peak_mgd
from sitefinder.errors import ConfigError
from sitefinder.months import month_number
from tests.helpers.cost_sites import sites
from tests.helpers.paths import ROOT

CONFIG = load_config(ROOT / "config" / "default.yaml").config
COSTS, NEEDS = CONFIG.costs, CONFIG.needs
MID = 1


def plan(*pathways, full_load=None, **connections):
    """Campuses of 1200 acres on these pathways; by default without known dates, every connection at 5, 10 and 20 million."""
    n = len(pathways)
    every = {route: np.tile([5.0, 10.0, 20.0], (n, 1)) for route in CONNECTIONS.values()}
    dates = np.full((n, 3), np.nan) if full_load is None else np.array(full_load, np.float64)
    return Plan(np.full(n, 1200.0), np.array(pathways, object), dates, every | connections)


def unconnected(*pathways):
    """The same without any known connection."""
    return replace(plan(*pathways), connections={})


def test_land_by_hand():
    """1000 acres at 15 % of 200,000; a floor below which nobody sells; unknown value, unknown cost."""
    found = land_musd(np.array([1000.0] * 3), np.array([200_000.0, 20_000.0, np.nan]), COSTS.land)
    assert found[0] == pytest.approx([6.0, 30.0, 200.0])
    assert found[1] == pytest.approx([4.0, 15.0, 60.0])
    assert np.isnan(found[2]).all()


def test_sitework_by_hand():
    """2 % over a pad of 250 m moves 0.625 m3 per m2, at 12 dollars; flat ground pays the base alone."""
    found = sitework_musd(np.array([1000.0] * 3), np.array([2.0, 0.0, np.nan]), COSTS.sitework)
    assert found[0, MID] == pytest.approx((60_000 + 0.02 * 250 / 8 * 4046.8564224 * 12) * 1000 / 1e6)
    assert found[1] == pytest.approx([20, 60, 150])
    assert np.isnan(found[2]).all()


@given(st.floats(0, 15), st.floats(0.1, 10), st.floats(10, 5000))
def test_steeper_or_larger_ground_costs_more(slope, steeper, acres):
    """In every end of the range."""
    found = sitework_musd(np.array([acres, acres, 2 * acres]), np.array([slope, slope + steeper, slope]), COSTS.sitework)
    assert (found[1] > found[0]).all()
    assert found[2] == pytest.approx(2 * found[0])


def test_substation_by_hand():
    """Two stations at 20.3 million of 2019 times 1.5, and 1500 MVA at 15,000 dollars; small campuses still need one."""
    escalation = np.array(COSTS.escalation_since_2019)
    assert substation_musd(1000.0, COSTS.substation, escalation)[MID] == pytest.approx(2 * 20.3 * 1.5 + 22.5)
    assert substation_musd(10.0, COSTS.substation, escalation)[MID] == pytest.approx(20.3 * 1.5 + 0.225)


def test_portsmouth_costs_what_was_announced():
    """9.2 GW at 3,620 dollars per kW without reserve is 33.3 billion."""
    bare = COSTS.generation.model_copy(update={"reserve": (0.0, 0.0, 0.0)})
    assert generation_musd(np.full(3, 9200.0), np.full(3, 3620.0), bare)[MID] == pytest.approx(33_300, rel=1e-3)


def test_generation_by_hand():
    """1000 MW with a quarter in reserve at 2,500 dollars per kW."""
    assert generation_musd(np.full(3, 1000.0), np.full(3, 2500.0), COSTS.generation)[MID] == pytest.approx(3125)


def test_onsite_power_by_hand():
    """6.5 MMBtu x 4.10 dollars + 5, a dollar less of gas 6.50 less; with capital 10 % of 3,125 dollars per kW over 7451 hours."""
    basis = np.array([[0.0, 0.0, 0.0], [-2.0, -1.0, 0.0], [-9.0, -9.0, -9.0]])
    found = onsite_usd_mwh(basis, NEEDS, COSTS)
    assert found[:, MID] == pytest.approx([31.65, 25.15, 6.5 * 0.6 + 5])
    assert capital_usd_mwh(NEEDS, COSTS)[MID] == pytest.approx(0.10 * 3125 * 1000 / (8766 * 0.85))


def test_year_of_grid_power_by_hand():
    """1000 MW x 8766 h x 0.85 x 70 dollars."""
    unit = grid_usd_mwh(np.array([70.0, np.nan]), COSTS)
    assert annual_musd(unit, 1000.0, NEEDS)[0, MID] == pytest.approx(8766 * 0.85 * 70 / 1000)
    assert np.isnan(annual_musd(unit, 1000.0, NEEDS)[1]).all()


def test_capacity_by_hand():
    """PJM's auctions less what the prices of 2024 hold; nothing without a market; unknown where nothing is known."""
    found = capacity_usd_mw_day(np.array(["PJM", "ERCOT", "MISO", None], object), COSTS.power)
    assert found[0] == pytest.approx([269.92 - 34.13, 329.17 - 31.0, 466.35 - 28.92])
    assert (found[1] == 0).all()
    assert np.isnan(found[2:]).all()
    assert capacity_musd(found, 1000.0)[0, MID] == pytest.approx(298.17 * 1000 * 365.25 / 1e6)


def test_capacity_is_part_of_the_energy_from_the_grid_and_unknown_capacity_is_left_out():
    """109 million more a year for a gigawatt in PJM, 14.6 dollars per MWh, half of it in a half-gas supply."""
    found = budget(sites({"region": "PJM"}, {"region": "ERCOT"}, {}), plan("grid", "grid", "grid"), CONFIG)
    year, unit = found.power_musd_yr, found.power_usd_mwh
    assert year["grid"][0] - year["grid"][1] == pytest.approx(found.capacity_musd_yr[0])
    assert unit["grid"][0, MID] - unit["grid"][1, MID] == pytest.approx(298.17 / 24 / 0.85)
    assert year["hybrid"][0, MID] - year["hybrid"][1, MID] == pytest.approx(0.5 * found.capacity_musd_yr[0, MID])
    assert np.isnan(found.capacity_musd_yr[2]).all()
    assert year["grid"][2] == pytest.approx(year["grid"][1])


def test_gas_power_differs_by_site():
    """Cheaper at the wells than in New England, with and without its capital."""
    waha, boston = (tuple(COSTS.power.gas_hubs[h].basis_usd_mmbtu) for h in ("Waha", "Algonquin citygate"))
    found = budget(sites({"gas_basis": waha}, {"gas_basis": boston}), plan("onsite_gas", "onsite_gas"), CONFIG)
    assert found.power_usd_mwh["onsite_gas"][:, MID] == pytest.approx([31.65 - 1.2 * 6.5, 31.65 + 2.0 * 6.5])
    assert (found.onsite_full_usd_mwh[0] < found.onsite_full_usd_mwh[1]).all()


@given(st.lists(st.floats(1, 300), min_size=6, max_size=6))
def test_mixture_lies_between_its_parts(values):
    """Neither cheaper than the cheaper source nor dearer than the dearer one, low end to high end in order."""
    onsite, grid = np.sort(values[:3]), np.sort(values[3:])[None]
    found = mixed_usd_mwh(onsite[None], grid, np.array([0.3, 0.5, 0.8]))[0]
    assert (found >= np.minimum(onsite, grid[0]) - 1e-9).all()
    assert (found <= np.maximum(onsite, grid[0]) + 1e-9).all()
    assert found[0] <= found[1] + 1e-9 <= found[2] + 2e-9


def test_sales_tax_by_hand():
    """25 million per MW at the state's 5 % and 1 % of the locality; the low end leaves the locality out."""
    found = sales_tax_musd(sites({}, {"sales_tax": None}, {"sales_tax": 0.0, "local_tax": 0.0}), 1000.0, COSTS)
    assert found[0] == pytest.approx([750, 1500, 2100])
    assert np.isnan(found[1]).all()
    assert (found[2] == 0).all()


def test_sum_is_conserved():
    """Capital is the sum of its items, end by end, and nothing is left out when all is known."""
    found = budget(sites(), plan("grid"), CONFIG)
    assert found.capex == pytest.approx(sum(found.items.values()))
    assert found.left_out == [()]
    assert list(found.items) == list(ITEMS)
    assert (np.diff(found.capex) > 0).all()
    assert found.items["water_supply"][0] == pytest.approx(
        peak_mgd(1000.0, "hybrid", NEEDS.water) * np.array(COSTS.water_supply_musd_mgd)
    )


def test_unknown_items_are_left_out_and_named():
    """The sum is that of the rest, so it cannot pass for a whole one."""
    whole = budget(sites(), plan("grid"), CONFIG)
    part = budget(sites({"land_usd_acre": None}), plan("grid", grid=np.array([[5.0, np.nan, 20.0]])), CONFIG)
    assert part.left_out == [("land", "grid_connection")]
    assert part.capex[0] == pytest.approx(whole.capex[0] - whole.items["land"][0] - whole.items["grid_connection"][0])


def test_campuses_without_connections_say_so():
    """Before routes are computed, all connections of the pathway are named as missing."""
    found = budget(sites({}, {}), unconnected("grid", "hybrid"), CONFIG)
    assert found.left_out[0] == ("grid_connection", "fiber_connection", "second_fiber_connection", "water_connection")
    assert found.left_out[1] == ("grid_connection", "gas_connection", *found.left_out[0][1:])


def test_pathway_decides_what_is_paid():
    """Gas pays no line, the grid no lateral and no turbines, firm or not, a hybrid part of the turbines."""
    found = budget(sites(*[{}] * len(PATHWAYS)), plan(*PATHWAYS), CONFIG)
    assert list(found.pathway) == list(PATHWAYS)
    assert found.items["grid_connection"][:, MID] == pytest.approx([10, 10, 0, 10])
    assert found.items["gas_connection"][:, MID] == pytest.approx([0, 0, 10, 10])
    assert found.items["generation"][:, MID] == pytest.approx([0, 0, 3125, 0.5 * 3125])


def test_a_pipeline_of_its_own_is_paid_where_the_trunk_lacks_capacity():
    """Beside the lateral, in pathways with gas alone; where the company is unknown, so is the item, and the sum says so."""
    small = {"pipeline_mmcfd": 500.0}
    facts = sites({}, small, small, {"pipeline_mmcfd": None})
    own = np.tile([50.0, 100.0, 200.0], (4, 1))
    with_gas = budget(facts, plan("hybrid", "hybrid", "grid", "hybrid", gas_trunk=own), CONFIG)
    assert with_gas.items["own_pipeline"][:3, MID].tolist() == [0.0, 100.0, 0.0]
    assert with_gas.capex[1, MID] - with_gas.capex[0, MID] == pytest.approx(100.0)
    assert [("own_pipeline" in names) for names in with_gas.left_out] == [False, False, False, True]


@pytest.mark.parametrize(("wanted", "taken"), [("best", "grid"), *((p, p) for p in PATHWAYS)])
def test_the_pathway_asked_for_is_taken(wanted, taken):
    """Where none was computed, and the grid where the best is wanted."""
    assert asked_pathway(wanted) == taken


def test_every_campus_pays_for_its_own_acres():
    """Twice the land, twice its price; site work ends at the acres that the project needs."""
    larger = replace(plan("grid", "grid"), acres=np.array([1200.0, 2400.0]))
    found = budget(sites({}, {}), larger, CONFIG)
    assert found.items["land"][1] == pytest.approx(2 * found.items["land"][0])
    assert found.items["sitework"][1] == pytest.approx(found.items["sitework"][0])


def test_total_counts_an_item_without_a_middle_as_unknown():
    """Half a range is no range."""
    items = {"a": np.array([[1.0, 2.0, 3.0]]), "b": np.array([[1.0, np.nan, 3.0]])}
    found, left_out = total(items)
    assert found[0] == pytest.approx([1, 2, 3])
    assert left_out == [("b",)]


def test_facility_stands_apart():
    """It is the same everywhere and in no sum."""
    found = budget(sites({}, {"slope_pct": 8.0}), plan("grid", "grid"), CONFIG)
    assert found.facility == pytest.approx([20_000, 25_000, 30_000])
    assert (found.capex < found.facility).all()


@pytest.mark.parametrize("section", ["needs", "costs"])
def test_a_configuration_without_the_sections_is_refused(section):
    """With the remedy."""
    bare = CONFIG.model_copy(update={section: None})
    with pytest.raises(ConfigError, match=f"no '{section}' section"):
        budget(sites(), plan("grid"), bare)


def test_a_month_of_a_gigawatt_is_a_twelfth_of_its_year():
    """12 billion a year; half of it for half a gigawatt."""
    assert delay_musd_month(1000.0, (12_000, 12_000, 12_000)) == pytest.approx([1000.0] * 3)
    assert delay_musd_month(500.0, (12_000, 12_000, 12_000)) == pytest.approx([500.0] * 3)


def test_early_sites_wait_for_nothing_and_unknown_dates_stay_unknown():
    """Months count from the month wanted; full load before it costs nothing."""
    early, late = month_number("2028-06"), month_number("2029-01")
    months = late_months(np.array([[early, late, np.nan], [np.nan] * 3]), "2028-12")
    np.testing.assert_array_equal(months, [[0.0, 1.0, np.nan], [np.nan] * 3])


def test_waiting_costs_what_the_months_cost():
    """Low value over the early date, high value over the late one."""
    dates = [[month_number(f"{year}-12") for year in (2029, 2030, 2031)]]
    found = budget(sites(), plan("grid", full_load=dates), CONFIG)
    assert found.wait_musd[0] == pytest.approx(found.delay_musd_month * np.array([12, 24, 36]))
    assert np.isnan(budget(sites(), plan("grid"), CONFIG).wait_musd).all()


def test_every_pathway_is_priced():
    """A pathway that no item knows would cost nothing without a word."""
    assert {pathway for users in ITEMS.values() for pathway in users} == set(PATHWAYS)
    assert set(budget(sites(), plan("grid"), CONFIG).power_usd_mwh) == set(PATHWAYS)
