"""The land of a campus close up."""

from __future__ import annotations

import re

import geopandas
import pytest
import shapely

from sitefinder.layers.files import CORRIDORS, HIGHWAYS, LINES, PIPELINES
from sitefinder.reports.dossier.plot import SIDE, plot

CAMPUS = shapely.box(0, 0, 2000, 2000)


@pytest.fixture(scope="module")
def terms(default_config):
    """Widths of the strips, as shipped."""
    return default_config.config.land


def drawn(terms, **lines):
    """The picture with lines of one voltage, pipes roads and rails at places."""

    def frames(name):
        kinds = {
            LINES: {"kv_class": 765},
            PIPELINES: {"kind": "interstate"},
            HIGHWAYS: {"kind": "us"},
            CORRIDORS: {"kind": "railway"},
        }
        shapes = lines.get({LINES: "wires", PIPELINES: "pipes", HIGHWAYS: "roads", CORRIDORS: "rails"}[name], [])
        columns = {k: [v] * len(shapes) for k, v in kinds[name].items()}
        return geopandas.GeoDataFrame(columns, geometry=list(shapes), crs="EPSG:5070")

    return str(plot(frames, CAMPUS, terms, 0.0, (10.0, 20.0)))


def area(svg, kind):
    """Area of the path of a class, square units of the drawing; holes count as land."""
    rings = re.search(rf'<path[^>]*d="([^"]*)"[^>]*class="{kind}"|<path[^>]*class="{kind}"[^>]*d="([^"]*)"', svg)
    text = next((part for part in rings.groups() if part), "") if rings else ""
    points = [[tuple(map(float, p)) for p in re.findall(r"(-?[\d.]+) (-?[\d.]+)", ring)] for ring in text.split("Z") if ring]
    return sum(shapely.Polygon(ring).area for ring in points if len(ring) > 2)


def test_a_line_takes_a_strip_as_wide_as_its_right_of_way(terms):
    """Grey inside the outline over the outline is width over side."""
    svg = drawn(terms, wires=[shapely.LineString([(1000, -5000), (1000, 7000)])])
    width = terms.line_feet[max(terms.line_feet)] * 0.3048
    assert area(svg, "takenland") / area(svg, "plotland") == pytest.approx(width / 2000, rel=0.1)
    assert area(svg, "strip") > 0


def test_pipes_roads_and_rails_count_and_nothing_else_does(terms):
    """Without any of them nothing is grey."""
    assert area(drawn(terms), "takenland") == 0
    for kind in ("pipes", "roads", "rails"):
        assert area(drawn(terms, **{kind: [shapely.LineString([(-5000, 500), (7000, 500)])]}), "takenland") > 0


def test_all_of_it_stays_in_its_frame(terms):
    """What runs on beyond the picture is cut."""
    svg = drawn(terms, wires=[shapely.LineString([(-9000, -9000), (9000, 9000)])])
    points = [tuple(map(float, p)) for d in re.findall(r' d="([^"]+)"', svg) for p in re.findall(r"(-?[\d.]+) (-?[\d.]+)", d)]
    assert all(9.9 <= x <= 10.1 + SIDE and 19.9 <= y <= 20.1 + SIDE for x, y in points)
