"""Growing a campus: contiguous, inside its reach, best cell first."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import label

from sitefinder.kernels.components import grow

SHAPE = (17, 21)
seeds = st.tuples(st.integers(0, SHAPE[0] - 1), st.integers(0, SHAPE[1] - 1))


def country(number, excluded=0.3):
    """Scores with holes and acres of a random country."""
    rng = np.random.default_rng(number)
    score = rng.uniform(0, 100, SHAPE).astype(np.float32)
    score[rng.random(SHAPE) < excluded] = np.nan
    return score, rng.uniform(0, 250, SHAPE).astype(np.float32)


def plain_grow(seed, score, acres, growth):
    """The same rule in plain Python: a set of edge cells, the best of them next."""
    target, reach, drift = growth
    height, width = score.shape
    chosen, amount = [], 0.0
    edge, seen = {seed: math.inf}, {seed}
    while edge and amount < target:
        row, col = cell = max(edge, key=edge.get)
        del edge[cell]
        chosen.append(row * width + col)
        amount += float(acres[cell])
        for r, c in ((row + 1, col), (row - 1, col), (row, col + 1), (row, col - 1)):
            near = abs(r - seed[0]) <= reach and abs(c - seed[1]) <= reach
            if not (0 <= r < height and 0 <= c < width and near) or (r, c) in seen:
                continue
            seen.add((r, c))
            if not math.isnan(score[r, c]):
                edge[r, c] = float(score[r, c]) - drift * math.hypot(r - seed[0], c - seed[1])
    return chosen, amount


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
