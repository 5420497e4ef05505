"""A synthetic country on which campuses were put near substations: layers, land, regions."""

from __future__ import annotations

import numpy as np

from sitefinder.ml.features import FEATURES
from sitefinder.ml.train import Sample

N_FEATURES = len(FEATURES)


COLUMN = {f.layer: j for j, f in enumerate(FEATURES)}


NEAR = COLUMN["substation_230_km"]


SIDE_M = 1_000_000.0


N_LABELS, N_LAND, N_BACKGROUND = 120, 400, 400


RULES = {
    "nearest 230 kV substation",
    "nearest data center",
    "population within 10 km",
    "nine distances, equal decay",
    "weighted score",
}


LEARNED = {"learned score", "fused score"}


def region(xy):
    """Two market regions, west and east; a strip in the far east has none."""
    return np.where(xy[:, 0] > 0.95 * SIDE_M, -1, (xy[:, 0] > SIDE_M / 2).astype(int)).astype(np.int32)


def layers(n, rng, near):
    """Uniform layers, substations within a distance."""
    x = rng.uniform(0.0, 100.0, (n, N_FEATURES))
    x[:, NEAR] = rng.uniform(0.0, near, n)
    return x


def land(n, rng):
    """Places anywhere."""
    xy = rng.uniform(0.0, SIDE_M, (n, 2))
    return Sample(np.arange(n), xy, layers(n, rng, 100.0), rng.random(n) < 0.9, rng.uniform(20.0, 80.0, n), region(xy))
