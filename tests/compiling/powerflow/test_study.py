"""The study on a made-up country of two interconnections: shapes, order, repeatability, and the reduction checked whole."""

from __future__ import annotations

from dataclasses import replace

import numba
import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from sitefinder.compiling.powerflow import study
from sitefinder.compiling.powerflow.parameters import Statistics, typical
from sitefinder.compiling.powerflow.topology import Network
from sitefinder.power.flow import Reduction, laplacian
from sitefinder.power.headroom import MARGIN, outages_near

STATISTICS = Statistics(
    {138: np.array([0.3, 0.5, 0.7]), 230: np.array([0.3, 0.5, 0.6]), 345: np.array([0.3, 0.4, 0.5])},
    {138: np.array([100.0, 190.0, 270.0]), 230: np.array([400.0, 540.0, 650.0]), 345: np.array([1000.0, 1200.0, 1340.0])},
    {(230, 138): np.array([150.0, 230.0, 300.0]), (345, 230): np.array([380.0, 510.0, 560.0])},
    np.array([0.08, 0.12, 0.17]),
    0.03,
    np.array([0.8, 0.1, 0.1]),
)
DRAWS = 3


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Waking threads costs more than these small networks."""
    before = numba.get_num_threads()
    numba.set_num_threads(1)
    with threadpool_limits(1):
        yield
    numba.set_num_threads(before)


def country(rng, n):
    """Classes and branches (start, end, km) of n yards: a meshed 230 kV grid, some yards with 345 kV, all with 138 kV."""
    kv = np.repeat([230, 138, 345], [n, n, n // 3])
    ring = [(k, (k + 1) % n, rng.uniform(20, 80)) for k in range(n)]
    chords = [(int(a), int(b), rng.uniform(30, 120)) for a, b in rng.integers(0, n, (n // 2, 2)) if a != b]
    below = [(n + k, n + k + 1, rng.uniform(10, 40)) for k in range(n - 1)]
    above = [(2 * n + k, 2 * n + (k + 1) % (n // 3), rng.uniform(80, 200)) for k in range(n // 3)]
    banks = [(k, n + k, 0.0) for k in range(0, n, 2)] + [(3 * k, 2 * n + k, 0.0) for k in range(n // 3)]
    return kv, [*ring, *chords, *below, *above, *banks]


def made_up(seed=1, sizes=(12, 9)) -> study.Case:
    """Two interconnections, two regions in each, and an island that is in neither."""
    rng = np.random.default_rng(seed)
    kv, grid, branches, region = [], [], [], []
    for number, n in enumerate(sizes):
        own, lines = country(rng, n)
        branches += [(a + len(kv), b + len(kv), km) for a, b, km in lines]
        kv += own.tolist()
        grid += [number] * own.size
        region += (2 * number + rng.integers(0, 2, own.size)).tolist()
    kv, grid, region = [*kv, 230, 230], np.array([*grid, -1, -1]), np.array([*region, 0, 0])
    start, end, km = (np.array(column) for column in zip(*branches, strict=True))
    network = Network(np.array(kv), np.zeros((len(kv), 2)), np.full(len(kv), -1), start, end, km, km == 0.0)
    injection, answer = rng.normal(0.0, 300.0, len(kv)), rng.random((len(kv), 4)) ** 6
    for number in range(2):
        injection[grid == number] -= injection[grid == number].mean()
        answer[grid != number, 2 * number : 2 * number + 2] = 0.0
    injection[grid < 0] = 0.0
    return study.Case(network, grid, injection, region, answer / answer.sum(axis=0))


@pytest.fixture(scope="module")
def case() -> study.Case:
    """The country that all tests look at."""
    return made_up()


@pytest.fixture(scope="module")
def outcome(case) -> study.Outcome:
    """Its headroom in three draws."""
    return study.run(case, STATISTICS, draws=DRAWS, seed=5)


def test_every_watched_bus_gets_one_headroom_per_draw(case, outcome):
    """All buses of 230 kV and more of both interconnections, each once, none below and none on the island."""
    watched = np.flatnonzero((case.network.kv >= study.WATCH_KV) & (case.grid >= 0))
    assert sorted(outcome.buses.tolist()) == watched.tolist()
    assert outcome.intact.shape == outcome.outage.shape == (watched.size, DRAWS)
    assert outcome.limit.shape == outcome.lost.shape == (watched.size,)


def test_headroom_is_ordered_and_never_negative(outcome):
    """An outage never adds headroom, nothing is negative or unknown, and so the quantiles over the draws are in order too."""
    assert (outcome.outage >= 0.0).all()
    assert (outcome.outage <= outcome.intact).all()
    low, high = np.quantile(outcome.outage, (0.1, 0.9), axis=1)
    assert (low <= high).all()
    assert (low < high).mean() > 0.9


def test_flows_and_ratings_are_those_of_watched_branches(case, outcome):
    """Branches between watched buses have a flow and a rating that holds it with the middle margin; others have none."""
    net = case.network
    watched = (net.kv[net.start] >= study.WATCH_KV) & (net.kv[net.end] >= study.WATCH_KV)
    np.testing.assert_array_equal(np.isfinite(outcome.flow), watched)
    np.testing.assert_array_equal(np.isfinite(outcome.rating), watched)
    assert (np.abs(outcome.flow[watched]) <= outcome.rating[watched] * (1.0 - study.MIDDLE_MARGIN) * (1.0 + 1e-6)).all()
    assert 0 < outcome.raised.sum() < watched.sum() / 2
    before = typical(net, STATISTICS).rating
    np.testing.assert_array_equal(outcome.raised[watched], outcome.rating[watched] > before[watched])
    np.testing.assert_array_equal(outcome.rating[watched & ~outcome.raised], before[watched & ~outcome.raised])


def test_limits_are_watched_branches_of_the_same_interconnection(case, outcome):
    """The named limit and outage are branches of the case, in the interconnection of the bus."""
    limited = outcome.limit >= 0
    assert limited.all()
    assert np.isfinite(outcome.rating[outcome.limit]).all()
    np.testing.assert_array_equal(case.grid[case.network.start[outcome.limit]], case.grid[outcome.buses])
    lost = outcome.lost >= 0
    np.testing.assert_array_equal(case.grid[case.network.start[outcome.lost[lost]]], case.grid[outcome.buses[lost]])


def test_same_seed_gives_the_same_outcome_and_another_does_not(case, outcome):
    """The draws are reproducible; the typical case does not depend on the seed."""
    again, other = (study.run(case, STATISTICS, draws=DRAWS, seed=seed) for seed in (5, 6))
    np.testing.assert_array_equal(again.outage, outcome.outage)
    np.testing.assert_array_equal(again.intact, outcome.intact)
    assert (other.outage != outcome.outage).mean() > 0.5
    np.testing.assert_array_equal(other.flow, outcome.flow)
    np.testing.assert_array_equal(other.limit, outcome.limit)


def test_more_draws_keep_the_first_ones(case, outcome):
    """Draws follow one another: the first three of five are the three."""
    longer = study.run(case, STATISTICS, draws=5, seed=5)
    np.testing.assert_array_equal(longer.outage[:, :DRAWS], outcome.outage)


def test_two_buses_by_hand(monkeypatch):
    """A 345 kV line of 1200 MW that carries 100 from the units to the town: the town can take 1100 more, without it none."""
    monkeypatch.setattr("sitefinder.compiling.powerflow.parameters.MOST_DOUBLE", 0.0)
    one_size = Statistics({345: np.full(3, 0.4)}, {345: np.full(3, 1200.0)}, {}, np.full(3, 0.1), 0.0, np.full(3, 1 / 3))
    net = Network(
        np.full(2, 345), np.zeros((2, 2)), np.arange(2), np.zeros(1, int), np.ones(1, int), np.full(1, 30.0), np.zeros(1, bool)
    )
    two = study.Case(net, np.zeros(2, int), np.array([100.0, -100.0]), np.zeros(2, int), np.array([[1.0], [0.0]]))
    result = study.run(two, one_size, draws=DRAWS, seed=1)
    np.testing.assert_allclose(result.intact, [[np.inf] * DRAWS, [1100.0] * DRAWS], rtol=1e-5)
    np.testing.assert_array_equal(result.outage[1], 0.0)
    np.testing.assert_allclose(result.flow, 100.0)
    assert (result.limit.tolist(), result.lost.tolist()) == ([-1, 0], [-1, 0])


def test_power_balances_at_every_bus(case):
    """The flow on the whole network leaves less than a millionth of a megawatt anywhere."""
    assert study.residual(case, STATISTICS) < 1e-6


def test_imbalance_is_seen(case):
    """An injection that does not sum to zero shows as what is left over at the slack."""
    wrong = case.injection.copy()
    wrong[0] += 25.0
    assert study.residual(replace(case, injection=wrong), STATISTICS) == pytest.approx(25.0, abs=1e-6)


def whole(case, grid) -> study.Part:
    """An interconnection with every bus kept, and the branches below the watched class as a fixed part of the matrix."""
    net = case.network
    own = np.flatnonzero(case.grid == grid)
    place = np.full(case.grid.size, -1)
    place[own] = np.arange(own.size)
    inside = case.grid[net.start] == grid
    high = (net.kv[net.start] >= study.WATCH_KV) & (net.kv[net.end] >= study.WATCH_KV)
    low = inside & ~high
    b = typical(net, STATISTICS).susceptance
    below = laplacian(place[net.start[low]], place[net.end[low]], b[low], own.size).toarray()
    watched = np.flatnonzero(inside & high)
    return study.Part(
        own,
        watched,
        place[net.start[watched]],
        place[net.end[watched]],
        Reduction(below, np.arange(own.size), np.empty(0, int), None, None),
        case.injection[own],
        case.answer[own],
    )


@pytest.mark.parametrize("grid", [0, 1])
def test_reduction_changes_no_headroom(case, grid):
    """With every bus kept the watched buses have the same headroom, flows and raised ratings as with those below eliminated."""
    parts = study.reduced(case, STATISTICS, grid), whole(case, grid)
    assert parts[0].buses.size < parts[1].buses.size
    branches = typical(case.network.keep(parts[0].branches), STATISTICS)
    result = [
        study.solve_draw(p, case.region[p.buses], outages_near(p.start, p.end, p.buses.size), branches, study.MIDDLE_MARGIN)
        for p in parts
    ]
    at = np.searchsorted(parts[1].buses, parts[0].buses)
    np.testing.assert_allclose(result[0][1], result[1][1], atol=1e-6)
    np.testing.assert_allclose(result[0][2], result[1][2], rtol=1e-5)
    np.testing.assert_allclose(result[0][0].intact, result[1][0].intact[at], rtol=1e-4)
    np.testing.assert_allclose(result[0][0].outage, result[1][0].outage[at], rtol=1e-4)


def test_reduced_part_keeps_load_and_answer(case):
    """Eliminating the lower classes moves injections and answering units to watched buses without losing any."""
    for grid in range(2):
        part = study.reduced(case, STATISTICS, grid)
        assert part.injection.sum() == pytest.approx(0.0, abs=1e-6)
        home = slice(2 * grid, 2 * grid + 2)
        np.testing.assert_allclose(part.answer.sum(axis=0)[home], 1.0)
        assert (case.network.kv[part.buses] >= study.WATCH_KV).all()


def test_interconnections_do_not_know_each_other(case, outcome):
    """Load moved about in the second leaves the flows of the first as they were."""
    moved = case.injection.copy()
    there = np.flatnonzero(case.grid == 1)
    moved[there[0]] += 100.0
    moved[there[5]] -= 100.0
    other = study.run(replace(case, injection=moved), STATISTICS, draws=1, seed=5)
    first = case.grid[case.network.start] == 0
    np.testing.assert_array_equal(other.flow[first], outcome.flow[first])
    assert not np.allclose(other.flow[~first], outcome.flow[~first], equal_nan=True)


def test_larger_margin_on_the_worst_day_gives_more_headroom(case):
    """On a strained network ratings are raised further where today's peak is assumed to leave more, and headroom follows."""
    part = study.reduced(replace(case, injection=case.injection * 3.0), STATISTICS, 0)
    branches = typical(case.network.keep(part.branches), STATISTICS)
    near, home = outages_near(part.start, part.end, part.buses.size), case.region[part.buses]
    tight, loose = (study.solve_draw(part, home, near, branches, margin)[0] for margin in MARGIN)
    assert (loose.outage >= tight.outage * (1.0 - 1e-6)).all()
    assert (loose.outage > tight.outage).any()
