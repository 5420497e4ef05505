"""Cases of a financing: identities of the accounts, closed forms, and which way things move."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitefinder.columns import Range
from sitefinder.errors import DataError
from sitefinder.financing import outcome as financing
from sitefinder.financing.formulas import annuity, present_value, schedule
from sitefinder.financing.inputs import SiteInputs, loan_rates, site_inputs
from sitefinder.financing.outcome import (
    GROUPS,
    MEASURES,
    case,
    cases,
    finance_set,
    finance_site,
    outcome,
    split_of,
    total,
)
from tests.helpers.financing_case import PROJECT, site, terms

TERMS = terms()
MARKET = terms(programme__on="false")
SITE = site_inputs(site(), PROJECT, TERMS)


def triples(low, high):
    """Ordered ranges between two numbers."""
    return st.tuples(*[st.floats(low, high)] * 3).map(lambda t: Range(*sorted(t)))


SITES = st.builds(SiteInputs, triples(10.0, 50_000.0), triples(5.0, 150.0), triples(0.0, 400.0))


@given(SITES, st.sampled_from(sorted(cases())), st.sampled_from([TERMS, MARKET]))
def test_sources_equal_uses(site, name, chosen):
    """Equity and loans pay for capital, interest and fees, in every case, to the last dollar."""
    o = outcome(site, PROJECT, chosen, cases()[name])
    assert o.equity + o.jbic + o.nexi + o.megabank == pytest.approx(o.uses, rel=1e-9)
    assert o.capital + o.carry == pytest.approx(o.uses, rel=1e-9)
    assert o.carry >= 0


@given(SITES)
def test_service_is_the_first_year_of_all_schedules(site):
    """Debt service = interest + principal of every loan, and no later year is dearer."""
    o = outcome(site, PROJECT, TERMS, case())
    rates = loan_rates(site.risk_bp, TERMS, 1)
    loans = [schedule(getattr(o, n), rates[n], financing.tenor(TERMS, n, 1)) for n in ("jbic", "nexi", "megabank")]
    assert sum(s.interest[0] + s.principal[0] for s in loans) == pytest.approx(o.service, rel=1e-9)


@given(SITES, st.sampled_from(["mid", "worst", "best"]))
def test_the_split_gives_away_the_cash(site, name):
    """Both sides together receive the cash of all years; a loss is nobody's."""
    ends = cases()[name]
    o = outcome(site, PROJECT, TERMS, ends)
    years = {0: 30, 1: 25, 2: 20}[ends["rates"]]
    assert o.lender_cash + o.host_cash == pytest.approx(max(o.cash, 0.0) * years, rel=1e-9)


def test_a_case_by_hand():
    """The most likely case of one site, computed step by step."""
    o = outcome(SITE, PROJECT, TERMS, case())
    jbic, nexi = 0.039 + (100 + 22.5) * 1e-4, 0.039 + (85 + 22.5 + 90) * 1e-4
    shares = {"jbic": 0.985 * 0.55, "nexi": 0.985 * 0.45}
    uses = 2400.0 / (1 - shares["jbic"] * (0.006 + jbic * 1.5) - shares["nexi"] * (0.010 + nexi * 1.5))
    assert o.uses == pytest.approx(uses)
    service = uses * (shares["jbic"] * annuity(jbic, 18) + shares["nexi"] * annuity(nexi, 18))
    mwh = 1000 * 8766 * 0.85
    cash = (100.0 - SITE.energy_usd_mwh[1]) * mwh / 1e6 - 10.0
    assert o.dscr == pytest.approx(cash / service)
    wacc = shares["jbic"] * jbic + shares["nexi"] * nexi + 0.015 * 0.12
    assert o.worth == pytest.approx(present_value(wacc, [cash] * 25))
    assert o.npv == pytest.approx(o.worth - uses)
    assert o.delay == pytest.approx(o.worth * (1 - 1.0 / (1 + wacc) ** (1 / 12)))
    assert o.usd_mwh == pytest.approx((uses * annuity(wacc, 25) + 390.0 + 10.0) * 1e6 / mwh)
    assert o.usd_mw_month == pytest.approx((uses * annuity(wacc, 25) + 10.0) * 1e6 / 12_000)
    assert o.tenant_delay == pytest.approx(11_000.0 / 12)


def test_the_price_needed_gives_the_cover_asked():
    """At that price, cash is 1.3 times debt service."""
    price = outcome(SITE, PROJECT, TERMS, case()).price_for(1.3, with_energy=True)
    changed_terms = terms(income__delivered_usd_mwh=f"[{price}, {price}, {price}]")
    assert outcome(SITE, PROJECT, changed_terms, case()).dscr == pytest.approx(1.3)


