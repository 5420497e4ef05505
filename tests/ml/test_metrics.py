"""Measures of a score against scikit-learn, plain Python and cases that can be worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from sitefinder.ml import metrics

#: few distinct values, so that ties are common
TIED = st.lists(st.integers(0, 6).map(float), min_size=1, max_size=30).map(np.array)
LAND = np.arange(100, dtype=float)


@pytest.fixture
def rng():
    """A generator of its own for each test."""
    return np.random.default_rng(11)


@pytest.fixture(scope="module")
def oracle():
    """The metrics of scikit-learn."""
    return sklearn.metrics


def stacked(p, b, weight=None):
    """Labels, scores and weights as scikit-learn takes them."""
    weight = np.ones(len(p)) if weight is None else weight
    return np.r_[np.ones(len(p)), np.zeros(len(b))], np.r_[p, b], np.r_[weight, np.ones(len(b))]


# ---------------------------------------------------------------- auc


@given(p=TIED, b=TIED)
def test_auc_is_the_share_of_pairs_in_order(p, b):
    """Every presence against every background point, ties half."""
    pairs = np.sign(p[:, None] - b[None, :])
    assert metrics.auc(p, b) == pytest.approx(float((pairs + 1).mean() / 2))


@pytest.mark.parametrize("weighted", [False, True])
def test_auc_equals_scikit_learn(oracle, rng, weighted):
    """The same area, with ties, with and without weights."""
    p, b = rng.normal(1, 1, 300).round(1), rng.normal(0, 1, 900).round(1)
    weight = rng.uniform(0, 3, p.size) if weighted else None
    label, score, all_weights = stacked(p, b, weight)
    assert metrics.auc(p, b, weight=weight) == pytest.approx(oracle.roc_auc_score(label, score, sample_weight=all_weights))


@given(p=TIED, b=TIED)
def test_auc_reverses_with_the_score(p, b):
    """Turning the score round turns the area round, and a rising transformation leaves it."""
    assert metrics.auc(-p, -b) == pytest.approx(1 - metrics.auc(p, b))
    assert metrics.auc(np.exp(p), np.exp(b)) == pytest.approx(metrics.auc(p, b))


def test_auc_of_perfect_reversed_and_constant_scores():
    """1, 0 and a half."""
    low, high = np.zeros(5), np.ones(3)
    assert (metrics.auc(high, low), metrics.auc(low, high), metrics.auc(low, low)) == (1.0, 0.0, 0.5)


def test_auc_takes_excluded_land_as_the_lowest():
    """-inf is below every score and ties with itself."""
    assert metrics.auc(np.array([0.0, -np.inf]), np.array([-np.inf, -np.inf])) == 0.75


# ---------------------------------------------------------------- precision and recall


@pytest.mark.parametrize("weighted", [False, True])
def test_pr_auc_equals_scikit_learn(oracle, rng, weighted):
    """Average precision with ties, with and without weights; the baseline is the weighted prevalence."""
    p, b = rng.normal(1, 1, 200).round(1), rng.normal(0, 1, 1500).round(1)
    weight = rng.uniform(0, 3, p.size) if weighted else None
    label, score, all_weights = stacked(p, b, weight)
    area, baseline = metrics.pr_auc(p, b, weight=weight)
    assert area == pytest.approx(oracle.average_precision_score(label, score, sample_weight=all_weights))
    assert baseline == pytest.approx(np.average(label, weights=all_weights))


def test_pr_auc_of_perfect_and_constant_scores():
    """1 for a perfect score, the prevalence for one without information."""
    assert metrics.pr_auc(np.ones(2), np.zeros(6)) == (1.0, 0.25)
    assert metrics.pr_auc(np.ones(2), np.ones(6)) == (0.25, 0.25)


def test_pr_auc_of_highest_scores_without_weight():
    """Presences of weight 0 count for nothing, even where they alone are above a threshold."""
    assert metrics.pr_auc(np.array([9.0, 1.0]), np.zeros(3), weight=np.array([0.0, 1.0])) == (1.0, 0.25)


# ---------------------------------------------------------------- capture and percentile


def test_capture_counts_presences_above_the_limits():
    """Of a score that is the rank of land, a presence at 99.5 lies in the best 1 %, at 95.5 in the best 5 %, and so on."""
    p = np.array([99.5, 97.5, 92.5, 10.0])
    assert metrics.capture(p, LAND).tolist() == [0.25, 0.5, 0.75]


def test_capture_stops_at_the_limit():
    """A presence with exactly a tenth of land above it is not in the best tenth."""
    assert metrics.capture(np.array([89.5, 90.5]), LAND, shares=(0.1,)).tolist() == [0.5]


def test_capture_of_a_constant_score_is_that_of_chance():
    """Ties are in random order."""
    np.testing.assert_allclose(metrics.capture(np.zeros(7), np.zeros(1000)), [0.01, 0.05, 0.10])


def test_capture_weighs_presences():
    """A presence of weight 3 counts three times."""
    assert metrics.capture(np.array([99.5, 0.0]), LAND, shares=(0.05,), weight=np.array([3.0, 1.0])).tolist() == [0.75]


def test_capture_of_excluded_land_is_none():
    """Excluded land is the lowest: a presence on it is not among the best tenth while enough other land is left."""
    land = np.r_[np.full(60, -np.inf), np.arange(40)]
    assert metrics.capture(np.array([-np.inf, 39.5]), land, shares=(0.1,)).tolist() == [0.5]


@given(p=TIED, land=TIED)
def test_capture_is_monotone_and_complete(p, land):
    """More land holds more presences; no land holds none and all land all, up to a score above every land."""
    shares = np.linspace(0, 1, 11)
    caught = metrics.capture(p, np.sort(land), shares=shares)
    assert (np.diff(caught) >= -1e-12).all()
    assert caught[0] == 0.0
    assert caught[-1] == pytest.approx(np.mean(p >= land.min()))


@given(land=TIED)
def test_capture_of_the_land_itself_is_the_share(land):
    """Land is as good as land."""
    shares = (0.01, 0.3, 0.77)
    np.testing.assert_allclose(metrics.capture(land, np.sort(land), shares=shares), shares, atol=1e-12)


@given(p=TIED, land=TIED)
def test_percentile_counts_lower_land(p, land):
    """The share that is strictly lower."""
    np.testing.assert_allclose(metrics.percentile(p, np.sort(land)), (land[None, :] < p[:, None]).mean(axis=1))


@pytest.mark.parametrize("measure", [metrics.capture, metrics.percentile])
def test_land_must_be_sorted(measure):
    """Land in another order would give any number at all."""
    with pytest.raises(ValueError, match="must ascend"):
        measure(np.ones(2), np.array([2.0, 1.0]))


# ---------------------------------------------------------------- Boyce index


def plain_boyce(p, b, bins, width):
    """The continuous Boyce index word by word."""
    stats = scipy.stats
    low, high = min(*p, *b), max(*p, *b)
    span = width * (high - low)
    ratios, centres = [], []
    for n in range(bins):
        start = low + n * (high - low - span) / (bins - 1)
        end = start + span if n < bins - 1 else high
        predicted, expected = np.mean((p >= start) & (p <= end)), np.mean((b >= start) & (b <= end))
        if predicted or expected:
            ratios.append(round(predicted / expected, 10) if expected else math.inf)
            centres.append(start + span / 2)
    kept = [n for n in range(len(ratios)) if n == len(ratios) - 1 or ratios[n] != ratios[n + 1]]
    return stats.spearmanr([ratios[n] for n in kept], [centres[n] for n in kept]).statistic


@pytest.mark.parametrize(("shape", "count"), [((4, 2), 400), ((2, 2), 60), ((2, 5), 30)])
def test_boyce_equals_its_definition(rng, shape, count):
    """The same index as window by window in plain Python."""
    p, b = rng.beta(*shape, count), rng.uniform(0, 1, 2000)
    assert metrics.boyce(p, b, bins=51, width=0.15) == pytest.approx(plain_boyce(p, b, 51, 0.15))


def test_boyce_of_a_density_that_rises_or_falls(rng):
    """Presences whose density grows with the score earn nearly 1, the other way round nearly -1."""
    b, p = rng.uniform(0, 1, 20_000), np.sqrt(rng.uniform(0, 1, 5_000))
    assert metrics.boyce(p, b) > 0.97
    assert metrics.boyce(1 - p, b) < -0.97


def test_boyce_of_random_presences_is_near_zero_on_average(rng):
    """Chance may correlate either way; the mean of many draws is near none."""
    b = rng.uniform(0, 1, 2000)
    assert abs(np.mean([metrics.boyce(rng.uniform(0, 1, 200), b) for _ in range(60)])) < 0.2


def test_boyce_does_not_depend_on_unit(rng):
    """Scaling and shifting the score changes nothing."""
    p, b = rng.beta(3, 2, 150), rng.uniform(0, 1, 900)
    assert metrics.boyce(64 * p - 32, 64 * b - 32) == pytest.approx(metrics.boyce(p, b))


def test_boyce_sees_the_highest_score(rng):
    """The last window ends at the maximum, whatever rounding does: presences there alone are found."""
    b = rng.uniform(0.1, 0.7, 500)
    p = np.full(20, 0.7 + 1e-9)
    assert metrics.boyce(p, b, bins=11) > 0


def test_boyce_weights_equal_repeats(rng):
    """A presence of weight 2 is two presences."""
    p, b = rng.beta(3, 2, 80), rng.uniform(0, 1, 900)
    times = rng.integers(1, 4, p.size)
    assert metrics.boyce(p, b, weight=times / 7) == pytest.approx(metrics.boyce(np.repeat(p, times), b))


def test_boyce_undefined_is_nan():
    """A constant score, or no presences at all, have no index."""
    assert math.isnan(metrics.boyce(np.ones(4), np.ones(9)))
    assert math.isnan(metrics.boyce(np.array([]), LAND))
    assert math.isnan(metrics.boyce(LAND, LAND))


def test_boyce_refuses_excluded_land():
    """-inf has no place on the axis of scores."""
    with pytest.raises(ValueError, match="must be finite"):
        metrics.boyce(np.ones(2), np.array([-np.inf, 1.0]))


# ---------------------------------------------------------------- probabilities


@pytest.mark.parametrize("weighted", [False, True])
def test_brier_equals_scikit_learn(oracle, rng, weighted):
    """The same squared error, with and without weights."""
    probability, outcome = rng.uniform(0, 1, 300), rng.integers(0, 2, 300)
    weight = rng.uniform(0, 2, 300) if weighted else None
    expected = oracle.brier_score_loss(outcome, probability, sample_weight=weight)
    assert metrics.brier(probability, outcome, weight=weight) == pytest.approx(expected)


def test_brier_of_certain_and_undecided_predictions():
    """Right is 0, wrong is 1, a half is a quarter."""
    outcome = np.array([True, False])
    assert [metrics.brier(np.array(p), outcome) for p in ([1, 0], [0, 1], [0.5, 0.5])] == [0.0, 1.0, 0.25]


def test_reliability_of_a_calibrated_probability(rng):
    """Ten bins of a tenth of the points each, all near the diagonal."""
    probability = rng.uniform(0, 1, 20_000)
    rows, error = metrics.reliability(probability, rng.uniform(0, 1, probability.size) < probability)
    assert [count for *_, count in rows] == [2000] * 10
    assert error < 0.02
    assert max(abs(mean - seen) for mean, seen, _ in rows) < 0.05


def test_reliability_by_hand():
    """Two bins of two points: 0.2 predicted and none seen, 0.7 predicted and all seen."""
    rows, error = metrics.reliability(np.array([0.1, 0.8, 0.3, 0.6]), np.array([0, 1, 0, 1]), bins=2)
    np.testing.assert_allclose(rows, [(0.2, 0.0, 2), (0.7, 1.0, 2)])
    assert error == pytest.approx(0.5 * 0.2 + 0.5 * 0.3)


def test_reliability_keeps_equal_probabilities_together():
    """A constant prediction is one bin, however many are asked for."""
    rows, error = metrics.reliability(np.full(8, 0.25), np.array([1, 1, 1, 1, 0, 0, 0, 0]))
    assert rows == [(0.25, 0.5, 8)]
    assert error == 0.25


def test_reliability_weighs_means_and_error():
    """Points of weight 3 count three times in both."""
    probability, outcome = np.array([0.1, 0.1, 0.9]), np.array([1, 0, 1])
    rows, error = metrics.reliability(probability, outcome, bins=2, weight=np.array([1.0, 3.0, 4.0]))
    np.testing.assert_allclose(rows, [(0.1, 0.25, 2), (0.9, 1.0, 1)])
    assert error == pytest.approx(0.5 * 0.15 + 0.5 * 0.1)


def test_bins_weigh_the_same(rng):
    """Rare heavy points get bins of their own: each of ten holds a tenth of the weight, and they ascend."""
    probability, weight = rng.uniform(0, 1, 5000), np.where(np.arange(5000) < 200, 24.0, 1.0)
    member = metrics.bins_of(probability, 10, weight)
    np.testing.assert_allclose(np.bincount(member, weight) / weight.sum(), 0.1, atol=0.01)
    assert (np.diff(member[np.argsort(probability)]) >= 0).all()


@pytest.mark.parametrize(("probability", "outcome"), [([0.1, 1.2], [0, 1]), ([0.1, 0.2], [0, 2]), ([0.1], [0, 1])])
def test_probabilities_and_outcomes_must_fit(probability, outcome):
    """A score that is no probability has no calibration."""
    with pytest.raises(ValueError, match="Invalid probability or outcome"):
        metrics.reliability(np.array(probability), np.array(outcome))


# ---------------------------------------------------------------- bootstrap


def test_bootstrap_interval_covers_a_known_mean_as_often_as_it_says(rng):
    """Points of a block are alike: nine of ten intervals at 90 % hold the true mean, give or take chance."""
    covered = 0
    for _ in range(100):
        values = np.repeat(rng.normal(5, 1, 40), 5)
        low, high = metrics.block_bootstrap(lambda i, v=values: v[i].mean(), np.repeat(np.arange(40), 5), rng, draws=100)
        covered += low <= 5 <= high
    assert 0.78 < covered / 100 < 0.98


def test_bootstrap_of_blocks_is_wider_than_of_points(rng):
    """Points that repeat their block bring no new evidence."""
    values = np.repeat(rng.normal(0, 1, 20), 25)
    wide = np.diff(metrics.block_bootstrap(lambda i: values[i].mean(), np.repeat(np.arange(20), 25), rng))
    narrow = np.diff(metrics.block_bootstrap(lambda i: values[i].mean(), np.arange(500), rng))
    assert wide > 2.5 * narrow


def test_bootstrap_draws_whole_blocks(rng):
    """Every draw holds each block never or entirely, and as many blocks as there are."""
    groups = np.array(list("abacbcca"))
    sizes = {g: int((groups == g).sum()) for g in "abc"}

    def check(index):
        times = {g: np.bincount(index, minlength=groups.size)[groups == g] for g in sizes}
        assert all(len(set(t)) == 1 for t in times.values())
        assert sum(int(t[0]) for t in times.values()) == 3
        return 0.0

    assert metrics.block_bootstrap(check, groups, rng, draws=30) == (0.0, 0.0)


def test_bootstrap_ignores_draws_without_a_value(rng):
    """A statistic that is sometimes undefined still has an interval; one that always is has none."""
    groups = np.arange(4)
    low, high = metrics.block_bootstrap(lambda i: 1.0 if 0 in i else math.nan, groups, rng)
    assert (low, high) == (1.0, 1.0)
    assert all(map(math.isnan, metrics.block_bootstrap(lambda i: math.nan, groups, rng)))


def test_bootstrap_interval_leaves_out_the_same_share_on_both_sides(rng):
    """Of results 0..100, 90 % lie between 5 and 95 and half between 25 and 75."""
    for level, expected in ((0.9, (5, 95)), (0.5, (25, 75))):
        results = iter(rng.permutation(101))
        interval = metrics.block_bootstrap(lambda i, r=results: next(r), np.arange(9), rng, draws=101, level=level)
        assert interval == pytest.approx(expected)


def test_bootstrap_of_one_block_is_undefined(rng):
    """A single block says nothing about the spread between blocks."""
    assert all(map(math.isnan, metrics.block_bootstrap(lambda i: 1.0, np.zeros(9), rng)))


def test_bootstrap_repeats_with_its_seed():
    """The generator is the only source of chance."""
    values = np.arange(30.0)
    runs = [metrics.block_bootstrap(lambda i: values[i].mean(), np.arange(30) // 3, np.random.default_rng(4)) for _ in range(2)]
    assert runs[0] == runs[1]


# ---------------------------------------------------------------- what all share


@pytest.mark.parametrize(
    "measure",
    [
        lambda none, some: metrics.auc(none, some),
        lambda none, some: metrics.auc(some, none),
        lambda none, some: metrics.pr_auc(none, some)[0],
        lambda none, some: metrics.capture(none, some)[0],
        lambda none, some: metrics.capture(some, none)[0],
        lambda none, some: metrics.percentile(some, none)[0],
        lambda none, some: metrics.boyce(some, none),
        lambda none, some: metrics.brier(none, none),
        lambda none, some: metrics.reliability(none, none)[1],
    ],
)
def test_nothing_to_measure_is_nan(measure):
    """A fold without presences has no value, rather than a wrong one."""
    assert math.isnan(measure(np.array([]), np.array([0.1, 0.7])))


@pytest.mark.parametrize("measure", [metrics.auc, metrics.pr_auc, metrics.capture, metrics.percentile, metrics.boyce])
def test_unknown_scores_are_refused(measure):
    """NaN is neither high nor low."""
    with pytest.raises(ValueError, match=r"Invalid p: shape \(2,\), 1 NaN"):
        measure(np.array([1.0, np.nan]), LAND)


@pytest.mark.parametrize("weight", [[1.0], [1.0, -1.0], [1.0, np.nan]])
def test_weights_must_fit(weight):
    """One finite weight per presence, none negative."""
    with pytest.raises(ValueError, match="Give 2 finite weights"):
        metrics.auc(np.ones(2), LAND, weight=np.array(weight))
