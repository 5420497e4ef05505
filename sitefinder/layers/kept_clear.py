"""What campuses keep clear of: zones around things that part or take the land, wider than what these take themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sitefinder.layers.files import CAMPUS_LABELS, CORRIDORS, DATA_CENTERS, HIGHWAYS, MILITARY_AREAS, OSM_WATER
from sitefinder.layers.sources import Sources
from sitefinder.layers.taken import campus_acres, disc_radius_m, rivers_share, touched_share

if TYPE_CHECKING:
    from sitefinder.config.land import TakenLand


def large_rivers(sources: Sources) -> np.ndarray:
    """(n_land,) float32 share of each cell within rivers that part the land: of a large flow, or mapped as an area."""
    terms = sources.config.section("land")
    water = sources.features(OSM_WATER)
    mapped = touched_share(sources, water.geometry.values[water["kind"] == "river"])
    return np.maximum(rivers_share(sources, terms, terms.large_river_m3s), mapped)


def freeway_zones(highways: Any, corridors: Any, terms: TakenLand) -> np.ndarray:
    """Areas within which a drawn freeway may run, (n,) polygons: interstates of both files, other freeways of one."""
    import shapely

    drawn = [roads.geometry.values[roads["kind"] == kind] for roads, kind in ((highways, "interstate"), (corridors, "freeway"))]
    return shapely.buffer(np.concatenate(drawn), terms.freeway_error_m, quad_segs=4)


def campus_zones(campuses: Any, buildings: Any, terms: TakenLand) -> np.ndarray:
    """Land of known campuses and of mapped buildings of data centers with the clearance around, (n,) polygons.

    Parameters
    ----------
    campuses, buildings : GeoDataFrame
        Points; the latter with the mapped area of each, m2.
    terms : TakenLand
    """
    import shapely

    around = terms.campus.clearance_m
    radius = np.concatenate(
        [disc_radius_m(campus_acres(campuses, terms)), np.sqrt(buildings["footprint_m2"].to_numpy(np.float64) / np.pi)]
    )
    return shapely.buffer(np.concatenate([campuses.geometry.values, buildings.geometry.values]), radius + around)


def near_freeways(sources: Sources) -> np.ndarray:
    """(n_land,) float32 share of each cell within the error of a drawn freeway, above 0 wherever it is touched."""
    zones = freeway_zones(sources.features(HIGHWAYS), sources.features(CORRIDORS), sources.config.section("land"))
    return touched_share(sources, zones)


def near_military(sources: Sources) -> np.ndarray:
    """(n_land,) float32 share of each cell within the clearance of a mapped military area, above 0 wherever it is touched."""
    import shapely

    areas = sources.features(MILITARY_AREAS).geometry.values
    return touched_share(sources, shapely.buffer(areas, sources.config.section("land").military_clearance_m, quad_segs=4))


def near_campuses(sources: Sources) -> np.ndarray:
    """(n_land,) float32 share of each cell within known campuses and the clearance around, above 0 wherever it is touched."""
    zones = campus_zones(sources.features(CAMPUS_LABELS), sources.features(DATA_CENTERS), sources.config.section("land"))
    return touched_share(sources, zones)
