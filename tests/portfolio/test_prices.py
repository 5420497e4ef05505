"""Limits one by one."""

from __future__ import annotations

from sitefinder.config.portfolio import Portfolio
from sitefinder.portfolio.limits import build
from sitefinder.portfolio.prices import relaxations
from tests.helpers.portfolio_cases import FREE, campus, pool_with

TERMS = FREE | {
    "spacing_km": 50.0,
    "caps": {"state": {"each": 2}},
    "budget_musd": 7000.0,
    "floor": {"mw": 2000.0, "by": 2031},
    "headroom": {},
    "gas_shared": True,
    "water": {"on": True},
    "hazards": {"seismic_pga_pct_g": {"above": 1.0, "within_km": 900.0, "share": 0.5}},
}


def test_every_limit_is_told_with_its_use(default_config):
    """What three campuses take of each limit, and what one unit more would be."""
    pool = pool_with([campus(i, state="T" if i < 4 else "U") for i in range(6)])
    terms = Portfolio.model_validate(TERMS)
    limits = build(pool, terms, default_config.config)
    prices = {p.limit: p for p in relaxations(pool, terms, limits, (0, 1, 5))}
    assert list(prices) == [
        "campuses", "spacing_km", "caps.state", "caps.state.T", "budget_musd", "floor.mw", "headroom", "gas_shared", "water.on",
        "hazards.seismic_pga_pct_g.share",
    ]  # fmt: skip
    assert (prices["budget_musd"].used, prices["budget_musd"].one_more.budget_musd) == (6000.0, 8000.0)
    assert prices["budget_musd"].dropped.budget_musd is None
    assert (prices["floor.mw"].used, prices["floor.mw"].one_more.floor.mw) == (3000.0, 1900.0)
    assert round(prices["spacing_km"].used) == 91
    assert prices["caps.state.T"].one_more.cap("state", "T") == 3
    assert prices["caps.state.T"].one_more.cap("state", "U") == 2
    assert prices["caps.state"].dropped.caps == {}
    assert prices["campuses"].one_more.campuses == 4
    assert prices["hazards.seismic_pga_pct_g.share"].used == 3000.0
    assert prices["headroom"].dropped.headroom is None
    assert not prices["water.on"].dropped.water.on


def test_no_more_campuses_than_there_are(default_config):
    """With all sites taken there is no unit more."""
    pool = pool_with([campus(i) for i in range(3)])
    terms = Portfolio.model_validate(FREE)
    prices = list(relaxations(pool, terms, build(pool, terms, default_config.config), (0, 1, 2)))
    assert [(p.limit, p.one_more) for p in prices] == [("campuses", None)]
