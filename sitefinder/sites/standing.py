"""Whether the footprints of a list hold what no campus can be built on: counted on the registers, not on the layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from sitefinder.config.land import TakenLand
from sitefinder.grid import from_wgs84
from sitefinder.layers.families.land_access import jet_airports, towns
from sitefinder.layers.files import (
    AIRFIELDS,
    AIRPORTS,
    CAMPUS_LABELS,
    CORRIDORS,
    DATA_CENTERS,
    HIGHWAYS,
    MILITARY,
    OSM_WATER,
    PARKS,
    PLACES,
    PLANTS,
    REUSABLE,
    RIVERS,
    STATIONS,
    SUPERFUND,
    WASTEWATER,
)
from sitefinder.layers.kept_clear import campus_zones, freeway_zones
from sitefinder.layers.package import DataPackage
from sitefinder.layers.taken import LARGE_PLANT_MW, closed, park_outlines
from sitefinder.units import M2_PER_ACRE, M_PER_KM

#: compiled files that the checks read
FILES = (
    *(AIRFIELDS, AIRPORTS, CAMPUS_LABELS, CORRIDORS, DATA_CENTERS, HIGHWAYS, OSM_WATER),
    *(MILITARY, PARKS, PLACES, PLANTS, REUSABLE, RIVERS, STATIONS, SUPERFUND, WASTEWATER),
)
#: a footprint lies on both banks, or in an exclusion area, when at least this many acres of it do
LEAST_ACRES = 5.0
#: corners of footprints are rounded to this many metres, so that what only touches their border is not inside
BORDER_M = 1.0


#: things that stand on a footprint when they touch it: rules of the same name
TOUCHED = (
    *(f"plant_{LARGE_PLANT_MW:.0f}mw", "substation", "known_campus", "closed_plant", "wastewater_plant"),
    *("airport", "airfield", "town", "large_river", "freeway_may_cross"),
)
#: areas that a footprint may share a mere corner with: rules of the same name
SHARED = ("reactor_exclusion_area", "mapped_river", "park")
#: lines that may not part a footprint, and their rules
PARTED = {"large_river": "both_banks", "interstate": "both_sides_of_interstate", "freeway": "both_sides_of_freeway"}
#: names of all :func:`things`
THINGS = (*TOUCHED, *SHARED, "interstate", "freeway")


def things(package: DataPackage, terms: TakenLand) -> dict[str, np.ndarray]:
    """Shapes of what no campus can be built on, (n,) each, EPSG:5070; keys as ``THINGS``.

    Parameters
    ----------
    package : DataPackage
    terms : TakenLand
        How far the exclusion area of a reactor reaches, which rivers are large, how far a freeway may run from its drawing, and
        which land around a known campus stays free.
    """
    read = _reader(package)
    plants, stations, rivers, water = read(PLANTS), read(STATIONS), read(RIVERS), read(OSM_WATER)
    highways, corridors = read(HIGHWAYS), read(CORRIDORS)
    reactors = plants.geometry.values[plants["mw_nuclear"] > 0]
    shapes: Mapping[str, Any] = {
        f"plant_{LARGE_PLANT_MW:.0f}mw": plants.geometry.values[plants["mw"] >= LARGE_PLANT_MW],
        "substation": stations.geometry.values[~stations["is_tap"]],
        "known_campus": campus_zones(read(CAMPUS_LABELS), read(DATA_CENTERS), terms),
        "closed_plant": closed(read(REUSABLE)).geometry.values,
        "wastewater_plant": read(WASTEWATER).geometry.values,
        "airport": read(AIRPORTS).geometry.values,
        "airfield": read(AIRFIELDS).geometry.values,
        "town": towns(read(PLACES)).geometry.values,
        "large_river": rivers.geometry.values[rivers["flow_m3s"] >= terms.large_river_m3s],
        "freeway_may_cross": freeway_zones(highways, corridors, terms),
        "reactor_exclusion_area": shapely.buffer(reactors, terms.reactor_exclusion_km * M_PER_KM),
        "mapped_river": shapely.make_valid(water.geometry.values[water["kind"] == "river"]),
        "park": park_outlines(read(PARKS)),
        "interstate": highways.geometry.values[highways["kind"] == "interstate"],
        "freeway": corridors.geometry.values[corridors["kind"] == "freeway"],
    }
    return {name: np.asarray(shapes[name], object) for name in THINGS}


def standing(outlines: Sequence[Any], shapes: Mapping[str, np.ndarray]) -> dict[str, list[int]]:
    """Rows of the outlines that break each rule; all lists are empty where the land is free.

    Parameters
    ----------
    outlines : sequence of shapely polygons, WGS 84
    shapes : mapping
        From :func:`things`; those far from all outlines may be left out.
    """
    land = _inner(outlines)
    near = shapely.STRtree(land)
    broken = {name: np.unique(near.query(shapes[name], predicate="intersects")[1]) for name in TOUCHED}
    broken |= {name: _within(land, near, shapes[name]) for name in SHARED}
    broken |= {rule: _parted(land, near, shapes[name]) for name, rule in PARTED.items()}
    return {name: rows.tolist() for name, rows in broken.items()}


#: layer of the distance to the centres of cells -> register that it is measured to, and the rows of it
NEAR: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "airport_km": (AIRPORTS, jet_airports),
    "military_km": (MILITARY, lambda sites: sites),
    "superfund_km": (SUPERFUND, lambda sites: sites),
}


def near_points(package: DataPackage) -> dict[str, np.ndarray]:
    """Points that a gate may ask a distance to, (n,) each, EPSG:5070; keys as ``NEAR``."""
    read = _reader(package)
    return {layer: np.asarray(chosen(read(name)).geometry.values, object) for layer, (name, chosen) in NEAR.items()}


def too_near(outlines: Sequence[Any], points: Mapping[str, np.ndarray], least_km: Mapping[str, float]) -> dict[str, list[int]]:
    """Rows of the outlines any land of which lies nearer to the points of a register than a gate allows.

    Parameters
    ----------
    outlines : sequence of shapely polygons, WGS 84
    points : mapping
        From :func:`near_points`; those far from all outlines may be left out.
    least_km : mapping
        Layer of ``NEAR`` to kilometres; a layer that is missing is not looked at.
    """
    land = _inner(outlines)
    rows: dict[str, list[int]] = {f"near_{layer.removesuffix('_km')}": [] for layer in NEAR}
    for layer in NEAR.keys() & least_km.keys():
        tree = shapely.STRtree(points[layer])
        near, _ = tree.query(land, predicate="dwithin", distance=least_km[layer] * M_PER_KM)
        rows[f"near_{layer.removesuffix('_km')}"] = np.unique(near).tolist()
    return rows


def boxes(outlines: Sequence[Any], more_m: float) -> np.ndarray:
    """(n, 4) bounds of the outlines in EPSG:5070, so many metres wider on each side."""
    around: np.ndarray = shapely.bounds(from_wgs84(outlines)) + more_m * np.array([-1.0, -1.0, 1.0, 1.0])
    return around


def overlapping(outlines: Sequence[Any], areas: np.ndarray) -> list[int]:
    """Rows of the outlines that share more than a mere corner with the areas.

    Parameters
    ----------
    outlines : sequence of shapely polygons, WGS 84
    areas : (n,) shapely polygons, EPSG:5070
    """
    land = _inner(outlines)
    return _within(land, shapely.STRtree(land), areas).tolist()


def _inner(outlines: Sequence[Any]) -> np.ndarray:
    """(n,) polygons in EPSG:5070, drawn in by the rounding of their corners."""
    return shapely.buffer(from_wgs84(outlines), -BORDER_M, join_style="mitre")


def _reader(package: DataPackage) -> Callable[[str], Any]:
    import geopandas

    return lambda name: geopandas.read_parquet(package.verified(name))


def _within(land: np.ndarray, near: shapely.STRtree, areas: np.ndarray) -> np.ndarray:
    """Rows of the polygons that share more than a mere corner with the areas."""
    area, row = near.query(areas, predicate="intersects")
    shared_m2 = np.bincount(row, shapely.area(shapely.intersection(land[row], areas[area])), minlength=len(land))
    return np.flatnonzero(shared_m2 >= LEAST_ACRES * M2_PER_ACRE)


def _parted(land: np.ndarray, near: shapely.STRtree, lines: np.ndarray) -> np.ndarray:
    """Rows of the polygons that the lines cut into parts, the second largest not a mere corner."""
    line, row = near.query(lines, predicate="intersects")
    rows = [i for i in np.unique(row) if _second_part_m2(land[i], lines[line[row == i]]) >= LEAST_ACRES * M2_PER_ACRE]
    return np.array(rows, np.int64)


def _second_part_m2(polygon: Any, lines: np.ndarray) -> float:
    """Area of the second largest part into which lines cut a polygon; 0 where it stays whole."""
    cut = shapely.difference(polygon, shapely.buffer(shapely.union_all(lines), BORDER_M))
    whole = shapely.get_num_geometries(polygon)
    areas = np.sort(shapely.area(shapely.get_parts(cut)))[::-1]
    return float(areas[whole]) if areas.size > whole else 0.0
