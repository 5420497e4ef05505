"""What is taken of the land of each campus, by cause, in percent and in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sitefinder.layers.stack import LayerStack
from sitefinder.layers.taken import LAYER_OF, WORDS
from sitefinder.sites.campuses import Campus, Field

#: layer of all causes together
ALL = "land_taken_pct"
#: layers that tell what is taken of a campus
LAYERS = (ALL, *LAYER_OF.values())
#: causes below this share of a footprint are left out of the words, %
LEAST_PCT = 0.05


class Taken(NamedTuple):
    """Share of a footprint that something stands on already.

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
    area = np.concatenate([np.concatenate([c.share, np.ones(c.excluded.size)]) for c in campuses])
    first = np.cumsum([0] + [part.size for part in cells[:-1]])
    index = field.land.index_of(np.concatenate(cells))
    whole = np.add.reduceat(area, first)
    shares = {k: np.add.reduceat(stack.at(k, index) * area, first) / whole for k in LAYERS}
    return [Taken(float(shares[ALL][i]), _words({c: shares[k][i] for c, k in LAYER_OF.items()})) for i in range(len(campuses))]


def _words(shares: dict[str, float]) -> str:
    named = sorted((-share, cause) for cause, share in shares.items() if share >= LEAST_PCT)
    return "; ".join(f"{WORDS[cause]} {-share:.1f} %" for share, cause in named)
