"""Obstacles of lines and pipes without a layer elsewhere: woods."""

from __future__ import annotations

import numpy as np

from sitefinder.layers.files import LANDCOVER
from sitefinder.layers.sources import Sources
from sitefinder.layers.spec import layer

#: MODIS IGBP classes of closed woods: needle and broad leaves, evergreen and deciduous, mixed
FOREST_CLASSES = (1, 5)


@layer(
    layer_id="forest_pct",
    family="land",
    title="Forest (5 km majority class)",
    unit="%",
    meaning="100 where closed forest is the majority land cover of the 5 km pixel, otherwise 0.",
    better="context",
    valid=(0.0, 100.0),
    sources=(LANDCOVER,),
    grade="E5",
    caveat="One class per 5 km pixel of 2019; woods within farm land and open woods are not in it.",
)
def forest_pct(sources: Sources) -> np.ndarray:
    """Majority class as 0 or 100."""
    cover = sources.raster(LANDCOVER, method="nearest")
    woods = (cover >= FOREST_CLASSES[0]) & (cover <= FOREST_CLASSES[1])
    return np.where(np.isnan(cover), np.nan, np.where(woods, 100.0, 0.0)).astype(np.float32)
