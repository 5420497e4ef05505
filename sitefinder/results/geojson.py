"""Sites as RFC 7946 GeoJSON: WGS 84, right-hand rings, at most six decimals, one feature per line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from sitefinder.columns import Column
from sitefinder.results.site import Site

#: about 0.1 m
DECIMALS = 6


def feature_collection(geometries: Sequence[Any], rows: Sequence[Mapping[str, Any]], columns: Sequence[Column]) -> bytes:
    """The file's bytes; properties in the order of ``columns``, rounded as they say, NaN as null."""
    return _collection(geometries, [{c.name: c.written(row[c.name]) for c in columns} for row in rows])


def _collection(geometries: Sequence[Any], properties_of: Sequence[Mapping[str, Any]]) -> bytes:
    lines = []
    for geometry, properties in zip(geometries, properties_of, strict=True):
        feature = {"type": "Feature", "geometry": _geometry(geometry), "properties": properties}
        lines.append(json.dumps(feature, separators=(",", ":"), ensure_ascii=False, allow_nan=False))
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
    return text.encode()


def sites_geojson(sites: Sequence[Site], outlines: Sequence[Any]) -> bytes:
    """The file of a list of sites: every column of :func:`sitefinder.results.site.columns`, in its order.

    Parameters
    ----------
    sites : sequence of Site
    outlines : sequence of shapely geometry
        WGS 84.
    """
    return _collection(outlines, [site.values for site in sites])


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
