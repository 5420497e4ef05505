"""Headroom on networks that can be solved by hand, against a plain loop on random ones, and properties it must have."""

from __future__ import annotations

from itertools import pairwise

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from sitefinder.compiling.powerflow.parameters import Statistics, typical
from sitefinder.compiling.powerflow.topology import Network
from sitefinder.power.flow import inverse, laplacian, outage_factors, transfer_factors
from sitefinder.power.headroom import (
    DARK,
    EMERGENCY,
    LEAST_FACTOR,
    Headroom,
    Outages,
    headroom,
    outages_near,
    secure_ratings,
)

#: factors are kept in single precision
SINGLE = 1e-5
seeds = st.integers(0, 10_000)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Waking threads costs more than these small networks."""
    before = numba.get_num_threads()
    numba.set_num_threads(1)
    with threadpool_limits(1):
        yield
    numba.set_num_threads(before)


class World:
    """A network whose load is fed by ``feeds``: shares by bus that sum to 1."""

    def __init__(self, branches, rating, feeds, injection=None):
        """Branches are (start, end) or (start, end, susceptance)."""
        branches = list(branches)
        self.start, self.end = (np.array([b[i] for b in branches]) for i in (0, 1))
        self.b = np.array([float(b[2]) if len(b) > 2 else 1000.0 for b in branches])
        self.rating, self.feeds = np.array(rating, float), np.array(feeds, float)
        self.injection = np.zeros(self.feeds.size) if injection is None else np.array(injection, float)

    @property
    def transfer(self):
        matrix = laplacian(self.start, self.end, self.b, self.feeds.size).toarray()
        return transfer_factors(inverse(matrix, 0), self.start, self.end, self.b)

    @property
    def inputs(self):
        """Arguments of the kernel but the ratings and the outages to try."""
        transfer = self.transfer
        factors, bridge = outage_factors(transfer, self.start, self.end)
        answer = ((transfer @ self.feeds)[:, None] - transfer).T
        return np.ascontiguousarray(answer, np.float32), transfer @ self.injection, Outages(factors.astype(np.float32), bridge)

    @property
    def near(self):
        return outages_near(self.start, self.end, self.feeds.size)

    def solve(self, near=None) -> Headroom:
        answer, flow, outages = self.inputs
        return headroom(answer, flow, self.rating, outages, near or self.near)


def test_one_line_carries_its_rating_and_nothing_without_it():
    """Two buses and one line of 100 MW: 100 MW intact, none once the only line is out."""
    room = World([(0, 1)], [100.0], [1.0, 0.0]).solve()
    assert room.intact[1] == pytest.approx(100.0, rel=SINGLE)
    assert (room.outage[1], room.limit[1], room.lost[1]) == (0.0, 0, 0)


def test_load_that_is_there_leaves_the_rest():
    """A line of 100 MW that already carries 30 takes 70 more towards the load, and 130 against it."""
    forward = World([(0, 1)], [100.0], [1.0, 0.0], [30.0, -30.0]).solve()
    against = World([(0, 1)], [100.0], [1.0, 0.0], [-30.0, 30.0]).solve()
    assert forward.intact[1] == pytest.approx(70.0, rel=SINGLE)
    assert against.intact[1] == pytest.approx(130.0, rel=SINGLE)


def test_overloaded_line_leaves_nothing():
    """A line beyond its rating gives zero, never a negative headroom."""
    room = World([(0, 1)], [100.0], [1.0, 0.0], [120.0, -120.0]).solve()
    assert (room.intact[1], room.outage[1]) == (0.0, 0.0)


def test_bus_that_feeds_itself_has_no_limit():
    """Where load and its units share a bus no line carries anything: the headroom is infinite and names no branch."""
    room = World([(0, 1)], [100.0], [1.0, 0.0]).solve()
    assert np.isposinf([room.intact[0], room.outage[0]]).all()
    assert (room.limit[0], room.lost[0]) == (-1, -1)


def test_two_parallel_lines_share_and_stand_in_for_each_other():
    """Equal halves of 100 and 60 MW: 120 MW intact; with the first out the second takes 1.1 times 60."""
    room = World([(0, 1), (0, 1)], [100.0, 60.0], [1.0, 0.0]).solve()
    assert room.intact[1] == pytest.approx(60.0 / 0.5, rel=SINGLE)
    assert room.outage[1] == pytest.approx(EMERGENCY * 60.0, rel=SINGLE)
    assert (room.limit[1], room.lost[1]) == (1, 0)


def test_two_parallel_lines_with_a_base_load():
    """Of 20 MW already served, 10 flow on each line: (60 - 10) / 0.5 intact, 66 - 20 with one out."""
    room = World([(0, 1), (0, 1)], [100.0, 60.0], [1.0, 0.0], [20.0, -20.0]).solve()
    assert room.intact[1] == pytest.approx(100.0, rel=SINGLE)
    assert room.outage[1] == pytest.approx(46.0, rel=SINGLE)


def test_triangle_splits_two_thirds_and_one_third():
    """From 0 to 1 two thirds go straight and one third over 2: limits 100/(2/3), 100/(1/3), 40/(1/3); after an outage 44."""
    world = World([(0, 1), (0, 2), (2, 1)], [100.0, 100.0, 40.0], [1.0, 0.0, 0.0])
    np.testing.assert_allclose(world.inputs[0][1], [2 / 3, 1 / 3, 1 / 3], rtol=SINGLE)
    room = world.solve()
    assert room.intact[1] == pytest.approx(120.0, rel=SINGLE)
    assert room.outage[1] == pytest.approx(EMERGENCY * 40.0, rel=SINGLE)
    assert (room.limit[1], room.lost[1]) == (2, 0)


def test_triangle_without_an_outage_to_try_keeps_its_intact_limit():
    """With no outage nearby both headrooms are the intact one, limited by the weak side."""
    room = World([(0, 1), (0, 2), (2, 1)], [100.0, 100.0, 40.0], [1.0, 0.0, 0.0]).solve((np.zeros(4, int), np.empty(0, int)))
    assert room.outage[1] == room.intact[1] == pytest.approx(120.0, rel=SINGLE)
    assert (room.limit[1], room.lost[1]) == (2, -1)


#: a triangle 0-1-2 with a tail 2-3-4; all lines 100 MW but the last of the tail, 30 MW
TAIL = [(0, 1), (0, 2), (1, 2), (2, 3), (3, 4)], [100.0, 100.0, 100.0, 100.0, 30.0]


def test_radial_tail_is_limited_by_its_weakest_line_and_dark_without_it():
    """Buses 3 and 4 hang on bridges: 100 and 30 MW intact, none when a bridge of theirs is out."""
    room = World(*TAIL, [1.0, 0.0, 0.0, 0.0, 0.0]).solve()
    np.testing.assert_allclose(room.intact[3:], [100.0, 30.0], rtol=SINGLE)
    np.testing.assert_array_equal(room.outage[3:], 0.0)
    assert room.lost[3:].tolist() == [3, 3]


def test_bridge_on_the_far_side_of_a_bus_leaves_it_lit():
    """The tail behind bus 2 is none of its business: it keeps what the triangle carries with one side out, 110 MW."""
    room = World(*TAIL, [1.0, 0.0, 0.0, 0.0, 0.0]).solve()
    assert room.intact[2] == pytest.approx(150.0, rel=SINGLE)
    assert room.outage[2] == pytest.approx(EMERGENCY * 100.0, rel=SINGLE)


@pytest.mark.parametrize(("share", "dark"), [(0.49, False), (0.51, True)])
def test_bus_is_dark_if_most_of_its_supply_comes_over_a_bridge(share, dark):
    """Units at the end of the tail that feed less than half of a load in the triangle may be lost, more may not."""
    room = World(TAIL[0], [1000.0] * 5, [1.0 - share, 0.0, 0.0, 0.0, share]).solve()
    assert bool(room.outage[1] == 0.0) is dark
    assert room.intact[1] > 1000.0


def test_branches_that_hardly_notice_do_not_limit():
    """A side path that takes just under 3 % of the load is no limit, one that takes just over 3 % is."""
    for share, limit in ((LEAST_FACTOR - 0.001, 0), (LEAST_FACTOR + 0.001, 1)):
        room = World([(0, 1, 1.0 - share), (0, 1, share)], [100.0, 0.1], [1.0, 0.0]).solve((np.zeros(3, int), np.empty(0, int)))
        assert room.limit[1] == limit
        assert room.intact[1] == pytest.approx((100.0 / (1.0 - share), 0.1 / share)[limit], rel=1e-4)


def test_transformer_limits_what_its_lines_could_carry():
    """Behind one 345/230 kV transformer of 300 MVA, fed by two strong lines, 300 MW can be added."""
    network = Network(
        np.array([345, 345, 230]),
        np.zeros((3, 2)),
        np.array([0, 1, 1]),
        np.array([0, 0, 2]),
        np.array([1, 1, 1]),
        np.array([50.0, 50.0, 0.0]),
        np.array([False, False, True]),
    )
    flat = np.ones(3)
    statistics = Statistics({345: 0.4 * flat}, {345: 1200.0 * flat}, {(345, 230): 300.0 * flat}, 0.1 * flat, 0.02, flat / 3)
    branches = typical(network, statistics)
    world = World(zip(network.start, network.end, branches.susceptance, strict=True), branches.rating, [1.0, 0.0, 0.0])
    room = world.solve((np.zeros(4, int), np.empty(0, int)))
    assert room.intact[2] == pytest.approx(300.0, rel=SINGLE)
    assert network.is_transformer[room.limit[2]]
    assert room.intact[1] == pytest.approx(2400.0, rel=SINGLE)


def test_outages_near_are_those_at_the_bus_and_its_neighbours():
    """On a chain of six buses the middle ones try four lines, the ends two; parallel lines are each tried once."""
    first, branches = outages_near(np.array([0, 1, 2, 3, 4, 4]), np.array([1, 2, 3, 4, 5, 5]), 6)
    tried = [branches[a:b].tolist() for a, b in pairwise(first)]
    assert tried == [[0, 1], [0, 1, 2], [0, 1, 2, 3], [1, 2, 3, 4, 5], [2, 3, 4, 5], [3, 4, 5]]


def random_world(seed, loaded=True):
    """A connected network of 20-40 buses with loops, parallel lines and bridges."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(20, 41))
    start = np.concatenate([rng.integers(0, np.arange(1, n)), rng.integers(0, n, n)])
    end = np.concatenate([np.arange(1, n), rng.integers(0, n, n)])
    real = start != end
    b = rng.uniform(200.0, 8000.0, real.sum())
    injection = rng.normal(0.0, 80.0, n) * loaded
    feeds = rng.dirichlet(np.full(n, 0.3))
    return World(
        zip(start[real], end[real], b, strict=True), rng.uniform(50.0, 900.0, b.size), feeds, injection - injection.mean()
    )


