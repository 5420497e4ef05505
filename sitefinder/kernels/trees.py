"""An ensemble of trees of depth two over many cells: every tree is three comparisons, worked on for several cells at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def _side(x: np.float32, at: np.float32, share: np.float32) -> np.float32:
    """1 = left, 0 = right, an unknown value goes both ways by the share of the land that goes left."""
    known = np.float32(1.0) if x <= at else np.float32(0.0)
    return share if np.isnan(x) else known


@njit(cache=True, nogil=True)
def _add_known(cells, split, at, leaf, out) -> None:  # type: ignore[no-untyped-def]
    for t in range(split.shape[0]):
        top, left, right = cells[split[t, 0]], cells[split[t, 1]], cells[split[t, 2]]
        a, b, c = at[t, 0], at[t, 1], at[t, 2]
        v, w, y, z = leaf[t, 0], leaf[t, 1], leaf[t, 2], leaf[t, 3]
        for i in range(out.size):
            low = v if left[i] <= b else w
            high = y if right[i] <= c else z
            out[i] += low if top[i] <= a else high


@njit(cache=True, nogil=True)
def _add_partly_known(cells, split, at, leaf, share, out) -> None:  # type: ignore[no-untyped-def]
    for t in range(split.shape[0]):
        top, left, right = cells[split[t, 0]], cells[split[t, 1]], cells[split[t, 2]]
        a, b, c = at[t, 0], at[t, 1], at[t, 2]
        v, w, y, z = leaf[t, 0], leaf[t, 1], leaf[t, 2], leaf[t, 3]
        for i in range(out.size):
            p, q, r = _side(top[i], a, share[t, 0]), _side(left[i], b, share[t, 1]), _side(right[i], c, share[t, 2])
            out[i] += p * (w + q * (v - w)) + (np.float32(1.0) - p) * (z + r * (y - z))


def add_trees(
    cells: np.ndarray, split: np.ndarray, numbers: Sequence[np.ndarray], *, unknown: np.ndarray, out: np.ndarray
) -> None:
    """Add the values of all trees to ``out``: first those that every cell answers, then those with unknown values.

    Parameters
    ----------
    cells : (n_features, n) float32
        Layer values, NaN = unknown; rows lie together in memory.
    split : (n_trees, 3) int32
        Feature asked at the top, on its left and on its right.
    numbers : (n_trees, 3), (n_trees, 4) and (n_trees, 3) float32
        Largest value that goes left at each question; values of the ends, from the left; share of the land that goes left at
        each question: an unknown value takes both ways with that share.
    unknown : (n_features,) bool
        Features that may have unknown values.
    out : (n,) float32, changed in place
    """
    at, leaf, share = numbers
    asked = unknown[split].any(axis=1)
    _add_known(cells, split[~asked], at[~asked], leaf[~asked], out)
    _add_partly_known(cells, split[asked], at[asked], leaf[asked], share[asked], out)
