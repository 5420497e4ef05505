"""What is taken of the land of each campus, by cause, in percent and in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sitefinder.layers.stack import LayerStack
from sitefinder.layers.taken import LAYER_OF, WORDS
from sitefinder.sites.campuses import Campus, Field

#: causes that are told, and the layer of each: what stands on the land, and water
TOLD = {**LAYER_OF, "water": "open_water_pct"}
TOLD_WORDS = {**WORDS, "water": "lakes and mapped water"}
#: layers that tell what is taken of a campus
LAYERS = tuple(TOLD.values())
#: causes below this share of a footprint are left out of the words, %
LEAST_PCT = 0.05


class Taken(NamedTuple):
    """Share of a footprint that something stands on already, or that is under water.

    Parameters
    ----------
    taken_pct : float
    taken_by : str
        Causes with their shares, largest first; empty where nothing is known to stand there.
    """

    taken_pct: float
    taken_by: str


def taken(campuses: Sequence[Campus], field: Field, stack: LayerStack) -> list[Taken]:
    """What is taken of the land of each campus; of a user's parcel with the cells that a gate excludes.

    Parameters
    ----------
    campuses : sequence of Campus
    field : Field
    stack : LayerStack
    """
    if not campuses:
        return []
    cells = [np.concatenate([c.cells, c.excluded]) for c in campuses]
    area = np.concatenate([np.concatenate([c.share, c.excluded_share]) for c in campuses])
    first = np.cumsum([0] + [part.size for part in cells[:-1]])
    index = field.land.index_of(np.concatenate(cells))
    whole = np.add.reduceat(area, first)
    of = {cause: stack.at(layer, index).astype(np.float64) for cause, layer in TOLD.items()}
    size = [part.size for part in cells]
    for cause, percent in of.items():
        percent[np.repeat([cause in c.cleared for c in campuses], size)] = 0.0
    left = np.prod([1.0 - percent / 100.0 for percent in of.values()], axis=0)

    def mean(percent: np.ndarray) -> np.ndarray:
        return np.add.reduceat(percent * area, first) / whole

    shares, everything = {cause: mean(percent) for cause, percent in of.items()}, mean(100.0 * (1.0 - left))
    return [Taken(float(everything[i]), _words({c: shares[c][i] for c in shares})) for i in range(len(campuses))]


def _words(shares: dict[str, float]) -> str:
    named = sorted((-share, cause) for cause, share in shares.items() if share >= LEAST_PCT)
    return "; ".join(f"{TOLD_WORDS[cause]} {-share:.1f} %" for share, cause in named)
