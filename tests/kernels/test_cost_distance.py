"""Least-cost distance: equal to Dijkstra's method, over free cells only, the same whatever the order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from sitefinder.kernels.cost_distance import TILE, spread
from sitefinder.kernels.paths import SOURCE, STEPS, UNREACHED, follow

numbers = st.integers(0, 10_000)


def country(number, shape, blocked=0.25):
    """Frictions from 0.1 to 100 with holes, and some sources."""
    rng = np.random.default_rng(number)
    friction = (10 ** rng.uniform(-1, 2, shape)).astype(np.float32)
    friction[rng.random(shape) < blocked] = np.inf
    return friction, rng.integers(0, friction.size, rng.integers(1, 5))


def by_dijkstra(friction, sources):
    """The same question put to scipy: a graph of all steps between free cells."""
    rows, cols = friction.shape
    cell = np.arange(rows * cols).reshape(rows, cols)
    start, end, weight = [], [], []
    for dr, dc in STEPS:
        here = np.s_[max(0, -dr) : rows - max(0, dr), max(0, -dc) : cols - max(0, dc)]
        there = np.s_[max(0, dr) : rows - max(0, -dr), max(0, dc) : cols - max(0, -dc)]
        cost = (friction[here].astype(float) + friction[there]) / 2 * np.hypot(dr, dc)
        free = np.isfinite(cost)
        start.append(cell[here][free])
        end.append(cell[there][free])
        weight.append(cost[free])
    graph = csr_matrix((np.concatenate(weight), (np.concatenate(start), np.concatenate(end))), shape=(cell.size,) * 2)
    sources = [s for s in sources if np.isfinite(friction.reshape(-1)[s])]
    if not sources:
        return np.full(friction.shape, np.inf)
    return dijkstra(graph, indices=sources, min_only=True).reshape(friction.shape)


@given(number=numbers, rows=st.integers(1, 14), cols=st.integers(1, 14))
def test_costs_are_those_of_dijkstra(number, rows, cols):
    """Every cell of random small countries, reached or not."""
    friction, sources = country(number, (rows, cols))
    np.testing.assert_allclose(spread(friction, sources).cost, by_dijkstra(friction, sources), rtol=1e-12)


def test_costs_are_those_of_dijkstra_over_many_tiles():
    """Ways that wind through several tiles, back and forth."""
    friction, sources = country(3, (2 * TILE + 9, 3 * TILE + 5), blocked=0.35)
    np.testing.assert_allclose(spread(friction, sources).cost, by_dijkstra(friction, sources), rtol=1e-12)


def test_a_way_through_a_maze_is_found():
    """A single corridor that turns at every wall, longer than any straight sweep."""
    friction = np.ones((101, 101), np.float32)
    friction[1::2] = np.inf
    friction[1::4, -1] = 1
    friction[3::4, 0] = 1
    made = spread(friction, np.array([0]))
    assert np.isfinite(made.cost[-1, -1])
    np.testing.assert_allclose(made.cost, by_dijkstra(friction, [0]), rtol=1e-12)


@given(number=numbers)
def test_cost_is_the_sum_over_the_cells_of_the_way(number):
    """Following the directions adds up to the cost, over free neighbours only, and ends at a source."""
    friction, sources = country(number, (13, 11))
    made = spread(friction, sources)
    path, offset = follow(made.direction, np.arange(friction.size))
    for cell in range(friction.size):
        way = path[offset[cell] : offset[cell + 1]]
        cost = made.cost.reshape(-1)[cell]
        assert (way.size > 0) == np.isfinite(cost)
        if way.size:
            row, col = np.divmod(way, 11)
            ground = friction.reshape(-1)[way].astype(float)
            step = np.hypot(np.diff(row), np.diff(col))
            assert way[0] == cell
            assert way[-1] in sources
            assert np.isfinite(ground).all()
            assert (step < 1.5).all()
            assert (step * (ground[1:] + ground[:-1]) / 2).sum() == pytest.approx(cost, rel=1e-12)


@given(number=numbers)
def test_there_and_back_cost_the_same(number):
    """The way from a to b is as dear as that from b to a."""
    friction, _ = country(number, (9, 9))
    free = np.flatnonzero(np.isfinite(friction))
    a, b = free[0], free[-1]
    there, back = (spread(friction, np.array([s])).cost.reshape(-1) for s in (a, b))
    np.testing.assert_allclose(there[b], back[a], rtol=1e-12)


def test_even_ground_costs_the_octile_distance():
    """Straight steps cost 1, diagonal ones the square root of two."""
    cost = spread(np.ones((80, 90), np.float32), np.array([0])).cost
    row, col = np.mgrid[0:80, 0:90]
    octile = np.maximum(row, col) - np.minimum(row, col) + np.minimum(row, col) * np.sqrt(2)
    np.testing.assert_allclose(cost, octile, rtol=1e-12)


def test_equal_ways_fall_to_the_lower_code():
    """On even ground many ways are equally good; the direction is still the first in the list, everywhere."""
    made = spread(np.ones((3, 5), np.float32), np.array([2]))
    assert made.direction.tolist() == [[4, 4, SOURCE, 3, 3], [2, 2, 1, 0, 0], [2, 1, 1, 0, 0]]


def test_what_no_way_reaches_stays_so():
    """An island behind impassable cells, and a source on one, which is left out."""
    friction = np.ones((3, 5), np.float32)
    friction[:, 2] = np.nan
    made = spread(friction, np.array([0, 7]))
    assert np.isinf(made.cost[:, 2:]).all()
    assert (made.direction[:, 2:] == UNREACHED).all()
    assert (made.direction == SOURCE).sum() == 1


def test_no_source_reaches_nothing():
    """An empty class of targets is no error."""
    made = spread(np.ones((4, 4), np.float32), np.array([], np.int64))
    assert np.isinf(made.cost).all()
    assert (made.direction == UNREACHED).all()


@pytest.mark.parametrize("bad", [0.0, -1.0])
def test_friction_has_to_be_above_zero(bad):
    """Free ground would make ways that go round in circles."""
    friction = np.ones((3, 3), np.float32)
    friction[1, 1] = bad
    with pytest.raises(ValueError, match="above 0"):
        spread(friction, np.array([0]))
