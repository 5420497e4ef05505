"""The compiled weighted sum, against the plain one to the bit."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.kernels.rescore import BLOCK, fused_sum
from sitefinder.kernels.score import TOP, UNKNOWN, weighted_sum


def country(size, criteria=9):
    """Steps of which a tenth is unknown in every second criterion, and a learned score with its ground."""
    rng = np.random.default_rng(size)
    values = rng.integers(0, TOP + 1, (criteria, size)).astype(np.uint16)
    unknown = (rng.random(values.shape) < 0.1) & (np.arange(criteria) % 2 == 0)[:, None]
    values[unknown] = UNKNOWN
    return values, rng.uniform(0, 100, size).astype(np.float32), rng.random(size).astype(np.float32)


def plain(values, weights, learned, applies, share):
    """Weighted sum as a run computes it, and the learned score mixed in as it does."""
    score = np.empty(values.shape[1], np.float32)
    incomplete = (values == UNKNOWN).any(axis=1)
    weighted_sum(values, weights, incomplete, np.zeros(score.size, np.uint32), score)
    a = np.float32(share) * np.where(learned < score, np.float32(1.0), applies)
    return (np.float32(1.0) - a) * score + a * learned if share else score


@pytest.mark.parametrize("size", [1, 7, BLOCK - 1, BLOCK, 3 * BLOCK + 5])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 1.0])
def test_bits_are_those_of_a_run(size, share):
    """Whatever the number of cells and the share; a criterion of weight zero adds nothing."""
    values, learned, applies = country(size)
    weights = np.random.default_rng(1).random(9)
    weights[3] = 0.0
    weights /= weights.sum()
    score = np.full(size, np.nan, np.float32)
    fused_sum(values, weights, learned, applies, share, score)
    assert score.tobytes() == plain(values, weights, learned, applies, share).tobytes()


def test_nothing_to_sum_gives_nothing():
    """No cell: no error."""
    values, learned, applies = country(1)
    score = np.empty(0, np.float32)
    fused_sum(values[:, :0], np.ones(9) / 9, learned[:0], applies[:0], 0.7, score)
    assert score.size == 0
