"""What a site brings to its financing."""

from __future__ import annotations

import dataclasses
import math

import pytest

from sitefinder.columns import Range
from sitefinder.errors import DataError
from sitefinder.financing.inputs import evidence_grade, loan_rates, project_of, rank_width, risk_bp, risk_parts, site_inputs
from tests.helpers.financing_case import PROJECT, site, terms
from tests.helpers.records import default_config
from tests.helpers.records import site as bare_site


def test_project_is_that_of_the_run():
    """Megawatts, load factor, cooling's PUE, year of the dollars and start come from its configuration."""
    assert project_of(default_config(), terms()) == PROJECT


def test_dollars_of_another_year_are_refused():
    """Costs of 2025 and terms of 2024 are never mixed silently."""
    with pytest.raises(DataError, match="dollars of 2025, the terms in dollars of 2024"):
        project_of(default_config(), terms(year="2024"))


@pytest.mark.parametrize("section", ["costs", "needs", "delivery"])
def test_a_run_without_a_section_is_refused(section):
    """The message names the remedy."""
    with pytest.raises(DataError, match="make rank"):
        project_of(default_config().model_copy(update={section: None}), terms())


def test_capital_and_energy_come_from_the_columns():
    """Energy per MWh is the yearly cost over the hours at the same end of the load factor."""
    inputs = site_inputs(site(), PROJECT, terms())
    assert inputs.capital == (900.0, 2400.0, 9000.0)
    assert inputs.energy_usd_mwh[1] == pytest.approx(390e6 / (1000 * 8766 * 0.85))
    assert inputs.energy_usd_mwh[2] == pytest.approx(700e6 / (1000 * 8766 * 0.95))


def test_the_campus_adds_the_buildings():
    """Scope campus: facility on top."""
    assert site_inputs(site(), PROJECT, terms(scope="campus")).capital[1] == 2400.0 + 25_000.0


def test_unknown_columns_are_named_and_not_filled():
    """Missing is not average: there is no capital, and the column is told."""
    inputs = site_inputs(site(power_hybrid_musd_yr_mid=None), PROJECT, terms())
    assert inputs.missing == ("power_hybrid_musd_yr_mid",)
    assert math.isnan(inputs.capital.mid)


def test_risk_adds_up_part_by_part():
    """Grade E3, an even chance of first power, 29 places, no hazards: the numbers of the map."""
    parts = risk_parts(site(), terms())
    assert parts["evidence_grade"] == (5, 15, 30)
    assert parts["power_by_date"] == (0, 25, 40)
    assert parts["rank_interval"] == (0, 5, 10)
    assert parts["flood_rank"] == (0, 0, 0)
    assert risk_bp(site(), terms()) == (5, 45, 80)


def test_unknown_is_priced_as_the_worst():
    """A site of which nothing is known pays for it."""
    bare = bare_site(site_id="X")
    known = risk_bp(site(), terms())
    assert all(b > k for b, k in zip(risk_bp(bare, terms()), known, strict=True))
    assert risk_parts(bare, terms())["power_by_date"] == (60, 100, 175)


@pytest.mark.parametrize(
    "change", [{"flood_rank": 95.0}, {"rank_p95": 500}, {"mw_p50_2028": 0, "mw_p90_2028": 0}, {"evidence_site_grade": "E5"}]
)
def test_a_worse_site_pays_more(change):
    """Every part of the map has a say."""
    assert risk_bp(site(**change), terms())[1] > risk_bp(site(), terms())[1]


def test_rates_are_base_spread_risk_and_guarantee():
    """JBIC: 3.9 % + (100 + half of 40) basis points; NEXI's guarantee is in its rate."""
    rates = loan_rates(Range(0.0, 40.0, 80.0), terms(), 1)
    assert rates["jbic"] == pytest.approx(0.039 + 120e-4)
    assert rates["nexi"] == pytest.approx(0.039 + (85 + 20 + 90) * 1e-4)
    assert rates["megabank"] == pytest.approx(0.039 + 240e-4)


def test_a_site_without_costs_names_every_column():
    """No part of the record, no financing: capital and energy of the pathway are missing at all ends."""
    inputs = site_inputs(dataclasses.replace(site(), costs=None), PROJECT, terms())
    assert inputs.missing == tuple(f"{name}_{end}" for name in ("capex_musd", "power_hybrid_musd_yr") for end in Range._fields)


def test_the_grade_by_points_goes_before_the_mean_over_layers():
    """Without either, the grade is unknown."""
    assert evidence_grade(site(evidence_grade="E1")) == "E3"
    assert evidence_grade(site(evidence_site_grade=None, evidence_grade="E1")) == "E1"
    assert evidence_grade(bare_site()) == "unknown"


def test_the_width_of_the_rank_interval_needs_both_ends():
    """From the 5th to the 95th percentile; unknown with one end alone."""
    assert rank_width(site()) == 29.0
    assert rank_width(site(rank_p95=None)) is None
    assert rank_width(bare_site()) is None
