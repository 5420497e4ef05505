"""Value functions over a layer: numbers in their own unit to 16-bit steps (see :mod:`sitefinder.kernels.score`)."""

from __future__ import annotations

import numpy as np
from numba import njit

from sitefinder.kernels.score import TOP, UNKNOWN


@njit(cache=True, nogil=True)
def interpolate(x: np.ndarray, xs: np.ndarray, ys: np.ndarray, out: np.ndarray) -> None:
    """Piecewise-linear value function, constant beyond its ends.

    Parameters
    ----------
    x : (n,) float32, NaN = unknown
    xs : (k,) float64, strictly ascending breakpoints in the unit of ``x``
    ys : (k,) float64, values 0..1 at the breakpoints
    out : (n,) uint16, written
    """
    last = xs.size - 1
    for i in range(x.size):
        v = x[i]
        if np.isnan(v):
            out[i] = UNKNOWN
            continue
        if v <= xs[0]:
            y = ys[0]
        elif v >= xs[last]:
            y = ys[last]
        else:
            k = 1
            while v > xs[k]:
                k += 1
            y = ys[k - 1] + (ys[k] - ys[k - 1]) * (v - xs[k - 1]) / (xs[k] - xs[k - 1])
        out[i] = np.uint16(y * TOP + 0.5)


@njit(cache=True, nogil=True)
def logistic(x: np.ndarray, midpoint: float, steepness: float, out: np.ndarray) -> None:
    """Logistic value function 1 / (1 + exp(-steepness (x - midpoint))); arguments as in :func:`interpolate`."""
    for i in range(x.size):
        v = x[i]
        if np.isnan(v):
            out[i] = UNKNOWN
        else:
            out[i] = np.uint16(TOP / (1.0 + np.exp(-steepness * (v - midpoint))) + 0.5)
