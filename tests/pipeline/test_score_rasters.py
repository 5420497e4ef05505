"""Scores with and without gates."""

from __future__ import annotations

import numpy as np

from sitefinder.ml.learned import Learned
from sitefinder.pipeline.score_rasters import Scores

WEIGHTED = np.array([80.0, 40.0, 60.0], np.float32)
FREE = np.array([0, 0, 4], np.uint32)


def test_without_a_model_all_scores_are_the_weighted_one():
    """Gates hide cells of two of them, and of the third none."""
    scores = Scores.of(WEIGHTED, None, 0.7, FREE)
    for hidden in (scores.weighted, scores.fused):
        np.testing.assert_array_equal(hidden, np.array([80.0, 40.0, np.nan], np.float32))
    np.testing.assert_array_equal(scores.ungated, WEIGHTED)


def test_the_score_without_gates_is_fused_too():
    """On strange ground a lower learned score counts in full and a higher one not at all, with gates and without."""
    model = Learned(None, np.array([60.0, 90.0, 20.0], np.float32), np.zeros(3, np.float32))
    scores = Scores.of(WEIGHTED, model, 0.5, FREE)
    np.testing.assert_array_equal(scores.ungated, np.array([70.0, 40.0, 40.0], np.float32))
    np.testing.assert_array_equal(scores.fused, np.array([70.0, 40.0, np.nan], np.float32))
    np.testing.assert_array_equal(scores.weighted, np.array([80.0, 40.0, np.nan], np.float32))
