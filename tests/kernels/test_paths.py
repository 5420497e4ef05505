"""Following directions to their sources."""

from __future__ import annotations

import numpy as np

from sitefinder.kernels.paths import SOURCE, STEPS, UNREACHED, follow


def test_codes_k_and_seven_less_k_are_opposite():
    """A step forth and its opposite cancel."""
    np.testing.assert_array_equal(STEPS, -STEPS[::-1])


def test_ways_are_given_one_after_the_other():
    """A way of three cells, one of a single cell, none, and the first once more."""
    direction = np.array([[4, 4, SOURCE], [UNREACHED, UNREACHED, UNREACHED]], np.int8)
    path, offset = follow(direction, np.array([0, 2, 3, 0]))
    assert path.tolist() == [0, 1, 2, 2, 0, 1, 2]
    assert offset.tolist() == [0, 3, 4, 4, 7]


def test_no_cells_have_no_ways():
    """An empty list of sites."""
    path, offset = follow(np.full((2, 2), SOURCE, np.int8), np.array([], np.int64))
    assert path.size == 0
    assert offset.tolist() == [0]
