"""The user's own sites: points or parcels read from CSV or GeoJSON, checked, and turned into campuses."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from sitefinder.candidates import Campus, Field, campus_at
from sitefinder.config import Config
from sitefinder.errors import SitesError
from sitefinder.grid import CRS

#: longitude and latitude box of the contiguous United States, with a margin
LON, LAT = (-125.5, -66.0), (24.0, 50.0)
COLUMNS = "a header with the columns lat and lon (and optionally name)"


@dataclass(frozen=True)
class UserSite:
    """One row or feature of the user's file.

    Parameters
    ----------
    name : str
    place : str
        File and row, for messages.
    geometry : shapely geometry
        Point or polygon in EPSG:5070.
    outline : shapely geometry or None
        The polygon as given, WGS 84; None for a point.
    """

    name: str
    place: str
    geometry: Any
    outline: Any = None


def read_sites(path: Path) -> list[UserSite]:
    """Read a CSV (lat, lon, optional name) or GeoJSON (points, polygons) in WGS 84.

    Raises
    ------
    SitesError
        The file is missing, empty, of another kind, or a site is not in the contiguous United States.
    """
    if path.suffix.lower() not in (".csv", ".geojson", ".json"):
        raise SitesError(f"Invalid SITES file {path}. It must end in .csv or .geojson.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SitesError(f"Cannot read SITES file {path}: {error.strerror}. Correct the path.") from None
    except UnicodeDecodeError:
        raise SitesError(f"Cannot read SITES file {path}: it is not UTF-8 text. Save it as UTF-8.") from None
    rows = _from_csv(path, text) if path.suffix.lower() == ".csv" else _from_geojson(path, text)
    if not rows:
        raise SitesError(f"Empty SITES file {path}. Give at least one site below {COLUMNS}, or one GeoJSON feature.")
    from pyproj import Transformer

    forward = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
    sites = []
    for name, place, geometry in rows:
        _check_position(place, geometry)
        projected = shapely.transform(geometry, lambda x, y: forward.transform(x, y), interleaved=False)
        sites.append(UserSite(name, place, projected, None if geometry.geom_type == "Point" else geometry))
    return sites


def _from_csv(path: Path, text: str) -> list[tuple[str, str, Any]]:
    try:
        return _csv_rows(path, csv.DictReader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise SitesError(f"Invalid SITES file {path}: {error}. Save it as plain CSV.") from None


def _csv_rows(path: Path, reader: csv.DictReader[str]) -> list[tuple[str, str, Any]]:
    names = [n.strip().lower() for n in reader.fieldnames or []]
    if not names:
        return []
    missing = [c for c in ("lat", "lon") if c not in names]
    if missing:
        raise SitesError(f"Invalid SITES file {path}: it lacks the column '{missing[0]}'. Give it {COLUMNS}.")
    reader.fieldnames = names
    rows: list[tuple[str, str, Any]] = []
    for row in reader:
        place = f"{path}, row {reader.line_num}"
        try:
            lat, lon = float(row["lat"]), float(row["lon"])
        except (TypeError, ValueError):
            raise SitesError(f"Invalid SITES file {place}: lat and lon must be decimal degrees. Correct the row.") from None
        rows.append(((row.get("name") or "").strip() or f"site {len(rows) + 1}", place, shapely.Point(lon, lat)))
    return rows


def _from_geojson(path: Path, text: str) -> list[tuple[str, str, Any]]:
    if not text.strip():
        return []
    try:
        content = json.loads(text)
        features = content["features"] if content["type"] == "FeatureCollection" else [content]
        shapes = [shapely.geometry.shape(f["geometry"]) for f in features]
        names = [(f.get("properties") or {}).get("name") for f in features]
        json.dumps(names, ensure_ascii=False).encode()
    except (ValueError, KeyError, TypeError, AttributeError, shapely.errors.ShapelyError):
        raise SitesError(f"Invalid SITES file {path}: it is not GeoJSON with geometries. Export it again.") from None
    rows = []
    for number, (name, geometry) in enumerate(zip(names, shapes, strict=True), start=1):
        place = f"{path}, feature {number}"
        if geometry.geom_type not in ("Point", "Polygon", "MultiPolygon"):
            raise SitesError(f"Invalid SITES file {place}: {geometry.geom_type} is not a point or polygon. Correct it.")
        if geometry.is_empty or not geometry.is_valid:
            raise SitesError(f"Invalid SITES file {place}: the geometry is empty or crosses itself. Correct it.")
        rows.append((str(name) if name else f"site {number}", place, geometry))
    return rows


def _check_position(place: str, geometry: Any) -> None:
    west, south, east, north = geometry.bounds
    if not all(math.isfinite(v) for v in geometry.bounds):
        raise SitesError(f"Invalid SITES file {place}: a coordinate is not a number. Correct it.")
    if LON[0] <= west and east <= LON[1] and LAT[0] <= south and north <= LAT[1]:
        return
    if LON[0] <= south and north <= LON[1] and LAT[0] <= west and east <= LAT[1]:
        raise SitesError(
            f"Invalid SITES file {place}: latitude and longitude are swapped. Put latitude under lat (GeoJSON: lon first)."
        )
    raise SitesError(
        f"Invalid SITES file {place}: ({south:g}, {west:g}) lies outside the contiguous United States. "
        "Use WGS 84 degrees, west longitudes negative, or remove the site."
    )


def campus_of(site: UserSite, field: Field, config: Config) -> Campus:
    """The campus of a user's site: grown around a point, or the cells of a parcel by their share in it.

    Raises
    ------
    SitesError
        The site lies in the sea, in a lake beyond the shore, or across the border.
    """
    anchor = site.geometry if site.geometry.geom_type == "Point" else site.geometry.representative_point()
    grid, position = field.land.grid, field.land.position
    row, col = (int(v) for v in grid.cell_at(anchor.x, anchor.y))
    if not grid.inside(np.array(row), np.array(col)) or position[row, col] < 0:
        raise SitesError(
            f"Invalid SITES file {site.place}: it lies outside the land of the contiguous United States. Correct or remove it."
        )
    if site.geometry.geom_type == "Point":
        return campus_at(field, config, row, col)
    return _parcel(site, field, config, (row, col))


def _parcel(site: UserSite, field: Field, config: Config, seed: tuple[int, int]) -> Campus:
    grid, size = field.land.grid, field.land.grid.resolution_m
    west, south, east, north = site.geometry.bounds
    (top, bottom), (left, right) = grid.cell_at(np.array([west, east]), np.array([north, south]))
    rows, cols = np.mgrid[max(top, 0) : min(bottom + 1, grid.height), max(left, 0) : min(right + 1, grid.width)]
    x, y = grid.centre(rows.ravel(), cols.ravel())
    boxes = shapely.box(x - size / 2, y - size / 2, x + size / 2, y + size / 2)
    share = shapely.area(shapely.intersection(boxes, site.geometry)) / size**2
    flat = rows.ravel() * grid.width + cols.ravel()
    inside = (share > 0) & (field.land.position.reshape(-1)[flat] >= 0)
    order = np.argsort(flat[inside] != seed[0] * grid.width + seed[1], kind="stable")
    cells, share = flat[inside][order].astype(np.int32), share[inside][order]
    free = ~np.isnan(field.score.reshape(-1)[cells])
    acres = float((field.acres.reshape(-1)[cells] * share)[free].sum())
    if not free.any():
        return Campus(cells, share, 0.0, enough=False)
    return Campus(cells[free], share[free], acres, enough=acres >= config.campus_acres, excluded=cells[~free])
