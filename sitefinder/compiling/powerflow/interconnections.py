"""Interconnection of each bus.

The Eastern, Western and Texas grids touch only through direct-current stations, but the register draws their lines up to the same
gate. The smallest set of branches that parts what lies deep inside each of them is a minimum cut: a dozen lines, at the ties.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from sitefinder.compiling.powerflow.topology import Network

#: capacity of the edges to the virtual ends of a cut: more than all branches together
UNCUTTABLE = 1_000_000


@dataclass(frozen=True)
class Interconnections:
    """Alternating-current parts of the network.

    Parameters
    ----------
    names : tuple of str
    of_bus : (n_buses,) int
        Index into ``names``.
    cut : (n_branches,) bool
        Branches that are opened because they would join two of them.
    """

    names: tuple[str, ...]
    of_bus: np.ndarray
    cut: np.ndarray


def separate(network: Network, deep: Mapping[str, np.ndarray]) -> Interconnections:
    """Part the network by minimum cuts, one interconnection after the other against all others.

    Parameters
    ----------
    network : Network
    deep : dict of (n_buses,) bool
        Buses that surely belong to each interconnection; the last one also gets every bus that no cut claims.
    """
    names = tuple(deep)
    of_bus = np.full(network.kv.size, len(names) - 1)
    for i, name in enumerate(names[:-1]):
        others = np.logical_or.reduce([mask for other, mask in deep.items() if other != name])
        of_bus[minimum_cut(network, deep[name], others & ~deep[name])] = i
    return Interconnections(names, of_bus, of_bus[network.start] != of_bus[network.end])


def minimum_cut(network: Network, inside: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """(n_buses,) bool: buses on the inner side of the smallest set of branches between two sets of buses."""
    n = network.kv.size
    source, sink = n, n + 1
    i = np.concatenate([network.start, network.end, np.full(inside.sum(), source), np.flatnonzero(outside)])
    j = np.concatenate([network.end, network.start, np.flatnonzero(inside), np.full(outside.sum(), sink)])
    capacity = np.ones(i.size, np.int32)
    capacity[2 * network.start.size :] = UNCUTTABLE
    graph = coo_array((capacity, (i, j)), shape=(n + 2, n + 2)).tocsr().astype(np.int32)
    rest = graph - maximum_flow(graph, source, sink).flow
    rest.data[rest.data < 0] = 0
    rest.eliminate_zeros()
    reached = breadth_first_order(rest, source, directed=True, return_predecessors=False)
    side = np.zeros(n + 2, bool)
    side[reached] = True
    return side[:n]
