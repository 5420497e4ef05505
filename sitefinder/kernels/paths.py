"""Following the directions that a least-cost search leaves in a raster; needs no compiler."""

from __future__ import annotations

import numpy as np

#: (row, column) steps by direction code; codes k and 7 - k are opposite
STEPS = np.array([(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)], np.int64)
#: direction code of a source cell, and of a cell that no way reaches
SOURCE, UNREACHED = 8, -1


def follow(direction: np.ndarray, cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ways of some cells to their sources.

    Parameters
    ----------
    direction : (rows, columns) int8
        Of :func:`sitefinder.kernels.cost_distance.spread`.
    cells : (n,) int64
        Flat cells.

    Returns
    -------
    path : (m,) int64
        Flat cells of all ways one after the other, each from its cell to its source, both included.
    offset : (n + 1,) int64
        Where each way starts in ``path``; a cell that no way reaches has an empty one.
    """
    flat, cols = direction.reshape(-1), direction.shape[1]
    step = STEPS[:, 0] * cols + STEPS[:, 1]
    at = np.asarray(cells, np.int64)
    walking = np.flatnonzero(flat[at] != UNREACHED)
    walkers, places = [walking], [at[walking]]
    here = places[0]
    while walking.size:
        code = flat[here]
        moving = code != SOURCE
        walking, here = walking[moving], here[moving] + step[code[moving]]
        walkers.append(walking)
        places.append(here)
    who = np.concatenate(walkers)
    order = np.argsort(who, kind="stable")
    return np.concatenate(places)[order], np.searchsorted(who[order], np.arange(len(at) + 1)).astype(np.int64)
