"""Reading the user's list of sites: CSV, GeoJSON and GeoParquet into rows with a geometry or a problem."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import shapely

from sitefinder.errors import SitesError
from sitefinder.files import Json
from sitefinder.sites.own_headers import (
    ACRES,
    HEAD_LINES,
    LAT,
    LON,
    NAME,
    WKT,
    clean,
    columns_of,
    is_header,
    is_separator_line,
    missing,
    twice,
)
from sitefinder.sites.stated import NOTHING, STATED, Stated, stated_of

HEADER = "a header with the columns lat and lon, or wkt (and optionally name, acres, and what you state)"
KINDS = {".csv": "csv", ".geojson": "geojson", ".json": "geojson", ".parquet": "parquet", ".geoparquet": "parquet"}
#: most acres that a row may ask for, as in candidates.acres
MAX_ACRES = 100_000.0
#: WGS 84 with the longitude first, as GeoJSON has it; what a file without a declaration holds
LONLAT = "OGC:CRS84"
#: the sign that word processors put before a negative number
MINUS = "\N{MINUS SIGN}"
#: bytes that every vertex of a well-known-binary polygon takes at least: two doubles
VERTEX_BYTES = 16


@dataclass(frozen=True)
class Limits:
    """Limits of a file, checked before it is worked on.

    Parameters
    ----------
    file_bytes : int
    vertices : int
        Of the whole file.
    site_vertices : int
        Of one site: a surveyed parcel has tens, a national forest some ten thousand.
    sites : int
    """

    file_bytes: int = 500_000_000
    vertices: int = 1_000_000
    site_vertices: int = 100_000
    sites: int = 10_000


@dataclass(frozen=True)
class Entry:
    """One row or feature of the file.

    Parameters
    ----------
    place : str
        "row 3" or "feature 2".
    name : str
    geometry : shapely geometry or None
        In the file's coordinates.
    acres : float or None
        What the row asks for.
    stated : Stated
        What the row states against the registers.
    problem : str or None
        Why there is no geometry, with the remedy.
    """

    place: str
    name: str
    geometry: Any = None
    acres: float | None = None
    stated: Stated = NOTHING
    problem: str | None = None


@dataclass(frozen=True)
class Listing:
    """Rows in file order and the coordinate reference system of their coordinates, as pyproj reads it."""

    entries: list[Entry]
    crs: Any = LONLAT


def read_listing(path: Path, limits: Limits) -> Listing:
    """Rows of the file; a row that cannot be used holds its problem.

    Raises
    ------
    SitesError
        The file as a whole cannot be used: missing, of another kind, not text, empty, too large, no header, unknown CRS.
    """
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise SitesError(f"Invalid SITES file {path}. It must end in .csv or .geojson (or .json, .parquet, .geoparquet).")
    try:
        size = path.stat().st_size
        if size > limits.file_bytes:
            raise _too_large(path, f"{size / 1e6:,.0f} MB", f"{limits.file_bytes / 1e6:,.0f} MB")
        content = path.read_bytes()
    except OSError as error:
        raise SitesError(f"Cannot read SITES file {path}: {error.strerror}. Correct the path.") from None
    read = {"csv": _from_csv, "geojson": _from_geojson, "parquet": _from_parquet}[kind]
    listing = read(path, content, limits)
    if not listing.entries:
        raise SitesError(f"Empty SITES file {path}. Give at least one site below {HEADER}, or one polygon or point.")
    if len(listing.entries) > limits.sites:
        raise _too_large(path, f"{len(listing.entries):,} sites", f"{limits.sites:,}")
    return listing


def _too_large(path: Path, amount: str, limit: str) -> SitesError:
    return SitesError(f"Invalid SITES file {path}: it holds {amount}, the limit is {limit}. Simplify or split it.")


def clean_name(name: Any, number: int) -> str:
    """A name on one line without control characters; a number where there is none.

    Raises
    ------
    UnicodeEncodeError
        The name holds half a character (a lone surrogate).
    """
    text = name if isinstance(name, str) else "" if name is None or isinstance(name, dict | list | bool) else str(name)
    text.encode()
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text or f"site {number}"


def _text(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SitesError(f"Cannot read SITES file {path}: it is not UTF-8 text. Save it as UTF-8.") from None


# -- CSV -----------------------------------------------------------------------------------------------------------------


def _from_csv(path: Path, content: bytes, limits: Limits) -> Listing:
    reader = csv.reader(io.StringIO(_text(path, content), newline=""), strict=True)
    column: dict[str, int] | None = None
    entries: list[Entry] = []
    header: list[str] | None = None
    width, line, seen = 0, 1, 0
    try:
        for fields in reader:
            first, line = line, reader.line_num + 1  # a quoted name may run over several lines: the first one counts
            if not any(f.strip() for f in fields):
                continue
            if column is None:
                if header is None and is_separator_line(fields):
                    continue
                header = header or fields
                seen += 1
                if is_header(fields) or seen >= HEAD_LINES:
                    column, width = _columns(path, fields if is_header(fields) else header), len(fields)
                continue
            entries.append(_csv_entry(fields, column, width, place=f"row {first}", number=len(entries) + 1))
            if len(entries) > limits.sites:
                raise _too_large(path, f"more than {limits.sites:,} sites", f"{limits.sites:,}")
    except csv.Error as error:
        raise SitesError(f"Invalid SITES file {path}, row {line}: {error}. Save it as plain CSV.") from None
    if column is None and header is not None:
        _columns(path, header)
    return Listing(entries)


def _columns(path: Path, fields: Sequence[str]) -> dict[str, int]:
    names = clean(fields)
    for sign, separator in ((";", "semicolons"), ("\t", "tabs")):
        if len(names) == 1 and sign in names[0]:
            raise SitesError(f"Invalid SITES file {path}: it is separated by {separator}. Save it separated by commas.")
    if not is_header(fields):
        raise SitesError(f"Invalid SITES file {path}: {missing(fields)}. Give it {HEADER}.")
    if repeated := twice(fields):
        raise SitesError(f"Invalid SITES file {path}: the column '{repeated}' stands twice. Remove or rename one.")
    return columns_of(fields)


def _csv_entry(fields: Sequence[str], column: dict[str, int], width: int, *, place: str, number: int) -> Entry:
    def field(name: str) -> str:
        i = column.get(name, len(fields))
        return fields[i].strip() if i < len(fields) else ""

    entry = Entry(place, clean_name(field(NAME), number))
    if any(f.strip() for f in fields[width:]):
        text = f"it has {len(fields)} fields, the header has {width}. Put text with commas in quotes, write numbers with a point."
        return replace(entry, problem=text)
    entry = _with_stated(entry, {name: field(name) for name in STATED})
    if entry.problem:
        return entry
    if WKT in column and not (field(LAT) and field(LON)):
        return _with_wkt(entry, field(WKT), field(ACRES) or None)
    try:
        lat, lon = (float(field(name).replace(MINUS, "-")) for name in (LAT, LON))
    except ValueError:
        return replace(entry, problem="lat and lon must be decimal degrees. Correct the row.")
    if not (math.isfinite(lat) and math.isfinite(lon)):
        return replace(entry, problem="a coordinate is not a number. Correct it.")
    return _with_acres(replace(entry, geometry=shapely.Point(lon, lat)), field(ACRES) or None)


def _with_wkt(entry: Entry, text: str, acres: Any) -> Entry:
    """The entry with the geometry of a well-known text, or with its problem."""
    geometry = shapely.from_wkt(text, on_invalid="ignore") if text else None
    if geometry is None:
        return replace(entry, problem="its geometry is not proper WKT. Correct the row.")
    entry = replace(entry, geometry=geometry)
    return _with_acres(entry, acres) if geometry.geom_type == "Point" else entry


def _with_stated(entry: Entry, values: Mapping[str, Any]) -> Entry:
    """The entry with what its row states, or with the problem of that."""
    stated = stated_of(values)
    return replace(entry, problem=stated) if isinstance(stated, str) else replace(entry, stated=stated)


def _with_acres(entry: Entry, value: Any) -> Entry:
    """The entry with its acres, or with their problem."""
    if value is None:
        return entry
    try:
        acres = float(value)
    except (TypeError, ValueError):
        acres = math.nan
    if not 0 < acres <= MAX_ACRES:
        text = f"acres '{str(value)[:20]}' must be a number above 0 and up to {MAX_ACRES:,.0f}. Correct it or leave it empty."
        return replace(entry, geometry=None, problem=text)
    return replace(entry, acres=acres)


# -- GeoJSON -------------------------------------------------------------------------------------------------------------


def _from_geojson(path: Path, content: bytes, limits: Limits) -> Listing:
    if content.count(b"[") > limits.vertices:  # every vertex opens a bracket: counted in a tenth of a second, not parsed
        raise _too_large(path, f"about {content.count(b'['):,} vertices", f"{limits.vertices:,}")
    text = _text(path, content)
    if not text.strip():
        return Listing([])
    broken = SitesError(f"Invalid SITES file {path}: it is not GeoJSON with geometries. Export it again.")
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        raise broken from None
    if not isinstance(whole, dict) or "type" not in whole:
        raise broken
    crs = _declared_crs(path, whole)
    features = whole.get("features") if whole["type"] == "FeatureCollection" else [whole]
    if not isinstance(features, list):
        raise broken
    return Listing([_geojson_entry(f, n, top=f is whole) for n, f in enumerate(features, start=1)], crs)


def _declared_crs(path: Path, whole: Json) -> Any:
    if "crs" not in whole:
        return LONLAT
    try:
        return whole["crs"]["properties"]["name"]
    except (KeyError, TypeError):
        raise SitesError(
            f'Invalid SITES file {path}: its "crs" names no coordinate reference system. Give its name, e.g. EPSG:26914, '
            "or remove it for WGS 84 longitudes and latitudes."
        ) from None


def _geojson_entry(feature: Any, number: int, *, top: bool) -> Entry:
    entry = Entry(f"feature {number}", f"site {number}")
    if not isinstance(feature, dict):
        return replace(entry, problem="it is no GeoJSON feature. Export it again.")
    is_feature = feature.get("type") == "Feature"
    properties = feature.get("properties") or {}
    if not isinstance(properties, dict):
        return replace(entry, problem="its properties are not an object. Export it again.")
    properties = {str(key).strip().lower(): value for key, value in reversed(properties.items())}
    try:
        entry = replace(entry, name=clean_name(properties.get(NAME), number))
    except UnicodeEncodeError:
        return replace(entry, problem="its name is not proper Unicode text. Correct the name.")
    entry = _with_stated(entry, properties)
    if entry.problem:
        return entry
    if "crs" in feature and not top:
        return replace(entry, problem='it declares its own "crs". Declare one for the whole file.')
    shape = feature.get("geometry") if is_feature else feature
    if shape is None:
        return replace(entry, problem="it has no geometry. Draw it or remove it.")
    try:
        geometry = shapely.geometry.shape(shape)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, shapely.errors.ShapelyError):
        return replace(entry, problem="its geometry is not proper GeoJSON. Export it again.")
    entry = replace(entry, geometry=geometry)
    return _with_acres(entry, properties.get(ACRES)) if geometry.geom_type == "Point" else entry


# -- GeoParquet ----------------------------------------------------------------------------------------------------------


def _from_parquet(path: Path, content: bytes, limits: Limits) -> Listing:
    import pyarrow
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(content))
        about = json.loads((file.schema_arrow.metadata or {}).get(b"geo", b"{}"))
        column = about.get("primary_column")
        known = about["columns"][column] if column in file.schema_arrow.names else None
    except (pyarrow.ArrowException, OSError, ValueError, KeyError, TypeError, AttributeError):
        raise SitesError(f"Invalid SITES file {path}: it is not a readable GeoParquet file. Export it again.") from None
    if known is None or known.get("encoding") != "WKB":
        raise SitesError(f"Invalid SITES file {path}: it has no geometry column in WKB. Write it as GeoParquet 1.0.")
    if "crs" in known and known["crs"] is None:
        raise SitesError(f"Invalid SITES file {path}: it declares no coordinate reference system. Set one and export it again.")
    if file.metadata.num_rows > limits.sites:
        raise _too_large(path, f"{file.metadata.num_rows:,} sites", f"{limits.sites:,}")
    stored = sum(file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups))
    if stored > limits.file_bytes:
        raise _too_large(path, f"{stored / 1e6:,.0f} MB unpacked", f"{limits.file_bytes / 1e6:,.0f} MB")
    written = {c.strip().lower(): c for c in reversed(file.schema_arrow.names)}
    wanted = {c: written[c] for c in (NAME, ACRES, *STATED) if c in written}
    try:
        table = file.read(columns=[column, *wanted.values()]).to_pydict()
    except (pyarrow.ArrowException, OSError, ValueError):
        raise SitesError(f"Invalid SITES file {path}: it is not a readable GeoParquet file. Export it again.") from None
    blobs = table[column]
    vertices = sum(len(b) for b in blobs if b is not None) // VERTEX_BYTES
    if vertices > limits.vertices:
        raise _too_large(path, f"about {vertices:,} vertices", f"{limits.vertices:,}")
    empty = [None] * len(blobs)
    rows = zip(blobs, *(table.get(wanted.get(c), empty) for c in (NAME, ACRES, *STATED)), strict=True)
    return Listing([_parquet_entry(*row, number=n) for n, row in enumerate(rows, start=1)], known.get("crs", LONLAT))


def _parquet_entry(blob: bytes | None, name: Any, acres: Any, *stated: Any, number: int) -> Entry:
    entry = _with_stated(Entry(f"row {number}", clean_name(name, number)), dict(zip(STATED, stated, strict=True)))
    if entry.problem:
        return entry
    if blob is None:
        return replace(entry, problem="it has no geometry. Draw it or remove it.")
    geometry = shapely.from_wkb(blob, on_invalid="ignore")
    if geometry is None:
        return replace(entry, problem="its geometry is not proper WKB. Export it again.")
    entry = replace(entry, geometry=geometry)
    if geometry.geom_type != "Point" or (isinstance(acres, float) and math.isnan(acres)):  # data frames write a gap as NaN
        return entry
    return _with_acres(entry, acres)
