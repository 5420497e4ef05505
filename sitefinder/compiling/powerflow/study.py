"""Headroom at every bus of 230 kV and more, interconnection by interconnection, over draws of the unknown parameters."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sitefinder.compiling.powerflow.parameters import Branches, Statistics, draw, typical
from sitefinder.compiling.powerflow.topology import Network
from sitefinder.power.flow import (
    Reduction,
    angles,
    inverse,
    laplacian,
    outage_factors,
    reduce_network,
    transfer_factors,
)
from sitefinder.power.headroom import MARGIN, Headroom, Outages, headroom, outages_near, secure_ratings

#: buses of this class and more are watched and get a headroom
WATCH_KV = 230
#: margin of the typical case
MIDDLE_MARGIN = 0.10

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Case:
    """A network on a summer peak.

    Parameters
    ----------
    network : Network
        Usable branches only: none between interconnections, none in islands.
    grid : (n_buses,) int
        Interconnection, -1 for buses in no main part.
    injection : (n_buses,) float64
        Generation less load, MW; sums to 0 in every interconnection.
    region : (n_buses,) int
        Region whose units would feed new load there.
    answer : (n_buses, n_regions) float64
        Shares of those units by bus; columns sum to 1 (0 where nothing is idle).
    """

    network: Network
    grid: np.ndarray
    injection: np.ndarray
    region: np.ndarray
    answer: np.ndarray


@dataclass(frozen=True)
class Part:
    """One interconnection, reduced to the watched buses and branches.

    Parameters
    ----------
    buses : (n,) int
        Watched buses of the case.
    branches : (m,) int
        Branches of the case between them.
    start, end : (m,) int
        Positions in ``buses``.
    reduction : Reduction
    injection : (n,) float64
    answer : (n, n_regions) float64
    """

    buses: np.ndarray
    branches: np.ndarray
    start: np.ndarray
    end: np.ndarray
    reduction: Reduction
    injection: np.ndarray
    answer: np.ndarray


@dataclass(frozen=True)
class Outcome:
    """Headroom of the watched buses.

    Parameters
    ----------
    buses : (n,) int
        Buses of the case.
    intact, outage : (n, n_draws) float64
        MW.
    limit, lost : (n,) int
        Branch of the case that limits the typical case, and the outage behind it (-1: none).
    flow, rating : (n_branches,) float64
        Typical case, MW; NaN for branches that are not watched.
    raised : (n_branches,) bool
        Ratings that today's peak had to raise in the typical case.
    typical, lifted : (n,) float64
        Headroom with one line out in the typical case, and the same with the branch that limits it strengthened, MW.
    """

    buses: np.ndarray
    intact: np.ndarray
    outage: np.ndarray
    limit: np.ndarray
    lost: np.ndarray
    flow: np.ndarray
    rating: np.ndarray
    raised: np.ndarray
    typical: np.ndarray
    lifted: np.ndarray


class Solved(NamedTuple):
    """One draw: headroom, flows and ratings, MW; headroom with the limiting branch of each bus strengthened (None: not asked)."""

    room: Headroom
    flow: np.ndarray
    rating: np.ndarray
    lifted: Headroom | None


def residual(case: Case, statistics: Statistics) -> float:
    """Largest power imbalance of any bus in a flow on the whole network, MW."""
    b = typical(case.network, statistics).susceptance
    worst = 0.0
    for grid in range(int(case.grid.max()) + 1):
        own = np.flatnonzero(case.grid == grid)
        place = _places(own, case.grid.size)
        inside = case.grid[case.network.start] == grid
        matrix = laplacian(place[case.network.start[inside]], place[case.network.end[inside]], b[inside], own.size)
        theta = angles(matrix, case.injection[own], _slack(matrix.diagonal()))
        worst = max(worst, float(np.abs(matrix @ theta - case.injection[own]).max()))
    return worst


def run(case: Case, statistics: Statistics, *, draws: int, seed: int) -> Outcome:
    """All interconnections, the typical case and ``draws`` random ones, at least one."""
    net = case.network
    shape = net.km.size
    flow, rating, raised = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape, bool)
    solved, lifted = [], []
    for grid in range(int(case.grid.max()) + 1):
        part = reduced(case, statistics, grid)
        log.info("interconnection %d: %d buses, %d branches", grid, part.buses.size, part.branches.size)
        near = outages_near(part.start, part.end, part.buses.size)
        home = case.region[part.buses]
        rooms = []
        for number, branches in enumerate(_draws(net, statistics, part.branches, draws=draws, seed=seed + grid)):
            answers = solve_draw(part, home, near, *branches, lift=number == 0)
            rooms.append(answers.room)
            if answers.lifted is not None:
                flow[part.branches], rating[part.branches] = answers.flow, answers.rating
                raised[part.branches] = answers.rating > branches[0].rating
                lifted.append(answers.lifted.outage)
        solved.append((part, rooms))
    return Outcome(
        np.concatenate([p.buses for p, _ in solved]),
        np.concatenate([np.column_stack([r.intact for r in rooms[1:]]) for _, rooms in solved]),
        np.concatenate([np.column_stack([r.outage for r in rooms[1:]]) for _, rooms in solved]),
        np.concatenate([_branch(p, rooms[0].limit) for p, rooms in solved]),
        np.concatenate([_branch(p, rooms[0].lost) for p, rooms in solved]),
        flow,
        rating,
        raised,
        np.concatenate([rooms[0].outage for _, rooms in solved]),
        np.concatenate(lifted),
    )


def reduced(case: Case, statistics: Statistics, grid: int) -> Part:
    """One interconnection with everything below the watched class eliminated."""
    net = case.network
    own = np.flatnonzero(case.grid == grid)
    place = _places(own, case.grid.size)
    inside = np.flatnonzero(case.grid[net.start] == grid)
    b = typical(net, statistics).susceptance[inside]
    watched = net.kv[own] >= WATCH_KV
    reduction = reduce_network(place[net.start[inside]], place[net.end[inside]], b, watched)
    buses = own[reduction.kept]
    both = inside[(net.kv[net.start[inside]] >= WATCH_KV) & (net.kv[net.end[inside]] >= WATCH_KV)]
    at = _places(buses, case.grid.size)
    return Part(
        buses,
        both,
        at[net.start[both]],
        at[net.end[both]],
        reduction,
        reduction.inject(case.injection[own]),
        reduction.inject(case.answer[own]),
    )


def _draws(
    network: Network, statistics: Statistics, branches: np.ndarray, *, draws: int, seed: int
) -> Iterator[tuple[Branches, float]]:
    """Parameters of some branches and the margin of safety: the typical case, then random ones."""
    part = network.keep(branches)
    yield typical(part, statistics), MIDDLE_MARGIN
    rng = np.random.default_rng(seed)
    for _ in range(draws):
        yield draw(part, statistics, rng), float(rng.uniform(*MARGIN))


def solve_draw(
    part: Part, home: np.ndarray, near: tuple[np.ndarray, np.ndarray], branches: Branches, margin: float, *, lift: bool = False
) -> Solved:
    """Headroom, flows and raised ratings of one draw; with ``lift`` the headroom behind the first limit, too."""
    b = branches.susceptance
    matrix = part.reduction.matrix + laplacian(part.start, part.end, b, part.buses.size).toarray()
    x = inverse(matrix, _slack(np.diagonal(matrix)))
    transfer = transfer_factors(x, part.start, part.end, b)
    del x, matrix
    factors, bridge = outage_factors(transfer, part.start, part.end)
    flow = transfer @ part.injection
    factors = factors.astype(np.float32)
    rating = secure_ratings(branches.rating, flow, factors, margin)
    answer = np.ascontiguousarray(((transfer @ part.answer)[:, home] - transfer).T.astype(np.float32))
    del transfer
    outages = Outages(factors, bridge)
    room = headroom(answer, flow, rating, outages, near)
    lifted = headroom(answer, flow, rating, outages, near, room.limit) if lift else None
    return Solved(room, flow, rating, lifted)


def _slack(diagonal: np.ndarray) -> int:
    """The bus that is tied most firmly to the rest."""
    return int(np.argmax(diagonal))


def _places(members: np.ndarray, size: int) -> np.ndarray:
    """Position of each member in the list of members, -1 for others."""
    place = np.full(size, -1)
    place[members] = np.arange(members.size)
    return place


def _branch(part: Part, local: np.ndarray) -> np.ndarray:
    return np.where(local >= 0, part.branches[local], -1)
