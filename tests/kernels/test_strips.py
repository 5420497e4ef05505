"""Strips along lines, against the lengths that shapely cuts."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from sitefinder.kernels.strips import add_strips

SHAPE = (6, 8)
# a grid of sixteenths has ends on borders and corners of cells, and outside the grid
coordinate = st.integers(-32, 160).map(lambda n: n / 16)
segment = st.tuples(coordinate, coordinate, coordinate, coordinate)


def shares(segments, width=0.1):
    """Share of each cell."""
    out = np.zeros(SHAPE, np.float32)
    add_strips(np.array(segments, np.float64).reshape(-1, 4), np.full(len(segments), width), out)
    return out


@given(segments=st.lists(segment, min_size=1, max_size=4))
def test_every_cell_gets_the_length_of_the_lines_within_it(segments):
    """Length x width per cell; a line along a border counts once, on one side of it or the other."""
    lines = [shapely.LineString([s[:2], s[2:]]) for s in segments]
    inside = [s for s, line in zip(segments, lines, strict=True) if s[0] != s[2] and s[1] != s[3] and line.length > 0]
    expected = np.zeros(SHAPE)
    for row in range(SHAPE[0]):
        for col in range(SHAPE[1]):
            cell = shapely.box(col, row, col + 1, row + 1)
            expected[row, col] = sum(shapely.LineString([s[:2], s[2:]]).intersection(cell).length for s in inside)
    assert shares(inside or [(0, 0, 0, 0)]) == pytest.approx(0.1 * expected, abs=1e-5)


def test_a_line_along_a_border_is_counted_once():
    """Half a unit along the border of two cells is half a unit in all."""
    assert shares([(1.0, 2.0, 1.5, 2.0)]).sum() == pytest.approx(0.05)
    assert shares([(3.0, 1.25, 3.0, 0.25)]).sum() == pytest.approx(0.1)


def test_a_point_takes_nothing():
    """A segment without length has no area."""
    assert shares([(1.5, 1.5, 1.5, 1.5)]).sum() == 0
