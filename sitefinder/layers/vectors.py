"""Vectors and tables of the user: whatever GDAL reads, GeoParquet, tables with latitude and longitude or county codes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sitefinder.config.area import FIPS_DIGITS
from sitefinder.errors import DataError
from sitefinder.files import is_there
from sitefinder.grid import CRS

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

#: endings of tables, and of files that GeoPandas reads by Arrow
TABLES, ARROW = (".csv", ".tsv", ".txt", ".xlsx"), (".parquet", ".geoparquet")
#: names of columns, in lower case without blanks and signs
LATITUDE, LONGITUDE = ("lat", "latitude", "y"), ("lon", "long", "lng", "longitude", "x")
FIPS = ("fips", "geoid", "countyfips", "fipscode", "countygeoid", "stcofips", "stcntyfips", "fipsstco")
#: longitudes and latitudes of the contiguous states and some way around, degrees
LON, LAT = (-130.0, -60.0), (20.0, 55.0)
LONLAT = "EPSG:4326"
#: what libraries raise of GDAL, of Arrow, of the file, of a table without shapes, of a system of reference that is none
UNREADABLE = (RuntimeError, ValueError, OSError, AttributeError, TypeError, LookupError, NameError)
#: largest file: in memory it is several times as large
MOST_BYTES = 500_000_000


def read_vector(path: Path, place: str, layer: str | None = None) -> gpd.GeoDataFrame:
    """Features of a file in EPSG:5070, those without a shape left out.

    Parameters
    ----------
    path : Path
    place : str
        Where the file is named, for messages.
    layer : str, optional
        Of a file that holds several.

    Raises
    ------
    DataError
        It is missing, damaged, holds several layers, no reference system or no shapes.
    """
    import geopandas

    _check_size(path, place)
    if path.suffix.lower() in TABLES:
        return _points_of(read_table(path, place), path, place)
    try:
        _one_layer(path, place, layer)
        arrow = path.suffix.lower() in ARROW
        frame = geopandas.read_parquet(path) if arrow else geopandas.read_file(path, **({"layer": layer} if layer else {}))
        shapes = frame.geometry
    except UNREADABLE as error:
        text = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"Cannot read {path} named in {place}: {text}. Give a file of shapes, e.g. GeoJSON.") from None
    if frame.crs is None:
        raise DataError(f"No reference system in {path} named in {place}. Save it as GeoJSON in longitude and latitude.")
    drawn = frame[shapes.notna() & ~shapes.is_empty].to_crs(CRS)
    if not np.isfinite(drawn.total_bounds).all() and len(drawn):
        raise DataError(f"Invalid {path} named in {place}: some shapes lie where no map has them. Correct its reference system.")
    return drawn.reset_index(drop=True)


def _one_layer(path: Path, place: str, layer: str | None) -> None:
    import pyogrio

    if layer is not None or path.suffix.lower() in ARROW:
        return
    names = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
    if len(names) > 1:
        raise DataError(
            f"Several layers in {path} named in {place}: {', '.join(names)}. Name one: {{file: {path}, layer: {names[0]}}}."
        )


def _check_size(path: Path, place: str) -> None:
    """Refuse a file that is missing or too large for the memory of a laptop."""
    if not is_there(path):
        raise DataError(f"Missing file {path} named in {place}. Correct the path.")
    size = sum(f.stat().st_size for f in files_of(path) if f.exists())
    if size > MOST_BYTES:
        raise DataError(
            f"Too large: {path} named in {place} has {size / 1e6:,.0f} MB, the limit is {MOST_BYTES / 1e6:,.0f} MB. "
            "Clip it, simplify its outlines, or make a raster of it for layers.replace."
        )


def polygons_of(path: Path, place: str, layer: str | None = None) -> list[Any]:
    """Valid polygons of a file in EPSG:5070.

    Raises
    ------
    DataError
        As for :func:`read_vector`, or it holds none.
    """
    import shapely

    shapes = read_vector(path, place, layer).geometry
    areas = [shapely.make_valid(g) for g in shapes if shapely.get_dimensions(g) == 2]
    if not areas:
        raise DataError(f"No polygon in {path} named in {place}. Give a file that holds polygons.")
    return areas


def read_table(path: Path, place: str) -> pd.DataFrame:
    """A table with all cells as text; empty cells are missing.

    Raises
    ------
    DataError
        It is missing or no table.
    """
    import pandas

    _check_size(path, place)
    try:
        if path.suffix.lower() in ARROW:
            table = pandas.read_parquet(path).astype(object)
            return table.where(table.notna(), None)
        if path.suffix.lower() == ".xlsx":
            return pandas.read_excel(path, dtype=str)
        for encoding in ("utf-8-sig", "cp1252"):
            try:
                return pandas.read_csv(path, dtype=str, sep=None, engine="python", encoding=encoding, skipinitialspace=True)
            except UnicodeDecodeError:
                continue
    except (ValueError, OSError, KeyError, pandas.errors.ParserError, RuntimeError) as error:
        text = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"Cannot read {path} named in {place}: {text}. Give a CSV or XLSX table.") from None
    raise DataError(f"Cannot read {path} named in {place}: it is no text. Give a CSV or XLSX table.")


def column_of(table: Any, names: tuple[str, ...]) -> str | None:
    """The column that bears one of some names, written in any case and with any signs; None without one."""
    plain = {"".join(c for c in str(name).lower() if c.isalnum()): str(name) for name in reversed(list(table.columns))}
    return next((plain[name] for name in names if name in plain), None)


def numbers(table: Any, column: str, path: Path, place: str) -> np.ndarray:
    """(n,) float64 numbers of a column, NaN where a cell is empty; commas of thousands are dropped.

    Raises
    ------
    DataError
        There is no such column, or a cell holds no number.
    """
    import pandas

    name = column if column in table.columns else column_of(table, ("".join(c for c in column.lower() if c.isalnum()),))
    if name is None:
        options = ", ".join(str(c) for c in table.columns if c != "geometry")
        raise DataError(f"No column '{column}' in {path} named in {place}. It has {options}.")
    cells = table[name]
    text = cells.astype(str).str.replace(",", "", regex=False).str.strip()
    values = pandas.to_numeric(text.where(cells.notna() & (text != "")), errors="coerce").to_numpy(np.float64)
    wrong = np.flatnonzero(~np.isfinite(values) & cells.notna().to_numpy() & (text != "").to_numpy())
    if wrong.size:
        raise DataError(
            f"Invalid {path} named in {place}: '{cells.iloc[wrong[0]]}' in column '{name}', row {wrong[0] + 1}, is no number. "
            "Correct it or leave it empty."
        )
    return values


def _points_of(table: Any, path: Path, place: str) -> gpd.GeoDataFrame:
    """Rows of a table as points by their latitude and longitude."""
    import geopandas

    lat, lon = column_of(table, LATITUDE), column_of(table, LONGITUDE)
    if lat is None or lon is None:
        raise DataError(f"No place in {path} named in {place}. Add the columns lat and lon, in degrees.")
    y, x = numbers(table, lat, path, place), numbers(table, lon, path, place)
    bad = np.flatnonzero(~((x >= LON[0]) & (x <= LON[1]) & (y >= LAT[0]) & (y <= LAT[1])))
    if bad.size:
        raise DataError(
            f"Invalid {path} named in {place}: ({y[bad[0]]:g}, {x[bad[0]]:g}) in row {bad[0] + 1} is no place in "
            "or near the contiguous states. Use degrees, west negative."
        )
    return geopandas.GeoDataFrame(table, geometry=geopandas.points_from_xy(x, y), crs=LONLAT).to_crs(CRS)


def fips_of(table: Any, path: Path, place: str) -> list[str]:
    """Five-digit county codes of the rows of a table.

    Raises
    ------
    DataError
        There is no column of them, a cell holds none, or a county stands twice.
    """
    name = column_of(table, FIPS)
    if name is None:
        raise DataError(f"No county codes in {path} named in {place}. Add the column fips with five digits.")
    codes = []
    for row, cell in enumerate(table[name], start=1):
        text = str(cell).strip().removesuffix(".0")
        if not text.isdigit() or len(text) > FIPS_DIGITS:
            raise DataError(
                f"Invalid {path} named in {place}: '{cell}' in row {row} is no county code. Write five digits, e.g. 17093."
            )
        codes.append(text.zfill(FIPS_DIGITS))
    twice = [code for i, code in enumerate(codes) if code in codes[:i]] if len(set(codes)) < len(codes) else []
    if twice:
        raise DataError(f"Invalid {path} named in {place}: county {twice[0]} stands twice. Keep one row of it.")
    return codes


def files_of(path: Path) -> list[Path]:
    """A vector with all that it is read from: the parts of a shapefile, the files in a folder."""
    if path.is_dir():
        return sorted(p for p in path.rglob("*") if p.is_file())
    if path.suffix.lower() == ".shp":
        return sorted(p for p in path.parent.glob(f"{path.stem}.*") if p.is_file())
    return [path]


def stamps_of(path: Path) -> list[list[Any]]:
    """Name, size and time of every file that a vector is read from."""
    return [[str(f), f.stat().st_size, f.stat().st_mtime_ns] for f in files_of(path) if f.exists()]
