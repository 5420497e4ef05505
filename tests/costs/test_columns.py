"""Needs and costs of each site, as its columns tell them."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from sitefinder.columns import Range
from sitefinder.config import load_config
from sitefinder.config.project import PATHWAYS
from sitefinder.costs.budget import ITEMS, Plan, budget
from sitefinder.costs.columns import CostPart, NeedPart, cost_parts, need_parts
from sitefinder.costs.formulas import COOLINGS
from sitefinder.costs.needs import site_needs
from tests.helpers.cost_sites import sites
from tests.helpers.paths import ROOT
from tests.helpers.sections import of_needs

CONFIG = load_config(ROOT / "config" / "default.yaml").config
COLUMNS = (*NeedPart.columns(), *CostPart.columns())
NUMBERS = (
    *("free_hours", "wetbulb_c", "drought", "reclaimed_mgd", "county_mgd", "pipeline_mmcfd", "land_usd_acre", "slope_pct"),
    *("price_usd_mwh", "sales_tax", "local_tax", "corporate_tax", "relief", "river", "river_km"),
)
#: a known site, and one of which nothing is known
FACTS = sites({}, {**dict.fromkeys(NUMBERS), "river_m3s": 0.0})
PLAN = Plan(np.full(2, 1200.0), np.array(["hybrid", "grid"], object), np.full((2, 3), np.nan), {})
#: how a unit is spelt in a name
SPELT = {
    "MMcf/d": "mmcfd", "Mgd": "mgd", "%": "pct", "m3/s": "m3s", "km": "km", "million USD": "musd", "million USD/yr": "musd_yr",
    "USD/MWh": "usd_mwh", "USD/MMBtu": "usd_mmbtu", "million USD/month": "musd_month",
}  # fmt: skip


@pytest.fixture(scope="module")
def needs():
    """What the columns of needs say."""
    return need_parts(site_needs(FACTS, *of_needs(CONFIG)), FACTS, CONFIG.project.cooling)


@pytest.fixture(scope="module")
def money():
    """The budget behind the columns of costs."""
    return budget(FACTS, PLAN, CONFIG)


@pytest.fixture(scope="module")
def costs(money):
    """What the columns of costs say."""
    return cost_parts(money, FACTS)


@pytest.mark.parametrize("column", [c for c in COLUMNS if c.unit], ids=lambda c: c.name)
def test_numbers_carry_their_unit_in_the_name(column):
    """Spelt in letters, before the end of the range or at the end; and they say how many digits they keep."""
    plain = re.sub(r"_(low|mid|high)$", "", column.name)
    assert plain.endswith(f"_{SPELT[column.unit]}")
    assert column.decimals is not None


@pytest.mark.parametrize("column", [c for c in COLUMNS if not c.unit], ids=lambda c: c.name)
def test_text_carries_no_unit(column):
    """Neither digits nor a unit in the name."""
    assert column.decimals is None
    assert not column.name.endswith(tuple(f"_{unit}" for unit in SPELT.values()))


def test_ranges_come_in_threes():
    """Low, middle and high stand side by side, with the same unit and digits."""
    names = [c.name for c in COLUMNS]
    ends = [name for name in names if re.search(r"_(low|mid|high)$", name)]
    assert len(ends) >= 45
    for i in range(0, len(ends), 3):
        stem = ends[i].removesuffix("_low")
        assert ends[i : i + 3] == [f"{stem}_{end}" for end in Range._fields]
        assert len({(c.unit, c.decimals) for c in COLUMNS if c.name in ends[i : i + 3]}) == 1


def test_unknown_is_not_a_number(needs, costs):
    """What is unknown is NaN in the record, never zero or an average."""
    need, cost = needs[1], costs[1]
    unknown = [
        need.water_need_mgd.mid,
        need.gas_share_pct,
        *need.dry_cooling_penalty_pct,
        need.gas_company_mmcfd,
        need.water_river_km,
    ]
    unknown += [*cost.land_musd, *cost.sitework_musd, *cost.power_musd_yr["grid"], *cost.sales_tax_musd, cost.corporate_tax_pct]
    unknown += [cost.power_usd_mwh["hybrid"], *cost.wait_musd]
    assert all(math.isnan(number) for number in unknown)
    assert cost.tax_relief is None
    assert need.gas_adequacy == "unknown"
    assert need.water_river is None
    assert cost.capex_leaves_out.startswith("land; sitework; grid connection")


def test_a_share_of_no_river_is_unknown(needs):
    """No water within reach is no share of it."""
    assert needs[1].water_river_m3s == 0.0
    assert math.isnan(needs[1].water_share_of_river_pct)
    assert {c.name: c for c in COLUMNS}["water_share_of_river_pct"].written(needs[1].water_share_of_river_pct) is None


def test_needs_are_those_of_the_project(needs):
    """Water with the cooling asked for; the other coolings beside it; shares in percent."""
    need = needs[0]
    assert need.water_need_mgd.mid == need.water_need_by_cooling_mgd[CONFIG.project.cooling]
    assert list(need.water_need_by_cooling_mgd) == list(COOLINGS)
    assert need.gas_share_pct == pytest.approx(100 * need.gas_need_mmcfd.mid / need.gas_company_mmcfd)
    assert need.gas_pipeline == "Texas Eastern Trans Co"
    (dry, *_) = need_parts(site_needs(FACTS, *of_needs(replace_cooling("dry"))), FACTS, "dry")
    assert dry.water_need_mgd.mid == need.water_need_by_cooling_mgd["dry"]


def replace_cooling(cooling):
    """The shipped configuration with another cooling."""
    return CONFIG.model_copy(update={"project": CONFIG.project.model_copy(update={"cooling": cooling})})


@pytest.mark.parametrize("item", ITEMS)
def test_items_of_the_capital_are_columns(item, money, costs):
    """The budget's own numbers, site by site; all but the connections, which have columns of their own."""
    assert (f"{item}_musd_mid" in CostPart.names()) == ("connection" not in item)
    if "connection" not in item:
        shown = np.array([getattr(cost, f"{item}_musd") for cost in costs])
        np.testing.assert_array_equal(shown, money.items[item])


