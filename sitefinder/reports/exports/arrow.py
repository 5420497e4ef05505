"""Tables with declared types: what GeoParquet, GeoPackage and shapefile are written from, and what describes them."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import shapely

from sitefinder.columns import Scalar
from sitefinder.grid import WGS84
from sitefinder.reports.exports.tables import Kind, Table

#: type of the values of each kind; whole numbers have 32 bits, because some formats make texts of longer ones
TYPES: Mapping[Kind, pa.DataType] = {"text": pa.string(), "flag": pa.bool_(), "whole": pa.int32(), "number": pa.float64()}
#: types of a Frictionless table schema
FRICTIONLESS: Mapping[Kind, str] = {"text": "string", "flag": "boolean", "whole": "integer", "number": "number"}


def arrow_table(table: Table, names: Mapping[str, str] | None = None, *, geometry: str | None = None) -> pa.Table:
    """A table of Arrow, every column of its declared type.

    Parameters
    ----------
    table : Table
    names : mapping, optional
        Column name -> its name there; others are left out. All under their own names by default.
    geometry : str, optional
        Name of the column of well-known binary; none by default.
    """
    names = names or {c.name: c.name for c in table.columns}
    arrays = {
        there: pa.array(_typed(table.values(name), table.kinds[name]), TYPES[table.kinds[name]]) for name, there in names.items()
    }
    if geometry is not None:
        arrays[geometry] = pa.array(shapely.to_wkb(table.geometry), pa.binary())
    return pa.table(arrays)


def _typed(values: Sequence[Scalar], kind: Kind) -> Sequence[Any]:
    return [None if v is None else round(float(v)) for v in values] if kind == "whole" else values


def geoparquet_bytes(table: Table) -> bytes:
    """GeoParquet 1.1 in longitude and latitude, with the bounding box of every row for fast cuts."""
    import geopandas

    frame = geopandas.GeoDataFrame(arrow_table(table).to_pandas(types_mapper=_nullable), geometry=table.geometry, crs=WGS84)
    stream = io.BytesIO()
    frame.to_parquet(stream, index=False, schema_version="1.1.0", write_covering_bbox=True, compression="zstd")
    return stream.getvalue()


def _nullable(kind: pa.DataType) -> Any:
    """Types of pandas that keep a missing whole number or yes and no as missing."""
    import pandas

    return {pa.int32(): pandas.Int32Dtype(), pa.bool_(): pandas.BooleanDtype()}.get(kind)


def resource(table: Table, path: str, names: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Entry of a file in ``datapackage.json``: name, type, unit and meaning of each of its columns.

    Parameters
    ----------
    table : Table
    path : str
        Of the file.
    names : mapping, optional
        As for :func:`arrow_table`.
    """
    names = names or {c.name: c.name for c in table.columns}
    fields = []
    for column in (c for c in table.columns if c.name in names):
        field = {"name": names[column.name], "type": FRICTIONLESS[table.kinds[column.name]], "description": column.meaning}
        field |= {"title": column.name} if names[column.name] != column.name else {}
        fields.append(field | ({"unit": column.unit} if column.unit else {}))
    name = path.lower().replace("_", "-").replace(".", "-")
    return {"name": name, "path": path, "title": table.title, "schema": {"fields": fields, "missingValues": [""]}}


def datapackage_bytes(resources: Sequence[Mapping[str, Any]], fingerprint: str) -> bytes:
    """``datapackage.json`` of the exports (Frictionless Data Package).

    Parameters
    ----------
    resources : sequence of mapping
        From :func:`resource`.
    fingerprint : str
        Of the configuration of the run.
    """
    package = {
        "profile": "data-package",
        "name": "sitefinder-exports",
        "title": "Ranked sites for data-center campuses",
        "description": f"Made from a run of the configuration {fingerprint}",
        "licenses": [{"title": "Terms of the sources: data/LICENSES.md; parts under the ODbL", "name": "other-open"}],
        "resources": list(resources),
    }
    return (json.dumps(package, indent=1, ensure_ascii=False) + "\n").encode()
