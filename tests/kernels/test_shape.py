"""Shape of campuses against shapely, scipy and brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import label

from sitefinder.kernels.shape import SQUARE, connected, distance_to_cells, largest_rectangle, outline_sides, polsby_popper


def country(number, shape=(9, 11), share=0.6):
    """Random free cells and amounts."""
    rng = np.random.default_rng(number)
    return rng.uniform(0, 250, shape), rng.random(shape) < share


def union(free):
    """The cells as one shapely geometry, a cell one unit wide."""
    rows, cols = np.nonzero(free)
    return shapely.union_all(shapely.box(cols, rows, cols + 1, rows + 1))


@given(number=st.integers(0, 500), share=st.floats(0.05, 1.0))
def test_outline_is_that_of_the_polygon(number, share):
    """Sides around cells, holes included, are the length of the polygon's boundary; rows do not wrap around."""
    free = country(number, share=share)[1]
    assert outline_sides(np.flatnonzero(free), free.shape[1]) == pytest.approx(union(free).length)


def test_compactness_of_known_shapes():
    """A disc has 1, a square pi/4, a strip of one by four pi/6.25."""
    assert polsby_popper(math.pi * 9, 2 * math.pi * 3) == pytest.approx(1.0)
    assert polsby_popper(4.0, 8.0) == pytest.approx(SQUARE)
    assert polsby_popper(4.0, 10.0) == pytest.approx(math.pi / 6.25)


@given(number=st.integers(0, 500), share=st.floats(0.05, 1.0))
def test_no_group_of_cells_is_more_compact_than_a_square(number, share):
    """The stated bound holds for any footprint of cells."""
    free = country(number, share=share)[1]
    cells = np.flatnonzero(free)
    if cells.size:
        assert polsby_popper(cells.size, outline_sides(cells, free.shape[1])) <= SQUARE + 1e-12


def every_rectangle(amount, free):
    """Content of the best rectangle by trying them all."""
    rows, cols = free.shape
    best = 0.0
    for top in range(rows):
        for bottom in range(top + 1, rows + 1):
            for left in range(cols):
                for right in range(left + 1, cols + 1):
                    if free[top:bottom, left:right].all():
                        best = max(best, amount[top:bottom, left:right].sum())
    return best


@given(number=st.integers(0, 1000), share=st.floats(0.2, 1.0), rows=st.integers(1, 7), cols=st.integers(1, 8))
def test_largest_rectangle_equals_brute_force(number, share, rows, cols):
    """The content is the best of all rectangles, and the bounds hold that content and free cells only."""
    amount, free = country(number, (rows, cols), share)
    content, (top, left, bottom, right) = largest_rectangle(amount, free)
    assert content == pytest.approx(every_rectangle(amount, free))
    assert free[top:bottom, left:right].all()
    assert amount[top:bottom, left:right].sum() == pytest.approx(content)


def test_largest_rectangle_by_cells_is_the_textbook_one():
    """With equal amounts it is the largest rectangle of ones: 2 x 3 in the usual example."""
    free = np.array([[1, 0, 1, 0, 0], [1, 0, 1, 1, 1], [1, 1, 1, 1, 1], [1, 0, 0, 1, 0]], bool)
    assert largest_rectangle(np.ones(free.shape), free) == (6.0, (1, 2, 3, 5))


def test_no_free_cell_holds_no_rectangle():
    """Nothing free: nothing, not an error."""
    assert largest_rectangle(np.ones((3, 3)), np.zeros((3, 3), bool))[0] == 0.0


@given(number=st.integers(0, 500), share=st.floats(0.2, 0.9), seed=st.integers(0, 98))
def test_connected_land_is_the_labelled_component(number, share, seed):
    """Per window the result is scipy's component around the start."""
    windows = np.stack([country(number + i, share=share)[1] for i in range(3)])
    start = np.zeros(windows.shape, bool)
    start.reshape(3, -1)[:, seed] = True
    found = connected(start, windows)
    for i in range(3):
        parts, _ = label(windows[i] | start[i])
        np.testing.assert_array_equal(found[i], parts == parts.reshape(-1)[seed])


def test_connected_follows_a_maze():
    """A snake through the whole window is followed to its end, past the counting of every second step."""
    free = np.zeros((1, 21, 21), bool)
    free[0, ::2] = True
    free[0, 1::4, -1] = True
    free[0, 3::4, 0] = True
    start = np.zeros(free.shape, bool)
    start[0, 0, 0] = True
    assert (connected(start, free) == free).all()


@given(number=st.integers(0, 500), half=st.floats(0.1, 3.0))
def test_distance_to_cells_is_that_to_the_boxes(number, half):
    """The same as shapely measures to the union of the boxes."""
    rng = np.random.default_rng(number)
    centre, points = rng.uniform(-10, 10, (6, 2)), rng.uniform(-20, 20, (30, 2))
    boxes = shapely.union_all(shapely.box(*(centre - half).T, *(centre + half).T))
    expected = shapely.distance(shapely.points(points), boxes)
    np.testing.assert_allclose(distance_to_cells(points[:, 0], points[:, 1], centre, half), expected, atol=1e-12)


def test_distance_without_a_cell_is_infinite():
    """No cell, no point: nothing is near."""
    assert distance_to_cells(np.zeros(2), np.zeros(2), np.empty((0, 2)), 1.0).tolist() == [np.inf, np.inf]
    assert distance_to_cells(np.empty(0), np.empty(0), np.zeros((1, 2)), 1.0).size == 0
