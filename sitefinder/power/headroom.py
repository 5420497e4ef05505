"""Load-hosting headroom: how much load a bus can take before a line reaches its limit, with all lines and with one out.

A screening estimate, not available capacity: it knows no voltages, no short circuits, no queue and no utility's plan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sitefinder.kernels.added_load import largest_added, worst_after_outage

#: branches that carry less than this share of a transfer do not limit it: the customary cut-off of transfer studies
LEAST_FACTOR = 0.03
#: what a branch may carry for the time after an outage, times its rating (customary emergency rating)
EMERGENCY = 1.10
#: today's peak is taken to be secure against any single outage, with a margin drawn from this range: ratings below that are
#: wrong (more circuits, a better conductor) and are raised
MARGIN = (0.02, 0.20)
#: a bridge that carries more than this share of a bus's load lies between it and the grid: its outage leaves the bus dark
DARK = 0.5


@dataclass(frozen=True)
class Outages:
    """Effect of each single outage.

    Parameters
    ----------
    factors : (n_branches, n_branches) float
        Row k: flow that each branch takes over per MW that branch k carried; 0 for bridges.
    bridge : (n_branches,) bool
        Branches whose outage parts the network.
    """

    factors: np.ndarray
    bridge: np.ndarray


@dataclass(frozen=True)
class Headroom:
    """Added load that each bus can take, MW.

    Parameters
    ----------
    intact, outage : (n_buses,) float64
        With all branches in service, and with the worst single outage nearby.
    limit, lost : (n_buses,) int
        Branch that reaches its limit first, and the branch whose outage makes it so (-1: none).
    """

    intact: np.ndarray
    outage: np.ndarray
    limit: np.ndarray
    lost: np.ndarray


def secure_ratings(rating: np.ndarray, flow: np.ndarray, factors: np.ndarray, margin: float) -> np.ndarray:
    """(n_branches,) ratings raised to what today's peak needs with any one branch out.

    Parameters
    ----------
    rating, flow : (n_branches,) float64
        MW.
    factors : (n_branches, n_branches) float
        Row k: line-outage distribution factors of branch k.
    margin : float
        Share of the rating that is left on the worst day.
    """
    worst = worst_after_outage(flow, factors)
    needed = np.maximum(np.abs(flow), worst / EMERGENCY) / (1.0 - margin)
    return np.maximum(rating, needed)


def headroom(
    answer: np.ndarray,
    flow: np.ndarray,
    rating: np.ndarray,
    outages: Outages,
    nearby: tuple[np.ndarray, np.ndarray],
    lifted: np.ndarray | None = None,
) -> Headroom:
    """Largest added load at each bus.

    Parameters
    ----------
    answer : (n_buses, n_branches) float
        Change of flow per MW of load added at a bus and fed by the units that would answer.
    flow, rating : (n_branches,) float64
        MW.
    outages : Outages
    nearby : (first, branches)
        Outages to try for each bus: ``branches[first[i]:first[i + 1]]``.
    lifted : (n_buses,) int, optional
        Branch that is taken to be strengthened for each bus, -1 = none.
    """
    limits, cuts = np.stack([rating, EMERGENCY * rating]), (LEAST_FACTOR, DARK)
    without = np.full(len(answer), -1) if lifted is None else lifted
    return Headroom(*largest_added(answer, flow, limits, outages.factors, outages.bridge, nearby, cuts, without))


def outages_near(start: np.ndarray, end: np.ndarray, n_buses: int) -> tuple[np.ndarray, np.ndarray]:
    """Branches at a bus and at its neighbours, as (first, branches) for :func:`headroom`."""
    ends, branch = np.concatenate([start, end]), np.tile(np.arange(start.size), 2)
    order = np.argsort(ends, kind="stable")
    begin = np.searchsorted(ends[order], np.arange(n_buses + 1))
    at = [branch[order[begin[b] : begin[b + 1]]] for b in range(n_buses)]
    outages = []
    for b in range(n_buses):
        around = np.unique(np.concatenate([start[at[b]], end[at[b]], [b]])).astype(np.int64)
        outages.append(np.unique(np.concatenate([at[a] for a in around])))
    first = np.concatenate([[0], np.cumsum([f.size for f in outages])])
    return first, np.concatenate(outages).astype(np.int64)