def test_capital_is_the_sum_of_its_columns(costs):
    """No connection is known here, so the item columns are all of it; the building is in no sum."""
    items = [f"{item}_musd" for item in ITEMS if "connection" not in item]
    for end in Range._fields:
        total = sum(getattr(getattr(costs[0], item), end) for item in items)
        assert getattr(costs[0].capex_musd, end) == pytest.approx(total)


def test_every_pathway_has_its_energy(money, costs):
    """By the year as a range, by the megawatt-hour most likely."""
    for i, cost in enumerate(costs):
        for pathway in PATHWAYS:
            np.testing.assert_array_equal(cost.power_musd_yr[pathway], money.power_musd_yr[pathway][i])
            np.testing.assert_array_equal(cost.power_usd_mwh[pathway], money.power_usd_mwh[pathway][i, 1])


def test_the_pathway_of_the_capital_is_named(costs):
    """Each site's own."""
    assert [cost.pathway for cost in costs] == ["hybrid", "grid"]
    assert CostPart.names()[0] == "cost_pathway"


def test_what_is_known_is_left_out_of_no_sum(money):
    """Names of items in words, empty where all is known."""
    whole = replace(money, left_out=[(), ("fiber_connection",)])
    assert [cost.capex_leaves_out for cost in cost_parts(whole, FACTS)] == ["", "fiber connection"]


def test_taxes_and_terms_are_those_of_the_state(costs):
    """Rates in percent."""
    assert (costs[0].tax_relief, costs[0].corporate_tax_pct, costs[0].large_load_terms) == ("none", pytest.approx(6.0), None)
