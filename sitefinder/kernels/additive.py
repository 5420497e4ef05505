"""An additive model over many cells: the piecewise-linear function of one feature, added cell by cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def _add_ramps(t: np.ndarray, knots: tuple, per_unit: tuple, rise: tuple, out: np.ndarray) -> None:
    zero, one = np.float32(0.0), np.float32(1.0)
    for i in range(t.size):
        v = t[i]
        total = rise[0]
        for k in range(len(per_unit)):
            total += rise[k + 1] * min(max((v - knots[k]) * per_unit[k], zero), one)
        out[i] += zero if np.isnan(v) else total


def _numbers(values: np.ndarray) -> tuple[np.float32, ...]:
    return tuple(np.float32(v) for v in values)


def ramps(knots: Sequence[float] | np.ndarray, heights: Sequence[float] | np.ndarray) -> tuple[tuple[np.float32, ...], ...]:
    """A piecewise-linear function as the sum of a constant and one ramp per pair of knots.

    Parameters
    ----------
    knots, heights : (m,) float
        Knots ascend.

    Returns
    -------
    tuple of tuples
        Knots, ramps per unit, and the first height with the rises after it. Tuples, because their length is known to the
        compiler: the loop over them is unrolled, and several cells are worked on at a time.
    """
    at, height = np.asarray(knots, np.float64), np.asarray(heights, np.float64)
    return _numbers(at), _numbers(1.0 / np.diff(at)), _numbers(np.diff(height, prepend=0.0))


def add_ramps(t: np.ndarray, function: tuple[tuple[np.float32, ...], ...], out: np.ndarray) -> None:
    """Add a function to ``out``: linear between knots, constant beyond the ends.

    Parameters
    ----------
    t : (n,) float32
        The feature as the model sees it, NaN = unknown: contributes nothing.
    function : tuple
        From :func:`ramps`.
    out : (n,) float32, changed in place
    """
    _add_ramps(t, *function, out)
