"""Short-circuit power of small networks by hand, and its order."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.compiling.powerflow.strength import MACHINE_X, POWER_FACTOR, short_circuit_mva
from sitefinder.compiling.powerflow.topology import Network

#: a machine of this many MW feeds 1,000 MVA into a fault at its own bus
MW = 1000.0 * POWER_FACTOR * MACHINE_X


def ring(n: int) -> Network:
    """Buses in a ring, all of 345 kV."""
    start = np.arange(n)
    return Network(np.full(n, 345), np.zeros((n, 2)), start, start, (start + 1) % n, np.full(n, 10.0), np.zeros(n, bool))


def chain() -> Network:
    """Four buses in a row."""
    return ring(4).keep(np.arange(3))


def mva(network: Network, machines: list[float], grid: list[int] | None = None) -> np.ndarray:
    n = network.kv.size
    of = np.zeros(n, int) if grid is None else np.array(grid)
    return short_circuit_mva(network, np.full(network.km.size, 2000.0), of, np.array(machines), np.arange(n))


def test_reactances_add_up_along_a_chain() -> None:
    """1,000 MVA behind one, two and three branches of 2,000 MVA."""
    assert mva(chain(), [MW, 0, 0, 0]) == pytest.approx([1000.0, 1000 / 1.5, 500.0, 400.0])


def test_machines_and_ways_in_parallel_add_up() -> None:
    """Half-way between two machines each feeds what it would alone; around a ring of four there are two ways."""
    assert mva(chain(), [MW, 0, 0, MW])[1] == pytest.approx(1000 / 1.5 + 500.0)
    assert mva(ring(4), [MW, 0, 0, 0])[2] == pytest.approx(1 / (1 / 1000 + 1 / 2000))


def test_interconnections_do_not_feed_each_other() -> None:
    """The second has no machine: 0; a bus in none has none."""
    split = chain().keep(np.array([0, 2]))
    found = mva(split, [MW, 0, 0, 0], [0, 0, 1, 1])
    assert found == pytest.approx([1000.0, 1000 / 1.5, 0.0, 0.0])
    assert mva(chain().keep(np.array([0, 1])), [MW, 0, 0, 0], [0, 0, 0, -1])[3] == 0.0
