"""The same ten places in every format that lists of sites come in, written by other programs' libraries where there are any."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import geopandas
import openpyxl
import pandas
import shapely


class Place(NamedTuple):
    """A place with what its user knows: a parcel number with leading zeros, a price, a remark with a comma or none."""

    name: str
    lat: float
    lon: float
    acres: float
    apn: str
    price: int
    remark: str | None


TEN = (
    Place("New Albany", 40.0812, -82.7988, 600.0, "007-01", 12500, "fiber, two routes"),
    Place("Ashburn", 39.0438, -77.4874, 450.0, "007-02", 900000, None),
    Place("Abilene", 32.5005, -99.7822, 1200.0, "007-03", 4100, "option to 2027"),
    Place("Piketon", 39.0142, -83.0003, 1000.5, "007-04", 3900, "brownfield"),
    Place("Cheyenne", 41.1400, -104.8202, 800.0, "007-05", 2700, None),
    Place("Cañon City", 38.4494, -105.2253, 640.0, "007-06", 5200, "río"),
    Place("Ridgeland", 32.4285, -90.1323, 500.0, "007-07", 8800, None),
    Place("Mount Pleasant", 42.7169, -87.8913, 552.0, "007-08", 15000, "sewer"),
    Place("Amarillo", 35.2220, -101.8313, 5800.0, "007-09", 1900, "wind"),
    Place("Ellendale", 46.0027, -98.5270, 300.0, "007-10", 2200, None),
)


def frame(crs: int | str = 4326) -> geopandas.GeoDataFrame:
    """The places with all they have as columns."""
    columns = pandas.DataFrame([place._asdict() for place in TEN])
    points = geopandas.points_from_xy(columns["lon"], columns["lat"], crs=4326)
    return geopandas.GeoDataFrame(columns.drop(columns=["lat", "lon"]), geometry=points).to_crs(crs)


def _delimited(path: Path, separator: str = ",", *, encoding: str = "utf-8", first: str = "", comma: bool = False) -> Path:
    table = pandas.DataFrame([place._asdict() for place in TEN])
    text = table.to_csv(index=False, sep=separator, decimal="," if comma else ".", float_format="%.10g")
    path.write_bytes((first + text).encode(encoding))
    return path


def _cells(path: Path, coordinates: Mapping[str, Callable[[Place], str]]) -> Path:
    """A CSV file whose coordinates are written in another way."""
    rows = [
        {"name": p.name, **{column: write(p) for column, write in coordinates.items()}}
        | {"acres": p.acres, "apn": p.apn, "price": p.price, "remark": p.remark}
        for p in TEN
    ]
    pandas.DataFrame(rows).to_csv(path, index=False)
    return path


def dms(value: float, sides: str) -> str:
    """Degrees, minutes and seconds to a hundred thousandth of a second."""
    seconds = round(abs(value) * 3600, 5)
    whole, minutes = int(seconds // 3600), int(seconds % 3600 // 60)
    return f"{whole}°{minutes:02d}'{seconds % 60:08.5f}\"{sides[value < 0]}"


def _xlsx(path: Path, title: str | None = None) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "Sites"
    if title:
        book.active.append([title])
        book.active.append([])
        book.create_sheet("Notes").append(["Prices in USD per acre"])
    book.active.append(["name", "lat", "lon", "acres", "apn", "price", "remark"])
    for place in TEN:
        book.active.append(list(place))
    book.save(path)
    return path


def _kml_text() -> str:
    def place(p: Place) -> str:
        data = {"apn": p.apn, "price": p.price, "remark": p.remark}
        more = "".join(f'<Data name="{k}"><value>{v}</value></Data>' for k, v in data.items() if v is not None)
        return (
            f"<Placemark><name>{p.name}</name><description><![CDATA[<b>{p.acres:,} acres</b>]]></description>"
            f"<ExtendedData>{more}</ExtendedData><Point><coordinates>{p.lon},{p.lat},0</coordinates></Point></Placemark>"
        )

    folders = "".join(f"<Folder><name>Tier</name>{''.join(map(place, part))}</Folder>" for part in (TEN[:4], TEN[4:]))
    head = '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
    return f"{head}<Document><name>Deals</name>{folders}</Document></kml>"


def _kmz(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", _kml_text())
    return path


def _text(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def _gdal(path: Path, crs: int | str = 4326, **options: object) -> Path:
    frame(crs).to_file(path, **options)
    return path


def zipped(folder: Path, files: Path, pattern: str, name: str) -> Path:
    """A zip of the files of a folder, beside it."""
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(files.rglob(pattern)):
            archive.write(file, file.relative_to(files.parent if files.suffix == ".gdb" else files))
    return path


def _zipped_shapefile(folder: Path) -> Path:
    inner = folder / "shape"
    inner.mkdir()
    _gdal(inner / "sites.shp", 2277, encoding="utf-8")
    return zipped(folder, inner, "*", "sites.zip")


def _zipped_gdb(folder: Path) -> Path:
    source = _gdal(folder / "sites.gdb", driver="OpenFileGDB", layer="sites")
    path = zipped(folder, source, "*", "sites.gdb.zip")
    shutil.rmtree(source)
    return path


def _parquet(folder: Path, **options: object) -> Path:
    path = folder / "sites.parquet"
    frame(26914).to_parquet(path, **options)
    return path


def _geojson_text(*, lines: bool) -> str:
    features = [
        {
            "type": "Feature",
            "properties": {k: v for k, v in p._asdict().items() if k not in ("lat", "lon")},
            "geometry": {"type": "Point", "coordinates": [p.lon, p.lat]},
        }
        for p in TEN
    ]
    if lines:
        return "\n".join(json.dumps(f) for f in features)
    return json.dumps({"type": "FeatureCollection", "features": features})


def _esri_text() -> str:
    features = [
        {
            "attributes": {k: v for k, v in p._asdict().items() if k not in ("lat", "lon")},
            "geometry": {"x": p.lon, "y": p.lat},
        }
        for p in TEN
    ]
    kinds = {"name": "String", "acres": "Double", "apn": "String", "price": "Integer", "remark": "String"}
    fields = [{"name": name, "type": f"esriFieldType{kind}"} for name, kind in kinds.items()]
    system = {"geometryType": "esriGeometryPoint", "spatialReference": {"wkid": 4326}}
    return json.dumps(system | {"fields": fields, "features": features})


def _wkt(place: Place) -> str:
    return str(shapely.to_wkt(shapely.Point(place.lon, place.lat), rounding_precision=-1))


#: format -> writes the ten places into a folder
FORMATS: Mapping[str, Callable[[Path], Path]] = {
    "csv": lambda f: _delimited(f / "a.csv"),
    "csv, semicolons": lambda f: _delimited(f / "a.csv", ";"),
    "csv, decimal comma": lambda f: _delimited(f / "a.csv", ";", comma=True),
    "csv, tabs": lambda f: _delimited(f / "a.tsv", "\t"),
    "csv, bars": lambda f: _delimited(f / "a.txt", "|"),
    "csv, cp1252": lambda f: _delimited(f / "a.csv", encoding="cp1252"),
    "csv, UTF-8 with mark": lambda f: _delimited(f / "a.csv", encoding="utf-8-sig"),
    "csv, UTF-16": lambda f: _delimited(f / "a.txt", "\t", encoding="utf-16"),
    "csv, line for Excel": lambda f: _delimited(f / "a.csv", ";", first="sep=;\n"),
    "csv, title": lambda f: _delimited(f / "a.csv", first="Sites for sale; 2026\n\n"),
    "csv, WKT": lambda f: _cells(f / "a.csv", {"WKT": _wkt}),
    "csv, degrees and minutes": lambda f: _cells(
        f / "a.csv", {"Latitude": lambda p: dms(p.lat, "NS"), "Longitude": lambda p: dms(p.lon, "EW")}
    ),
    "csv, one field": lambda f: _cells(f / "a.csv", {"Coordinates": lambda p: f"{p.lat}, {p.lon}"}),
    "csv, one field of minutes": lambda f: _cells(f / "a.csv", {"GPS": lambda p: f"{dms(p.lat, 'NS')} {dms(p.lon, 'EW')}"}),
    "xlsx": lambda f: _xlsx(f / "a.xlsx"),
    "xlsx, title": lambda f: _xlsx(f / "a.xlsx", "Sites for sale"),
    "kml": lambda f: _text(f / "a.kml", _kml_text()),
    "kmz": lambda f: _kmz(f / "a.kmz"),
    "geojson": lambda f: _text(f / "a.geojson", _geojson_text(lines=False)),
    "geojson, a feature a line": lambda f: _text(f / "a.geojsonl", _geojson_text(lines=True)),
    "Esri JSON": lambda f: _text(f / "a.json", _esri_text()),
    "geoparquet": _parquet,
    "geoparquet, own encoding": lambda f: _parquet(f, geometry_encoding="geoarrow", schema_version="1.1.0"),
    "shapefile": lambda f: _gdal(f / "a.shp", 2277, encoding="utf-8"),
    "shapefile, zipped": _zipped_shapefile,
    "geopackage": lambda f: _gdal(f / "a.gpkg", 5070),
    "geodatabase": lambda f: _gdal(f / "a.gdb", driver="OpenFileGDB", layer="sites"),
    "geodatabase, zipped": _zipped_gdb,
    "flatgeobuf": lambda f: _gdal(f / "a.fgb", 3857),
}