def plain_headroom(answer, flow, rating, outages, near):
    """The definition, bus by bus and line by line, in NumPy."""
    intact, outage = np.empty(len(answer)), np.empty(len(answer))
    for bus, s in enumerate(answer):
        matters = np.abs(s.astype(float)) >= LEAST_FACTOR
        room = (rating - np.sign(s) * flow)[matters] / np.abs(s[matters])
        best = intact[bus] = max(room.min(initial=np.inf), 0.0)
        for k in near[1][near[0][bus] : near[0][bus + 1]]:
            if outages.bridge[k]:
                best = 0.0 if abs(s[k]) > DARK else best
                continue
            factor = s + outages.factors[k] * s[k]
            after = flow + outages.factors[k] * flow[k]
            matters = (np.abs(factor.astype(float)) >= LEAST_FACTOR) & (np.arange(s.size) != k)
            room = (EMERGENCY * rating - np.sign(factor) * after)[matters] / np.abs(factor[matters])
            best = min(best, room.min(initial=np.inf))
        outage[bus] = max(best, 0.0)
    return intact, outage


@given(seed=seeds)
@settings(max_examples=40)
def test_kernel_agrees_with_a_plain_loop(seed):
    """Both headrooms of every bus on random networks are those of the definition, secured ratings or not."""
    world = random_world(seed)
    answer, flow, outages = world.inputs
    for rating in (world.rating, secure_ratings(world.rating, flow, outages.factors, 0.1)):
        room = headroom(answer, flow, rating, outages, world.near)
        intact, outage = plain_headroom(answer, flow, rating, outages, world.near)
        np.testing.assert_allclose(room.intact, intact, rtol=SINGLE)
        np.testing.assert_allclose(room.outage, outage, rtol=1e-4, atol=0.01)


