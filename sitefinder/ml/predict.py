"""The learned score of every land cell: look-up tables, the common 0-100 scale, and where the model may speak at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from sitefinder.ml.dataset import features_at
from sitefinder.ml.features import FEATURES
from sitefinder.ml.models import Additive
from sitefinder.stack import LayerStack

#: entries of a feature's table: knots can lie a thousandth of the range apart
TABLE_SIZE = 32_768
#: cells a thread works on at a time
CHUNK = 1_000_000
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

    def share(self, index: np.ndarray) -> np.ndarray:
        """1 on known ground, 0 well beyond it, straight between."""
        return np.clip(1.0 - (index / self.threshold - 1.0) / FADE, 0.0, 1.0)


def log_odds_everywhere(model: Additive, stack: LayerStack) -> np.ndarray:
    """(n_land,) float32 log-odds of the additive model by look-up tables."""
    from sitefinder.kernels.additive import add_table

    out = np.full(stack.land.size, np.float32(model.intercept), np.float32)
    with ThreadPoolExecutor(THREADS) as pool:
        for j, feature in enumerate(model.features):
            low, high = model.knots[j][0], model.knots[j][-1]
            at = np.linspace(low, high, TABLE_SIZE)
            table = np.interp(at, model.knots[j], model.heights[j]).astype(np.float32)
            look_up = (feature.log, float(low), float((high - low) / (TABLE_SIZE - 1)), table)
            x = stack.values(feature.layer)
            starts = range(0, out.size, CHUNK)
            list(pool.map(lambda a, x=x, t=look_up: add_table(x[a : a + CHUNK], *t, out[a : a + CHUNK]), starts))
    return out


def dissimilarity_everywhere(domain: Domain, stack: LayerStack) -> np.ndarray:
    """(n_land,) float32 dissimilarity index, computed on a thinned lattice of cells and handed to their neighbours."""
    grid = stack.land.grid
    stride = max(1, int(DOMAIN_SPACING_M / grid.resolution_m))
    rows, cols = stack.land.rows_cols(np.arange(stack.land.size))
    key = (rows // stride).astype(np.int64) * (grid.width // stride + 1) + cols // stride
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    return domain.index(features_at(stack, first))[group].astype(np.float32)
