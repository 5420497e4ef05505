"""GeoJSON: a collection, one feature, a bare geometry, or one feature a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import shapely

from sitefinder.errors import SitesError
from sitefinder.files import Json
from sitefinder.sites.reading.delimited import decoded
from sitefinder.sites.reading.entry import Limits, too_large
from sitefinder.sites.reading.table import Row, Table

#: what begins a record of a GeoJSON text sequence (RFC 8142)
RECORD = "\x1e"
#: positions may hold more than a height: a measure, a time
MOST_NUMBERS = 3


def read_features(path: Path, content: bytes, limits: Limits) -> Table | None:
    """The table of a GeoJSON file; None for JSON of other kinds that GDAL knows (Esri JSON, TopoJSON).

    Raises
    ------
    SitesError
        The file is no GeoJSON, too large, or names its reference system in a way that cannot be read.
    """
    if content.count(b"[") > limits.vertices:  # every vertex opens a bracket: counted in a tenth of a second, not parsed
        raise too_large(path, f"about {content.count(b'['):,} vertices", f"{limits.vertices:,}")
    text, _ = decoded(path, content)
    if not text.strip():
        return Table((), [])
    whole = _parsed(path, text)
    if _is_foreign(whole):
        return None
    crs = _declared_crs(path, whole)
    features = whole.get("features") if whole["type"] == "FeatureCollection" else [whole]
    if not isinstance(features, list):
        raise _broken(path)
    rows = [_row(f, n, top=f is whole) for n, f in enumerate(features, start=1)]
    columns = dict.fromkeys(column for row in rows for column in row.values)
    return Table(tuple(columns), rows, crs)


def _broken(path: Path) -> SitesError:
    return SitesError(f"Invalid SITES file {path}: it is not GeoJSON with geometries. Export it again.")


def _is_foreign(whole: Json) -> bool:
    """Whether a JSON object is one of Esri's or a topology."""
    esri = isinstance(whole.get("features"), list) and ("geometryType" in whole or "spatialReference" in whole)
    return (esri and whole.get("type") != "FeatureCollection") or whole.get("type") == "Topology"


def _parsed(path: Path, text: str) -> Json:
    """The object of the file; features one a line become a collection."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        whole = _sequence(path, text)
    if not isinstance(whole, dict) or not ("type" in whole or _is_foreign(whole)):
        raise _broken(path)
    return whole


def _sequence(path: Path, text: str) -> Json:
    lines = [line for line in text.replace(RECORD, "\n").splitlines() if line.strip()]
    try:
        features = [json.loads(line) for line in lines]
    except (ValueError, RecursionError):
        raise _broken(path) from None
    if len(features) < 2 or not all(isinstance(f, dict) and "type" in f for f in features):
        raise _broken(path)
    return {"type": "FeatureCollection", "features": features}


def _declared_crs(path: Path, whole: Json) -> Any:
    if "crs" not in whole:
        return None
    try:
        member = whole["crs"]
        if str(member["type"]).upper() == "EPSG":
            return f"EPSG:{int(member['properties']['code'])}"
        return member["properties"]["name"]
    except (KeyError, TypeError, ValueError):
        raise SitesError(
            f'Invalid SITES file {path}: its "crs" names no coordinate reference system. Give its name, e.g. EPSG:26914, '
            "or remove it for WGS 84 longitudes and latitudes."
        ) from None


def _row(feature: Any, number: int, *, top: bool) -> Row:
    place = f"feature {number}"
    if not isinstance(feature, dict):
        return Row(place, {}, problem="it is no GeoJSON feature. Export it again.")
    is_feature = feature.get("type") == "Feature"
    properties = (feature.get("properties") or {}) if is_feature else {}
    if not isinstance(properties, dict):
        return Row(place, {}, problem="its properties are not an object. Export it again.")
    if "crs" in feature and not top:
        return Row(place, properties, problem='it declares its own "crs". Declare one for the whole file.')
    shape = feature.get("geometry") if is_feature else feature
    if shape is None:
        return Row(place, properties, problem="it has no geometry. Draw it or remove it.")
    try:
        geometry = shapely.geometry.shape(_flat(shape))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, shapely.errors.ShapelyError):
        return Row(place, properties, problem="its geometry is not proper GeoJSON. Export it again.")
    return Row(place, properties, geometry)


def _flat(shape: Any) -> Any:
    """A geometry whose positions hold at most a height: shapely refuses longer ones."""
    if not isinstance(shape, dict):
        return shape
    if isinstance(shape.get("geometries"), list):
        return shape | {"geometries": [_flat(part) for part in shape["geometries"]]}
    return shape | {"coordinates": _short(shape["coordinates"])} if "coordinates" in shape else shape


def _short(positions: Any) -> Any:
    if not isinstance(positions, list) or not positions:
        return positions
    if isinstance(positions[0], list):
        return [_short(p) for p in positions]
    return positions[:MOST_NUMBERS]
