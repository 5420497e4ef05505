"""Direct-current power flow: angles, flows, and their sensitivity to injections and outages.

Only branches between buses of 230 kV and more are watched. The network below is replaced exactly by what it does at the buses it
is tied to (Kron reduction, a Schur complement), after which the rest of each interconnection is small enough for a full inverse:
every transfer and outage factor is then a difference of its entries.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack
from scipy.sparse import coo_array, csc_array, csr_array
from scipy.sparse.linalg import SuperLU, splu

#: a branch that takes all but this share of a transfer between its own ends has no way around it
BRIDGE = 1e-6
#: columns solved at once while reducing
BLOCK = 512


def laplacian(start: np.ndarray, end: np.ndarray, susceptance: np.ndarray, n: int) -> csr_array:
    """(n, n) matrix of the direct-current equations, MW per radian."""
    i = np.concatenate([start, end, start, end])
    j = np.concatenate([start, end, end, start])
    values = np.concatenate([susceptance, susceptance, -susceptance, -susceptance])
    return csr_array(coo_array((values, (i, j)), shape=(n, n)))


def angles(matrix: csr_array, injection: np.ndarray, slack: int) -> np.ndarray:
    """(n,) angles of a connected network, 0 at the slack bus; ``injection`` in MW sums to 0."""
    others = np.delete(np.arange(matrix.shape[0]), slack)
    theta = np.zeros(matrix.shape[0])
    theta[others] = splu(csc_array(matrix[others][:, others])).solve(injection[others])
    return theta


@dataclass(frozen=True)
class Reduction:
    """Effect of the eliminated buses on the kept ones.

    Parameters
    ----------
    matrix : (n_kept, n_kept) float64
        Part of the reduced matrix that stems from all branches with an eliminated end.
    kept, eliminated : (n,) int
        Buses.
    """

    matrix: np.ndarray
    kept: np.ndarray
    eliminated: np.ndarray
    _solver: SuperLU | None
    _coupling: csr_array

    def inject(self, injection: np.ndarray) -> np.ndarray:
        """Injections at all buses, (n,) or (n, m) MW, as equal injections at the kept buses."""
        if self._solver is None:
            return injection[self.kept]
        return injection[self.kept] - self._coupling @ self._solver.solve(injection[self.eliminated])


def reduce_network(start: np.ndarray, end: np.ndarray, susceptance: np.ndarray, keep: np.ndarray) -> Reduction:
    """Eliminate the buses that are not kept.

    Parameters
    ----------
    start, end : (n_branches,) int
    susceptance : (n_branches,) float64
        MW per radian.
    keep : (n_buses,) bool
        Every part of the network must hold one, or the equations have no solution.
    """
    kept, gone = np.flatnonzero(keep), np.flatnonzero(~keep)
    below = ~(keep[start] & keep[end])
    matrix = laplacian(start[below], end[below], susceptance[below], keep.size)
    upper = matrix[kept][:, kept].toarray()
    if not gone.size:
        return Reduction(upper, kept, gone, None, csr_array((kept.size, 0)))
    coupling = csr_array(matrix[kept][:, gone])
    solver = splu(csc_array(matrix[gone][:, gone]), permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True})
    tied = np.flatnonzero(np.diff(coupling.indptr))
    right = csc_array(coupling.T)
    for at in range(0, tied.size, BLOCK):
        columns = tied[at : at + BLOCK]
        upper[:, columns] -= coupling @ solver.solve(right[:, columns].toarray())
    return Reduction(upper, kept, gone, solver, coupling)


def inverse(matrix: np.ndarray, slack: int) -> np.ndarray:
    """Inverse of a connected network's matrix without its slack bus, with zeros in the slack's row and column.

    Parameters
    ----------
    matrix : (n, n) float64
    slack : int
    """
    others = np.delete(np.arange(len(matrix)), slack)
    part = np.asfortranarray(matrix[np.ix_(others, others)])
    factor, failed = lapack.dpotrf(part, lower=1, overwrite_a=1)
    if failed:
        raise ValueError(f"Singular network: bus {int(others[failed - 1])} hangs on nothing. Keep connected buses only.")
    lower, _ = lapack.dpotri(factor, lower=1, overwrite_c=1)
    full = np.tril(lower) + np.tril(lower, -1).T
    result = np.zeros(matrix.shape)
    result[np.ix_(others, others)] = full
    return result


def transfer_factors(x: np.ndarray, start: np.ndarray, end: np.ndarray, susceptance: np.ndarray) -> np.ndarray:
    """(n_branches, n_buses) flow per MW injected at a bus and taken out at the slack."""
    return np.asarray(susceptance[:, None] * (x[start] - x[end]))


def outage_factors(transfer: np.ndarray, start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Line-outage distribution factors.

    Parameters
    ----------
    transfer : (n_branches, n_buses) float64
    start, end : (n_branches,) int

    Returns
    -------
    (n_branches, n_branches) float64
        Row k: flow that each branch takes over per MW that branch k carried; -1 on the diagonal.
    (n_branches,) bool
        Bridges, whose outage parts the network; their rows are 0.
    """
    between = (transfer[:, start] - transfer[:, end]).T
    own = np.diagonal(between).copy()
    bridge = own > 1.0 - BRIDGE
    factors = between / np.where(bridge, np.inf, 1.0 - own)[:, None]
    np.fill_diagonal(factors, -1.0)
    factors[bridge] = 0.0
    return factors, bridge
