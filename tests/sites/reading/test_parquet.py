"""GeoParquet with its columns."""

from __future__ import annotations

from pathlib import Path

import geopandas
import pandas
import pytest
import shapely

from sitefinder.sites.reading.entry import Limits
from sitefinder.sites.reading.parquet import read_parquet

POINTS = [shapely.Point(-99.7, 32.4), shapely.Point(-83.0, 39.0)]


def read(tmp_path: Path, columns: dict, geometry: list = POINTS, **options: object):
    """The table of a file that geopandas writes."""
    path = tmp_path / "a.parquet"
    geopandas.GeoDataFrame(columns, geometry=geometry, crs=4326).to_parquet(path, **options)
    return read_parquet(path, path.read_bytes(), Limits())


def test_columns_keep_their_kinds(tmp_path):
    """Whole numbers beside gaps, categories, yes and no; a second geometry and boxes are left out."""
    columns = {
        "price": pandas.array([12500, None], "Int64"),
        "kind": pandas.Categorical(["farm", None]),
        "open": [True, False],
        "centre": geopandas.GeoSeries(POINTS, crs=4326),
    }
    table = read(tmp_path, columns, write_covering_bbox=True, schema_version="1.1.0")
    assert table.columns == ("price", "kind", "open")
    assert [dict(row.values) for row in table.rows] == [
        {"price": 12500, "kind": "farm", "open": True},
        {"price": None, "kind": None, "open": False},
    ]


@pytest.mark.parametrize("encoding", ["WKB", "geoarrow"])
def test_both_encodings_of_geometries_are_read(tmp_path, encoding):
    """Well-known binary, and the one of GeoParquet 1.1."""
    table = read(tmp_path, {"a": [1, 2]}, geometry_encoding=encoding, schema_version="1.1.0")
    assert [row.geometry for row in table.rows] == POINTS
