"""Paths of demand: the accounts add up, the first path is the financing itself, and worse is worse."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitefinder.financing.demand import Stake, Turn, demand_facts, run_path, stake, turn, yearly
from sitefinder.financing.formulas import annuity
from sitefinder.financing.inputs import site_inputs
from sitefinder.financing.outcome import case, outcome
from tests.helpers.financing_case import PROJECT, site, terms

TERMS = terms()
SITE = site_inputs(site(), PROJECT, TERMS)
CAMPUS = stake(SITE, PROJECT, TERMS)
HOLDS = turn(TERMS.demand.paths["holds"], TERMS.demand, "mid")
#: 100 a year from tenants, 30 for energy, 10 fixed; two loans of 20 and 10 a year, for 3 and 2 years
SMALL = Stake(100.0, 30.0, 10.0, {"jbic": 20.0, "megabank": 10.0}, {"jbic": 3, "megabank": 2}, 200.0, 0.0, 0.04, 5)

TURNS = st.builds(
    Turn,
    st.integers(1, 30),
    st.floats(0.05, 1.5),
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
    st.integers(1, 30),
)


@pytest.mark.parametrize(
    "chosen", [TERMS, terms(programme__on="false"), terms(scope="campus"), terms(income__energy_risk="owner")]
)
def test_while_demand_holds_cash_service_and_worth_are_those_of_the_financing(chosen):
    """The first path is what every other figure of the memo assumes, in every scenario."""
    inputs = site_inputs(site(), PROJECT, chosen)
    expected, years = outcome(inputs, PROJECT, chosen, case()), yearly(stake(inputs, PROJECT, chosen), HOLDS)
    np.testing.assert_allclose(years.cash, expected.cash)
    assert years.due[0] == pytest.approx(expected.service)
    result = run_path([stake(inputs, PROJECT, chosen)], HOLDS, chosen)
    assert result.value == pytest.approx(expected.worth)
    if chosen.programme.on:
        assert (result.lender_side, result.host_side) == pytest.approx((expected.lender_cash, expected.host_cash))


@given(TURNS)
def test_owners_and_lenders_share_the_cash_of_every_year(bend):
    """Nothing is lost between them, and nobody is paid more than is due."""
    for campus in (CAMPUS, SMALL):
        years = yearly(campus, bend)
        paid = sum(years.paid.values())
        np.testing.assert_allclose(years.owners + paid, years.cash, atol=1e-9)
        assert (paid <= years.due + 1e-9).all()
        assert (years.owners >= -1e-9).all()


@given(TURNS, st.floats(0.0, 0.5))
def test_more_tenants_that_walk_leave_no_more_cash_where_what_is_let_again_pays_no_more(bend, more):
    """While free capacity earns at most what the contract did."""
    bend = dataclasses.replace(bend, price=min(bend.price, 1.0))
    other = dataclasses.replace(bend, walk=min(bend.walk + more, 1.0))
    assert (yearly(CAMPUS, other).cash <= yearly(CAMPUS, bend).cash + 1e-9).all()


def test_years_by_hand():
    """Half of the tenants walk in year two, a half of what is free is let at half the price; contracts end after year three."""
    years = yearly(SMALL, Turn(from_year=2, price=0.5, let=0.5, walk=0.5, unused=0.1, contract=3))
    # 0.5 x 70 + 0.5 x 0.5 x (50 - 30) - 10 = 30; after the contracts 1 x 0.5 x 20 - 10 = 0
    assert years.cash.tolist() == [60.0, 30.0, 30.0, 0.0, 0.0]
    assert years.due.tolist() == [30.0, 30.0, 20.0, 0.0, 0.0]
    assert years.owners.tolist() == [30.0, 0.0, 10.0, 0.0, 0.0]
    assert years.unused.tolist() == [0.0, 5.0, 5.0, 0.0, 0.0]


def test_what_is_missing_lenders_lose_in_the_shares_of_their_service():
    """Cash of 15 against 30 due: each has half."""
    years = yearly(SMALL, Turn(from_year=1, price=0.5, let=0.0, walk=9.0 / 14.0, unused=0.0, contract=5))
    assert years.cash[0] == pytest.approx(15.0)
    assert [years.paid[n][0] for n in ("jbic", "megabank")] == pytest.approx([10.0, 5.0])


def test_capacity_that_would_not_pay_for_its_energy_stands_still():
    """At a fifth of the price it earns nothing and costs no energy."""
    years = yearly(SMALL, Turn(from_year=1, price=0.2, let=1.0, walk=0.5, unused=0.0, contract=5))
    assert years.cash[0] == pytest.approx(0.5 * 70.0 - 10.0)


def test_ends_of_a_path_are_ordered_and_losses_add_up():
    """Worse is worth less; owners and lenders bear the loss of value, on every path and end."""
    fields = demand_facts([CAMPUS, CAMPUS], TERMS)
    for path in fields["paths"].values():
        assert path["value"]["low"] <= path["value"]["mid"] <= path["value"]["high"]
        parts = path["owners_loss"]["mid"] + path["lenders_loss"]["mid"]
        assert parts == pytest.approx(path["loss"]["mid"], rel=1e-4)
        lenders = sum(loss["mid"] for loss in path["lenders"].values()) + path["insurer_loss"]["mid"]
        assert lenders == pytest.approx(path["lenders_loss"]["mid"], rel=1e-4)
    values = [path["value"]["mid"] for path in fields["paths"].values()]
    assert values == sorted(values, reverse=True)
    assert fields["paths"]["holds"]["loss"] == {"mid": 0.0, "low": 0.0, "high": 0.0}


def test_the_insurer_bears_its_share_of_the_banks_loss():
    """97.5 % of the loss of the loans with its cover."""
    turns = demand_facts([CAMPUS], TERMS)["paths"]["turns"]
    both = turns["lenders"]["nexi"]["mid"] + turns["insurer_loss"]["mid"]
    assert turns["insurer_loss"]["mid"] == pytest.approx(0.975 * both, rel=1e-4)


def test_contracts_as_long_as_the_loans_leave_lenders_no_worse():
    """The loss that the page offers to avoid."""
    turns = demand_facts([CAMPUS], TERMS)["paths"]["turns"]
    assert turns["lenders_loss_if_contracts_last"] < turns["lenders_loss"]["mid"]


def test_the_bare_price_pays_the_debt_and_nothing_more():
    """At that price, fully let, cash is the debt service."""
    price = demand_facts([CAMPUS], TERMS)["price_bare"]
    fallen = price / TERMS.income.delivered_usd_mwh[1]
    years = yearly(CAMPUS, Turn(from_year=1, price=fallen, let=1.0, walk=1.0, unused=0.0, contract=1))
    assert years.cash[0] == pytest.approx(years.due[0], rel=1e-4)


def test_service_is_the_annuity_of_the_loans():
    """By lender, most likely figures."""
    o = outcome(SITE, PROJECT, TERMS, case())
    assert sum(CAMPUS.service.values()) == pytest.approx(o.service)
    assert set(CAMPUS.service) == {"jbic", "nexi"}
    assert CAMPUS.service["jbic"] > o.jbic * annuity(TERMS.base_rate[1], 20)


def test_without_paths_or_campuses_there_are_no_fields():
    """The memo goes on without them."""
    assert demand_facts([], TERMS) is None
    assert demand_facts([CAMPUS], TERMS.model_copy(update={"demand": None})) is None
