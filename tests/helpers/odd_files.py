"""Odd but real ways in which lists of sites arrive, each written anew: small files of one or two places near Abilene."""

from __future__ import annotations

import json
import sqlite3
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas
import openpyxl
import pandas
import pyarrow.parquet
import shapely

LAT, LON = 32.4487, -99.7331
PARCEL = shapely.box(-99.80, 32.40, -99.78, 32.42)
OTHER = shapely.box(-99.70, 32.40, -99.68, 32.42)
POINT = {"type": "Point", "coordinates": [LON, LAT]}
Writer = Callable[[Path], Path]


def text(name: str, content: str | bytes, encoding: str = "utf-8") -> Writer:
    """A file with this content."""

    def write(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


def frame(*shapes: object, crs: object = 4326, **columns: object) -> geopandas.GeoDataFrame:
    """Places with names."""
    chosen = list(shapes) or [PARCEL]
    names = {"name": [f"p{i}" for i, _ in enumerate(chosen, start=1)]}
    return geopandas.GeoDataFrame({**names, **columns}, geometry=chosen, crs=4326).to_crs(crs)


def gdal(
    name: str, places: Callable[[], geopandas.GeoDataFrame] = frame, *, without: tuple[str, ...] = (), **options: object
) -> Writer:
    """A file that GDAL writes, some of its parts removed."""

    def write(folder: Path) -> Path:
        path = folder / name
        places().to_file(path, **options)
        for suffix in without:
            path.with_suffix(suffix).unlink()
        return path

    return write


def layers(name: str, *names: str, **options: object) -> Writer:
    """A file of several layers."""

    def write(folder: Path) -> Path:
        for i, layer in enumerate(names):
            frame(PARCEL if i else OTHER).to_file(folder / name, layer=layer, mode="a" if i else "w", **options)
        return folder / name

    return write


def feature(geometry: object, **properties: object) -> dict[str, object]:
    """A GeoJSON feature."""
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*geometries: object, **members: object) -> str:
    """A GeoJSON collection."""
    return json.dumps({"type": "FeatureCollection", **members, "features": [feature(g, name="a") for g in geometries]})


def kml(body: str, *, namespace: str = ' xmlns="http://www.opengis.net/kml/2.2"') -> str:
    """A KML document."""
    return f'<?xml version="1.0" encoding="UTF-8"?><kml{namespace}><Document><name>d</name>{body}</Document></kml>'


def placemark(shape: str = f"<Point><coordinates>{LON},{LAT}</coordinates></Point>", *, more: str = "", name: str = "a") -> str:
    """A KML place."""
    return f"<Placemark><name>{name}</name>{more}{shape}</Placemark>"


def ring() -> str:
    """The parcel as KML."""
    coordinates = " ".join(f"{x},{y},0" for x, y in PARCEL.exterior.coords)
    return (
        f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{coordinates}</coordinates></LinearRing></outerBoundaryIs></Polygon>"
    )


def zipped(name: str, *members: tuple[str, str | bytes]) -> Writer:
    """A zip of texts."""

    def write(folder: Path) -> Path:
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in members:
                archive.writestr(member, content)
        return folder / name

    return write


def zipped_files(name: str, *writers: Writer, inside: str = "") -> Writer:
    """A zip of written files or folders, in a folder of the zip."""

    def write(folder: Path) -> Path:
        source = folder / "source"
        source.mkdir()
        for writer in writers:
            writer(source)
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(f for f in source.rglob("*") if f.is_file()):
                archive.write(file, f"{inside}{file.relative_to(source)}")
        return folder / name

    return write


def then(writer: Writer, change: Callable[[Path], Path | None]) -> Writer:
    """A file that is changed after it was written."""

    def write(folder: Path) -> Path:
        path = writer(folder)
        return change(path) or path

    return write


def cut(path: Path) -> None:
    """Leave a third of a file."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 3])


def locked(path: Path) -> None:
    """Mark every file of a zip as encrypted."""
    content = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.find(mark)
        while start >= 0:
            content[start + at] |= 1
            start = content.find(mark, start + 4)
    path.write_bytes(content)


def workbook(*sheets: tuple[str, list[list[object]]], hidden: tuple[str, ...] = ()) -> Writer:
    """An Excel workbook."""

    def write(folder: Path) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets:
            sheet = book.create_sheet(title)
            sheet.sheet_state = "hidden" if title in hidden else "visible"
            for row in rows:
                sheet.append(row)
        book.save(folder / "a.xlsx")
        return folder / "a.xlsx"

    return write


def small_dimension(path: Path) -> None:
    """Say that a sheet has one cell, as some programs do."""
    with zipfile.ZipFile(path) as archive:
        members = {n: archive.read(n) for n in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            start, end = content.find(b'<dimension ref="'), content.find(b'"', content.find(b'<dimension ref="') + 16)
            archive.writestr(name, content if start < 0 else content[: start + 16] + b"A1" + content[end:])


def curved(path: Path) -> None:
    """Put a circle of 1 km around Abilene in the place of the parcel of a GeoPackage in EPSG:5070."""
    x, y, radius = -349_000.0, 1_048_700.0, 1000.0
    arc = [(x + radius, y), (x, y + radius), (x - radius, y), (x, y - radius), (x + radius, y)]
    wkb = struct.pack("<BII", 1, 10, 1) + struct.pack("<BII", 1, 8, 5) + b"".join(struct.pack("<dd", *p) for p in arc)
    header = b"GP" + bytes((0, 1)) + struct.pack("<i", 5070)
    with sqlite3.connect(path) as base:
        base.execute("update gpkg_geometry_columns set geometry_type_name = 'CURVEPOLYGON'")
        base.execute("update a set geom = ?", (header + wkb,))
    base.close()


def without_system(path: Path) -> None:
    """Leave the reference system of a GeoPackage undefined."""
    with sqlite3.connect(path) as base:
        base.execute("update gpkg_geometry_columns set srs_id = -1")
        base.execute("update gpkg_contents set srs_id = -1")
    base.close()


def styled(path: Path) -> None:
    """Add the table in which QGIS keeps styles."""
    with sqlite3.connect(path) as base:
        base.execute("create table layer_styles (id integer primary key, styleQML text)")
        base.execute(
            "insert into gpkg_contents (table_name, data_type, identifier) values ('layer_styles', 'attributes', 'styles')"
        )
    base.close()


def table(name: str) -> Writer:
    """A table with coordinates and without geometries."""

    def write(folder: Path) -> Path:
        import pyogrio

        pyogrio.write_dataframe(pandas.DataFrame({"name": ["a"], "lat": [LAT], "lon": [LON]}), folder / name)
        return folder / name

    return write


def parquet(**columns: object) -> Writer:
    """A GeoParquet file with the bounding boxes of GeoParquet 1.1."""

    def write(folder: Path) -> Path:
        frame(PARCEL, OTHER, **columns).to_parquet(folder / "a.parquet", write_covering_bbox=True, schema_version="1.1.0")
        return folder / "a.parquet"

    return write


def plain_parquet(folder: Path) -> Path:
    """A table without geometries."""
    pyarrow.parquet.write_table(pyarrow.table({"lat": [LAT]}), folder / "a.parquet")
    return folder / "a.parquet"


def folder_of(name: str) -> Writer:
    """An empty folder."""

    def write(folder: Path) -> Path:
        (folder / name).mkdir()
        return folder / name

    return write


def in_capitals(path: Path) -> Path:
    """Give all parts of a shapefile suffixes in capitals."""
    for part in list(path.parent.iterdir()):
        part.rename(part.with_suffix(part.suffix.upper()))
    return path.with_suffix(".SHP")
