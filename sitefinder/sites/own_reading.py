"""Reading the user's list of sites: any of its formats into rows with a geometry or a problem."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import shapely

from sitefinder.errors import SitesError
from sitefinder.files import is_there
from sitefinder.sites.reading.archives import content_of, gdal_path, members_of
from sitefinder.sites.reading.delimited import read_delimited
from sitefinder.sites.reading.entry import Limits, Listing, too_large
from sitefinder.sites.reading.features import read_features
from sitefinder.sites.reading.parquet import read_parquet
from sitefinder.sites.reading.planes import in_words
from sitefinder.sites.reading.sheets import read_sheet
from sitefinder.sites.reading.table import Table, listing_of
from sitefinder.sites.reading.tabular import HEADER
from sitefinder.sites.reading.vector import read_vector

#: suffix of a file, without its point -> the reader
KINDS = {
    **dict.fromkeys(("csv", "tsv", "txt"), "csv"),
    **dict.fromkeys(("geojson", "json", "geojsonl", "geojsons", "ndjson", "jsonl", "geojsonseq"), "geojson"),
    **dict.fromkeys(("parquet", "geoparquet"), "parquet"),
    **dict.fromkeys(("xlsx", "xlsm"), "xlsx"),
    **dict.fromkeys(("kml", "kmz", "shp", "gpkg", "gdb", "fgb", "topojson"), "gdal"),
    "zip": "zip",
}
FORMATS = "CSV, XLSX, GeoJSON, GeoParquet, KML, KMZ, Shapefile (zipped or not), GeoPackage, File Geodatabase or FlatGeobuf"
#: kinds of files people send that are none of these, and what to do with them
REMEDIES = {
    "xls": "Save it as .xlsx",
    "ods": "Save it as .xlsx",
    "numbers": "Export it as .xlsx",
    "pdf": "Ask for the file that it was printed from",
    "dbf": "Name the .shp beside it",
    "shx": "Name the .shp beside it",
    "prj": "Name the .shp beside it",
    "lyr": "Export the layer itself, e.g. as GeoPackage",
    "lyrx": "Export the layer itself, e.g. as GeoPackage",
    "mxd": "Export the layer itself, e.g. as GeoPackage",
    "aprx": "Export the layer itself, e.g. as GeoPackage",
    "qgz": "Export the layer itself, e.g. as GeoPackage",
    "dwg": "Export the parcels as GeoPackage or Shapefile",
    "dxf": "Export the parcels as GeoPackage or Shapefile",
    "rar": "Unpack it",
    "7z": "Unpack it",
    "gz": "Unpack it",
}


def read_listing(path: Path, limits: Limits, crs: str | None = None) -> Listing:
    """Rows of the file; a row that cannot be used holds its problem.

    Parameters
    ----------
    path : Path
        Of the file; ``file.gdb:parcels`` names a layer, sheet, folder of KML, or file in a zip.
    limits : Limits
    crs : str, optional
        Reference system of the coordinates, for files that declare none.

    Raises
    ------
    SitesError
        The file as a whole cannot be used: missing, of another kind, not text, empty, too large, no header, unknown CRS,
        or several layers of which none is named.
    """
    file, layer = _named(path)
    kind = file.suffix.lower().lstrip(".")
    if kind not in KINDS:
        remedy = REMEDIES.get(kind, "It must end in .csv or .geojson (or in that of another format)")
        raise SitesError(f"Invalid SITES file {path}. {remedy}; read are {FORMATS}.")
    table = _declared(file, _read(file, layer, kind, limits), crs)
    if not table.rows:
        raise SitesError(f"Empty SITES file {path}. Give at least one site below {HEADER}, or one polygon or point.")
    if len(table.rows) > limits.sites:
        raise too_large(path, f"{len(table.rows):,} sites", f"{limits.sites:,}")
    listing = listing_of(table)
    return replace(listing, taken=f"{path}: {listing.taken}")


def _named(path: Path) -> tuple[Path, str | None]:
    """The file, and the layer named behind a colon."""
    if not is_there(path) and ":" in path.name:
        name, _, layer = path.name.partition(":")
        return path.with_name(name), layer
    return path, None


def _read(path: Path, layer: str | None, kind: str, limits: Limits) -> Table:
    """The table of a file on disk."""
    try:
        size = sum(f.stat().st_size for f in path.iterdir()) if path.is_dir() else path.stat().st_size
    except OSError as error:
        raise SitesError(f"Cannot read SITES file {path}: {error.strerror}. Correct the path.") from None
    if path.is_dir() != (kind == "gdb"):
        what = "a folder" if path.is_dir() else "no folder"
        raise SitesError(f"Invalid SITES file {path}: it is {what}. Name a file, or the folder of a File Geodatabase.")
    if size > limits.file_bytes:
        raise too_large(path, f"{size / 1e6:,.0f} MB", f"{limits.file_bytes / 1e6:,.0f} MB")
    if kind == "zip":
        return _from_zip(path, layer, limits)
    if KINDS[kind] == "gdal":
        return read_vector(path, str(path.resolve()), limits, kind=kind, layer=layer)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SitesError(f"Cannot read SITES file {path}: {error.strerror}. Correct the path.") from None
    return _from_content(path, content, layer, kind, limits)


def _from_content(path: Path, content: bytes, layer: str | None, kind: str, limits: Limits) -> Table:
    """The table of a file whose content is at hand."""
    reader = KINDS[kind]
    if layer is not None and reader != "xlsx":
        raise SitesError(f"Invalid SITES file {path}:{layer}: this format has no layers. Name the file alone.")
    if reader == "xlsx":
        return read_sheet(path, content, limits, layer)
    if reader == "parquet":
        return read_parquet(path, content, limits)
    if reader == "csv":
        return read_delimited(path, content, limits)
    table = read_features(path, content, limits)
    return read_vector(path, content, limits, kind=kind) if table is None else table


def _from_zip(path: Path, layer: str | None, limits: Limits) -> Table:
    """The table of the one list of sites in a zip file."""
    members = members_of(path, [k for k in KINDS if k != "zip"], limits)
    chosen = [m for m in members if layer in (m.title, m.name)] if layer is not None and len(members) > 1 else members
    if len(members) > 1 and len(chosen) != 1:
        titles = ", ".join(m.name for m in members)
        raise SitesError(
            f"Invalid SITES file {path}: it holds several lists: {titles}. Name one, e.g. SITES='{path}:{members[0].title}'."
        )
    if not chosen:
        raise SitesError(f"Invalid SITES file {path}: it holds no list of sites that can be read. Zip {FORMATS}.")
    (member,) = chosen
    inner = None if layer in (member.title, member.name) else layer
    if KINDS[member.kind] == "gdal":
        return read_vector(path, gdal_path(path, member), limits, kind=member.kind, layer=inner)
    return _from_content(path, content_of(path, member), inner, member.kind, limits)


def _declared(path: Path, table: Table, crs: str | None) -> Table:
    """The table with the reference system of its coordinates.

    Raises
    ------
    SitesError
        The file should declare one and does not, or declares one while the user names another.
    """
    if crs is not None:
        if table.crs is not None:
            raise SitesError(f"Invalid SITES file {path}: it declares its reference system itself. Leave out --sites-crs.")
        return replace(table, crs=crs)
    if table.crs is None and not table.assumed and table.rows:
        bounds = shapely.total_bounds([_shape(row.geometry) for row in table.rows])
        lacks = "its .prj is missing" if path.suffix.lower() in (".shp", ".zip") else "it declares no coordinate reference system"
        raise SitesError(
            f"Invalid SITES file {path}: {lacks}. {in_words(bounds.tolist())}. "
            "Ask whoever sent it, and give the code with --sites-crs (make: CRS=EPSG:…)."
        )
    return table


def _shape(geometry: Any) -> Any:
    return shapely.Point() if geometry is None else geometry
