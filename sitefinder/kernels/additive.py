"""An additive model over many cells: one evenly spaced look-up table per feature."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def add_table(x: np.ndarray, log: bool, low: float, step: float, table: np.ndarray, out: np.ndarray) -> None:
    """Add a feature's contribution to ``out``, linear between table entries and constant beyond its ends.

    Parameters
    ----------
    x : (n,) float32
        Layer values, NaN = unknown: contributes nothing.
    log : bool
        Look up log(1 + x) instead of x.
    low, step : float
        First abscissa and distance between entries, in looked-up units.
    table : (m,) float32
    out : (n,) float32, changed in place
    """
    last = table.size - 1
    for i in range(x.size):
        v = x[i]
        if np.isnan(v):
            continue
        t = np.log1p(max(v, np.float32(0.0))) if log else v
        place = (t - low) / step
        if place <= 0.0:
            out[i] += table[0]
        elif place >= last:
            out[i] += table[last]
        else:
            k = int(place)
            out[i] += table[k] + (table[k + 1] - table[k]) * np.float32(place - k)
