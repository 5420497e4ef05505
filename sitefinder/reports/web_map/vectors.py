"""Lines, points and areas of the map, simplified and packed.

A packed shape is a list of parts; the bytes are deflated unsigned LEB128 numbers: for each feature the number of parts, for each
part the number of positions, then zigzag differences of longitude and latitude in steps of :data:`STEP` degrees, starting anew
with each feature.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from sitefinder.grid import to_wgs84
from sitefinder.layers.package import DataPackage
from sitefinder.reports.web_map.inputs import Layer
from sitefinder.reports.web_map.varint import leb128

#: degrees: 55 m to the north, 43 m to the east at 38 degrees
STEP = 0.0005
#: metres by which lines may leave their true course
STRAIGHT_M = 150.0
#: the same for boundaries of counties and states
BOUNDARY_M = 400.0
#: smallest water body shown, km2, and smallest river, m3/s
LEAST_WATER_KM2, LEAST_FLOW_M3S = 3.0, 10.0
#: smallest voltage of lines and stations, kV
LEAST_LINE_KV, LEAST_STATION_KV = 138, 345
#: smallest place named, people
LEAST_PEOPLE = 15_000
#: a district lies this near to its city, metres, and is listed with at least this share of the city's people
DISTRICT_M, DISTRICT_SHARE = 15_000.0, 0.84


def packed(geometries: Sequence[Any]) -> bytes:
    """Bytes of WGS 84 geometries; see the module.

    Parameters
    ----------
    geometries : sequence of shapely geometry
        Points, lines, polygons (the outline first, then its holes) and multiples of lines.
    """
    parts, owner = _parts(np.array(geometries, object))
    corners, part = shapely.get_coordinates(parts, return_index=True)
    steps = np.round(corners / STEP).astype(np.int64)
    kept = np.ones(len(steps), bool)
    kept[1:] = (np.diff(steps, axis=0) != 0).any(axis=1) | (np.diff(part) != 0)
    steps, part = steps[kept], part[kept]
    change = np.diff(steps, axis=0, prepend=np.zeros((1, 2), np.int64))
    begins = np.diff(owner[part], prepend=-1) != 0
    change[begins] = steps[begins]
    numbers = np.zeros(len(geometries) + len(parts) + change.size, np.int64)
    length = np.bincount(part, minlength=len(parts))
    at = owner + 1 + np.arange(len(parts)) + 2 * (np.cumsum(length) - length)  # of the number of positions of each part
    numbers[at] = length
    pairs = at[part] + 1 + 2 * (np.arange(len(part)) - (np.cumsum(length) - length)[part])
    numbers[pairs], numbers[pairs + 1] = ((change << 1) ^ (change >> 63)).T
    count = np.bincount(owner, minlength=len(geometries))
    before = np.cumsum(count) - count  # parts of the features before each
    positions = np.concatenate([[0], np.cumsum(length)])
    numbers[np.arange(len(geometries)) + before + 2 * positions[before]] = count
    return zlib.compress(leb128(numbers), 9)


def _parts(geometries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points, lines and rings, those of a feature one after the other, and the number of their feature."""
    pieces, owner = shapely.get_parts(geometries, return_index=True)
    area = shapely.get_type_id(pieces) == shapely.GeometryType.POLYGON
    rings, piece = shapely.get_rings(pieces[area], return_index=True)
    parts, owner = np.concatenate([pieces[~area], rings]), np.concatenate([owner[~area], owner[area][piece]])
    order = np.argsort(owner, kind="stable")
    return parts[order], owner[order]


def _text(values: Any) -> list[str | None]:
    return [None if v is None or v != v else str(v) for v in values]  # NaN is not itself


def _number(values: Any, decimals: int = 0) -> list[float | int | None]:
    return [
        None if v is None or not math.isfinite(v) else (round(float(v), decimals) if decimals else round(float(v)))
        for v in np.asarray(values, np.float64)
    ]


def joined_lines(frame: Any, key: str) -> tuple[np.ndarray, list[Any]]:
    """Lines of equal attribute joined end to end and straightened, and the attribute of each."""
    lines: list[Any] = []
    values: list[Any] = []
    for value, group in frame.groupby(key):
        merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(shapely.get_parts(group.geometry.values))))
        lines += list(shapely.simplify(merged, STRAIGHT_M))
        values += [value] * len(merged)
    return np.array(lines, object), values


def _line_layer(frame: Any, key: str) -> tuple[dict[str, list[Any]], list[Any]]:
    lines, values = joined_lines(frame, key)
    return {key: [v if isinstance(v, str) else int(v) for v in values]}, list(to_wgs84(lines))


def _boundaries(frame: Any) -> list[Any]:
    """Each boundary once, joined to long lines that share their end points."""
    polygons = shapely.coverage_simplify(frame.geometry.to_numpy(), BOUNDARY_M)
    lines = shapely.line_merge(shapely.union_all(shapely.boundary(polygons)))
    return list(to_wgs84(shapely.get_parts(lines)))


def _states(frame: Any) -> tuple[dict[str, list[Any]], list[Any]]:
    return {}, _boundaries(frame)


def _land(frame: Any) -> tuple[dict[str, list[Any]], list[Any]]:
    whole = shapely.simplify(shapely.union_all(shapely.buffer(frame.geometry.to_numpy(), 50.0)), BOUNDARY_M)
    return {}, list(to_wgs84(shapely.get_parts(whole)))


def _water(frame: Any) -> tuple[dict[str, list[Any]], list[Any]]:
    large = frame[frame["area_km2"] >= LEAST_WATER_KM2].explode()
    return {"kind": _text(large["kind"])}, list(to_wgs84(shapely.simplify(large.geometry.to_numpy(), STRAIGHT_M)))


