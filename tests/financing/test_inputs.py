"""What a site brings to its financing."""

from __future__ import annotations

import pytest

from sitefinder.errors import DataError
from sitefinder.financing.inputs import loan_rates, project_of, risk_bp, risk_parts, site_inputs
from tests.helpers.financing_case import PROJECT, config, row, terms


def test_project_is_that_of_the_run():
    """Megawatts, load factor, cooling's PUE, year of the dollars and start come from run.json."""
    assert project_of(config(), terms()) == PROJECT


def test_dollars_of_another_year_are_refused():
    """Costs of 2025 and terms of 2024 are never mixed silently."""
    with pytest.raises(DataError, match="dollars of 2025, the terms in dollars of 2024"):
        project_of(config(), terms(year="2024"))


def test_a_run_without_costs_is_refused():
    """The message names the remedy."""
    with pytest.raises(DataError, match="make rank"):
        project_of({"project": {"mw": 1000.0}}, terms())


def test_capital_and_energy_come_from_the_columns():
    """Energy per MWh is the yearly cost over the hours at the same end of the load factor."""
    found = site_inputs(row(), PROJECT, terms())
    assert found.capital == (900.0, 2400.0, 9000.0)
    assert found.energy_usd_mwh[1] == pytest.approx(390e6 / (1000 * 8766 * 0.85))
    assert found.energy_usd_mwh[2] == pytest.approx(700e6 / (1000 * 8766 * 0.95))


def test_the_campus_adds_the_buildings():
    """Scope campus: facility on top."""
    assert site_inputs(row(), PROJECT, terms(scope="campus")).capital[1] == 2400.0 + 25_000.0


def test_unknown_columns_are_named_and_not_filled():
    """Missing is not average: there is no capital, and the column is told."""
    found = site_inputs(row(power_hybrid_musd_yr_mid=None), PROJECT, terms())
    assert found.missing == ("power_hybrid_musd_yr_mid",)
    assert found.capital[1] != found.capital[1]


def test_risk_adds_up_part_by_part():
    """Grade E3, an even chance of first power, 29 places, no hazards: the numbers of the map."""
    parts = risk_parts(row(), terms())
    assert parts["evidence_grade"] == (5, 15, 30)
    assert parts["power_by_date"] == (0, 25, 40)
    assert parts["rank_interval"] == (0, 5, 10)
    assert parts["flood_rank"] == (0, 0, 0)
    assert risk_bp(row(), terms()) == (5, 45, 80)


def test_unknown_is_priced_as_the_worst():
    """A site of which nothing is known pays for it."""
    bare = {"site_id": "X"}
    known = risk_bp(row(), terms())
    assert all(b > k for b, k in zip(risk_bp(bare, terms()), known, strict=True))
    assert risk_parts(bare, terms())["power_by_date"] == (60, 100, 175)


@pytest.mark.parametrize(
    "change", [{"flood_rank": 95.0}, {"rank_p95": 500}, {"mw_p50_2028": 0, "mw_p90_2028": 0}, {"evidence_site_grade": "E5"}]
)
def test_a_worse_site_pays_more(change):
    """Every part of the map has a say."""
    assert risk_bp(row(**change), terms())[1] > risk_bp(row(), terms())[1]


def test_rates_are_base_spread_risk_and_guarantee():
    """JBIC: 3.9 % + (100 + half of 40) basis points; NEXI's guarantee is in its rate."""
    found = loan_rates((0.0, 40.0, 80.0), terms(), 1)
    assert found["jbic"] == pytest.approx(0.039 + 120e-4)
    assert found["nexi"] == pytest.approx(0.039 + (85 + 20 + 90) * 1e-4)
    assert found["megabank"] == pytest.approx(0.039 + 240e-4)
