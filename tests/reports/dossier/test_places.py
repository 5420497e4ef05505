"""Maps of the surroundings."""

from __future__ import annotations

import re

import pytest
import shapely

from sitefinder.reports.dossier import places
from sitefinder.reports.dossier.places import Surroundings
from sitefinder.reports.html.markup import text
from sitefinder.results.run import Entry
from tests.helpers.dossier_run import PLACES
from tests.helpers.records import site


@pytest.fixture(scope="module")
def land(package):
    """Layers for the maps."""
    return Surroundings(package)


def _square(lat, lon, half=0.01):
    return shapely.geometry.mapping(shapely.box(lon - half, lat - half, lon + half, lat + half))


def _entry(lat, lon, routes=()):
    return Entry(site(lat=lat, lon=lon), _square(lat, lon), routes=routes)


def _points(svg):
    return [tuple(map(float, p)) for d in re.findall(r' d="([^"]+)"', svg) for p in re.findall(r"(-?[\d.]+) (-?[\d.]+)", d)]


@pytest.mark.parametrize("place", [*PLACES, (48.0, -123.5), (25.5, -80.6)])
def test_a_map_shows_its_campus_in_the_middle_and_nothing_outside(land, place):
    """Also at the corners of the country, where the frame of the layers is turned by fifteen degrees."""
    svg = places.site_map(land, _entry(*place))
    assert 'class="campus"' in svg
    assert len(_points(svg)) > 8
    assert all(-4 <= x <= places.WIDE + 4 and -4 <= y <= places.HIGH + 4 for x, y in _points(svg))
    campus = _points(re.search(r'<path[^>]*class="campus"[^>]*>', svg)[0])
    assert abs(sum(x for x, _ in campus[:4]) / 4 - places.WIDE / 2) < 2


@pytest.mark.parametrize("lon", [-123.0, -96.0, -70.0])
def test_north_is_up(land, lon):
    """A point due north of the centre is drawn straight above it."""
    view = land.view(land.outline(_square(42.0, lon)), lon, 42.0)
    points = [land.outline({"type": "Point", "coordinates": [lon, lat]}) for lat in (42.0, 42.1)]
    (x0, y0), (x1, y1) = (shapely.transform(p, view.draw).coords[0] for p in points)
    assert abs(x1 - x0) < 0.01 * (y0 - y1)


def test_the_scale_bar_is_as_long_as_it_says(land):
    """Kilometres of the label against units of the drawing."""
    place = PLACES[0]
    svg = places.site_map(land, _entry(*place))
    length = int(re.search(r">(\d+) km<", svg)[1])
    end = float(re.search(r'd="M10 [\d.]+V[\d.]+H([\d.]+)V', svg)[1])
    assert (end - 10) / places.WIDE * 2 * places.HALF_KM == pytest.approx(length, rel=0.01)


def test_a_large_outline_makes_the_map_look_farther(land):
    """The campus always fits."""
    view = land.view(land.outline(_square(41.0, -88.0, half=0.5)), -88.0, 41.0)
    assert view.half > 2 * places.HALF_KM * 1000


def test_routes_are_drawn_and_names_escaped(land):
    """A route is a dotted line; names of towns are text."""
    place = PLACES[0]
    line = {"type": "LineString", "coordinates": [[place[1], place[0]], [place[1] + 0.1, place[0]]]}
    route = {"geometry": line, "properties": {"route": "grid"}}
    svg = places.site_map(land, _entry(*place, routes=[route]))
    assert 'class="route"' in svg
    assert text("<Joliet>") == "&lt;Joliet&gt;"


def test_the_country_shows_every_place_within_its_frame(land):
    """Dots of all kinds, none outside."""
    svg = places.country(land, {"listed": [(-124.0, 47.0), (-80.5, 25.5)], "first": [(-70.0, 44.0)]})
    dots = re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', svg)
    assert len(dots) == 3
    assert all(0 < float(x) < places.COUNTRY[0] and 0 < float(y) < places.COUNTRY[1] for x, y in dots)


def test_a_county_seat_of_unknown_size_is_drawn(land):
    """Buckingham VA has no population in the register of places; it stands alone in its neighbourhood."""
    assert ">Buckingham<" in places.site_map(land, _entry(37.51, -78.50))
