"""What a campus is worth in each draw."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sitefinder.columns import HIGH, LOW
from sitefinder.config.portfolio import Portfolio, RiskTerms
from sitefinder.portfolio.values import at_luck, discounts, draw_values, gw_years, luck, score_quantiles, tail_mean
from tests.helpers.portfolio_cases import FREE, campus, curve, pool_with

TERMS = Portfolio.model_validate(FREE)


def test_every_campus_gets_every_stratum_once():
    """Luck is a Latin hypercube: the mean over the draws is exact."""
    u = luck(["a", "b"], ["x", "y"], "power", RiskTerms(draws=50))
    expected = ((np.arange(50) + 0.5) / 50).tolist()
    assert sorted(u[0]) == pytest.approx(expected)
    assert sorted(u[1]) == pytest.approx(expected)


def test_luck_does_not_depend_on_the_other_campuses():
    """A campus keeps its numbers when the list changes."""
    risk = RiskTerms(draws=50)
    alone = luck(["b"], ["y"], "power", risk)[0]
    assert luck(["a", "b", "c"], ["x", "y", "y"], "power", risk)[1].tolist() == alone.tolist()
    assert luck(["b"], ["y"], "score", risk)[0].tolist() != alone.tolist()


def test_neighbours_in_a_region_have_more_in_common():
    """Correlation of the normal scores is about what the terms say: nation, and nation plus region."""
    u = luck(["a", "b", "c"], ["x", "x", "y"], "power", RiskTerms(draws=5000, nation=0.3, region=0.3))
    values = np.corrcoef(u)
    assert values[0, 1] == pytest.approx(0.6, abs=0.05)
    assert values[0, 2] == pytest.approx(0.3, abs=0.05)


def test_amounts_are_held_beyond_the_outer_quantiles():
    """What is not known is not extrapolated."""
    values = at_luck(np.array([[0.01, 0.1, 0.9, 0.99]]), (0.1, 0.5, 0.9), np.array([[1.0, 2.0, 4.0]]))
    assert values.tolist() == [[1.0, 1.0, 4.0, 4.0]]


def test_the_value_of_a_certain_campus_by_hand():
    """Revenue less energy for each discounted gigawatt-year, less capital; energy 400 million a year for a gigawatt."""
    pool = pool_with([campus(0, **curve(2031))])
    earned = sum(1.08 ** -(y - 2026 - 0.5) * (0.5 if y == 2031 else 1.0) for y in range(2031, 2036))
    values = draw_values(pool, TERMS).value
    assert values == pytest.approx((11 - 0.4) * earned - 2.0)
    assert draw_values(pool, TERMS, end=LOW).value == pytest.approx((10 - 0.4) * earned - 2.0)
    assert draw_values(pool, TERMS, end=HIGH).value == pytest.approx((12 - 0.4) * earned - 2.0)


def test_earlier_power_is_worth_more():
    """A year earlier gains a year of discounted revenue at the front."""
    early, late = (draw_values(pool_with([campus(0, **curve(y))]), TERMS).mean[0] for y in (2030, 2031))
    assert early - late == pytest.approx(10.6 * (discounts(0.08)[4] + discounts(0.08)[5]) / 2)


def test_gigawatt_years_are_means_of_both_year_ends():
    """A campus that is full at the end of a year has half a year in it."""
    assert gw_years(np.array([[[0.0], [1000.0], [1000.0]]])).ravel().tolist() == [0.0, 0.5, 1.0]


def test_a_worse_score_is_built_less_often():
    """The chance follows the table, and falls with bad luck of the ranks."""
    value = {"busd_per_gw_year": [10, 11, 12], "realised": [[50, 0.4], [90, 0.8]]}
    terms = Portfolio.model_validate(FREE | {"value": value})
    scores = (90.0, 70.0, 60.0)
    rows = [campus(i, score=score) for i, score in enumerate(scores)]
    assert draw_values(pool_with(rows), terms).chance.mean(axis=1) == pytest.approx([0.8, 0.6, 0.5])
    uncertain = [campus(i, score=score, rank_p05=1, rank_p95=3) for i, score in enumerate(scores)]
    chance = draw_values(pool_with(uncertain), terms).chance
    assert chance[1].min() == pytest.approx(0.5)
    assert chance[1].max() == pytest.approx(0.8)


def test_scores_at_ranks_behind_the_list_are_its_lowest():
    """A rank that the list does not hold is no better than its last."""
    rows = [campus(0, score=90.0, rank_p05=1, rank_p95=900), campus(1, score=70.0)]
    assert score_quantiles(pool_with(rows)).tolist() == [[70.0, 90.0, 90.0], [70.0, 70.0, 70.0]]


def test_fresh_draws_are_other_draws_of_the_same_campus():
    """Another seed, the same mean."""
    pool = pool_with([campus(0, **curve(2030, early=2029, late=2032))])
    a, b = draw_values(pool, TERMS), draw_values(pool, TERMS, seed=9)
    assert a.value.tolist() != b.value.tolist()
    assert a.mean == pytest.approx(b.mean)


def test_the_mean_of_the_worst_is_below_the_mean():
    """And is the mean itself if all draws count."""
    totals = np.array([3.0, 1.0, 2.0])
    assert tail_mean(totals, 1.0) == 2.0
    assert tail_mean(totals, 0.01) == 1.0


def test_counted_chances_are_those_of_the_sites():
    """One less the chance of being dropped; an unknown one counts as dropped."""
    terms = Portfolio.model_validate(FREE | {"value": {"busd_per_gw_year": [10, 11, 12], "realised": "counted"}})
    rows = [campus(0, p_dropped=0.25), campus(1, p_dropped=0.6), campus(2, p_dropped=math.nan)]
    assert draw_values(pool_with(rows), terms).chance.mean(axis=1) == pytest.approx([0.75, 0.4, 0.0])
