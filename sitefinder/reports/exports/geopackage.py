"""``run.gpkg``: every table of a run as a layer that QGIS opens in colour, with names and units of all columns."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import shapely

from sitefinder.columns import Column
from sitefinder.grid import WGS84
from sitefinder.reports.exports.arrow import arrow_table
from sitefinder.reports.exports.styles import layer_styles
from sitefinder.reports.exports.tables import Table

#: name of the column of geometries; the styles name it, too
GEOMETRY = "geom"
#: the same input gives the same bytes, so layers bear no time of the day
DATE = "2000-01-01T00:00:00.000Z"
#: of the format: programs of 2022 read it without a warning
VERSION = "1.3"
#: geometries of a layer, by their dimension
KINDS = ("Point", "LineString", "MultiPolygon")

#: table from which QGIS takes styles; it looks for an empty schema, not for none
_STYLES = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
  f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
  owner TEXT(30), ui TEXT(30), update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
"""
#: the schema extension of GeoPackage: titles and descriptions of columns
_COLUMNS = """
CREATE TABLE gpkg_data_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT,
  constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (
  constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC,
  max_is_inclusive BOOLEAN, description TEXT, CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
"""
_EXTENSION = "http://www.geopackage.org/spec131/#extension_schema"


def geopackage_bytes(tables: Sequence[Table]) -> bytes:
    """All tables as layers of one file, in longitude and latitude.

    Parameters
    ----------
    tables : sequence of Table
    """
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "run.gpkg"
        with _dated():
            for table in tables:
                _write_layer(path, table)
        with closing(sqlite3.connect(path)) as base, base:
            _add_styles(base, tables)
            _add_columns(base, tables)
        return path.read_bytes()


@contextmanager
def _dated() -> Iterator[None]:
    """Layers written inside bear the date :data:`DATE`."""
    import pyogrio

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": DATE})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _write_layer(path: Path, table: Table) -> None:
    import pyogrio

    kind = KINDS[int(np.max(shapely.get_dimensions(table.geometry)))]
    pyogrio.write_arrow(
        arrow_table(table, geometry=GEOMETRY),
        path,
        layer=table.name,
        driver="GPKG",
        geometry_name=GEOMETRY,
        geometry_type=kind,
        crs=WGS84,
        append=False,
        dataset_options={"VERSION": VERSION} if not path.exists() else {},
        layer_options={"GEOMETRY_NAME": GEOMETRY, "IDENTIFIER": table.title},
    )


def _add_styles(base: sqlite3.Connection, tables: Sequence[Table]) -> None:
    styles = layer_styles({t.name: {c.name: titled(c) for c in t.columns} for t in tables})
    base.executescript(_STYLES)
    base.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML,"
        " styleSLD, useAsDefault, description, owner, update_time) VALUES ('', '', ?, ?, 'default', ?, '', 1, ?, '', ?)",
        [(t.name, GEOMETRY, styles[t.name], t.title, DATE) for t in tables if t.name in styles],
    )
    base.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id)"
        " VALUES ('layer_styles', 'attributes', 'layer_styles', 'Styles for QGIS', ?, 0)",
        [DATE],
    )


def titled(column: Column) -> str:
    """Name of a column with its unit, as people read it.

    >>> titled(Column("grid_station_km", "km", "Distance", ""))
    'grid station km'
    >>> titled(Column("buildable_acres", "acres", "Land", "")), titled(Column("score", "points", "Score", ""))
    ('buildable acres', 'score [points]')
    """
    words = column.name.replace("_", " ")
    return f"{words} [{column.unit}]" if column.unit and column.unit not in words.split() else words


def _add_columns(base: sqlite3.Connection, tables: Sequence[Table]) -> None:
    """Title with unit, and meaning, of each column."""
    base.executescript(_COLUMNS)
    base.execute(
        "CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,"
        " definition TEXT NOT NULL, scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))"
    )
    for name in ("gpkg_data_columns", "gpkg_data_column_constraints"):
        base.execute("INSERT INTO gpkg_extensions VALUES (?, NULL, 'gpkg_schema', ?, 'read-write')", [name, _EXTENSION])
    rows = [(t.name, c.name, titled(c), c.meaning) for t in tables for c in t.columns]
    base.executemany(
        "INSERT INTO gpkg_data_columns (table_name, column_name, name, title, description) VALUES (?1, ?2, ?3, ?3, ?4)", rows
    )
