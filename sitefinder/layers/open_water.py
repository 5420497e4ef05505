"""Open water: lakes, reservoirs, wide rivers, and the arms of the sea that the outlines of counties take in."""

from __future__ import annotations

import numpy as np

from sitefinder.layers.files import ELEVATION, LAKES, OSM_WATER, SEA
from sitefinder.layers.sources import Sources

#: files that open water rests on
FILES = (LAKES, OSM_WATER, SEA, ELEVATION)
#: outlines of lakes are this far off, m (caveat of the file)
OFF_M = 500.0
#: a lake counts by the finer outlines alone where they map at least this part of its area within ``OFF_M``
MAPPED_SHARE = 0.9
#: height up to which land beyond a coast drawn for maps is the sea, m: heights are whole metres, those of the sea 0
SEA_LEVEL_M = 1.0


def water_share(sources: Sources) -> np.ndarray:
    """(n_land,) float32 share of each cell that is open water, 0..1."""

    def measure() -> np.ndarray:
        mapped = sources.covered(sources.features(OSM_WATER).geometry.values)
        lakes = sources.covered(_lakes_mapped_nowhere_else(sources))
        low = np.nan_to_num(sources.raster(ELEVATION, method="nearest")) <= SEA_LEVEL_M
        sea = sources.covered(sources.features(SEA).geometry.values) * low
        return np.maximum(np.maximum(lakes, mapped), sea)

    return sources.once(("water share",), measure)


def _lakes_mapped_nowhere_else(sources: Sources) -> np.ndarray:
    """Outlines of lakes that the finer ones lack: two drawings of one shore would add up to a lake that is too large."""
    import shapely

    lakes = shapely.make_valid(sources.features(LAKES).geometry.values)
    finer = shapely.make_valid(sources.features(OSM_WATER).geometry.values)
    around = shapely.buffer(shapely.simplify(lakes, OFF_M / 2.0), OFF_M, quad_segs=2)
    lake, other = shapely.STRtree(finer).query(around, predicate="intersects")
    shared = shapely.area(shapely.intersection(around[lake], finer[other]))
    return lakes[np.bincount(lake, shared, minlength=len(lakes)) < MAPPED_SHARE * shapely.area(lakes)]
