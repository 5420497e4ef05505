"""Costs against numbers computed by hand; sums, unknowns and the direction of every dependence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitefinder.config import load_config
from sitefinder.costs.budget import (
    CONNECTIONS,
    ENDS,
    ITEMS,
    PATHWAYS,
    annual_musd,
    budget,
    capital_usd_mwh,
    delay_musd_month,
    generation_musd,
    grid_usd_mwh,
    land_musd,
    late_months,
    mixed_usd_mwh,
    onsite_usd_mwh,
    pathways,
    sales_tax_musd,
    sitework_musd,
    substation_musd,
    total,
)
from sitefinder.costs.formulas import peak_mgd
from sitefinder.errors import ConfigError
from tests.helpers.cost_sites import sites
from tests.helpers.paths import ROOT

CONFIG = load_config(ROOT / "config" / "default.yaml").config
COSTS, NEEDS = CONFIG.costs, CONFIG.needs
MID = 1
GRID_ONLY = {"pathway": "grid", "footprint_acres": 1200.0}


def connected(**changes):
    """A row with the cost of every connection."""
    routes = {f"{prefix}_{end}": cost for prefix in CONNECTIONS.values() for end, cost in zip(ENDS, (5, 10, 20), strict=True)}
    return GRID_ONLY | routes | changes


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
    """6.5 MMBtu x 4.10 dollars + 5; with capital 10 % of 3,125 dollars per kW over 7451 hours."""
    assert onsite_usd_mwh(NEEDS, COSTS)[MID] == pytest.approx(31.65)
    assert capital_usd_mwh(NEEDS, COSTS)[MID] == pytest.approx(0.10 * 3125 * 1000 / (8766 * 0.85))


def test_year_of_grid_power_by_hand():
    """1000 MW x 8766 h x 0.85 x 70 dollars."""
    unit = grid_usd_mwh(np.array([70.0, np.nan]), COSTS)
    assert annual_musd(unit, 1000.0, NEEDS)[0, MID] == pytest.approx(8766 * 0.85 * 70 / 1000)
    assert np.isnan(annual_musd(unit, 1000.0, NEEDS)[1]).all()


@given(st.lists(st.floats(1, 300), min_size=6, max_size=6))
def test_mixture_lies_between_its_parts(values):
    """Neither cheaper than the cheaper source nor dearer than the dearer one, low end to high end in order."""
    onsite, grid = np.sort(values[:3]), np.sort(values[3:])[None]
    found = mixed_usd_mwh(onsite, grid, np.array([0.3, 0.5, 0.8]))[0]
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
    found = budget(sites(), [connected()], CONFIG)
    assert found.capex == pytest.approx(sum(found.items.values()))
    assert found.left_out == [()]
    assert list(found.items) == list(ITEMS)
    assert (np.diff(found.capex) > 0).all()
    assert found.items["water_supply"][0] == pytest.approx(
        peak_mgd(1000.0, "hybrid", NEEDS.water) * np.array(COSTS.water_supply_musd_mgd)
    )


def test_unknown_items_are_left_out_and_named():
    """The sum is that of the rest, so it cannot pass for a whole one."""
    whole = budget(sites(), [connected()], CONFIG)
    part = budget(sites({"land_usd_acre": None}), [connected(grid_cost_musd_mid=None)], CONFIG)
    assert part.left_out == [("land", "grid_connection")]
    assert part.capex[0] == pytest.approx(whole.capex[0] - whole.items["land"][0] - whole.items["grid_connection"][0])


def test_rows_without_connections_say_so():
    """Before routes are computed, all connections of the pathway are named as missing."""
    found = budget(sites({}, {}), [GRID_ONLY, {**GRID_ONLY, "pathway": "hybrid"}], CONFIG)
    assert found.left_out[0] == ("grid_connection", "fiber_connection", "second_fiber_connection", "water_connection")
    assert found.left_out[1] == ("grid_connection", "gas_connection", *found.left_out[0][1:])


def test_pathway_decides_what_is_paid():
    """Gas pays no line, the grid no lateral and no turbines, a hybrid part of the turbines."""
    found = budget(sites({}, {}, {}), [connected(pathway=p) for p in PATHWAYS], CONFIG)
    assert found.items["grid_connection"][:, MID] == pytest.approx([10, 0, 10])
    assert found.items["gas_connection"][:, MID] == pytest.approx([0, 10, 10])
    assert found.items["generation"][:, MID] == pytest.approx([0, 3125, 0.5 * 3125])


def test_pathway_of_the_row_comes_first():
    """Then the one asked for, then the grid."""
    asked = CONFIG.model_copy(update={"project": CONFIG.project.model_copy(update={"pathway": "onsite_gas"})})
    rows = [{"pathway": "hybrid"}, {"pathway": None}, {}]
    assert list(pathways(rows, asked)) == ["hybrid", "onsite_gas", "onsite_gas"]
    assert list(pathways(rows, CONFIG)) == ["hybrid", "grid", "grid"]


def test_total_counts_an_item_without_a_middle_as_unknown():
    """Half a range is no range."""
    items = {"a": np.array([[1.0, 2.0, 3.0]]), "b": np.array([[1.0, np.nan, 3.0]])}
    found, left_out = total(items)
    assert found[0] == pytest.approx([1, 2, 3])
    assert left_out == [("b",)]


def test_facility_stands_apart():
    """It is the same everywhere and in no sum."""
    found = budget(sites({}, {"slope_pct": 8.0}), [connected(), connected()], CONFIG)
    assert found.facility == pytest.approx([20_000, 25_000, 30_000])
    assert (found.capex < found.facility).all()


@pytest.mark.parametrize("section", ["needs", "costs"])
def test_a_configuration_without_the_sections_is_refused(section):
    """With the remedy."""
    bare = CONFIG.model_copy(update={section: None})
    with pytest.raises(ConfigError, match=f"no '{section}' section"):
        budget(sites(), [connected()], bare)


def test_a_month_of_a_gigawatt_is_a_twelfth_of_its_year():
    """12 billion a year; half of it for half a gigawatt."""
    assert delay_musd_month(1000.0, (12_000, 12_000, 12_000)) == pytest.approx([1000.0] * 3)
    assert delay_musd_month(500.0, (12_000, 12_000, 12_000)) == pytest.approx([500.0] * 3)


def test_early_sites_wait_for_nothing_and_unknown_dates_stay_unknown():
    """Months count from the month wanted; full load before it costs nothing."""
    rows = [
        {"full_load_p10": "2028-06", "full_load_p50": "2029-01", "full_load_p90": None},
        {"full_load_p10": None, "full_load_p50": None, "full_load_p90": None},
    ]
    late = late_months(rows, "2028-12")
    assert late[0, :2].tolist() == [0.0, 1.0]
    assert np.isnan(late[0, 2])
    assert np.isnan(late[1]).all()


def test_waiting_costs_what_the_months_cost():
    """Low value over the early date, high value over the late one."""
    dates = {"full_load_p10": "2029-12", "full_load_p50": "2030-12", "full_load_p90": "2031-12"}
    found = budget(sites(), [{**GRID_ONLY, **dates}], CONFIG)
    assert found.wait_musd[0] == pytest.approx(found.delay_musd_month * np.array([12, 24, 36]))
    assert np.isnan(budget(sites(), [GRID_ONLY], CONFIG).wait_musd).all()
