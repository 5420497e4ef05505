"""Piecewise-linear functions added cell by cell."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.kernels.additive import add_ramps, ramps

KNOTS = np.array([0.0, 2.0, 4.0, 6.0], np.float32)
HEIGHTS = np.array([1.0, 3.0, 2.0, 10.0], np.float32)


def added(t, *, knots=KNOTS, heights=HEIGHTS, start=0.0):
    """What the kernel makes of values."""
    out = np.full(len(t), start, np.float32)
    add_ramps(np.array(t, np.float32), ramps(knots, heights), out)
    return out


def test_knots_are_hit_exactly():
    """At the knots the heights themselves are added."""
    np.testing.assert_array_equal(added(KNOTS), HEIGHTS)


def test_between_knots_it_is_a_straight_line():
    """Halfway and a quarter of the way."""
    np.testing.assert_allclose(added([1.0, 2.5, 5.0]), [2.0, 2.75, 6.0])


def test_ends_are_constant():
    """Below the first and above the last knot nothing changes any more."""
    np.testing.assert_array_equal(added([-1e6, -0.1, 6.1, 1e9, np.inf, -np.inf]), [1.0, 1.0, 10.0, 10.0, 10.0, 1.0])


def test_unknown_adds_nothing():
    """NaN leaves the sum as it was."""
    np.testing.assert_array_equal(added([np.nan, 0.0], start=7.0), [7.0, 8.0])


def test_it_adds_to_what_is_there():
    """Two features add up."""
    np.testing.assert_array_equal(added([2.0], start=added([2.0])[0]), [6.0])


def test_no_cells_is_no_fault():
    """An empty chunk stays empty."""
    assert added([]).size == 0


@pytest.mark.parametrize("least", [0.001, 1.0])
def test_agrees_with_interpolation_of_numpy(least):
    """Random values and random knots, some of them close together, to the rounding of the numbers themselves."""
    rng = np.random.default_rng(0)
    knots = np.cumsum(rng.uniform(least, 3.0, 7)).astype(np.float32)
    heights = rng.normal(size=7).astype(np.float32)
    t = rng.uniform(-2.0, 25.0, 5000).astype(np.float32)
    expected = np.interp(t, knots, heights)
    np.testing.assert_allclose(added(t, knots=knots, heights=heights), expected, atol=5e-6)
