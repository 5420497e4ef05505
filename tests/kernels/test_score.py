"""The weighted sum against double precision and pymcdm."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.kernels import score as kernel
from sitefinder.kernels.score import BLOCK, TOP, UNKNOWN, weighted_sum

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
    """Scores by the kernel, into memory full of rubbish."""
    score = np.full(arguments[0].shape[1], -999.0, np.float32)
    summed(*arguments, score)
    return score


def reference(values, weights, blocked):
    """Scores in double precision."""
    share = np.where(values == UNKNOWN, 0.0, values / TOP)
    return np.where(blocked == 0, 100.0 * weights @ share, np.nan)


def test_weighted_sum_equals_double_precision():
    """Single precision costs less than 0.0001 of 100 points."""
    values, weights, incomplete, blocked = matrix(1)
    np.testing.assert_allclose(
        scored(weighted_sum, values, weights, incomplete, blocked), reference(values, weights, blocked), atol=1e-4
    )


def test_weighted_sum_equals_pymcdm():
    """On a benefit matrix that is already scaled to 0..1 the score is the weighted sum of pymcdm."""
    from pymcdm.methods import WSM

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
