"""Formats that GDAL reads: Shapefile, GeoPackage, File Geodatabase, FlatGeobuf, KML and KMZ, Esri JSON, TopoJSON."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import shapely

from sitefinder.errors import SitesError
from sitefinder.sites.reading.entry import LONLAT, VERTEX_BYTES, Limits, too_large
from sitefinder.sites.reading.headers import is_header
from sitefinder.sites.reading.table import Row, Table

#: what GDAL's reader of KML adds to every place
KML_EXTRAS = frozenset(
    ("id", "timestamp", "begin", "end", "altitudemode", "tessellate", "extrude", "visibility", "draworder", "icon", "snippet")
)
#: what else comes of files that cannot be read; NameError of pyogrio, where GDAL cannot write a reference system as text
UNREADABLE = (shapely.errors.GEOSException, ValueError, NameError)
#: column in which the folders of KML come back
FOLDER = "folder"
#: names that stand for no reference system
NO_SYSTEM = re.compile(r'(?:LOCAL_CS|ENGCRS)\b|\w+\["undefined', re.IGNORECASE)
#: what GDAL adds to a folder whose name another one has
NUMBERED = re.compile(r" \(#\d+\)$")
#: table in which QGIS keeps styles
STYLES = "layer_styles"
#: layers named in a question
SHOWN = 30


def read_vector(path: Path, source: str | bytes, limits: Limits, *, kind: str, layer: str | None = None) -> Table:
    """The table of a layer of a file that GDAL reads.

    Parameters
    ----------
    path : Path
        As the user gave it, for complaints.
    source : str or bytes
        Path for GDAL, or the content.
    limits : Limits
    kind : str
        Suffix of the file without its point.
    layer : str, optional
        The layer, or the folder of a KML file.

    Raises
    ------
    SitesError
        GDAL cannot read the file, it is too large, or which layer is meant cannot be known.
    """
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, GeometryError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of measures dropped, deprecated codes, several layers
            layers = _layers(source)
            if kind in ("kml", "kmz"):
                return _folders(path, source, limits, layers, layer)
            chosen = _chosen(path, source, layers, layer)
            table = _layer(path, source, limits, chosen.at)
            return replace(table, remarks=(f"layer '{chosen.name}'",)) if isinstance(source, str) else table
    except (DataSourceError, DataLayerError, FeatureError, GeometryError, *UNREADABLE) as error:
        raise SitesError(f"Invalid SITES file {path}: it cannot be read as .{kind}{_detail(kind, error)}") from None


def _detail(kind: str, error: Exception) -> str:
    """Why a file cannot be read, with the remedy."""
    if kind == "shp" and ".shx" in str(error):
        return ": its .shx is missing. Put the .shx, .dbf and .prj beside it, or zip all of them."
    if kind in ("kml", "kmz"):
        return " by GDAL. Open it in Google Earth and save the folder with the sites as KMZ."
    return " by GDAL. Export it again, e.g. as GeoPackage."


class _Layer(NamedTuple):
    """Place of a layer in its file, by which it is read: names are not unique, and change for content without a file."""

    at: int
    name: str
    spatial: bool
    lines: bool


def _layers(source: str | bytes) -> list[_Layer]:
    import pyogrio

    listed = enumerate(pyogrio.list_layers(source))
    return [_Layer(i, str(name), kind is not None, "LineString" in str(kind)) for i, (name, kind) in listed]


def _chosen(path: Path, source: str | bytes, layers: Sequence[_Layer], wanted: str | None) -> _Layer:
    """The layer that is read."""
    if wanted is not None:
        same = [n for n in layers if n.name == wanted] or [n for n in layers if n.name.lower() == wanted.lower()]
        if not same:
            raise SitesError(f"Invalid SITES file {path}: it has no layer '{wanted}'. Name one of: {_names(layers)}.")
        return same[0]
    spatial = [n for n in layers if n.spatial and n.name != STYLES]
    spatial = [n for n in spatial if not n.lines] or spatial
    places = spatial or [n for n in layers if is_header(_fields(source, n.at))]
    if not places:
        raise SitesError(f"Invalid SITES file {path}: it has no layer with places. Export the layer of the parcels.")
    if len(places) > 1:
        raise SitesError(
            f"Invalid SITES file {path}: it has several layers: {_names(places)}. Name one, e.g. SITES='{path}:{places[0].name}'."
        )
    return places[0]


def _names(layers: Sequence[_Layer]) -> str:
    return ", ".join(n.name for n in layers[:SHOWN])


def _fields(source: str | bytes, layer: int) -> list[str]:
    import pyogrio

    return [str(f) for f in pyogrio.read_info(source, layer=layer)["fields"]]


def _folders(path: Path, source: str | bytes, limits: Limits, layers: Sequence[_Layer], wanted: str | None) -> Table:
    """All folders of a KML file, or those of one name, as one table."""
    folders = [n._replace(name=NUMBERED.sub("", n.name)) for n in layers]
    chosen = [n for n in folders if wanted in (None, n.name)]
    if not chosen and layers:
        raise SitesError(f"Invalid SITES file {path}: it has no folder '{wanted}'. Name one of: {_names(folders)}.")
    rows: list[Row] = []
    for folder in chosen:
        for row in _layer(path, source, limits, folder.at).rows:
            values = {k: v for k, v in row.values.items() if _said(k, v)} | {FOLDER: folder.name}
            rows.append(replace(row, values=values, place=f"feature {len(rows) + 1}"))
    if not rows:
        raise SitesError(
            f"Invalid SITES file {path}: it holds no places, only links or pictures. "
            "Open it in Google Earth and save the folder with the sites as KMZ."
        )
    if len(rows) > limits.sites:
        raise too_large(path, f"{len(rows):,} sites", f"{limits.sites:,}")
    return Table(tuple(dict.fromkeys(c for row in rows for c in row.values)), rows, LONLAT, typed=False)


def _said(column: str, value: Any) -> bool:
    """Whether a value of KML was written by somebody."""
    return value is not None and (column.lower() not in KML_EXTRAS or (column == "id" and bool(value)))


def _layer(path: Path, source: str | bytes, limits: Limits, layer: int) -> Table:
    """One layer: geometries straight, since curves fail through Arrow, columns through Arrow."""
    from pyogrio import raw, read_info

    info = read_info(source, layer=layer, force_feature_count=True)
    fields = [str(f) for f in info["fields"]]
    if (repeated := next((f for f in fields if fields.count(f) > 1), None)) is not None:
        raise SitesError(f"Invalid SITES file {path}: the column '{repeated}' stands twice. Remove or rename one.")
    if info["features"] > limits.sites:
        raise too_large(path, f"{info['features']:,} sites", f"{limits.sites:,}")
    about, _, blobs, _ = raw.read(source, layer=layer, columns=[])  # curves become lines here
    shapes = blobs is not None and info["geometry_type"] is not None
    if shapes and sum(len(b) for b in blobs if b is not None) // VERTEX_BYTES > limits.vertices:
        raise too_large(path, f"more than {limits.vertices:,} vertices", f"{limits.vertices:,}")
    contents = _contents(source, layer, fields)
    names = list(contents)
    geometries = shapely.from_wkb(blobs, on_invalid="ignore") if shapes else [None] * len(next(iter(contents.values()), ()))
    if any(len(values) != len(geometries) for values in contents.values()):
        raise SitesError(f"Damaged SITES file {path}: it has more shapes than rows, or fewer. Copy or export it again.")
    rows = [_row(n + 1, {c: contents[c][n] for c in names}, geometry, shapes=shapes) for n, geometry in enumerate(geometries)]
    crs = None if about["crs"] is None or NO_SYSTEM.match(about["crs"]) else about["crs"]
    return Table(tuple(names), rows, crs, shapes=shapes, assumed=not shapes or info["driver"] == "TopoJSON")


def _contents(source: str | bytes, layer: int, fields: Sequence[str]) -> dict[str, list[Any]]:
    """Column -> its values: through Arrow, which keeps whole numbers beside gaps.

    Text of a shapefile that names no encoding is UTF-8 for Arrow; where it is not, it is the code page of Windows.
    """
    from pyogrio import raw

    _, table = raw.read_arrow(source, layer=layer, read_geometry=False)
    try:
        return {name: table[name].to_pylist() for name in fields if name in table.column_names}
    except UnicodeDecodeError:
        about, _, _, columns = raw.read(source, layer=layer, read_geometry=False, encoding="cp1252")
        return {str(name): list(values) for name, values in zip(about["fields"], columns, strict=True)}


def _row(number: int, values: Mapping[str, Any], geometry: Any, *, shapes: bool) -> Row:
    if shapes and geometry is None:
        return Row(f"feature {number}", values, problem="it has no geometry. Draw it or remove it.")
    return Row(f"feature {number}", values, geometry)
