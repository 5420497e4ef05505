"""Sites as RFC 7946 GeoJSON: WGS 84, right-hand rings, at most six decimals, one feature per line."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from sitefinder.columns import Column

#: about 0.1 m
DECIMALS = 6


def feature_collection(geometries: Sequence[Any], rows: Sequence[Mapping[str, Any]], columns: Sequence[Column]) -> bytes:
    """The file's bytes; properties in the order of ``columns``, rounded as they say, NaN as null."""
    lines = []
    for geometry, row in zip(geometries, rows, strict=True):
        properties = {c.name: _clean(row.get(c.name), c.decimals) for c in columns}
        feature = {"type": "Feature", "geometry": _geometry(geometry), "properties": properties}
        lines.append(json.dumps(feature, separators=(",", ":"), ensure_ascii=False, allow_nan=False))
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
    return text.encode()


def _clean(value: Any, decimals: int | None) -> Any:
    if isinstance(value, float | np.floating | int | np.integer) and not isinstance(value, bool | np.bool_):
        if not math.isfinite(value):
            return None
        if decimals is None:
            return value
        return round(float(value), decimals) if decimals else round(float(value))
    return bool(value) if isinstance(value, np.bool_) else value


def _geometry(geometry: Any) -> dict[str, Any]:
    if geometry.geom_type == "LineString":
        return {"type": "LineString", "coordinates": _ring(geometry)}
    oriented = shapely.orient_polygons(geometry)
    parts = [[_ring(r) for r in (p.exterior, *p.interiors)] for p in shapely.get_parts(oriented)]
    if len(parts) == 1:
        return {"type": "Polygon", "coordinates": parts[0]}
    return {"type": "MultiPolygon", "coordinates": parts}


def _ring(ring: Any) -> list[list[float]]:
    return np.round(shapely.get_coordinates(ring), DECIMALS).tolist()