def _rivers(frame: Any) -> tuple[dict[str, list[Any]], list[Any]]:
    large = frame[frame["flow_m3s"] >= LEAST_FLOW_M3S].copy()
    classes = np.array([10, 100, 1000])
    large["flow_m3s"] = classes[np.searchsorted(classes, large["flow_m3s"], side="right") - 1]
    return _line_layer(large, "flow_m3s")


def _transmission(frame: Any) -> tuple[dict[str, list[Any]], list[Any]]:
    return _line_layer(frame[frame["kv_class"] >= LEAST_LINE_KV].rename(columns={"kv_class": "kv"}), "kv")


def _pipelines(frame: Any) -> tuple[dict[str, list[Any]], list[Any]]:
    return _line_layer(frame, "kind")


def _stations(frame: Any) -> tuple[dict[str, list[Any]], list[Any]]:
    large = frame[frame["kv"] >= LEAST_STATION_KV]
    columns: dict[str, list[Any]] = {
        "name": _text(large["name"]),
        "kv": _number(large["kv"]),
        **{f"headroom_mw_{q}": _number(large[f"n1_{q}"]) for q in ("p10", "p50", "p90")},
    }
    return columns, list(to_wgs84(large.geometry.to_numpy()))


def _centers(frame: Any) -> tuple[dict[str, list[Any]], list[Any]]:
    columns: dict[str, list[Any]] = {
        "name": _text(frame["name"]),
        "operator": _text(frame["operator"]),
        "mw": _number(frame["mw"]),
    }
    return columns, list(to_wgs84(frame.geometry.to_numpy()))


def _moratoria(frame: Any) -> tuple[dict[str, list[Any]], list[Any]]:
    columns = {k: _text(frame[k]) for k in ("jurisdiction", "state", "status", "enacted", "expires")}
    return columns, list(to_wgs84(frame.geometry.to_numpy()))


def _places(frame: Any) -> tuple[dict[str, list[Any]], list[Any]]:
    large = frame[frame["population"].fillna(0) >= LEAST_PEOPLE].sort_values("population", ascending=False, kind="stable")
    large = large[~districts(large)]
    return {"name": _text(large["name"]), "people": _number(large["population"])}, list(to_wgs84(large.geometry.to_numpy()))


def districts(frame: Any) -> np.ndarray:
    """(n,) bool: places that carry the population of the city whose name theirs ends with, as "New South Memphis" does.

    A fault of the register of places: the number of the whole city stands at some of its districts.

    Parameters
    ----------
    frame : GeoDataFrame
        ``name``, ``population`` and points in metres.
    """
    points, names = frame.geometry.to_numpy(), frame["name"].to_numpy(str)
    people = frame["population"].to_numpy(np.float64)
    is_district = np.zeros(len(frame), bool)
    for one, other in shapely.STRtree(points).query(points, predicate="dwithin", distance=DISTRICT_M).T:
        is_district[one] |= names[one].endswith(f" {names[other]}") and people[one] >= DISTRICT_SHARE * people[other]
    return is_district


#: name -> title, kind, compiled file, how it is made; in the order of the layer picker
SOURCES: Mapping[str, tuple[str, str, str, Callable[[Any], tuple[dict[str, list[Any]], list[Any]]]]] = {
    "land": ("Land", "area", "boundaries/states.parquet", _land),
    "water": ("Lakes and wide rivers", "area", "share_alike/open_water_osm.parquet", _water),
    "rivers": ("Rivers", "line", "water/rivers.parquet", _rivers),
    "counties": ("County lines", "line", "boundaries/counties.parquet", _states),
    "states": ("State lines", "line", "boundaries/states.parquet", _states),
    "transmission": ("Transmission lines", "line", "grid/transmission_lines.parquet", _transmission),
    "stations": ("Substations of 345 kV and more", "point", "grid/headroom.parquet", _stations),
    "gas": ("Gas pipelines", "line", "gas/pipelines.parquet", _pipelines),
    "fiber": ("Fiber corridors (roads, rails)", "line", "fiber/corridors.parquet", _pipelines),
    "centers": ("Existing data centers", "point", "share_alike/campus_labels.parquet", _centers),
    "moratoria": ("Data-center moratoria", "point", "policy/moratoria.parquet", _moratoria),
    "places": ("Towns", "point", "land/places.parquet", _places),
}


def layers_of(package: DataPackage) -> list[Layer]:
    """All layers of the compiled data.

    Parameters
    ----------
    package : DataPackage

    Raises
    ------
    DataError
        A compiled file is missing or damaged.
    """
    return [vector_layer(name, package) for name in SOURCES]


def vector_layer(name: str, package: DataPackage) -> Layer:
    """One layer of the compiled data, packed for the page."""
    import geopandas

    title, kind, file, make = SOURCES[name]
    columns, geometries = make(geopandas.read_parquet(package.verified(file)))
    return Layer(name, title, kind, columns, packed(geometries), credit_of(package, file))


def credit_of(package: DataPackage, file: str) -> str:
    """Publisher, vintage and licence of a compiled file in one line."""
    entry = package.entry(file)
    return f"{entry['publisher']}, {entry['vintage']}; {entry['licence']}"


def routes_layer(features: Sequence[Mapping[str, Any]]) -> Layer:
    """The least-cost connections of the sites.

    Parameters
    ----------
    features : sequence of dict
        Lines of ``connections.geojson``.
    """
    names = ("site_id", "route", "to", "km")
    columns = {k: [f["properties"].get(k) for f in features] for k in names}
    lines = [shapely.LineString(f["geometry"]["coordinates"]) for f in features]
    return Layer(
        "routes", "Connections of the sites", "line", columns, packed(shapely.simplify(lines, STEP)), "computed in this run"
    )