@given(seed=seeds)
@settings(max_examples=40)
def test_named_branch_is_at_its_limit_at_the_headroom(seed):
    """Adding exactly the headroom brings the named branch, after the named outage, to its emergency rating; no nonsense names."""
    world = random_world(seed)
    answer, flow, outages = world.inputs
    rating = secure_ratings(world.rating, flow, outages.factors, 0.1)
    room = headroom(answer, flow, rating, outages, world.near)
    for bus in np.flatnonzero((room.lost >= 0) & (room.outage > 0.0)):
        at, out = room.limit[bus], room.lost[bus]
        added = flow + room.outage[bus] * answer[bus]
        assert abs(added[at] + outages.factors[out, at] * added[out]) == pytest.approx(EMERGENCY * rating[at], rel=1e-4)
    assert (room.outage <= room.intact).all()


@given(seed=seeds, margin=st.floats(0.0, 0.3))
@settings(max_examples=40)
def test_secured_ratings_are_those_of_a_double_loop(seed, margin):
    """Each rating becomes the larger of itself and the worst flow over all single outages with the margin on top."""
    world = random_world(seed)
    _, flow, outages = world.inputs
    expected = world.rating.copy()
    for line in range(flow.size):
        needed = abs(flow[line])
        for lost in range(flow.size):
            if lost != line:
                needed = max(needed, abs(flow[line] + outages.factors[lost, line] * flow[lost]) / EMERGENCY)
        expected[line] = max(expected[line], needed / (1.0 - margin))
    np.testing.assert_allclose(secure_ratings(world.rating, flow, outages.factors, margin), expected, rtol=SINGLE)


