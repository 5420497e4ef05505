"""Sites as RFC 7946 GeoJSON: WGS 84, right-hand rings, at most six decimals, one feature per line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from sitefinder.columns import Column
from sitefinder.files import Json
from sitefinder.results.site import Site

#: about 0.1 m
DECIMALS = 6


def features_of(geometries: Sequence[Any], rows: Sequence[Mapping[str, Any]], columns: Sequence[Column]) -> list[Json]:
    """Features whose properties are in the order of ``columns``, rounded as they say, NaN as null.

    Parameters
    ----------
    geometries : (n,) sequence of shapely geometry
        WGS 84.
    rows : (n,) sequence of mapping
        Column name -> value.
    columns : sequence of Column
    """
    written = ({c.name: c.written(row[c.name]) for c in columns} for row in rows)
    return [_feature(geometry, row) for geometry, row in zip(geometries, written, strict=True)]


def site_features(sites: Sequence[Site], outlines: Sequence[Any]) -> list[Json]:
    """Features of a list of sites: every column of :func:`sitefinder.results.site.columns`, in its order.

    Parameters
    ----------
    sites : sequence of Site
    outlines : sequence of shapely geometry
        WGS 84.
    """
    return [_feature(outline, site.values) for site, outline in zip(sites, outlines, strict=True)]


def collection(features: Sequence[Mapping[str, Any]]) -> bytes:
    """A file of features."""
    lines = [json.dumps(f, separators=(",", ":"), ensure_ascii=False, allow_nan=False) for f in features]
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
    return text.encode()


def _feature(geometry: Any, properties: Mapping[str, Any]) -> Json:
    return {"type": "Feature", "geometry": _geometry(geometry), "properties": properties}


def _geometry(geometry: Any) -> Json:
    if geometry.geom_type == "LineString":
        return {"type": "LineString", "coordinates": _ring(geometry)}
    oriented = shapely.orient_polygons(geometry)
    parts = [[_ring(r) for r in (p.exterior, *p.interiors)] for p in shapely.get_parts(oriented)]
    if len(parts) == 1:
        return {"type": "Polygon", "coordinates": parts[0]}
    return {"type": "MultiPolygon", "coordinates": parts}


def _ring(ring: Any) -> list[list[float]]:
    return np.round(shapely.get_coordinates(ring), DECIMALS).tolist()
