"""Scores of estimated dates: CRPS, coverage, PIT, rank correlation, and what simple rules reach."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.power.skill import (
    LATEST,
    PIT_BINS,
    Truth,
    constant,
    coverage,
    crps,
    kaplan_meier,
    mean_crps,
    pit_counts,
    rank_correlation,
)


def truth(*months, open_from=()):
    """Realised months, and those of campuses whose date had not come by then."""
    values = np.array([*months, *open_from], np.float64)
    return Truth(values, np.arange(len(values)) < len(months))


def integral(draws, months, *, came, step=0.01):
    """The score by summing (share of the draws up to x - whether the date has come by x) squared."""
    x = np.arange(0.0, LATEST, step) + step / 2
    share = (np.minimum(draws, LATEST)[None, :] <= x[:, None]).mean(axis=1)
    if not came:
        return float((share[x < months] ** 2).sum() * step)
    return float(((share - (x >= months)) ** 2).sum() * step)


@pytest.mark.parametrize("came", [True, False], ids=["realised", "not yet"])
@pytest.mark.parametrize("months", [2.0, 17.5, 40.0, 120.0])
def test_the_score_is_the_integral_that_defines_it(months, came):
    """For a date within, before and after the draws, some of which never come."""
    draws = np.array([9.0, 12.0, 12.0, 17.5, 31.0, 44.0, np.inf])
    assert crps(draws, months, came=came) == pytest.approx(integral(draws, months, came=came), abs=0.03)


def test_a_certain_estimate_is_off_by_its_distance():
    """The score is in months: 7 too early or too late is 7, on the point nothing."""
    assert [crps(np.full(5, 20.0), m) for m in (13.0, 20.0, 27.0)] == pytest.approx([7, 0, 7])


def test_a_bound_loses_only_what_was_expected_before_it():
    """Draws after the last look are as good as any other; half of them 10 months before it cost a quarter of 10."""
    assert crps(np.array([30.0, 90.0]), 24.0, came=False) == 0
    assert crps(np.array([14.0, 90.0]), 24.0, came=False) == pytest.approx(2.5)
    assert crps(np.array([14.0, np.inf]), 24.0, came=False) == pytest.approx(2.5)


def test_the_mean_leaves_out_what_is_unknown():
    """A campus without date or bound counts for nothing."""
    found = Truth(np.array([10.0, np.nan, 30.0]), np.array([True, False, False]))
    draws = np.array([[14.0], [0.0], [25.0]])
    assert mean_crps(draws, found) == pytest.approx((4 + 5) / 2)


def test_coverage_counts_realised_dates_by_side():
    """P10 is 10 and P90 is 90 of a hundred draws; the ends belong to the range; bounds do not count."""
    draws = np.tile(np.arange(1.0, 101.0), (6, 1))
    assert coverage(draws, truth(9.0, 10.0, 50.0, 90.0, 91.0, open_from=(99.0,))) == (1, 3, 1)


def test_the_histogram_is_flat_where_ranges_are_right():
    """Dates at every fifth of the draws, one each; all before the draws lie in the first bin, none of the bounds anywhere."""
    draws = np.tile(np.arange(1.0, 101.0), (PIT_BINS + 1, 1))
    assert pit_counts(draws, truth(10.0, 30.0, 50.0, 70.0, 90.0, open_from=(50.0,))).tolist() == [1] * PIT_BINS
    assert pit_counts(draws[:3], truth(0.0, 0.5, 1.0)).tolist() == [3, 0, 0, 0, 0]


def test_the_rank_correlation_takes_medians_and_realised_dates():
    """1 in order, -1 against it, unknown for two; "never" is later than all others."""
    draws = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 90.0], [7.0, np.inf, np.inf], [0.0, 0.0, 0.0]])
    assert rank_correlation(draws, truth(10.0, 20.0, 30.0, open_from=(50.0,))) == pytest.approx(1)
    assert rank_correlation(draws[:3], truth(30.0, 20.0, 10.0)) == pytest.approx(-1)
    assert np.isnan(rank_correlation(draws[:2], truth(1.0, 2.0)))
    assert np.isnan(rank_correlation(np.full((3, 2), 7.0), truth(1.0, 2.0, 3.0)))


def test_the_constant_is_what_the_others_took():
    """A campus is not judged by its own date; one without a date is by all that have one."""
    rows = constant(truth(10.0, 20.0, 90.0, open_from=(50.0,)))
    assert rows.shape == (4, 2)
    assert [(r.min() >= low, r.max() <= high) for r, low, high in zip(rows, (20, 10, 10, 10), (90, 90, 20, 90), strict=True)] == [
        (True, True)
    ] * 4
    assert 90.0 not in rows[2]


#: weeks of remission of 21 patients, the classic example of the estimate (Freireich et al. 1963): those that ended, and bounds
REMISSION = (6, 6, 6, 7, 10, 13, 16, 22, 23)
CENSORED = (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)
#: share of the patients still in remission after each week in which one ended, by hand: 18/21, x 16/17, x 14/15, x 11/12, ...
SURVIVAL = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}


def test_the_product_limit_estimate_is_that_of_the_textbook():
    """Its draws hold as many dates up to each week as have ended; what lies beyond the last counts as the last."""
    found = truth(999.0, *REMISSION, open_from=CENSORED)  # the first campus is judged by the 21 others
    draws = kaplan_meier(found, ["x"] * 22, draws=2000)[0]
    for week, share in SURVIVAL.items():
        if week < max(REMISSION):
            assert (draws > week).mean() == pytest.approx(share, abs=6e-4)
    assert draws.max() == max(REMISSION)


def test_a_group_of_three_speaks_for_itself_and_a_smaller_one_takes_all():
    """The campus itself never counts among them."""
    found = truth(5.0, 10.0, 12.0, 14.0, 40.0, 50.0)
    rows = kaplan_meier(found, ["a", "a", "a", "a", "b", None])
    assert set(rows[0]) == {10.0, 12.0, 14.0}
    assert set(rows[4]) == {5.0, 10.0, 12.0, 14.0, 50.0}
