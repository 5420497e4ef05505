"""Islands that a source of lakes draws as lakes: outlines without holes, in which each island is one more outline."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

#: an outline lies in a lake when at least this part of it does
WITHIN_SHARE = 0.8
#: it fills a hole of that lake when at most this part of it is water of the lake
HOLE_SHARE = 0.5
#: inside the water itself a smaller outline is an island, a larger one the same lake at another level
ISLAND_OF_LAKE = 0.25


def without_islands(lakes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The lakes without the outlines that are their islands; an island inside drawn water is cut out of it.

    Lakes on islands stay: what lies in an outline that is an island itself is no island of it.

    Parameters
    ----------
    lakes : GeoDataFrame
        Polygons in EPSG:5070.
    """
    water = shapely.make_valid(lakes.geometry.values)
    filled = np.array([_filled(polygon) for polygon in water])
    area = shapely.area(water)
    inner, outer = shapely.STRtree(filled).query(water, predicate="intersects")
    larger = shapely.area(filled[outer]) > area[inner] / WITHIN_SHARE
    inner, outer = inner[larger], outer[larger]
    within = shapely.area(shapely.intersection(water[inner], filled[outer])) >= WITHIN_SHARE * area[inner]
    inner, outer = _smallest(inner[within], outer[within], area)
    in_water = shapely.area(shapely.intersection(water[inner], water[outer])) / area[inner]
    holes = np.unique(inner[in_water <= HOLE_SHARE])
    drowned = (in_water > HOLE_SHARE) & (area[inner] < ISLAND_OF_LAKE * area[outer]) & ~np.isin(outer, holes)
    for lake in np.unique(outer[drowned]):
        water[lake] = shapely.difference(water[lake], shapely.union_all(water[inner[drowned & (outer == lake)]]))
    island = np.isin(np.arange(len(lakes)), np.concatenate([holes, inner[drowned]]))
    return lakes.set_geometry(water)[~island].reset_index(drop=True)


def _smallest(inner: np.ndarray, outer: np.ndarray, area: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of the pairs of each inner outline, the one with the smallest outer."""
    order = np.lexsort((area[outer], inner))
    inner, outer = inner[order], outer[order]
    first = np.concatenate([[True], inner[1:] != inner[:-1]]) if inner.size else np.zeros(0, bool)
    return inner[first], outer[first]


def _filled(polygon: shapely.Geometry) -> shapely.Geometry:
    """The polygon without its holes."""
    parts = [part for part in shapely.get_parts(polygon) if part.geom_type == "Polygon"]
    return shapely.union_all(shapely.polygons(shapely.get_exterior_ring(parts)))
