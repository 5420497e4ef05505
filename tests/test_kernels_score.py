"""Value functions and weighted sum of the compiled kernels, against NumPy, double precision and pymcdm."""

from __future__ import annotations

import numpy as np
import pytest
from pymcdm.methods import WSM

from sitefinder import criteria
from sitefinder.config import Criterion, Logistic, Ramp
from sitefinder.kernels import score as kernel
from sitefinder.kernels.score import BLOCK, TOP, UNKNOWN, interpolate, logistic, weighted_sum, weighted_sum_numpy

N_CRITERIA, N_LAND = 9, 3 * BLOCK + 517


def matrix(seed=0):
    """Steps, weights, flags of incomplete rows and exclusion bits of a random country."""
    rng = np.random.default_rng(seed)
    values = rng.integers(0, TOP + 1, (N_CRITERIA, N_LAND)).astype(np.uint16)
    incomplete = np.arange(N_CRITERIA) % 3 == 0
    unknown = rng.random((N_CRITERIA, N_LAND)) < 0.2
    values[unknown & incomplete[:, None]] = UNKNOWN
    weights = rng.dirichlet(np.ones(N_CRITERIA))
    blocked = np.where(rng.random(N_LAND) < 0.3, rng.integers(1, 2**32, N_LAND, dtype=np.uint64), 0).astype(np.uint32)
    return values, weights, incomplete, blocked


def scored(summed, *arguments):
    """Scores by one of the two kernels, into memory full of rubbish."""
    score = np.full(arguments[0].shape[1], -999.0, np.float32)
    summed(*arguments, score)
    return score


def reference(values, weights, blocked):
    """Scores in double precision."""
    share = np.where(values == UNKNOWN, 0.0, values / TOP)
    return np.where(blocked == 0, 100.0 * weights @ share, np.nan)


def test_weighted_sum_equals_numpy():
    """The compiled sum and the plain one agree to single precision."""
    arguments = matrix()
    np.testing.assert_allclose(scored(weighted_sum, *arguments), scored(weighted_sum_numpy, *arguments), rtol=1e-6, atol=2e-5)


@pytest.mark.parametrize("summed", [weighted_sum, weighted_sum_numpy])
def test_weighted_sum_equals_double_precision(summed):
    """Single precision costs less than 0.0001 of 100 points."""
    values, weights, incomplete, blocked = matrix(1)
    np.testing.assert_allclose(
        scored(summed, values, weights, incomplete, blocked), reference(values, weights, blocked), atol=1e-4
    )


def test_weighted_sum_equals_pymcdm():
    """On a benefit matrix that is already scaled to 0..1 the score is the weighted sum of pymcdm."""
    values, weights, _, _ = matrix(2)
    values = np.where(values == UNKNOWN, 0, values)[:, :400].astype(np.uint16)
    free = np.zeros(values.shape[1], np.uint32)
    score = scored(weighted_sum, values, weights, np.zeros(N_CRITERIA, bool), free)
    method = WSM(normalization_function=lambda column, cost=False: column)
    expected = method(values.T / TOP, weights, np.ones(N_CRITERIA))
    np.testing.assert_allclose(score, 100.0 * expected, atol=1e-4)


def test_unknown_earns_nothing():
    """A cell that is best in everything known loses exactly the weight of what is unknown."""
    values = np.full((3, 5), TOP, np.uint16)
    values[1, 2] = UNKNOWN
    weights = np.array([0.5, 0.3, 0.2])
    score = scored(weighted_sum, values, weights, np.array([False, True, False]), np.zeros(5, np.uint32))
    np.testing.assert_allclose(score, [100, 100, 70, 100, 100], atol=1e-4)


def test_blocked_cells_are_not_a_number():
    """Any exclusion bit, also the highest, takes the score away; other cells keep theirs."""
    values, blocked = np.full((1, 4), TOP, np.uint16), np.array([0, 1, 2**31, 0], np.uint32)
    score = scored(weighted_sum, values, np.array([1.0]), np.array([False]), blocked)
    assert np.isnan(score).tolist() == [False, True, True, False]
    np.testing.assert_allclose(score[[0, 3]], 100.0, atol=1e-4)


