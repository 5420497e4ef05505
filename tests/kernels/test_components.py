"""Growing a campus: contiguous, inside its reach, best cell first."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import label

from sitefinder.kernels.components import grow
from tests.helpers.plain_grow import plain_grow

SHAPE = (17, 21)
seeds = st.tuples(st.integers(0, SHAPE[0] - 1), st.integers(0, SHAPE[1] - 1))


def country(number, excluded=0.3):
    """Scores with holes and acres of a random country."""
    rng = np.random.default_rng(number)
    score = rng.uniform(0, 100, SHAPE).astype(np.float32)
    score[rng.random(SHAPE) < excluded] = np.nan
    return score, rng.uniform(0, 250, SHAPE).astype(np.float32)


@given(number=st.integers(0, 1000), seed=seeds, target=st.floats(1, 5000), reach=st.integers(0, 8), drift=st.floats(0, 20))
def test_equals_plain_python(number, seed, target, reach, drift):
    """The kernel takes the same cells in the same order as the plain rule."""
    score, acres = country(number)
    cells, amount = grow(seed, score, acres, target, reach, drift)
    expected, expected_amount = plain_grow(seed, score, acres, (target, reach, drift))
    assert cells.tolist() == expected
    assert amount == pytest.approx(expected_amount)


@given(number=st.integers(0, 1000), seed=seeds, target=st.floats(1, 5000))
def test_campus_is_connected(number, seed, target):
    """Every cell touches the rest by an edge, not by a corner."""
    score, acres = country(number)
    cells, _ = grow(seed, score, acres, target, 6, 1.0)
    mask = np.zeros(SHAPE, bool)
    mask.reshape(-1)[cells] = True
    assert label(mask)[1] == 1
    assert mask.sum() == cells.size


@given(number=st.integers(0, 1000), seed=seeds, reach=st.integers(0, 5))
def test_campus_stays_within_reach_and_off_excluded_land(number, seed, reach):
    """No cell is farther than the reach, none but the seed is excluded."""
    score, acres = country(number)
    cells, _ = grow(seed, score, acres, 1e9, reach, 1.0)
    rows, cols = np.divmod(cells, SHAPE[1])
    assert np.abs(rows - seed[0]).max() <= reach
    assert np.abs(cols - seed[1]).max() <= reach
    assert not np.isnan(score.reshape(-1)[cells[1:]]).any()
    assert cells[0] == seed[0] * SHAPE[1] + seed[1]


@given(number=st.integers(0, 1000), seed=seeds, target=st.floats(1, 2000))
def test_growth_stops_with_the_cell_that_reaches_the_target(number, seed, target):
    """A campus that suffices would not suffice without its last cell."""
    score, acres = country(number, excluded=0.0)
    cells, amount = grow(seed, score, acres, target, 10, 1.0)
    assert amount >= target
    assert amount - acres.reshape(-1)[cells[-1]] < target


def test_shortfall_is_reported():
    """An island of free land gives all it has and says how little that is."""
    score = np.full((5, 5), np.nan, np.float32)
    score[2, 2:4] = 50
    cells, amount = grow((2, 2), score, np.full((5, 5), 40, np.float32), 1000.0, 5, 1.0)
    assert cells.tolist() == [12, 13]
    assert amount == 80.0


def test_excluded_seed_still_begins_its_campus():
    """A user's own site on excluded land gets its cell, and what is free around it."""
    score = np.full((3, 3), 50, np.float32)
    score[1, 1] = np.nan
    cells, amount = grow((1, 1), score, np.full((3, 3), 10, np.float32), 25.0, 1, 1.0)
    assert cells[0] == 4
    assert amount == 30.0


def test_drift_keeps_a_campus_compact():
    """With drift the slightly better far cells are left; without it they are taken."""
    score = np.tile(np.linspace(50, 60, 41, dtype=np.float32), (41, 1))
    acres = np.full((41, 41), 10, np.float32)

    def spread(drift):
        cells, _ = grow((20, 20), score, acres, 250.0, 20, drift)
        return np.abs(cells % 41 - 20).max()

    assert spread(5.0) <= 4
    assert spread(0.0) >= 15


def test_campus_at_the_corner_does_not_wrap_around():
    """Growth stops at the frame: the last column is no neighbour of the next row's first."""
    score = np.full((4, 4), 50, np.float32)
    cells, _ = grow((0, 3), score, np.ones((4, 4), np.float32), 3.0, 1, 10.0)
    assert set(cells.tolist()) == {3, 2, 7}


def outline(cells, width):
    """Cell sides around a campus."""
    inside = set(cells.tolist())
    return sum(n not in inside for c in inside for n in (c - 1, c + 1, c - width, c + width))


def test_level_land_gives_almost_the_shortest_outline():
    """Where all land is equal the outline is within two sides of the least that n cells can have, 2 x ceil(2 x sqrt(n))."""
    score, acres = np.full((41, 41), 50, np.float32), np.ones((41, 41), np.float32)
    for n in range(1, 120):
        cells, _ = grow((20, 20), score, acres, float(n), 20, 1.0)
        assert cells.size == n
        assert outline(cells, 41) <= 2 * math.ceil(2 * math.sqrt(n)) + 2


def test_outline_counts_against_a_slightly_better_cell():
    """A notch is filled before a cell that is better by less than the outline it saves, and not before one that is far better."""
    score = np.full((5, 7), 50, np.float32)
    score[2, 5] = 50.9
    acres = np.ones((5, 7), np.float32)
    score[2, 3:5] = 60
    score[1, 3] = 60
    slightly, _ = grow((2, 3), score, acres, 4.0, 3, 1.0)
    assert set(slightly.tolist()) == {17, 18, 10, 11}
    score[2, 5] = 55
    clearly, _ = grow((2, 3), score, acres, 4.0, 3, 1.0)
    assert set(clearly.tolist()) == {17, 18, 10, 19}