def test_the_rent_needed_gives_the_cover_asked():
    """The same for a campus: rent per kW of computers and month, energy passed through."""
    campus = terms(scope="campus")
    inputs = site_inputs(site(), PROJECT, campus)
    rent = outcome(inputs, PROJECT, campus, case()).price_for(1.3, with_energy=False)
    changed_terms = terms(scope="campus", income__rent_usd_kw_month=f"[{rent}, {rent}, {rent}]")
    assert outcome(inputs, PROJECT, changed_terms, case()).dscr == pytest.approx(1.3)


@pytest.mark.parametrize("group", sorted(GROUPS))
def test_a_worse_end_lowers_the_cover(group):
    """Worse is worse for the lender, better is better."""
    measures = finance_site(SITE, PROJECT, TERMS).stress()[group]
    mid = outcome(SITE, PROJECT, TERMS, case()).dscr
    assert measures["worse"] < mid < measures["better"]


def test_the_owner_bears_energy_only_if_the_terms_say_so():
    """With the tenant bearing it, dear energy leaves the cash but for the fixed cost; else it takes it."""
    dear = case(worse=("energy",))
    tenant = outcome(SITE, PROJECT, TERMS, dear)
    owner = outcome(SITE, PROJECT, terms(income__energy_risk="owner"), dear)
    assert tenant.cash == pytest.approx(outcome(SITE, PROJECT, TERMS, case()).cash - 10.0)
    assert owner.cash < tenant.cash


def test_risk_of_the_site_costs_interest():
    """More basis points, more debt service, lower cover."""
    risky = dataclasses.replace(SITE, risk_bp=Range(100.0, 300.0, 500.0))
    assert outcome(risky, PROJECT, TERMS, case()).dscr < outcome(SITE, PROJECT, TERMS, case()).dscr


def test_market_terms_need_more_equity_and_share_no_cash():
    """The switch: 40 % equity, one lender, no split."""
    o = outcome(SITE, PROJECT, MARKET, case())
    assert o.equity == pytest.approx(0.4 * o.uses)
    assert o.jbic == o.nexi == o.lender_cash == 0.0


def test_spans_hold_the_middle_and_single_moves_lie_within():
    """Everything at once spans at least what one thing alone does, for the debt cover."""
    measures = finance_site(SITE, PROJECT, TERMS).measures
    assert tuple(measures) == MEASURES
    for key in ("dscr", "uses", "service", "usd_mwh"):
        m = measures[key]
        assert m.low <= m.alone_low <= m.mid <= m.alone_high <= m.high


def test_never_repaid_is_none_and_later_than_all():
    """A site that cannot repay has no year; the span then has no high end."""
    dear = dataclasses.replace(SITE, capital=Range(900.0, 30_000.0, 60_000.0))
    measures = finance_site(dear, PROJECT, TERMS).measures["repaid_after"]
    assert measures.mid is None
    assert measures.high is None


def test_cover_of_the_lenders_half():
    """Half of the cash covers half as often."""
    both = finance_site(SITE, PROJECT, TERMS)
    assert both.mid("lender_cover") == pytest.approx(both.mid("dscr") / 2, rel=1e-5)
    assert finance_site(SITE, PROJECT, MARKET).mid("lender_cover") is None


def test_a_set_is_the_sum_of_its_sites():
    """Amounts add up; the cover of the set is the cover of the sums."""
    other = finance_site(dataclasses.replace(SITE, capital=Range(1000.0, 5000.0, 9000.0)), PROJECT, TERMS)
    one = finance_site(SITE, PROJECT, TERMS)
    both = finance_set([one, other], TERMS)
    assert both.outcomes["mid"].uses == pytest.approx(one.outcomes["mid"].uses + other.outcomes["mid"].uses)
    cash = [s.outcomes["mid"].cash for s in (one, other)]
    service = [s.outcomes["mid"].service for s in (one, other)]
    assert both.mid("dscr") == pytest.approx(sum(cash) / sum(service), rel=1e-5)


def test_a_site_with_unknowns_is_left_out_of_the_set_by_name():
    """No average steps in; without any known site there is nothing."""
    hole = finance_site(site_inputs(site(capex_musd_mid=None), PROJECT, TERMS), PROJECT, TERMS)
    one = finance_site(SITE, PROJECT, TERMS)
    assert finance_set([one, hole], TERMS).missing == ("capex_musd_mid",)
    assert finance_set([one, hole], TERMS).measures == finance_set([one], TERMS).measures
    assert finance_set([hole], TERMS).measures == {}
    assert hole.stress() == {}
    assert hole.mid("dscr") is None


def test_terms_that_eat_all_money_are_refused():
    """One line, no traceback."""
    with pytest.raises(DataError, match="take all the money"):
        outcome(SITE, PROJECT, terms(building_months="[240, 480, 600]"), case(worse=("building", "rates")))


def test_total_of_one_is_itself():
    """Summing a single site changes nothing."""
    o = outcome(SITE, PROJECT, TERMS, case())
    assert total([o]) == o


def test_split_runs_over_the_years_given():
    """One entry per year."""
    assert split_of(100.0, 500.0, TERMS, 1, 7).lender.size == 7
