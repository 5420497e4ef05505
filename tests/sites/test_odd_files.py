"""A hundred odd files: each is read right, or refused in one line with the remedy; none ends in an exception of a library."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import geopandas
import pandas
import pyproj
import pytest
import shapely

from sitefinder.errors import SitesError
from sitefinder.grid import from_wgs84
from sitefinder.sites.own_list import Asked, read_sites
from tests.helpers.odd_files import (
    LAT,
    LON,
    OTHER,
    PARCEL,
    POINT,
    collection,
    curved,
    cut,
    feature,
    folder_of,
    frame,
    gdal,
    kml,
    layers,
    locked,
    parquet,
    placemark,
    plain_parquet,
    ring,
    small_dimension,
    styled,
    table,
    text,
    then,
    without_system,
    workbook,
    zipped,
    zipped_files,
)

ROW = f"{LAT},{LON}"
#: Abilene in feet of the state plane of north central Texas
FEET = ",".join(f"{v:.3f}" for v in pyproj.Transformer.from_crs(4326, 2276, always_xy=True).transform(LON, LAT))
IN_FEET = {"type": "Point", "coordinates": [float(v) for v in FEET.split(",")]}
LINE = [[LON, LAT], [LON, 33.0]]
HEAD = ["name", "lat", "lon"]
PLACE = ["a", LAT, LON]
MERCATOR = json.dumps(
    {
        "geometryType": "esriGeometryPolygon",
        "spatialReference": {"wkid": 102100, "latestWkid": 3857},
        "features": [
            {
                "attributes": {"NAME": "a"},
                "geometry": {
                    "rings": [
                        [
                            [-11108000, 3810000],
                            [-11108000, 3816000],
                            [-11100000, 3816000],
                            [-11100000, 3810000],
                            [-11108000, 3810000],
                        ],
                        [
                            [-11106000, 3812000],
                            [-11104000, 3812000],
                            [-11104000, 3814000],
                            [-11106000, 3814000],
                            [-11106000, 3812000],
                        ],
                    ]
                },
            }
        ],
    }
)
TOPOLOGY = json.dumps(
    {
        "type": "Topology",
        "objects": {"sites": {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [LON, LAT]}]}},
        "arcs": [],
    }
)
SCHEMA = (
    '<Schema name="s" id="s"><SimpleField type="int" name="price"/></Schema><Placemark><name>a</name><ExtendedData>'
    '<SchemaData schemaUrl="#s"><SimpleData name="price">5000</SimpleData></SchemaData></ExtendedData>'
    f"<Point><coordinates>{LON},{LAT}</coordinates></Point></Placemark>"
)
LABELLED = placemark(f"<MultiGeometry><Point><coordinates>{LON},{LAT}</coordinates></Point>{ring()}</MultiGeometry>")


def in_feet() -> geopandas.GeoDataFrame:
    """The parcel in feet of a state plane."""
    return frame(PARCEL, crs=2276)


#: what is read: name -> (writer, geometries expected in WGS 84, layer behind the colon, reference system that the user names)
READ = {
    "csv, mark and line for Excel": (text("a.csv", f"sep=;\nname;lat;lon\na;{LAT};{LON}\n", "utf-8-sig"), 1),
    "csv, UTF-16": (text("a.csv", f"name\tlat\tlon\na\t{LAT}\t{LON}\n", "utf-16"), 1),
    "csv, line break in a name": (text("a.csv", f'name,lat,lon\n"a\nb",{ROW}\n'), 1),
    "csv, lines of old Macs": (text("a.csv", f"name,lat,lon\ra,{ROW}\r"), 1),
    "csv, padded with commas": (text("a.csv", f"name,lat,lon,,,\r\na,{ROW},,,\r\n,,,,,\r\n"), 1),
    "csv, title and notes": (text("a.csv", f"Sites; status: open\nprinted 2026, page 1\n\nname,lat,lon\na,{ROW}\n"), 1),
    "csv, decimal commas": (text("a.csv", "name;Latitude;Longitude;Acreage\na;32,4487;-99,7331;1.200,5\n"), 1),
    "csv, degrees and minutes": (text("a.csv", "name,lat,lon\na,32°26.922'N,W 99 43.986\n"), 1),
    "csv, degrees with colons": (text("a.csv", "name,lat,lon\na,32:26:55.32,-99:43:59.16\n"), 1),
    "csv, prime signs": (text("a.csv", "name,lat,lon\na,32° 26\u2032 55.32\u2033 N,99° 43\u2032 59.16\u2033 W\n"), 1),
    "csv, one field": (text("a.csv", f'name,Lat/Long\na,"({ROW})"\n'), 1),
    "csv, one field, longitude first": (text("a.csv", f'name,lon_lat\na,"{LON} {LAT}"\n'), 1),
    "csv, EWKT": (text("a.csv", f"name|geom\na|SRID=4326;POINT({LON} {LAT})\n"), 1),
    "csv, a long polygon": (
        text("a.csv", 'name,wkt\na,"' + shapely.segmentize(PARCEL, 1e-5).wkt + '"\n'),
        [PARCEL],
    ),
    "csv, Windows-1252": (text("a.csv", f"name,lat,lon\nCañon “north”,{ROW}\n", "cp1252"), 1),
    "csv, units in the header": (text("a.csv", f'Site Name,Latitude (DD),Longitude (DD),Size (acres)\na,{ROW},"1,200 ac"\n'), 1),
    "csv, state plane named by the user": (text("a.csv", f"name,X,Y\na,{FEET}\n"), 1, "", "EPSG:2276"),
    "csv, name with a colon": (text("a:b.csv", f"lat,lon\n{ROW}\n"), 1),
    "csv, blanks and umlauts in the path": (text("Fläche 1.csv", f"lat,lon\n{ROW}\n"), 1),
    "xlsx, title": (workbook(("Sites", [["Sites for sale"], [], [None, "printed"], HEAD, PLACE])), 1),
    "xlsx, other sheets": (workbook(("Notes", [["none"]]), ("Sites", [HEAD, PLACE])), 1),
    "xlsx, hidden list": (workbook(("Sites", [HEAD, PLACE]), ("Old", [HEAD, PLACE]), hidden=("Old",)), 1),
    "xlsx, sheet named": (workbook(("East", [HEAD, ["e", 40.0, -83.0]]), ("West", [HEAD, PLACE])), 1, "West"),
    "xlsx, text": (workbook(("Sites", [HEAD, ["a", "32°26'55.32\" N", " 99°43'59.16\" W "]])), 1),
    "xlsx, wrong dimension": (then(workbook(("Sites", [HEAD, PLACE])), small_dimension), 1),
    "xlsx, blank lines": (workbook(("Sites", [[], [], HEAD, [], PLACE, []])), 1),
    "geojson, nested properties": (text("a.geojson", json.dumps(feature(POINT, owner={"name": "x"}, tags=["a"]))), 1),
    "geojson, mark": (text("a.geojson", collection(POINT), "utf-8-sig"), 1),
    "geojson, code": (text("a.geojson", collection(IN_FEET, crs={"type": "EPSG", "properties": {"code": 2276}})), 1),
    "geojson, text sequence": (
        text("a.geojsons", f"\x1e{json.dumps(feature(POINT))}\n" * 2),
        "twice",
    ),
    "geojson, lines with gaps": (
        text("a.json", "\n\n".join(json.dumps(feature(shapely.geometry.mapping(g))) for g in (PARCEL, OTHER))),
        [PARCEL, OTHER],
    ),
    "geojson, four numbers": (text("a.geojson", collection({"type": "Point", "coordinates": [LON, LAT, 500, 7]})), 1),
    "geojson, list of one point": (text("a.geojson", collection({"type": "MultiPoint", "coordinates": [[LON, LAT]]})), 1),
    "Esri JSON, a hole": (text("a.json", MERCATOR), "Esri"),
    "TopoJSON": (text("a.topojson", TOPOLOGY), 1),
    "TopoJSON as JSON": (text("a.json", TOPOLOGY), 1),
    "kml, nested folders": (
        text("a.kml", kml(f"<Folder><name>TX</name><Folder><name>Tier 1</name>{placemark()}</Folder></Folder>")),
        1,
    ),
    "kml, folders of one name": (
        text("a.kml", kml(f"<Folder><name>P</name>{placemark()}</Folder><Folder><name>P</name>{placemark(ring())}</Folder>")),
        2,
    ),
    "kml, a folder": (
        text("a.kml", kml(f"<Folder><name>P</name>{placemark()}</Folder><Folder><name>Q</name>{placemark(ring())}</Folder>")),
        [PARCEL],
        "Q",
    ),
    "kml, parcel with its label": (text("a.kml", kml(LABELLED)), [PARCEL]),
    "kml, schema": (text("a.kml", kml(SCHEMA)), 1),
    "kml, no namespace": (text("a.kml", kml(placemark(), namespace="")), 1),
    "kml, old namespace": (text("a.kml", kml(placemark(), namespace=' xmlns="http://earth.google.com/kml/2.1"')), 1),
    "kmz": (zipped("a.kmz", ("doc.kml", kml(placemark())), ("files/icon.png", b"x")), 1),
    "kmz, other name inside": (zipped("a.kmz", ("My Places.kml", kml(placemark()))), 1),
    "kmz in a zip": (zipped_files("a.zip", zipped("a.kmz", ("doc.kml", kml(placemark())))), 1),
    "shapefile, no table": (gdal("a.shp", without=(".dbf",)), [PARCEL]),
    "shapefile, capitals": (
        then(
            gdal("A.shp"),
            lambda p: [f.rename(f.with_suffix(f.suffix.upper())) for f in p.parent.iterdir()] and p.with_suffix(".SHP"),
        ),
        [PARCEL],
    ),
    "shapefile, system named by the user": (
        gdal("a.shp", in_feet, without=(".prj",)),
        [PARCEL],
        "",
        "EPSG:2276",
    ),
    "shapefile, heights": (gdal("a.shp", lambda: frame(shapely.force_3d(PARCEL, 500.0))), [PARCEL]),
    "shapefile zipped in a folder": (
        zipped_files("a.zip", gdal("a.shp"), text("a.pdf", "x"), inside="to send/"),
        [PARCEL],
    ),
    "shapefile zipped by a Mac": (
        zipped_files("a.zip", gdal("a.shp"), lambda f: text("._a.shp", "x")(_made(f / "__MACOSX"))),
        [PARCEL],
    ),
    "shapefile of two": (zipped_files("a.zip", gdal("a.shp", lambda: frame(OTHER)), gdal("b.shp")), [PARCEL], "b"),
    "csv in a zip": (zipped("a.zip", ("sites.csv", f"lat,lon\n{ROW}\n")), 1),
    "xlsx in a zip": (zipped_files("a.zip", workbook(("Sites", [HEAD, PLACE]))), 1),
    "geopackage, a layer": (layers("a.gpkg", "sites", "parcels"), [PARCEL], "parcels"),
    "geopackage, layer in capitals": (layers("a.gpkg", "sites", "parcels"), [PARCEL], "PARCELS"),
    "geopackage, styles": (then(gdal("a.gpkg"), styled), [PARCEL]),
    "geopackage, curves": (then(gdal("a.gpkg", lambda: frame(PARCEL, crs=5070), SPATIAL_INDEX="NO"), curved), "circle"),
    "geopackage, system named by the user": (
        then(gdal("a.gpkg", in_feet), without_system),
        [PARCEL],
        "",
        "EPSG:2276",
    ),
    "geopackage, table": (table("a.gpkg"), 1),
    "geodatabase, a layer": (layers("a.gdb", "sites", "parcels", driver="OpenFileGDB"), [PARCEL], "parcels"),
    "geodatabase zipped": (zipped_files("a.zip", gdal("p.gdb", driver="OpenFileGDB"), inside="from the county/"), [PARCEL]),
    "geodatabase zipped, a layer": (
        zipped_files("a.gdb.zip", layers("p.gdb", "sites", "parcels", driver="OpenFileGDB")),
        [PARCEL],
        "parcels",
    ),
    "flatgeobuf, feet": (gdal("a.fgb", in_feet), [PARCEL]),
    "geoparquet, boxes": (parquet(), [PARCEL, OTHER]),
    "geoparquet, categories": (parquet(kind=pandas.Categorical(["x", None])), [PARCEL, OTHER]),
}


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def named(path: Path, layer: str = "") -> Path:
    """The path with a layer behind a colon."""
    return Path(f"{path}:{layer}") if layer else path


@pytest.mark.parametrize("name", READ)
def test_odd_file_is_read_right(name: str, tmp_path: Path) -> None:
    """One place at Abilene, or the parcels, to a metre; nothing is said about doubts."""
    writer, expected, *more = READ[name]
    path = writer(tmp_path)
    layer, crs = [*more, *("", None)[len(more) :]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        own = read_sites(named(path, layer), None, Asked(crs=crs))
    shapes = [site.geometry for site in own.sites]
    if expected == "twice":
        assert [p.text[:24] for p in own.skipped] == ["it is the same place as "]
        expected = 1
    if expected == "Esri":
        assert len(shapes[0].interiors) == 1
    elif expected == "circle":
        assert shapes[0].area == pytest.approx(3.1416e6, rel=0.002)
    elif isinstance(expected, int):
        assert len(shapes) == expected
        abilene = from_wgs84(shapely.Point(LON, LAT))
        assert shapes[0].distance(abilene) < 1.0
    else:
        wanted = [from_wgs84(shape) for shape in expected]
        assert [s.hausdorff_distance(w) < 1.0 for s, w in zip(shapes, wanted, strict=True)] == [True] * len(wanted)


#: what is refused: name -> (writer, part of the line, layer behind the colon, reference system that the user names)
REFUSED = {
    "missing": (lambda f: f / "none.gpkg", "Correct the path"),
    "empty csv": (text("a.csv", ""), "Empty SITES file"),
    "csv, header only": (text("a.csv", "lat,lon\n"), "Empty SITES file"),
    "csv, no header": (text("a.csv", f"{ROW}\n{ROW}\n"), "lacks the column 'lat'"),
    "csv, header too far down": (text("a.csv", "note\n" * 12 + f"lat,lon\n{ROW}\n"), "lacks the column 'lat'"),
    "csv, zero bytes": (text("a.csv", b"lat,lon\n\x00\x00\x00,1\n"), "row 2"),
    "csv, swapped": (text("a.csv", f"lat,lon\n{LON},{LAT}\n"), "swapped"),
    "csv, projected": (text("a.csv", "X,Y\n1558469,6966221\n"), "metres or feet"),
    "csv, neither code page": (text("a.csv", f"name,lat,lon\n\u0081,{ROW}\n", "latin-1"), "not text"),
    "csv, acres in words": (text("a.csv", f"lat,lon,acres\n{ROW},many\n"), "acres 'many'"),
    "csv, a column twice": (text("a.csv", f"lat,lon,lat\n{ROW},1\n"), "stands twice"),
    "csv, minutes above 60": (text("a.csv", "lat,lon\n32°76'N,99°W\n"), "minutes and seconds"),
    "csv, address for coordinates": (text("a.csv", 'name,location\na,"Abilene, TX"\n'), "e.g. 41.48, -88.25"),
    "csv, too many rows": (text("a.csv", "lat,lon\n" + f"{ROW}\n" * 10_001), "10,000"),
    "csv, a layer": (text("a.csv", f"lat,lon\n{ROW}\n"), "no layers", "x"),
    "csv, unknown system": (text("a.csv", f"lat,lon\n{ROW}\n"), "EPSG:1", "", "EPSG:1"),
    "picture": (text("a.csv", b"\x89PNG\r\n\x1a\n\x00\xff"), "not text"),
    "old Excel": (text("a.xls", b"\xd0\xcf\x11\xe0"), "Save it as .xlsx"),
    "xlsx with a password": (text("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600), "locked by a password"),
    "xlsx, cut": (then(workbook(("Sites", [HEAD, PLACE])), cut), "not a readable Excel workbook"),
    "xlsx, two lists": (workbook(("East", [HEAD, PLACE]), ("West", [HEAD, PLACE])), "East, West. Name one"),
    "xlsx, no list": (workbook(("Notes", [["none"]])), "no sheet (Notes) lists places"),
    "xlsx, unknown sheet": (workbook(("East", [HEAD, PLACE])), "no sheet 'West'. Name one of: East", "West"),
    "xlsx, formulas never computed": (workbook(("Sites", [HEAD, ["a", "=1+31", "=0-99"]])), "lat and lon must be"),
    "xlsx, a zip of other things": (zipped("a.xlsx", ("x.txt", "x")), "not a readable Excel workbook"),
    "geojson, cut": (then(text("a.geojson", collection(POINT)), cut), "not GeoJSON"),
    "geojson, no features": (text("a.geojson", collection()), "Empty SITES file"),
    "geojson, line": (
        text("a.geojson", collection({"type": "LineString", "coordinates": LINE})),
        "LineString",
    ),
    "geojson, points": (
        text("a.geojson", collection({"type": "MultiPoint", "coordinates": LINE})),
        "MultiPoint",
    ),
    "geojson, no geometry": (text("a.geojson", collection(None)), "no geometry"),
    "geojson, system null": (text("a.geojson", collection(POINT, crs=None)), "names no coordinate reference system"),
    "json of something else": (text("a.json", '{"sites": [1, 2]}'), "not GeoJSON"),
    "json, a table": (text("a.json", '[{"lat": 1}]'), "not GeoJSON"),
    "Esri JSON, an error of the server": (text("a.json", '{"error": {"code": 499, "message": "Token Required"}}'), "not GeoJSON"),
    "kml, broken": (text("a.kml", kml(placemark())[:-20]), "Open it in Google Earth"),
    "kml, a line": (
        text("a.kml", kml(placemark(f"<LineString><coordinates>{LON},{LAT} -99,32</coordinates></LineString>"))),
        "LineString",
    ),
    "kmz, only links": (
        zipped("a.kmz", ("doc.kml", kml("<NetworkLink><Link><href>http://x.example/a.kml</href></Link></NetworkLink>"))),
        "Google Earth",
    ),
    "kmz, no kml": (zipped("a.kmz", ("a.png", b"x")), "Google Earth"),
    "kml, unknown folder": (text("a.kml", kml(f"<Folder><name>P</name>{placemark()}</Folder>")), "no folder 'Q'", "Q"),
    "shapefile, no system": (
        gdal("a.shp", in_feet, without=(".prj",)),
        "EPSG:2276 (NAD83 / Texas North Central",
    ),
    "shapefile, degrees without system": (gdal("a.shp", without=(".prj",)), "look like degrees: EPSG:4326"),
    "shapefile, no index": (gdal("a.shp", without=(".shx",)), "its .shx is missing"),
    "shapefile, two systems": (gdal("a.shp"), "declares its reference system itself", "", "EPSG:2276"),
    "shapefile, cut": (then(gdal("a.shp"), cut), "Export it again"),
    "table of a shapefile": (text("a.dbf", "x"), "Name the .shp"),
    "zip of two": (zipped_files("a.zip", gdal("a.shp"), gdal("b.shp")), "a.shp, b.shp. Name one"),
    "zip of nothing": (zipped("a.zip", ("a.txt.bak", "x")), "no list of sites"),
    "zip, cut": (then(zipped_files("a.zip", gdal("a.shp")), cut), "not a readable zip"),
    "zip with a password": (then(zipped("a.zip", ("a.csv", "lat,lon")), locked), "locked by a password"),
    "geopackage, two layers": (layers("a.gpkg", "sites", "parcels"), "sites, parcels. Name one, e.g. SITES="),
    "geopackage, unknown layer": (layers("a.gpkg", "sites", "parcels"), "no layer 'x'. Name one of: sites, parcels", "x"),
    "geopackage, no system": (then(gdal("a.gpkg", in_feet), without_system), "EPSG:2276"),
    "geopackage, no rows": (gdal("a.gpkg", lambda: frame().iloc[:0]), "Empty SITES file"),
    "geopackage, cut": (then(gdal("a.gpkg"), cut), "cannot be read as .gpkg"),
    "geopackage that is text": (text("a.gpkg", "no"), "cannot be read as .gpkg"),
    "geodatabase, two layers": (layers("a.gdb", "sites", "parcels", driver="OpenFileGDB"), "sites, parcels. Name one"),
    "geodatabase, empty folder": (folder_of("a.gdb"), "cannot be read as .gdb"),
    "geodatabase that is a file": (text("a.gdb", "x"), "no folder"),
    "folder": (folder_of("a.shp"), "a folder"),
    "flatgeobuf, cut": (then(gdal("a.fgb"), cut), "Export the layer"),
    "parquet, a table": (plain_parquet, "no geometry column"),
    "parquet, cut": (then(parquet(), cut), "not a readable GeoParquet"),
    "drawing": (text("a.dwg", "x"), "Export the parcels"),
    "picture of a map": (text("a.pdf", "x"), "Ask for the file"),
    "packed otherwise": (text("a.csv.gz", "x"), "Unpack it"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_odd_file_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    """File, what is wrong, and the remedy."""
    writer, said, *more = REFUSED[name]
    path = writer(tmp_path)
    layer, crs = [*more, *("", None)[len(more) :]]
    with pytest.raises(SitesError) as caught:
        read_sites(named(path, layer), None, Asked(crs=crs))
    line = str(caught.value)
    assert "\n" not in line
    assert str(path) in line
    assert said in line


def test_there_are_a_hundred_files() -> None:
    """Enough to say that odd files were tried."""
    assert len(READ) + len(REFUSED) >= 100
