"""Vectors and tables of the user: formats, columns, and refusals in one line."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pandas
import pytest
import shapely

from sitefinder.errors import DataError
from sitefinder.grid import CRS, from_lonlat
from sitefinder.layers.vectors import column_of, files_of, fips_of, numbers, polygons_of, read_table, read_vector, stamps_of

BOXES = [shapely.box(-83.5, 39.5, -82.5, 40.5), shapely.box(-100, 31, -99, 32)]


def frame() -> geopandas.GeoDataFrame:
    """Two boxes with a number."""
    return geopandas.GeoDataFrame({"name": ["a", "b"], "mw": [5.0, 7.0]}, geometry=BOXES, crs=4326)


@pytest.mark.parametrize("ending", ["geojson", "gpkg", "fgb", "shp", "parquet", "kml"])
@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:5070"])
def test_formats_give_the_same_polygons(tmp_path: Path, ending: str, crs: str) -> None:
    """Whatever GDAL or Arrow reads, in any declared reference system."""
    if ending in ("kml",) and crs != "EPSG:4326":
        pytest.skip("KML has degrees alone")
    path = tmp_path / f"a.{ending}"
    if ending == "parquet":
        frame().to_crs(crs).to_parquet(path)
    else:
        frame().to_crs(crs).to_file(path)
    areas = polygons_of(path, "layers.add.my_a")
    assert len(areas) == 2
    wanted = frame().to_crs(CRS).geometry.area
    np.testing.assert_allclose([a.area for a in areas], wanted, rtol=1e-6)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_tables_with_latitude_and_longitude_are_points(tmp_path: Path, separator: str, encoding: str) -> None:
    """Any separator, any usual encoding, headers in any case."""
    rows = [["Name", "LATITUDE", "Long", "MW"], ["Ca\u00f1on", "31.5", "-99.5", "1,200" if separator != "," else "1200"]]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(separator.join(row) for row in rows) + "\n", encoding=encoding)
    points = read_vector(path, "here")
    assert points["Name"].tolist() == ["Ca\u00f1on"]
    np.testing.assert_allclose([points.geometry.x[0], points.geometry.y[0]], from_lonlat(-99.5, 31.5), atol=1e-3)
    assert numbers(points, "mw", path, "here").tolist() == [1200.0]


def test_a_sheet_is_a_table_too(tmp_path: Path) -> None:
    """Numbers and blanks of Excel."""
    path = tmp_path / "a.xlsx"
    pandas.DataFrame({"lat": [31.5, 32.0], "lon": [-99.5, -99.0], "mw": [5, None]}).to_excel(path, index=False)
    points = read_vector(path, "here")
    np.testing.assert_array_equal(numbers(points, "mw", path, "here"), [5.0, np.nan])


def test_codes_of_counties_get_their_zero_back(tmp_path: Path) -> None:
    """Excel drops it; a column of codes goes by several names."""
    path = tmp_path / "a.csv"
    path.write_text("GEOID,rate\n1001,2\n17093,3\n", encoding="utf-8")
    assert fips_of(read_table(path, "here"), path, "here") == ["01001", "17093"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lat,lon,mw\n31.5,-99.5,lots\n", "'lots' in column 'mw', row 1, is no number"),
        ("lat,lon,mw\n-99.5,31.5,1\n", "is no place in or near the contiguous states"),
        ("lat,lon,mw\n,,1\n", "is no place in or near"),
        ("name,mw\na,1\n", "Add the columns lat and lon"),
        ("lat,lon\n31.5,-99.5\n", "No column 'mw'"),
    ],
)
def test_wrong_points_are_refused_in_one_line(tmp_path: Path, text: str, expected: str) -> None:
    """File, place in the configuration, row and remedy."""
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=expected) as caught:
        numbers(read_vector(path, "layers.add.my_a"), "mw", path, "layers.add.my_a")
    assert "\n" not in str(caught.value)
    assert f"{path} named in layers.add.my_a" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fips,a\n17093,1\n17093,2\n", "county 17093 stands twice"),
        ("fips,a\nCook,1\n", "'Cook' in row 1 is no county code"),
        ("county,a\nCook,1\n", "Add the column fips"),
    ],
)
def test_wrong_codes_are_refused(tmp_path: Path, text: str, expected: str) -> None:
    """A county stands once, under its code."""
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=expected):
        fips_of(read_table(path, "here"), path, "here")


def test_files_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    """Missing, damaged, without a reference system, of several layers, without polygons."""
    with pytest.raises(DataError, match="Missing file"):
        read_vector(tmp_path / "gone.geojson", "here")
    (tmp_path / "bad.gpkg").write_bytes(b"no database")
    with pytest.raises(DataError, match="Cannot read"):
        read_vector(tmp_path / "bad.gpkg", "here")
    (tmp_path / "bad.xlsx").write_bytes(b"no sheet")
    with pytest.raises(DataError, match="Cannot read"):
        read_vector(tmp_path / "bad.xlsx", "here")
    frame().set_crs(None, allow_override=True).to_file(tmp_path / "bare.shp")
    with pytest.raises(DataError, match="No reference system"):
        read_vector(tmp_path / "bare.shp", "here")
    for name in ("one", "two"):
        frame().to_file(tmp_path / "both.gpkg", layer=name)
    with pytest.raises(DataError, match=r"Several layers in .*: one, two\. Name one: \{file: .*, layer: one\}"):
        read_vector(tmp_path / "both.gpkg", "here")
    assert len(read_vector(tmp_path / "both.gpkg", "here", "two")) == 2
    frame().centroid.to_file(tmp_path / "points.gpkg")
    with pytest.raises(DataError, match="No polygon"):
        polygons_of(tmp_path / "points.gpkg", "here")


@pytest.mark.parametrize("name", ["a.geojson", "a.csv", "a.gpkg", "a.xlsx", "a.shp"])
def test_a_file_of_a_gigabyte_is_refused_unread(tmp_path: Path, name: str) -> None:
    """With its size, the limit and the way on, as a vector and as a table."""
    with (tmp_path / name).open("wb") as large:
        large.truncate(1_000_000_000)
    for read in (read_vector, read_table):
        with pytest.raises(DataError, match=r"has 1,000 MB, the limit is 500 MB\. Clip it"):
            read(tmp_path / name, "here")


def test_a_column_is_known_in_any_writing() -> None:
    """Signs, blanks and case do not matter; the first of two counts."""
    table = pandas.DataFrame({"Base kV": [1], "BASE_KV": [2]})
    assert column_of(table, ("kv", "basekv")) == "Base kV"
    assert column_of(table, ("mw",)) is None


def test_all_parts_of_a_file_are_stamped(tmp_path: Path) -> None:
    """A shapefile is several files, a geodatabase a folder."""
    frame().to_file(tmp_path / "a.shp")
    assert {p.suffix for p in files_of(tmp_path / "a.shp")} >= {".shp", ".shx", ".dbf", ".prj"}
    assert files_of(tmp_path) == sorted(tmp_path.iterdir())
    before = stamps_of(tmp_path / "a.shp")
    (tmp_path / "a.dbf").write_bytes((tmp_path / "a.dbf").read_bytes() + b" ")
    assert stamps_of(tmp_path / "a.shp") != before
