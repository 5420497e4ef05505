"""Joint draws of the money of a set."""

from __future__ import annotations

import doctest
from dataclasses import replace

import numpy as np
import pytest

from sitefinder.columns import Range
from sitefinder.config.financing import LENDERS
from sitefinder.financing import joint as module
from sitefinder.financing.inputs import site_inputs
from sitefinder.financing.joint import Luck, Uncertain, joint, quantiles, shared_luck, triangular, uncertain
from sitefinder.financing.outcome import case, finance_set, finance_site, outcome
from tests.helpers.financing_case import PROJECT, site, sites, terms

LUCK = Luck(0.3, 0.3, 1)


def certain(range_):
    """A range of which nothing is uncertain."""
    return Range(*[range_[1]] * 3)


def test_examples_in_the_docstrings_hold():
    """The examples a reader sees are true."""
    assert doctest.testmod(module).failed == 0


def test_draws_without_spread_are_the_most_likely_case():
    """The draws use the formulas of the cases: where all ranges are points, each draw is that case."""
    fixed, exact = terms(), {}
    for name in LENDERS:
        lender = fixed.lenders.of(name)
        ranges = ("tenor_years", "spread_bp", "upfront_fee", "guarantee_bp")
        exact[name] = lender.model_copy(update={k: (getattr(lender, k)[1],) * 3 for k in ranges})
    income = fixed.income.model_copy(
        update={k: (getattr(fixed.income, k)[1],) * 3 for k in ("delivered_usd_mwh", "fixed_musd_mw_yr", "years")}
    )
    structures = fixed.structures.model_copy(update={"programme": fixed.structure.model_copy(update={"equity": (0.015,) * 3})})
    fixed = fixed.model_copy(
        update={"lenders": fixed.lenders.model_copy(update=exact), "income": income, "structures": structures}
        | {k: (getattr(fixed, k)[1],) * 3 for k in ("base_rate", "building_months")}
    )
    project = replace(PROJECT, load_factor=certain(PROJECT.load_factor))
    inputs = site_inputs(site(), project, fixed)
    point = replace(inputs, capital=certain(inputs.capital), energy_usd_mwh=certain(inputs.energy_usd_mwh))
    point = replace(point, risk_bp=certain(inputs.risk_bp))
    drawn = joint([uncertain(site(), point)], project, fixed, LUCK)
    expected = outcome(point, project, fixed, case())
    for name in ("capital", "carry", "uses", "equity", *LENDERS, "service", "cash", "dscr"):
        assert drawn[name] == pytest.approx(getattr(expected, name))


def test_draws_lie_within_the_span_of_adding_ends_and_are_narrower():
    """Nine draws of ten are far from the sum of all lows and that of all highs."""
    inputs = [(s, site_inputs(s, PROJECT, terms())) for s in sites()]
    money = joint([uncertain(*each) for each in inputs], PROJECT, terms(), LUCK)
    span = finance_set([finance_site(each, PROJECT, terms()) for _, each in inputs], terms()).measures["uses"]
    assert span.low < money["uses"].min()
    assert money["uses"].max() < span.high
    ends = quantiles(money["uses"])
    assert ends["p10"] < ends["p50"] < ends["p90"]
    assert ends["p90"] - ends["p10"] < 0.7 * (span.high - span.low)


def test_items_add_up_to_the_capital():
    """What no item names is the last one, at every end."""
    known = site(land_musd_low=30.0, land_musd_mid=160.0, land_musd_high=1000.0)
    inputs = site_inputs(known, PROJECT, terms())
    parts = uncertain(known, inputs).items
    assert parts[0] == Range(30.0, 160.0, 1000.0)
    assert [sum(ends) for ends in zip(*parts, strict=True)] == pytest.approx(list(inputs.capital))


def test_campuses_of_a_region_share_more_luck_than_others():
    """Correlations as configured: nation and region together inside a region, nation alone between two."""
    u = shared_luck(np.random.default_rng(2), ["PJM", "PJM", "MISO"], LUCK, 40_000)
    assert np.corrcoef(u)[0, 1] == pytest.approx(0.58, abs=0.03)
    assert np.corrcoef(u)[0, 2] == pytest.approx(0.29, abs=0.03)
    assert abs(u.mean() - 0.5) < 0.01


def test_a_triangular_draw_has_the_right_mean():
    """A third of the sum of its ends and its peak."""
    u = (np.arange(100_000) + 0.5) / 100_000
    assert triangular((1.0, 2.0, 9.0), u).mean() == pytest.approx(4.0, abs=1e-3)
    assert triangular((5, 5, 5), u[:3]).tolist() == [5.0, 5.0, 5.0]


def test_equal_seeds_give_equal_draws():
    """The same run, the same memo."""
    one = [Uncertain("PJM", (Range(1.0, 2.0, 4.0),), Range(10.0, 20.0, 30.0), Range(0.0, 0.0, 0.0))]
    assert np.array_equal(joint(one, PROJECT, terms(), LUCK)["dscr"], joint(one, PROJECT, terms(), LUCK)["dscr"])
