"""Learned score of every land cell, and the domain in which the model applies."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sitefinder.ml.dataset import features_at, require_layers
from sitefinder.ml.features import FEATURES
from sitefinder.ml.trees import Trees

if TYPE_CHECKING:
    from sitefinder.grid import Grid
    from sitefinder.layers.stack import LayerStack

#: cells a thread works on at a time: all their layers stay in its cache
CHUNK = 8192
THREADS = 2
#: the dissimilarity is a smooth field: it is computed on every n-th row and column of about this spacing
DOMAIN_SPACING_M = 4000.0
#: beyond the threshold the learned share falls to zero over this fraction of it
FADE = 0.25


@dataclass(frozen=True)
class Domain:
    """Where the training campuses lie in feature space (dissimilarity index, Meyer and Pebesma 2021).

    Parameters
    ----------
    anchors : (n, n_features) float64
        Training campuses, transformed, centred, scaled and weighted by the importance of each feature.
    centre, scale : (n_features,) float64
        Transformation of a cell into that space.
    mean_distance : float
        Mean distance between anchors: the unit of the index.
    threshold : float
        Largest index that counts as known ground, from anchors held out by block.
    """

    anchors: np.ndarray
    centre: np.ndarray
    scale: np.ndarray
    mean_distance: float
    threshold: float

    def index(self, x: np.ndarray) -> np.ndarray:
        """(n,) distance of each row of layer values to the nearest anchor, in mean anchor distances."""
        z = self.place(x)
        best = np.full(len(z), np.inf)
        for start in range(0, len(z), 4096):
            part = z[start : start + 4096]
            square = (part**2).sum(axis=1)[:, None] - 2.0 * part @ self.anchors.T + (self.anchors**2).sum(axis=1)[None]
            best[start : start + 4096] = square.min(axis=1)
        return np.sqrt(np.maximum(best, 0.0)) / self.mean_distance

    def place(self, x: np.ndarray) -> np.ndarray:
        """Layer values as positions in the weighted space; an unknown value sits at the centre."""
        t = np.column_stack([f.transform(x[:, j]) for j, f in enumerate(FEATURES)])
        return np.nan_to_num((t - self.centre) * self.scale)

    def layer_value(self, anchor: np.ndarray, j: int) -> float:
        """Value of layer ``j`` at an anchor, in its own unit; NaN = unknown, or of no importance to the model."""
        if anchor[j] == 0.0:
            return float("nan")
        return float(FEATURES[j].inverse(anchor[j] / self.scale[j] + self.centre[j]))

    def share(self, index: np.ndarray) -> np.ndarray:
        """1 on known ground, 0 well beyond it, straight between."""
        return np.clip(1.0 - (index / self.threshold - 1.0) / FADE, 0.0, 1.0)


def log_odds_everywhere(model: Trees, stack: LayerStack) -> np.ndarray:
    """(n_land,) float32 log-odds of the model, exact but for the rounding of 32-bit numbers.

    Raises
    ------
    DataError
        The stack lacks a layer that the model needs.
    """
    from sitefinder.kernels.trees import add_trees

    require_layers(stack)
    out = np.full(stack.land.size, np.float32(model.intercept), np.float32)
    layers = [stack.values(f.layer) for f in model.features]
    unknown = np.array([stack.has_unknown(f.layer) for f in model.features])
    questions = [np.ascontiguousarray(v, np.float32) for v in (model.at, model.leaf, model.share)]

    def add(a: int) -> None:
        cells = np.stack([layer[a : a + CHUNK] for layer in layers])
        add_trees(cells, model.split, questions, unknown=unknown, out=out[a : a + CHUNK])

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(add, range(0, out.size, CHUNK)))
    return out


def stride_of(grid: Grid) -> int:
    """Cells along the side of the squares whose first cell stands for all in the dissimilarity."""
    return max(1, int(DOMAIN_SPACING_M / grid.resolution_m))


def dissimilarity_everywhere(domain: Domain, stack: LayerStack) -> np.ndarray:
    """(n_land,) float32 dissimilarity index, computed on a thinned lattice of cells and handed to their neighbours."""
    grid = stack.land.grid
    stride = stride_of(grid)
    rows, cols = stack.land.rows_cols(np.arange(stack.land.size))
    key = (rows // stride).astype(np.int64) * (grid.width // stride + 1) + cols // stride
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    return domain.index(features_at(stack, first))[group].astype(np.float32)