def test_criterion_of_weight_zero_changes_nothing():
    """A row without weight may hold anything, even unknown steps that are not declared."""
    values, weights, incomplete, blocked = matrix(3)
    weights[4] = 0.0
    other = values.copy()
    other[4] = UNKNOWN
    before = scored(weighted_sum, values, weights, incomplete, blocked)
    np.testing.assert_array_equal(before, scored(weighted_sum, other, weights, incomplete, blocked))


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_result_does_not_depend_on_the_number_of_threads(monkeypatch, threads):
    """One thread and several give the same bits, wherever the ranges begin."""
    arguments = matrix(4)
    monkeypatch.setattr(kernel.os, "cpu_count", lambda: 1)
    one = scored(weighted_sum, *arguments)
    monkeypatch.setattr(kernel.os, "cpu_count", lambda: threads)
    assert scored(weighted_sum, *arguments).tobytes() == one.tobytes()


def test_more_threads_than_cells_leave_no_cell_out(monkeypatch):
    """Empty ranges do no harm."""
    monkeypatch.setattr(kernel.os, "cpu_count", lambda: 8)
    values = np.full((1, 3), TOP, np.uint16)
    score = scored(weighted_sum, values, np.array([1.0]), np.array([False]), np.zeros(3, np.uint32))
    np.testing.assert_allclose(score, 100.0, atol=1e-4)


@pytest.mark.parametrize("size", [1, BLOCK - 1, BLOCK, BLOCK + 1])
def test_every_cell_is_written_at_block_borders(size):
    """No cell is left out where the number of cells does not fill the last block."""
    values = np.full((2, size), TOP // 2, np.uint16)
    score = scored(weighted_sum, values, np.array([0.25, 0.75]), np.array([False, False]), np.zeros(size, np.uint32))
    np.testing.assert_allclose(score, 50.0, atol=1e-3)


@pytest.mark.parametrize(
    "criterion",
    [
        Criterion(weight=1, unit="km", ramp=Ramp(best=2, worst=40)),
        Criterion(weight=1, unit="km", ramp=Ramp(best=40, worst=2)),
        Criterion(weight=1, unit="km", trapezoid=[1, 10, 20, 45]),
        Criterion(weight=1, unit="km", table=[(0, 1), (8, 0.8), (16, 0.55), (40, 0)]),
        Criterion(weight=1, unit="km", logistic=Logistic(midpoint=20, ninety=5)),
        Criterion(weight=1, unit="km", logistic=Logistic(midpoint=20, ninety=35)),
    ],
    ids=["ramp down", "ramp up", "trapezoid", "table", "logistic down", "logistic up"],
)
def test_steps_lie_within_one_step_of_the_value_function(criterion):
    """The 16-bit steps round the value function of double precision, and mark unknown as unknown."""
    x = np.append(np.linspace(-20, 70, 2000), [np.nan, np.inf, -np.inf, 0, 8, 16, 40]).astype(np.float32)
    steps = np.zeros(x.size, np.uint16)
    criteria.write_values(criterion, x, steps)
    with np.errstate(over="ignore"):
        value = criteria.value(criterion, x)
    known = ~np.isnan(x)
    assert (steps[~known] == UNKNOWN).all()
    assert (steps[known] <= TOP).all()
    assert np.abs(steps[known] / TOP - value[known]).max() <= 1.0 / TOP


def test_interpolate_is_flat_beyond_its_ends():
    """Below the first and above the last breakpoint the end values hold."""
    out = np.zeros(4, np.uint16)
    interpolate(np.array([-1e9, 0, 10, 1e9], np.float32), np.array([0.0, 10.0]), np.array([0.25, 0.75]), out)
    np.testing.assert_allclose(out / TOP, [0.25, 0.25, 0.75, 0.75], atol=1 / TOP)


def test_logistic_of_extreme_numbers_stays_in_range():
    """Far from the midpoint the exponential overflows; the value is then 0 or 1."""
    out = np.zeros(2, np.uint16)
    logistic(np.array([-1e30, 1e30], np.float32), 0.0, 1.0, out)
    assert out.tolist() == [0, TOP]
