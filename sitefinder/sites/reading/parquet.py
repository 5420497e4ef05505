"""GeoParquet: the geometry in WKB, every other column that is no geometry."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import shapely

from sitefinder.errors import SitesError
from sitefinder.files import parse_json
from sitefinder.sites.reading.entry import VERTEX_BYTES, Limits, too_large
from sitefinder.sites.reading.table import Row, Table

#: encodings of geometries: well-known binary, and those of GeoParquet 1.1
ENCODINGS = ("WKB", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon")


def read_parquet(path: Path, content: bytes, limits: Limits) -> Table:
    """The table of a GeoParquet file.

    Raises
    ------
    SitesError
        The file is no GeoParquet, too large when unpacked, or declares no coordinate reference system.
    """
    import pyarrow
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(content))
        about = parse_json((file.schema_arrow.metadata or {}).get(b"geo", b"{}"))
        column = about.get("primary_column")
        known = about["columns"][column] if column in file.schema_arrow.names else None
    except (pyarrow.ArrowException, OSError, ValueError, KeyError, TypeError, AttributeError):
        raise _unreadable(path) from None
    if known is None or known.get("encoding") not in ENCODINGS:
        raise SitesError(f"Invalid SITES file {path}: it has no geometry column in WKB. Write it as GeoParquet 1.0.")
    if "crs" in known and known["crs"] is None:
        raise SitesError(f"Invalid SITES file {path}: it declares no coordinate reference system. Set one and export it again.")
    _check_size(path, file.metadata, limits)
    others = [f.name for f in file.schema_arrow if _is_plain(f.type) and f.name not in about["columns"]]
    try:
        table = file.read(columns=others).to_pydict()
        blobs = file.read(columns=[column]).to_pydict()[column] if known["encoding"] == "WKB" else _native(content, column)
    except (pyarrow.ArrowException, OSError, ValueError):
        raise _unreadable(path) from None
    vertices = sum(len(b) for b in blobs if b is not None) // VERTEX_BYTES
    if vertices > limits.vertices:
        raise too_large(path, f"about {vertices:,} vertices", f"{limits.vertices:,}")
    rows = [_row(blob, {c: table[c][i] for c in others}, i + 1) for i, blob in enumerate(blobs)]
    return Table(tuple(others), rows, known.get("crs"))


def _native(content: bytes, column: str) -> list[bytes | None]:
    """Geometries of GeoParquet 1.1's own encodings as WKB."""
    import geopandas

    return list(geopandas.read_parquet(io.BytesIO(content), columns=[column]).geometry.to_wkb())


def _is_plain(kind: Any) -> bool:
    """Whether a column holds numbers, text, dates, or yes and no."""
    import pyarrow.types as types

    return not (types.is_nested(kind) or types.is_binary(kind) or types.is_large_binary(kind))


def _unreadable(path: Path) -> SitesError:
    return SitesError(f"Invalid SITES file {path}: it is not a readable GeoParquet file. Export it again.")


def _check_size(path: Path, metadata: Any, limits: Limits) -> None:
    if metadata.num_rows > limits.sites:
        raise too_large(path, f"{metadata.num_rows:,} sites", f"{limits.sites:,}")
    stored = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    if stored > limits.file_bytes:
        raise too_large(path, f"{stored / 1e6:,.0f} MB unpacked", f"{limits.file_bytes / 1e6:,.0f} MB")


def _row(blob: bytes | None, values: dict[str, Any], number: int) -> Row:
    place = f"row {number}"
    if blob is None:
        return Row(place, values, problem="it has no geometry. Draw it or remove it.")
    geometry = shapely.from_wkb(blob, on_invalid="ignore")
    if geometry is None:
        return Row(place, values, problem="its geometry is not proper WKB. Export it again.")
    return Row(place, values, geometry)
