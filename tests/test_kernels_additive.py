"""Look-up tables added cell by cell."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.kernels.additive import add_table

TABLE = np.array([1.0, 3.0, 2.0, 10.0], np.float32)


def added(x, *, log=False, low=0.0, step=2.0, table=TABLE, start=0.0):
    """What the kernel makes of values."""
    out = np.full(len(x), start, np.float32)
    add_table(np.array(x, np.float32), log, low, step, table, out)
    return out


def test_entries_are_hit_exactly():
    """At the abscissae the table itself is added."""
    np.testing.assert_array_equal(added([0.0, 2.0, 4.0, 6.0]), TABLE)


def test_between_entries_it_is_a_straight_line():
    """Halfway and a quarter of the way."""
    np.testing.assert_allclose(added([1.0, 2.5, 5.0]), [2.0, 2.75, 6.0])


def test_ends_are_constant():
    """Below the first and above the last abscissa nothing changes any more."""
    np.testing.assert_array_equal(added([-1e6, -0.1, 6.1, 1e9, np.inf, -np.inf]), [1.0, 1.0, 10.0, 10.0, 10.0, 1.0])


def test_unknown_adds_nothing():
    """NaN leaves the sum as it was."""
    np.testing.assert_array_equal(added([np.nan, 0.0], start=7.0), [7.0, 8.0])


def test_it_adds_to_what_is_there():
    """Two features add up."""
    out = np.full(1, 5.0, np.float32)
    for _ in range(2):
        add_table(np.array([2.0], np.float32), False, 0.0, 2.0, TABLE, out)
    assert out[0] == 11.0


def test_logarithm_is_of_one_plus_x():
    """With the logarithm, e - 1 is looked up at 1, and negative values at 0."""
    x = [np.e - 1.0, 0.0, -4.0]
    np.testing.assert_allclose(added(x, log=True, step=1.0), [3.0, 1.0, 1.0], rtol=1e-6)


def test_first_abscissa_shifts_the_table():
    """A table that starts at -4 is looked up from there."""
    np.testing.assert_array_equal(added([-4.0, -2.0], low=-4.0), [1.0, 3.0])


def test_no_cells_is_no_fault():
    """An empty chunk stays empty."""
    assert added([]).size == 0


@pytest.mark.parametrize("log", [False, True])
def test_agrees_with_interpolation_of_numpy(log):
    """Random values and a random table of 2048 entries."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-10.0, 80.0, 5000).astype(np.float32)
    table = rng.normal(size=2048).cumsum().astype(np.float32)
    low, high = (0.2, 3.9) if log else (-2.0, 70.0)
    t = np.log1p(np.maximum(x, 0)) if log else x
    expected = np.interp(t, np.linspace(low, high, 2048), table)
    found = added(x, log=log, low=low, step=(high - low) / 2047, table=table)
    np.testing.assert_allclose(found, expected, atol=2e-2 if log else 1e-2)
