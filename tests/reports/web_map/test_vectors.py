"""Layers of the map: shapes that survive packing, and layers of the compiled data."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
import shapely

from sitefinder.reports.web_map import vectors
from sitefinder.reports.web_map.vectors import STEP, packed


def unpacked(content: bytes) -> list[list[list[tuple[float, float]]]]:
    """Positions per part per feature, as the page reads them."""
    octets = iter(zlib.decompress(content))

    def number():
        value = shift = 0
        while True:
            octet = next(octets)
            value |= (octet & 127) << shift
            shift += 7
            if octet < 128:
                return value

    def signed():
        v = number()
        return (v >> 1) ^ -(v & 1)

    features = []
    while True:
        try:
            parts = number()
        except StopIteration:
            return features
        x = y = 0
        feature = []
        for _ in range(parts):
            line = []
            for _ in range(number()):
                x, y = x + signed(), y + signed()
                line.append((x * STEP, y * STEP))
            feature.append(line)
        features.append(feature)


def test_shapes_come_back_to_half_a_step():
    """Points, lines with several parts and polygons with holes."""
    ring, hole = [(-100, 40), (-99, 40), (-99, 41), (-100, 40)], [(-99.6, 40.2), (-99.2, 40.2), (-99.2, 40.6), (-99.6, 40.2)]
    shapes = [
        shapely.Point(-98.7654321, 31.1234567),
        shapely.MultiLineString([[(-90, 30), (-90.1, 30.2)], [(-80.00077, 25.3), (-80.5, 25.4), (-81, 26)]]),
        shapely.Polygon(ring, [hole]),
    ]
    restored = unpacked(packed(shapes))
    assert [[len(line) for line in feature] for feature in restored] == [[1], [2, 3], [4, 4]]
    given = np.concatenate([shapely.get_coordinates(s) for s in shapes])
    assert np.abs(np.array([p for f in restored for line in f for p in line]) - given).max() <= STEP / 2 + 1e-9


def test_positions_that_fall_together_are_written_once():
    """A line shorter than a step has one position left."""
    assert [len(line) for line in unpacked(packed([shapely.LineString([(-90, 30), (-90.00001, 30), (-91, 30)])]))[0]] == [2]


def test_no_shapes_pack_to_nothing():
    """An empty layer is empty."""
    assert unpacked(packed([])) == []


@pytest.mark.parametrize("name", ["states", "stations", "fiber", "centers", "places", "moratoria"])
def test_layers_of_the_compiled_data_have_a_value_for_each_feature(package, name):
    """Attributes and shapes keep step, and every layer names its publisher and licence."""
    layer = vectors.vector_layer(name, package)
    count = len(unpacked(layer.shapes))
    assert count > 10
    assert all(len(values) == count for values in layer.columns.values())
    assert ";" in layer.credit


def test_existing_data_centers_carry_their_licence(package):
    """The Open Database License asks for credit."""
    assert "OpenStreetMap" in vectors.credit_of(package, "share_alike/campus_labels.parquet")
    assert "ODbL" in vectors.credit_of(package, "share_alike/campus_labels.parquet")


def test_stations_are_those_of_345_kv_and_more(package):
    """Their voltage and headroom stand beside them."""
    layer = vectors.vector_layer("stations", package)
    assert min(layer.columns["kv"]) >= 345
    known = [h for h in layer.columns["headroom_mw_p50"] if h is not None]
    assert known
    assert min(known) >= 0


def test_lines_of_one_kind_are_joined_end_to_end():
    """Three pieces that meet become one line, another kind stays apart."""
    import geopandas

    lines = [shapely.LineString([(i * 1e4, 0), ((i + 1) * 1e4, 0)]) for i in range(4)]
    frame = geopandas.GeoDataFrame({"kind": ["a", "a", "a", "b"]}, geometry=lines, crs="EPSG:5070")
    restored, kinds = vectors.joined_lines(frame, "kind")
    assert kinds == ["a", "b"]
    assert shapely.length(restored).tolist() == [3e4, 1e4]


def test_connections_keep_their_site_and_target():
    """The lines that a run computed, with what is told about them."""
    line = {"type": "LineString", "coordinates": [[-90, 30], [-91, 31]]}
    features = [{"geometry": line, "properties": {"site_id": "LA-1", "route": "gas", "to": None, "km": 12.3}}]
    layer = vectors.routes_layer(features)
    assert layer.columns == {"site_id": ["LA-1"], "route": ["gas"], "to": [None], "km": [12.3]}
    assert len(unpacked(layer.shapes)) == 1
