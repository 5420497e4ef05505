"""A strict check of GeoJSON text against RFC 7946, used by the tests of every file of sites.

Stricter than the RFC where a file of sites has no need for its freedom: no ``crs`` member (section 4), properties always
an object, at most six decimals (section 11.2), no member twice.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

DECIMALS = 6
GEOMETRIES = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection")
#: members that may not appear on objects of another kind (section 7.1)
RESERVED = {
    "FeatureCollection": ("coordinates", "geometries", "geometry", "properties"),
    "Feature": ("coordinates", "geometries", "features"),
    "geometry": ("geometry", "properties", "features"),
}
#: nesting of positions in ``coordinates``
DEPTH = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}


def problems(raw: bytes) -> list[str]:
    """Everything that is wrong with a GeoJSON feature collection, one text per fault; empty when it is right."""
    faults: list[str] = []
    try:
        text = raw.decode("utf-8")
        content = json.loads(text, parse_float=Decimal, parse_constant=_constant, object_pairs_hook=_members)
    except ValueError as error:
        return [f"not JSON: {error}"]
    if not isinstance(content, dict) or content.get("type") != "FeatureCollection":
        return ["the top is not a FeatureCollection"]
    _members_of(content, "FeatureCollection", "collection", faults)
    features = content.get("features")
    if not isinstance(features, list):
        return [*faults, "collection: features is not an array"]
    for number, feature in enumerate(features):
        _feature(feature, f"feature {number}", faults)
    ids = [f["id"] for f in features if isinstance(f, dict) and "id" in f]
    if len(set(map(repr, ids))) != len(ids):
        faults.append("collection: an id appears twice")
    return faults


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member appears twice")
    return members


def _members_of(item: dict[str, Any], kind: str, place: str, faults: list[str]) -> None:
    if "crs" in item:
        faults.append(f"{place}: crs member")
    faults += [f"{place}: member {name} belongs to another type" for name in RESERVED[kind] if name in item]
    if "bbox" in item:
        _bbox(item["bbox"], place, faults)


def _bbox(box: Any, place: str, faults: list[str]) -> None:
    if not isinstance(box, list) or len(box) not in (4, 6) or not all(_number(v) for v in box):
        faults.append(f"{place}: bbox is not four or six numbers")
    elif box[1] > box[len(box) // 2 + 1]:
        faults.append(f"{place}: bbox has south above north")


def _feature(feature: Any, place: str, faults: list[str]) -> None:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        faults.append(f"{place}: is not a Feature")
        return
    _members_of(feature, "Feature", place, faults)
    if not isinstance(feature.get("properties"), dict):
        faults.append(f"{place}: properties is not an object")
    if isinstance(feature.get("id", ""), bool) or not isinstance(feature.get("id", ""), str | int | Decimal):
        faults.append(f"{place}: id is neither text nor number")
    if "geometry" not in feature:
        faults.append(f"{place}: geometry is missing")
    elif feature["geometry"] is not None:
        _geometry(feature["geometry"], place, faults)


def _geometry(geometry: Any, place: str, faults: list[str]) -> None:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in GEOMETRIES:
        faults.append(f"{place}: unknown geometry type {kind}")
        return
    _members_of(geometry, "geometry", place, faults)
    if kind == "GeometryCollection":
        for part in geometry.get("geometries", [None]):
            _geometry(part, place, faults)
        return
    if not _nested(geometry.get("coordinates"), DEPTH[kind]):
        faults.append(f"{place}: coordinates of a {kind} are not nested as its type demands")
        return
    coordinates = geometry["coordinates"]
    for position in _flat(coordinates, DEPTH[kind]):
        _position(position, place, faults)
    lines = {"LineString": [coordinates], "MultiLineString": coordinates}.get(kind, [])
    faults += [f"{place}: a line has fewer than two positions" for line in lines if len(line) < 2]
    for polygon in {"Polygon": [coordinates], "MultiPolygon": coordinates}.get(kind, []):
        _polygon(polygon, place, faults)


def _number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _nested(value: Any, depth: int) -> bool:
    if not isinstance(value, list):
        return False
    return all(_nested(v, depth - 1) for v in value) if depth else all(_number(v) for v in value)


def _flat(value: list[Any], depth: int) -> list[Any]:
    return [value] if depth == 0 else [p for v in value for p in _flat(v, depth - 1)]


def _position(position: list[Any], place: str, faults: list[str]) -> None:
    if len(position) not in (2, 3):
        faults.append(f"{place}: a position has {len(position)} numbers")
        return
    lon, lat = position[:2]
    if not -180 <= lon <= 180 or not -90 <= lat <= 90:
        faults.append(f"{place}: ({lon}, {lat}) is no longitude and latitude")
    if any(isinstance(v, Decimal) and -int(v.as_tuple().exponent) > DECIMALS for v in position):
        faults.append(f"{place}: ({lon}, {lat}) has more than {DECIMALS} decimals")


def _polygon(rings: list[Any], place: str, faults: list[str]) -> None:
    if not rings:
        faults.append(f"{place}: a polygon has no ring")
    for number, ring in enumerate(rings):
        if len(ring) < 4:
            faults.append(f"{place}: a ring has fewer than four positions")
        elif ring[0] != ring[-1]:
            faults.append(f"{place}: a ring is not closed")
        elif _twice_area(ring) == 0:
            faults.append(f"{place}: a ring has no area")
        elif (_twice_area(ring) > 0) != (number == 0):
            faults.append(f"{place}: {'exterior ring is clockwise' if number == 0 else 'hole is counter-clockwise'}")


def _twice_area(ring: list[Any]) -> Decimal:
    """Signed: positive for counter-clockwise rings."""
    x, y = [Decimal(p[0]) for p in ring], [Decimal(p[1]) for p in ring]
    return sum((x[i] * y[i + 1] - x[i + 1] * y[i] for i in range(len(ring) - 1)), Decimal(0))
