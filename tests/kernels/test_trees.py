"""Trees of depth two added cell by cell."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.kernels.trees import add_trees

SPLIT = np.array([[0, 1, 2]], np.int32)
AT = np.array([[5.0, 10.0, 20.0]], np.float32)
LEAF = np.array([[1.0, 2.0, 4.0, 8.0]], np.float32)
SHARE = np.array([[0.25, 0.5, 0.75]], np.float32)


def added(cells, *, tree=(SPLIT, AT, LEAF, SHARE), unknown=None, start=0.0):
    """What the kernel makes of layer values, one row per layer."""
    cells = np.array(cells, np.float32)
    out = np.full(cells.shape[1], start, np.float32)
    unknown = np.isnan(cells).any(axis=1) if unknown is None else np.array(unknown)
    add_trees(cells, tree[0], tree[1:], unknown=unknown, out=out)
    return out


def test_each_end_is_reached():
    """Left and left, left and right, right and left, right and right."""
    cells = [[0, 0, 9, 9], [0, 99, 0, 0], [0, 0, 0, 99]]
    np.testing.assert_array_equal(added(cells), [1.0, 2.0, 4.0, 8.0])


def test_a_value_at_the_threshold_goes_left():
    """Up to and including; the next number above goes right."""
    above = np.nextafter(np.float32(5.0), np.float32(9.0))
    np.testing.assert_array_equal(added([[5.0, above], [10.0, 0.0], [0.0, 20.0]]), [1.0, 4.0])


def test_unknown_goes_both_ways_by_share():
    """A quarter of what the left gives, three quarters of what the right gives."""
    np.testing.assert_allclose(added([[np.nan], [0.0], [99.0]]), [0.25 * 1.0 + 0.75 * 8.0])


def test_nothing_known_is_the_mean_of_the_land():
    """All ends by the shares of the land that reach them."""
    expected = 0.25 * (0.5 * 1.0 + 0.5 * 2.0) + 0.75 * (0.75 * 4.0 + 0.25 * 8.0)
    np.testing.assert_allclose(added([[np.nan]] * 3), [expected])


def test_it_adds_to_what_is_there():
    """The sum so far stays."""
    np.testing.assert_array_equal(added([[0.0], [0.0], [0.0]], start=7.0), [8.0])


def test_no_cells_is_no_fault():
    """An empty chunk stays empty."""
    assert added(np.empty((3, 0))).size == 0


@pytest.mark.parametrize("unknown", [False, True])
def test_both_ways_of_the_kernel_agree_where_all_is_known(unknown):
    """Random trees over known cells: whether a layer may have gaps changes nothing but the rounding."""
    rng = np.random.default_rng(0)
    tree = (
        rng.integers(0, 6, (50, 3)).astype(np.int32),
        rng.normal(size=(50, 3)).astype(np.float32),
        rng.normal(size=(50, 4)).astype(np.float32),
        rng.uniform(size=(50, 3)).astype(np.float32),
    )
    cells = rng.normal(size=(6, 3000)).astype(np.float32)
    expected = np.zeros(3000)
    for (a, b, c), (p, q, r), v in zip(*tree[:3], strict=True):
        low, high = np.where(cells[b] <= q, v[0], v[1]), np.where(cells[c] <= r, v[2], v[3])
        expected += np.where(cells[a] <= p, low, high)
    np.testing.assert_allclose(added(cells, tree=tree, unknown=[unknown] * 6), expected, atol=2e-5)
