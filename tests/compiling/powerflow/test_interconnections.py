"""Where the interconnections are parted: the planted ties of made-up networks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitefinder.compiling.powerflow.interconnections import minimum_cut, separate
from sitefinder.compiling.powerflow.topology import Network


def network(n, branches) -> Network:
    """A network of 345 kV lines between numbered buses."""
    start, end = (np.array([b[i] for b in branches], dtype=int) for i in (0, 1))
    return Network(
        np.full(n, 345),
        np.zeros((n, 2)),
        np.full(n, -1),
        start,
        end,
        np.ones(start.size),
        np.zeros(start.size, bool),
    )


def at(n, buses):
    """Mask of some buses."""
    mask = np.zeros(n, bool)
    mask[list(buses)] = True
    return mask


def meshed(first, n, seed):
    """A ring of n buses with chords: every cut through it has three branches or more."""
    rng = np.random.default_rng(seed)
    ring = [(first + k, first + (k + 1) % n) for k in range(n)]
    return ring + ring + [(first + int(a), first + int(b)) for a, b in rng.integers(0, n, (2 * n, 2)) if a != b]


def test_planted_tie_is_found():
    """Two triangles joined by one branch are parted there, although neither end of it is marked."""
    net = network(6, [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3), (2, 3)])
    parts = separate(net, {"West": at(6, [0]), "East": at(6, [5])})
    assert parts.names == ("West", "East")
    assert parts.of_bus.tolist() == [0, 0, 0, 1, 1, 1]
    assert np.flatnonzero(parts.cut).tolist() == [6]


@given(seed=st.integers(0, 10_000), ties=st.integers(1, 2))
def test_planted_ties_between_random_meshes_are_found(seed, ties):
    """Of two meshes joined by one or two branches exactly those are cut, wherever the marked buses lie."""
    rng = np.random.default_rng(seed)
    planted = [(int(rng.integers(0, 12)), int(rng.integers(12, 24))) for _ in range(ties)]
    net = network(24, [*planted, *meshed(0, 12, seed), *meshed(12, 12, seed + 1)])
    deep = {"West": at(24, rng.integers(0, 12, 2)), "East": at(24, rng.integers(12, 24, 2))}
    parts = separate(net, deep)
    assert np.flatnonzero(parts.cut).tolist() == list(range(ties))
    assert parts.of_bus.tolist() == [0] * 12 + [1] * 12


def test_nothing_is_cut_between_parts_that_are_apart():
    """Two networks that never touch are told apart without opening a branch."""
    net = network(6, [(0, 1), (1, 2), (3, 4), (4, 5)])
    parts = separate(net, {"West": at(6, [0]), "East": at(6, [5])})
    assert not parts.cut.any()
    assert parts.of_bus.tolist() == [0, 0, 0, 1, 1, 1]


def test_three_interconnections_are_parted_pairwise():
    """A chain West - Texas - East is cut twice, and Texas keeps its own."""
    triangles = [(first + a, first + b) for first in (0, 3, 6) for a, b in ((0, 1), (1, 2), (2, 0))]
    net = network(9, [(2, 3), (5, 6), *triangles, *triangles])
    parts = separate(net, {"West": at(9, [0]), "Texas": at(9, [4]), "East": at(9, [8])})
    assert parts.of_bus.tolist() == [0] * 3 + [1] * 3 + [2] * 3
    assert np.flatnonzero(parts.cut).tolist() == [0, 1]


def test_bus_that_no_cut_claims_falls_to_the_last():
    """An island without a marked bus belongs to the last interconnection and causes no cut."""
    net = network(6, [(0, 1), (2, 3), (4, 5)])
    parts = separate(net, {"West": at(6, [0]), "East": at(6, [3])})
    assert parts.of_bus.tolist() == [0, 0, 1, 1, 1, 1]
    assert not parts.cut.any()


def test_parallel_branches_count_one_by_one():
    """The cut passes through one branch rather than through a pair: cost is the number of branches."""
    net = network(3, [(0, 1), (0, 1), (1, 2)])
    assert minimum_cut(net, at(3, [0]), at(3, [2])).tolist() == [True, True, False]
    net = network(3, [(0, 1), (1, 2), (1, 2)])
    assert minimum_cut(net, at(3, [0]), at(3, [2])).tolist() == [True, False, False]


@pytest.mark.parametrize("turned", [False, True])
def test_direction_of_the_branches_does_not_matter(turned):
    """Branches carry either way: the same cut is found with every branch turned round."""
    branches = [(0, 1), (2, 1), (2, 0), (3, 2), (4, 3), (5, 4), (3, 5)]
    net = network(6, [b[::-1] if turned else b for b in branches])
    assert minimum_cut(net, at(6, [1]), at(6, [4])).tolist() == [True, True, True, False, False, False]
