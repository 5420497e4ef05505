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


def standing(outlines: Sequence[Any], package: DataPackage, terms: TakenLand) -> dict[str, list[int]]:
    """Rows of the outlines that break each rule; all lists are empty where the land is free.

    Parameters
    ----------
    outlines : sequence of shapely polygons, WGS 84
    package : DataPackage
    terms : TakenLand
        How far the exclusion area of a reactor reaches, which rivers are large, how far a freeway may run from its drawing, and
        which land around a known campus stays free.
    """
    land = _inner(outlines)
    near = shapely.STRtree(land)
    read = _reader(package)
    plants, stations, rivers = read(PLANTS), read(STATIONS), read(RIVERS)
    reactors = plants.geometry.values[plants["mw_nuclear"] > 0]
    things: Mapping[str, Any] = {
        f"plant_{LARGE_PLANT_MW:.0f}mw": plants.geometry.values[plants["mw"] >= LARGE_PLANT_MW],
        "substation": stations.geometry.values[~stations["is_tap"]],
        "known_campus": campus_zones(read(CAMPUS_LABELS), read(DATA_CENTERS), terms),
        "closed_plant": closed(read(REUSABLE)).geometry.values,
        "wastewater_plant": read(WASTEWATER).geometry.values,
        "airport": read(AIRPORTS).geometry.values,
        "airfield": read(AIRFIELDS).geometry.values,
        "town": towns(read(PLACES)).geometry.values,
    }
    broken = {name: np.unique(near.query(geometry, predicate="intersects")[1]) for name, geometry in things.items()}
    broken["reactor_exclusion_area"] = _within(land, near, shapely.buffer(reactors, terms.reactor_exclusion_km * M_PER_KM))
    large = rivers.geometry.values[rivers["flow_m3s"] >= terms.large_river_m3s]
    broken["large_river"] = np.unique(near.query(large, predicate="intersects")[1])
    water = read(OSM_WATER)
    broken["mapped_river"] = _within(land, near, shapely.make_valid(water.geometry.values[water["kind"] == "river"]))
    broken["park"] = _within(land, near, park_outlines(read(PARKS)))
    broken["both_banks"] = _parted(land, near, large)
    highways, corridors = read(HIGHWAYS), read(CORRIDORS)
    broken["freeway_may_cross"] = np.unique(near.query(freeway_zones(highways, corridors, terms), predicate="intersects")[1])
    for name, roads in (("interstate", highways), ("freeway", corridors)):
        broken[f"both_sides_of_{name}"] = _parted(land, near, roads.geometry.values[roads["kind"] == name])
    return {name: rows.tolist() for name, rows in broken.items()}


#: layer of the distance to the centres of cells -> register that it is measured to, and the rows of it
NEAR: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "airport_km": (AIRPORTS, jet_airports),
    "military_km": (MILITARY, lambda sites: sites),
    "superfund_km": (SUPERFUND, lambda sites: sites),
}


def too_near(outlines: Sequence[Any], package: DataPackage, least_km: Mapping[str, float]) -> dict[str, list[int]]:
    """Rows of the outlines any land of which lies nearer to the points of a register than a gate allows.

    Parameters
    ----------
    outlines : sequence of shapely polygons, WGS 84
    package : DataPackage
    least_km : mapping
        Layer of ``NEAR`` to kilometres; a layer that is missing is not looked at.
    """
    read, land = _reader(package), _inner(outlines)
    rows: dict[str, list[int]] = {f"near_{layer.removesuffix('_km')}": [] for layer in NEAR}
    for layer in NEAR.keys() & least_km.keys():
        name, chosen = NEAR[layer]
        points = shapely.STRtree(chosen(read(name)).geometry.values)
        near, _ = points.query(land, predicate="dwithin", distance=least_km[layer] * M_PER_KM)
        rows[f"near_{layer.removesuffix('_km')}"] = np.unique(near).tolist()
    return rows


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
