"""Strength of the grid at a bus: what synchronous machines would feed into a short circuit there.

A proxy, not a fault study: reactances of lines and machines alone, no resistance, no inverters, no load.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csc_array, diags_array
from scipy.sparse.linalg import splu

from sitefinder.compiling.powerflow.topology import Network
from sitefinder.power.flow import laplacian

#: subtransient reactance of a machine with its step-up transformer, per unit of its MVA: 0.2 and 0.12, the middle of the usual
#: ranges (general knowledge, not checked)
MACHINE_X = 0.32
#: power factor at which a machine's MVA is rated (general knowledge)
POWER_FACTOR = 0.85
#: columns solved at once
BLOCK = 256


def short_circuit_mva(
    network: Network, susceptance: np.ndarray, grid: np.ndarray, machines_mw: np.ndarray, buses: np.ndarray
) -> np.ndarray:
    """Three-phase short-circuit power at some buses, (n,) MVA: the inverse of the diagonal of the impedance matrix.

    In units of MVA per radian the susceptance of a branch is its short-circuit power, and a machine is a branch to a stiff node
    of MVA / reactance. Interconnections are solved apart; one without any machine has a short-circuit power of 0.

    Parameters
    ----------
    network : Network
    susceptance : (n_branches,) float64
        MW per radian.
    grid : (n_buses,) int
        Interconnection, -1 for none; every bus of one must be connected.
    machines_mw : (n_buses,) float64
        Synchronous machines in service.
    buses : (n,) int
        Buses of an interconnection.
    """
    machines = machines_mw / POWER_FACTOR / MACHINE_X
    mva = np.zeros(buses.size)
    for part in range(int(grid.max()) + 1):
        own = np.flatnonzero(grid == part)
        place = np.full(grid.size, -1)
        place[own] = np.arange(own.size)
        wanted = np.flatnonzero(grid[buses] == part)
        if not machines[own].any() or not wanted.size:
            continue
        inside = grid[network.start] == part
        branches = laplacian(place[network.start[inside]], place[network.end[inside]], susceptance[inside], own.size)
        matrix = csc_array(branches + diags_array(machines[own]))
        solver = splu(matrix, permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True})
        for at in range(0, wanted.size, BLOCK):
            some = wanted[at : at + BLOCK]
            unit = np.zeros((own.size, some.size))
            unit[place[buses[some]], np.arange(some.size)] = 1.0
            mva[some] = 1.0 / solver.solve(unit)[place[buses[some]], np.arange(some.size)]
    return mva