@given(seed=seeds, margin=st.floats(0.0, 0.3))
@settings(max_examples=40)
def test_secured_network_holds_every_limit_with_its_margin(seed, margin):
    """No flow exceeds its rating, and no flow after an outage its emergency rating, less the margin; enough ratings stay."""
    world = random_world(seed)
    _, flow, outages = world.inputs
    rating = secure_ratings(world.rating, flow, outages.factors, margin)
    after = flow + outages.factors * flow[:, None]
    np.fill_diagonal(after, 0.0)
    assert (np.abs(flow) <= rating * (1.0 - margin) * (1.0 + SINGLE)).all()
    assert (np.abs(after) <= EMERGENCY * rating * (1.0 - margin) * (1.0 + SINGLE)).all()
    assert (rating >= world.rating).all()
    np.testing.assert_array_equal(secure_ratings(rating * 1.001, flow, outages.factors, margin), rating * 1.001)


@given(seed=seeds, stronger=st.floats(1.0, 5.0), b=st.floats(10.0, 20_000.0))
@settings(max_examples=40)
def test_line_beside_the_only_path_never_lowers_the_headroom_of_a_radial_load(seed, stronger, b):
    """A load on a single line gains, or loses nothing, by a second line with no less rating per susceptance beside it."""
    world = random_world(seed)
    hub, bus = seed % world.feeds.size, world.feeds.size
    feeds, injection = np.append(world.feeds, 0.0), np.append(world.injection, -20.0)
    injection[hub] += 20.0
    lines = [*zip(world.start, world.end, world.b, strict=True), (hub, bus, 2000.0)]
    before = World(lines, [*world.rating, 300.0], feeds, injection).solve()
    after = World([*lines, (hub, bus, b)], [*world.rating, 300.0, 300.0 * b / 2000.0 * stronger], feeds, injection).solve()
    assert after.intact[bus] >= before.intact[bus] * (1.0 - 1e-4)


def test_weak_line_in_a_loop_may_lower_the_headroom():
    """Why the property is stated for a line as strong as the first: a weak one of low reactance takes the flow and limits it."""
    before = World([(0, 1)], [100.0], [1.0, 0.0]).solve()
    after = World([(0, 1), (0, 1, 9000.0)], [100.0, 18.0], [1.0, 0.0]).solve()
    assert before.intact[1] == pytest.approx(100.0, rel=SINGLE)
    assert after.intact[1] == pytest.approx(18.0 / 0.9, rel=SINGLE)


@given(seed=seeds, factor=st.floats(1.01, 10.0))
@settings(max_examples=40)
def test_headroom_of_an_idle_network_scales_with_the_ratings(seed, factor):
    """With nothing flowing, ratings times a give headrooms times a, intact and after an outage."""
    world = random_world(seed, loaded=False)
    before = world.solve()
    world.rating = world.rating * factor
    after = world.solve()
    np.testing.assert_allclose(after.intact, before.intact * factor, rtol=1e-9)
    np.testing.assert_allclose(after.outage, before.outage * factor, rtol=1e-9)


@given(seed=seeds, loaded=st.booleans())
@settings(max_examples=40)
def test_numbering_of_buses_and_direction_of_lines_do_not_matter(seed, loaded):
    """Buses relabelled and every line turned round, each bus keeps its headroom."""
    world = random_world(seed, loaded)
    new = np.random.default_rng(seed + 1).permutation(world.feeds.size)
    old = np.argsort(new)
    turned = World(
        zip(new[world.end], new[world.start], world.b, strict=True), world.rating, world.feeds[old], world.injection[old]
    )
    room, again = world.solve(), turned.solve()
    np.testing.assert_allclose(again.intact[new], room.intact, rtol=1e-3, atol=0.1)
    np.testing.assert_allclose(again.outage[new], room.outage, rtol=1e-3, atol=0.1)
