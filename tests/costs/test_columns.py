"""Columns of needs and costs."""

from __future__ import annotations

import math

import pytest
from sitefinder.results.columns import Column

from sitefinder.config import load_config
from sitefinder.costs.budget import ITEMS, budget
from sitefinder.costs.columns import COSTS, NEEDS, cost_columns, need_columns
from sitefinder.costs.needs import site_needs
from tests.helpers.cost_sites import sites
from tests.helpers.paths import ROOT

CONFIG = load_config(ROOT / "config" / "default.yaml").config


@pytest.fixture(scope="module")
def made():
    """Rows of a known site and of one where everything is unknown."""
    blank = dict.fromkeys(
        ("free_hours", "wetbulb_c", "drought", "reclaimed_mgd", "county_mgd", "pipeline_mmcfd", "land_usd_acre")
    )
    taxes = dict.fromkeys(
        ("slope_pct", "price_usd_mwh", "sales_tax", "local_tax", "corporate_tax", "relief", "river", "river_km")
    )
    facts = sites({}, {**blank, **taxes, "river_m3s": 0.0})
    needs = need_columns(site_needs(facts, CONFIG), facts, CONFIG.project.cooling)
    costs = cost_columns(budget(facts, [{}, {}], CONFIG), facts)
    return [n | c for n, c in zip(needs, costs, strict=True)]


def test_rows_hold_exactly_the_registered_columns_in_order(made):
    """Every column is explained, and nothing else is written."""
    names = [Column(*spec).name for spec in (*NEEDS, *COSTS)]
    assert list(made[0]) == names
    assert len(set(names)) == len(names)


def test_numbers_carry_their_unit_in_the_name():
    """And ranges come in threes."""
    for _, unit, meaning, source, decimals in (*NEEDS, *COSTS):
        assert meaning
        assert source
        assert (decimals is None) == (unit == "")
    names = {spec[0] for spec in (*NEEDS, *COSTS)}
    for name in names:
        for end in ("low", "mid", "high"):
            if name.endswith(f"_{end}"):
                assert {name[: -len(end)] + e for e in ("low", "mid", "high")} <= names


def test_unknown_is_not_a_number(made):
    """What is unknown is null, never zero or an average."""
    unknown = ["water_need_mgd_mid", "gas_share_pct", "dry_cooling_penalty_pct_mid", "land_musd_mid", "sitework_musd_mid"]
    unknown += ["power_grid_musd_yr_mid", "sales_tax_musd_mid", "corporate_tax_pct", "gas_company_mmcfd"]
    assert all(math.isnan(made[1][name]) for name in unknown)
    assert made[1]["tax_relief"] is None
    assert made[1]["gas_adequacy"] == "unknown"
    assert made[1]["water_share_of_river_pct"] is None
    assert made[1]["capex_leaves_out"].startswith("land; sitework; grid connection")


def test_items_of_the_capital_are_columns(made):
    """All but the connections, which have columns of their own."""
    for item in ITEMS:
        assert (f"{item}_musd_mid" in made[0]) == ("connection" not in item)


def test_capital_is_the_sum_of_its_columns(made):
    """No connection is known here, so the item columns are all of it."""
    items = [item for item in ITEMS if "connection" not in item]
    for end in ("low", "mid", "high"):
        assert made[0][f"capex_musd_{end}"] == pytest.approx(sum(made[0][f"{item}_musd_{end}"] for item in items))
