"""Methods of combining values, against pymcdm and against what they must do."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kendalltau

from sitefinder.certainty.methods import (
    PRODUCT_FLOOR,
    agreement,
    kendall_tau,
    owa,
    ranks,
    side_by_side,
    topsis,
    weighted_product,
    weighted_sum,
)


@pytest.fixture(scope="module")
def case():
    """Values of 40 sites on 9 criteria and weights."""
    r = np.random.default_rng(5)
    return 0.05 + 0.95 * r.random((40, 9)), r.dirichlet(np.ones(9))


def keep(x, cost=False):
    """The normalisation of values that are on one scale already."""
    return x


def test_weighted_sum_matches_pymcdm(case):
    """Same numbers as its WSM without normalisation."""
    from pymcdm.methods import WSM

    values, weights = case
    np.testing.assert_allclose(weighted_sum(values, weights), WSM(keep)(values, weights, np.ones(9)), rtol=1e-12)


def test_weighted_product_matches_pymcdm(case):
    """Same numbers as its WPM without normalisation."""
    from pymcdm.methods import WPM

    values, weights = case
    np.testing.assert_allclose(weighted_product(values, weights), WPM(keep)(values, weights, np.ones(9)), rtol=1e-12)


def test_topsis_matches_pymcdm_with_absolute_ideals(case):
    """Two more sites, one at 1 and one at 0 everywhere, make its ideals absolute."""
    from pymcdm.methods import TOPSIS

    values, weights = case
    anchored = np.vstack([values, np.ones(9), np.zeros(9)])
    oracle = TOPSIS(keep)(anchored, weights, np.ones(9))[:-2]
    np.testing.assert_allclose(topsis(values, weights), oracle, rtol=1e-12)


def test_topsis_order_does_not_depend_on_other_sites(case):
    """Absolute ideals: no rank reversal when a site leaves the list."""
    values, weights = case
    np.testing.assert_array_equal(topsis(values, weights)[5:], topsis(values[5:], weights))


def test_owa_at_one_half_is_the_weighted_sum(case):
    """A neutral attitude."""
    np.testing.assert_allclose(owa(*case, 0.5), weighted_sum(*case), rtol=1e-12)


def test_owa_rises_with_the_attitude_from_the_weakest_to_the_strongest_side(case):
    """Near 0 the worst value, near 1 the best."""
    values, weights = case
    scores = np.stack([owa(values, weights, a) for a in (0.001, 0.3, 0.5, 0.7, 0.9995)])
    assert (np.diff(scores, axis=0) >= -1e-12).all()
    np.testing.assert_allclose(scores[0], values.min(axis=1), atol=0.02)
    np.testing.assert_allclose(scores[-1], values.max(axis=1), atol=0.02)


@pytest.mark.parametrize("attitude", [0.0, 1.0, -1.0])
def test_impossible_attitude_is_refused(case, attitude):
    """Only what lies between."""
    with pytest.raises(ValueError, match="attitude"):
        owa(*case, attitude)


@pytest.mark.parametrize("name", ["weighted_sum", "weighted_product", "topsis", "owa_cautious", "owa_bold"])
def test_every_method_puts_the_ideal_first_and_its_opposite_last(name):
    """1 everywhere is worth 1, 0 everywhere next to nothing."""
    values = np.vstack([np.zeros(3), np.ones(3), np.full(3, 0.5)])
    score = side_by_side(values, np.array([0.5, 0.3, 0.2]))[name]
    assert score[1] == pytest.approx(1.0)
    assert score[0] <= PRODUCT_FLOOR + 1e-12
    assert score[0] < score[2] < score[1]


def test_product_punishes_a_weak_side_more_than_the_sum():
    """Two sites of equal sum: the balanced one wins under the product."""
    values, weights = np.array([[0.5, 0.5], [0.9, 0.1]]), np.array([0.5, 0.5])
    assert weighted_sum(values, weights)[0] == pytest.approx(weighted_sum(values, weights)[1])
    assert weighted_product(values, weights)[0] > weighted_product(values, weights)[1]


def test_ranks_of_equal_scores_follow_the_list():
    """Ties are broken by position."""
    assert ranks(np.array([1.0, 2.0, 1.0])).tolist() == [2, 1, 3]


def test_agreement_of_equal_and_reversed_rankings():
    """1 with itself, -1 with its reverse, overlap by counting."""
    up = np.arange(10.0)
    found = agreement({"a": up, "b": up * 2, "c": -up}, top=3)
    np.testing.assert_allclose(found.kendall, [[1, 1, -1], [1, 1, -1], [-1, -1, 1]])
    np.testing.assert_allclose(found.overlap, [[1, 1, 0], [1, 1, 0], [0, 0, 1]])


def test_sites_liked_by_all_are_in_every_head():
    """And the consensus is the best mean rank."""
    found = agreement({"a": np.array([9.0, 8, 7, 1]), "b": np.array([1.0, 8, 9, 7])}, top=2)
    assert found.liked_by_all.tolist() == [1]
    assert found.consensus.tolist() == [1, 2]


def test_list_shorter_than_the_head_is_compared_whole():
    """Three sites, fifty places."""
    assert agreement({"a": np.arange(3.0), "b": np.arange(3.0)}).top == 3


@pytest.mark.parametrize("size", [1, 2, 7, 160])
def test_kendall_matches_scipy(size):
    """Of rankings without ties, to the last digits but one."""
    source = np.random.default_rng(size)
    one, other = source.permutation(size), source.permutation(size)
    expected = kendalltau(one, other).statistic if size > 1 else 1.0
    assert kendall_tau(one, other) == pytest.approx(expected, abs=1e-12)
