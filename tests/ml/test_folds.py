"""Folds, ranges and thinning against brute force and simulated fields."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from sitefinder.ml import folds

SIDE_M = 2_000_000.0


@pytest.fixture
def rng():
    """A generator of its own for each test."""
    return np.random.default_rng(5)


def scatter(rng, count, side_m=SIDE_M):
    """Points in a square about the origin."""
    return rng.uniform(-side_m / 2, side_m / 2, (2, count))


def field(rng, xy, range_m, columns):
    """Gaussian fields with a spherical covariance of known range, (n, columns)."""
    h = np.minimum(cdist(xy.T, xy.T) / range_m, 1.0)
    covariance = 1.0 - 1.5 * h + 0.5 * h**3
    root = np.linalg.cholesky(covariance + 1e-8 * np.eye(xy.shape[1]))
    return root @ rng.normal(size=(xy.shape[1], columns))


# ---------------------------------------------------------------- random folds


@given(n=st.integers(0, 200), k=st.integers(1, 12), seed=st.integers(0, 99))
def test_random_folds_are_balanced(n, k, seed):
    """Sizes differ by one at most."""
    sizes = np.bincount(folds.random_folds(n, k, np.random.default_rng(seed)), minlength=k)
    assert sizes.size == k
    assert sizes.sum() == n
    assert sizes.max() - sizes.min() <= 1


def test_random_folds_depend_on_the_seed_alone():
    """The same seed gives the same folds, another seed others."""
    first, again, other = (folds.random_folds(100, 5, np.random.default_rng(s)) for s in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


# ---------------------------------------------------------------- blocks


def test_block_ids_are_squares():
    """Points share an id exactly if both coordinates share a step of the size, also below zero."""
    x, y = np.array([0.0, 9.9, 10.0, -0.1, 5.0]), np.array([0.0, 9.9, 0.0, 0.0, -5.0])
    ids = folds.block_ids(x, y, 10.0)
    assert ids[0] == ids[1]
    assert len(set(ids[1:].tolist())) == 4


def test_block_ids_do_not_depend_on_the_other_points(rng):
    """A part of the points has the ids it has among all."""
    x, y = scatter(rng, 300)
    part = np.arange(0, 300, 7)
    assert (folds.block_ids(x, y, 1e5)[part] == folds.block_ids(x[part], y[part], 1e5)).all()


def test_block_ids_are_distinct_for_distinct_blocks(rng):
    """As many ids as pairs of column and row, even for blocks of a metre."""
    x, y = scatter(rng, 2000, side_m=60.0)
    pairs = np.unique(np.floor(np.column_stack([x, y])), axis=0)
    assert np.unique(folds.block_ids(x, y, 1.0)).size == len(pairs)


def clustered(rng):
    """Presences in clusters among evenly spread background."""
    centres = scatter(rng, 25)
    near = centres[:, rng.integers(25, size=303)] + rng.normal(0, 2e4, (2, 303))
    x, y = np.column_stack([near, scatter(rng, 2000)])
    return x, y, np.arange(2303) < 303


def test_block_folds_keep_blocks_whole(rng):
    """No block has points in two folds."""
    x, y, is_presence = clustered(rng)
    fold = folds.block_folds(x, y, 1e5, k=5, rng=rng, is_presence=is_presence)
    pairs = set(zip(folds.block_ids(x, y, 1e5).tolist(), fold.tolist(), strict=True))
    assert len(pairs) == len({block for block, _ in pairs})


def test_block_folds_balance_presences_and_points(rng):
    """Presences differ by no more than the richest block, background is even within a tenth."""
    x, y, is_presence = clustered(rng)
    fold = folds.block_folds(x, y, 1e5, k=5, rng=rng, is_presence=is_presence)
    richest = np.unique(folds.block_ids(x[is_presence], y[is_presence], 1e5), return_counts=True)[1].max()
    presences, points = np.bincount(fold[is_presence], minlength=5), np.bincount(fold, minlength=5)
    assert np.ptp(presences) <= richest
    assert np.ptp(presences) <= 3
    assert np.ptp(points) < 0.1 * points.mean()


def test_block_folds_depend_on_the_seed_alone(rng):
    """The same seed gives the same folds, another seed others."""
    x, y, is_presence = clustered(rng)
    first, again, other = (
        folds.block_folds(x, y, 1e5, k=5, rng=np.random.default_rng(s), is_presence=is_presence) for s in (1, 1, 2)
    )
    assert (first == again).all()
    assert (first != other).any()


def test_block_folds_with_fewer_blocks_than_folds(rng):
    """One block is one fold."""
    fold = folds.block_folds(np.ones(9), np.ones(9), 10.0, k=4, rng=rng, is_presence=np.ones(9, bool))
    assert np.unique(fold).size == 1


# ---------------------------------------------------------------- autocorrelation


@pytest.mark.parametrize("range_m", [150_000.0, 350_000.0])
def test_range_of_a_simulated_field_is_found(rng, range_m):
    """The pooled range lies within a factor of two of the true one, whatever the unit of the columns."""
    xy = scatter(rng, 500)
    values = field(rng, xy, range_m, 5) * [1, 1e-3, 1e6, 40, 7] + [0, 5, 1e7, -3, 0]
    each, pooled = folds.autocorrelation_range_m(*xy, values, rng)
    assert each.shape == (5,)
    assert range_m / 2 < pooled < range_m * 2
    assert pooled == np.median(each)


@pytest.mark.parametrize(("model", "risen"), [(folds.spherical_semivariogram, 1.0), (folds.exponential_semivariogram, 0.95)])
def test_variogram_models_have_risen_at_their_range(model, risen):
    """The nugget at distance 0, then up to the level, or 95 % of the way, at the range; never down."""
    gamma = model(np.linspace(0, 3, 31), 0.2, 2.0, 1.0)
    assert gamma[0] == pytest.approx(0.2)
    assert gamma[10] == pytest.approx(0.2 + 2.0 * risen, abs=0.01)
    assert (np.diff(gamma) >= 0).all()


def test_range_of_a_noisy_field_is_found(rng):
    """A nugget as large as the structure does not hide the range."""
    xy = scatter(rng, 500)
    values = field(rng, xy, 250_000.0, 5) + rng.normal(size=(500, 5))
    assert 125_000 < folds.autocorrelation_range_m(*xy, values, rng)[1] < 500_000


def test_range_of_a_trend_is_the_greatest_distance(rng):
    """A column that still rises at the greatest distance has at least that range."""
    xy = scatter(rng, 400)
    assert folds.autocorrelation_range_m(*xy, xy[:1].T, rng, max_m=300_000)[1] == pytest.approx(300_000, rel=0.01)


def test_noise_has_no_range(rng):
    """Of independent values, even skewed ones, at most one column in ten passes for structured."""
    xy = scatter(rng, 300)
    values = np.column_stack([rng.normal(size=(300, 10)), rng.exponential(size=(300, 10))])
    assert np.isnan(folds.autocorrelation_range_m(*xy, values, rng)[0]).sum() >= 18


def test_range_passes_over_what_cannot_be_told(rng):
    """A constant and an unknown column are NaN; a column with gaps has nearly the range it has without."""
    xy = scatter(rng, 500)
    good = field(rng, xy, 250_000.0, 1)[:, 0]
    gaps = np.where(rng.uniform(size=500) < 0.15, np.nan, good)
    each, pooled = folds.autocorrelation_range_m(*xy, np.column_stack([good, gaps, np.ones(500), np.full(500, np.nan)]), rng)
    assert np.isnan(each).tolist() == [False, False, True, True]
    assert each[1] == pytest.approx(each[0], rel=0.4)
    assert pooled == np.median(each[:2])


def test_range_without_fit_is_nan(rng, monkeypatch):
    """A fit that does not converge leaves NaN and no error."""

    def give_up(*args, **kwargs):
        raise RuntimeError("Optimal parameters not found")

    monkeypatch.setattr(folds, "curve_fit", give_up)
    xy = scatter(rng, 100)
    each, pooled = folds.autocorrelation_range_m(*xy, rng.normal(size=(100, 1)), rng)
    assert np.isnan(each).all()
    assert np.isnan(pooled)


@pytest.mark.parametrize("count", [0, 1, 5])
def test_range_of_a_few_points_is_nan(rng, count):
    """Too few pairs tell nothing."""
    assert np.isnan(folds.autocorrelation_range_m(*scatter(rng, count), rng.normal(size=(count, 2)), rng)[1])


def test_range_uses_a_sample_of_many_points(rng, monkeypatch):
    """Above the limit points are drawn with the generator: the same seed repeats the same ranges."""
    monkeypatch.setattr(folds, "MAX_VARIOGRAM_POINTS", 150)
    xy = scatter(rng, 300)
    values = field(rng, xy, 300_000.0, 2)
    first, again, other = (folds.autocorrelation_range_m(*xy, values, np.random.default_rng(s))[0] for s in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_range_refuses_values_of_other_points(rng):
    """One row of values per point."""
    with pytest.raises(ValueError, match="for 20 points"):
        folds.autocorrelation_range_m(*scatter(rng, 20), np.ones((19, 2)), rng)


# ---------------------------------------------------------------- buffers and groups


def test_buffer_leaves_points_beyond_the_radius(rng):
    """The same points as by measuring each, and not the one on the circle itself."""
    x, y = scatter(rng, 500)
    x[0], y[0] = 30_000.0, 40_000.0
    mask = folds.buffered_train_mask(x, y, (0.0, 0.0), 50_000.0)
    assert mask.tolist() == [(a * a + b * b) ** 0.5 > 50_000 for a, b in zip(x.tolist(), y.tolist(), strict=True)]
    assert not mask[0]


def test_group_folds_hold_out_each_group_once():
    """Every point of a group, and each point once."""
    groups = np.array(["TX", "VA", "TX", "OH"])
    held = folds.group_folds(groups)
    assert [name for name, _ in held] == ["OH", "TX", "VA"]
    assert (np.sum([mask for _, mask in held], axis=0) == 1).all()
    assert dict(held)["TX"].tolist() == [True, False, True, False]


def test_group_folds_skip_groups_without_presences():
    """Nothing can be found where nothing is; the background of a tested group is held out too."""
    held = folds.group_folds(np.array(["TX", "VA", "TX", "OH"]), np.array([True, False, False, True]))
    assert [(name, mask.tolist()) for name, mask in held] == [
        ("OH", [False, False, False, True]),
        ("TX", [True, False, True, False]),
    ]


def test_group_folds_pass_over_points_of_no_group():
    """None, NaN and an empty name are no group."""
    held = folds.group_folds(np.array(["TX", None, float("nan"), ""], object))
    assert [(name, mask.tolist()) for name, mask in held] == [("TX", [True, False, False, False])]


# ---------------------------------------------------------------- thinning


def plain_thin(x, y, distance_m, order):
    """Keep a point unless a kept one is nearer than the distance."""
    kept = []
    for i in order:
        if all(np.hypot(x[i] - x[j], y[i] - y[j]) >= distance_m for j in kept):
            kept.append(int(i))
    return kept


@given(
    points=st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=40),
    distance=st.sampled_from([0.5, 1.0, 2.0, 5.0]),
    seed=st.integers(0, 99),
)
def test_thin_equals_brute_force(points, distance, seed):
    """On a lattice, where many points are exactly the distance apart or on one another."""
    x, y = np.array(points, float).reshape(-1, 2).T
    order = np.random.default_rng(seed).permutation(len(points))
    assert folds.thin(x, y, distance, order).tolist() == plain_thin(x, y, distance, order)


def test_thin_leaves_no_close_pair_and_no_gap(rng):
    """Kept points are apart, and every other point is near a kept one."""
    x, y = scatter(rng, 1500)
    kept = folds.thin(x, y, 60_000.0, np.arange(1500))
    xy = np.column_stack([x, y])
    between = cdist(xy[kept], xy[kept]) + 1e9 * np.eye(kept.size)
    assert between.min() >= 60_000
    assert cdist(xy, xy[kept]).min(axis=1).max() < 60_000
    assert 0 in kept


def test_thin_considers_only_the_points_of_the_order():
    """Points that are not named neither stay nor push others out."""
    x = np.array([0.0, 1.0, 2.0, 9.0])
    assert folds.thin(x, np.zeros(4), 1.5, np.array([2, 0])).tolist() == [2, 0]


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    "call",
    [
        lambda x, y, rng: folds.block_ids(x, y, 10.0),
        lambda x, y, rng: folds.thin(x, y, 10.0, np.arange(2)),
        lambda x, y, rng: folds.buffered_train_mask(x, y, (0.0, 0.0), 1.0),
        lambda x, y, rng: folds.autocorrelation_range_m(x, y, np.ones((2, 1)), rng),
    ],
)
def test_unknown_places_are_refused(rng, call):
    """A point without coordinates belongs to no block."""
    with pytest.raises(ValueError, match="1 points are not finite"):
        call(np.array([0.0, np.nan]), np.zeros(2), rng)


@pytest.mark.parametrize(
    "call",
    [
        lambda rng: folds.random_folds(5, 0, rng),
        lambda rng: folds.block_ids(np.ones(2), np.ones(2), 0.0),
        lambda rng: folds.block_folds(np.ones(2), np.ones(2), 1.0, k=0, rng=rng, is_presence=np.ones(2, bool)),
        lambda rng: folds.autocorrelation_range_m(np.ones(2), np.ones(2), np.ones((2, 1)), rng, max_m=-1.0),
    ],
)
def test_sizes_must_be_positive(rng, call):
    """No folds, no side and no distance make no sense."""
    with pytest.raises(ValueError, match="must be above 0"):
        call(rng)
