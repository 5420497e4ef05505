"""Land, continued: who lives around a cell, block groups spread over the land where people live."""

from __future__ import annotations

import numpy as np

from sitefinder.layers.files import PEOPLE
from sitefinder.layers.residents import residents_within_km
from sitefinder.layers.sources import Sources
from sitefinder.layers.spec import layer

_CAVEAT = (
    "Block groups of 2020 spread over built-up land, places and open country: a farm house is not seen where it stands, people "
    "across the border are missing."
)


@layer(
    layer_id="people_2km",
    family="land",
    title="People within 2 km",
    unit="people",
    meaning="Residents within 2 km of the cell centre, block groups spread over the land where people live.",
    better="low",
    valid=(0.0, 5_000_000.0),
    sources=(PEOPLE,),
    grade="E4",
    caveat=_CAVEAT,
)
def people_2km(sources: Sources) -> np.ndarray:
    """Sum of residents."""
    return residents_within_km(sources, 2.0)


@layer(
    layer_id="people_10km",
    family="land",
    title="People within 10 km",
    unit="people",
    meaning="Residents within 10 km of the cell centre, block groups spread over the land where people live.",
    better="low",
    valid=(0.0, 5_000_000.0),
    sources=(PEOPLE,),
    grade="E4",
    caveat=_CAVEAT,
)
def people_10km(sources: Sources) -> np.ndarray:
    """Sum of residents."""
    return residents_within_km(sources, 10.0)
