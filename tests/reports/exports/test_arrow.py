"""Typed tables, GeoParquet and the description of columns."""

from __future__ import annotations

import io
import json

import geopandas
import pyarrow as pa

from sitefinder.reports.exports.arrow import arrow_table, datapackage_bytes, geoparquet_bytes, resource


def test_types_are_those_of_the_columns(tables):
    """Whole numbers have 32 bits, yes and no are booleans, months texts."""
    schema = arrow_table(tables["sites"]).schema
    kinds = {name: schema.field(name).type for name in ("rank", "score", "grid_route_able", "full_load_p50")}
    assert kinds == {"rank": pa.int32(), "score": pa.float64(), "grid_route_able": pa.bool_(), "full_load_p50": pa.string()}


def test_chosen_columns_take_other_names(tables):
    """And the geometry a name of its own."""
    table = arrow_table(tables["sites"], {"site_id": "key", "score": "points"}, geometry="shape")
    assert table.column_names == ["key", "points", "shape"]


def test_geoparquet_holds_every_value(tables):
    """Read by geopandas: columns, geometries, reference system, missing values."""
    frame = geopandas.read_parquet(io.BytesIO(geoparquet_bytes(tables["own_sites"])))
    assert frame.crs.to_epsg() == 4326
    assert frame.geometry.geom_equals(geopandas.GeoSeries(tables["own_sites"].geometry, crs=4326)).all()
    for name in (c.name for c in tables["own_sites"].columns):
        assert [None if v is None or v != v else v for v in frame[name].astype(object)] == tables["own_sites"].values(name), name


def test_a_resource_explains_each_column(tables):
    """Type, unit and meaning; the whole name behind a short one."""
    entry = resource(tables["sites"], "sites_arcgis.zip", {"buildable_acres": "acres"})
    assert entry["schema"]["fields"] == [
        {
            "name": "acres",
            "type": "integer",
            "description": "Estimated buildable acres of the footprint",
            "title": "buildable_acres",
            "unit": "acres",
        }
    ]
    assert entry["name"] == "sites-arcgis-zip"
    assert json.loads(datapackage_bytes([entry], "abc"))["resources"] == [entry]
