"""``connections.geojson``: valid lines with every property, no route twice."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from sitefinder.columns import Range
from sitefinder.results.geojson import collection
from sitefinder.results.route_lines import feature_columns, route_features, with_keys
from sitefinder.routes.columns import MEANING
from sitefinder.routes.legs import ROUTES, Leg
from tests.helpers.rfc7946 import problems

#: metres in EPSG:5070, near the middle of the country
START, MIDDLE, END = (0.0, 2_000_000.0), (1000.0, 2_000_000.0), (2000.0, 2_000_000.0)


@pytest.fixture(scope="module")
def settings(default_config):
    """The shipped section."""
    return default_config.config.connections


def leg(settings, lines, **facts):
    """A leg of two sites."""
    n = len(lines)
    some = np.array([np.nan if line is None else 2.0 for line in lines])
    return Leg(
        lines=np.array(lines, object),
        km=some,
        straight_km=some,
        cost_km=some,
        ground=np.stack([some] * 3, axis=1),
        over_km=dict.fromkeys((*settings.terrain, *settings.avoid, "unknown"), some),
        crossings=dict.fromkeys(("rivers", "highways", "railways"), some),
        facts={"to": np.array(["A"] * n, object), **{k: np.array(v, object) for k, v in facts.items()}},
        musd=np.stack([some] * 3, axis=1),
    )


@pytest.fixture
def features(settings):
    """Two sites: one with all routes, one without gas."""
    line, bent = shapely.LineString([START, MIDDLE, END]), shapely.LineString([START, (1000.0, 2_001_000.0), END])
    legs = {
        "grid": leg(settings, [line, bent], kv=[345, 500]),
        "gas": leg(settings, [line, None]),
        "gas_second": leg(settings, [None, line]),
    }
    return with_keys(["TX-1", "OH-2"], route_features(2, legs, settings))


def test_routes_come_site_after_site(features):
    """A route that is not there is left out."""
    found = [(f["properties"]["site_id"], f["properties"]["route"]) for f in features]
    assert found == [("TX-1", "grid"), ("TX-1", "gas"), ("OH-2", "grid"), ("OH-2", "gas_second")]


def test_lines_are_wgs84_with_six_decimals(features):
    """Longitude first, in range, vertices on a straight line gone."""
    for feature in features:
        assert feature["geometry"]["type"] == "LineString"
        coordinates = feature["geometry"]["coordinates"]
        assert len(coordinates) >= 2
        for lon, lat in coordinates:
            assert -130 < lon < -60
            assert 20 < lat < 50
            assert (round(lon, 6), round(lat, 6)) == (lon, lat)
    assert len(features[0]["geometry"]["coordinates"]) == 2
    assert len(features[2]["geometry"]["coordinates"]) == 3


def test_lines_are_strict_geojson(features):
    """As the file that a run leaves."""
    assert problems(collection(features)) == []


def test_every_property_is_a_column(features, settings):
    """In the order of the columns, voltage only for stations."""
    names = [c.name for c in feature_columns(settings)]
    for feature in features:
        assert list(feature["properties"]) == names
    assert [f["properties"]["kv"] for f in features] == [345, None, 500, None]


def test_columns_have_names_of_their_own(settings):
    """No column twice, each with a meaning, a source, and digits where it has a unit; every level of the cost is there."""
    shown = feature_columns(settings)
    names = [c.name for c in shown]
    assert len(set(names)) == len(names)
    assert all(c.meaning and c.source for c in shown)
    assert [c.name for c in shown if c.unit and c.decimals is None] == []
    assert {f"cost_musd_{level}" for level in Range._fields} <= set(names)


def test_the_column_route_explains_every_route(settings):
    """What each kind of route leads to, in words."""
    (route,) = (c for c in feature_columns(settings) if c.name == "route")
    assert list(MEANING) == list(ROUTES)
    assert all(f"{name}: to {MEANING[name]}" in route.meaning for name in ROUTES)


def test_a_site_without_routes_has_no_lines(settings):
    """Nothing is drawn to nowhere."""
    legs = {"grid": leg(settings, [None], kv=[None])}
    assert route_features(1, legs, settings) == [[]]
