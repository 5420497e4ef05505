"""What can be wrong with one site: each case a clear line with its remedy, none an exception."""

from __future__ import annotations

import math

import pytest
import shapely
from shapely.geometry import GeometryCollection, LineString, MultiPoint, MultiPolygon, Point, Polygon, box

from sitefinder.sites.own_checks import degrees_problem, line_problem, place_problem, shape_problem, size_problem

#: metres per degree, near enough to stand for a projection here
DEGREE_M = 100_000.0


def polygon_fault(polygon):
    """Problem of a polygon whose projection is the polygon enlarged."""
    return line_problem(polygon) or size_problem(shapely.transform(polygon, lambda xy: xy * DEGREE_M))


@pytest.mark.parametrize(
    ("geometry", "said"),
    [
        (LineString([(0, 0), (1, 1)]), "LineString is not a point or polygon"),
        (MultiPoint([(0, 0), (1, 1)]), "MultiPoint is not"),
        (GeometryCollection([Point(0, 0), box(0, 0, 1, 1)]), "GeometryCollection is not"),
        (Polygon(), "empty"),
        (Point(), "empty"),
        (Polygon([(0, 0), (1, math.inf), (1, 1)]), "not a number"),
        (Point(0, math.nan), "not a number"),
        (Point(0, 0).buffer(1, quad_segs=100), "401 vertices, the limit is 400"),
    ],
)
def test_shape_that_cannot_be_used_is_told(geometry, said):
    """Kind, emptiness, coordinates that are no numbers, too many vertices."""
    assert said in shape_problem(geometry, 400)


@pytest.mark.parametrize(
    "geometry",
    [Point(0, 0), Point(0, 0, 500), box(0, 0, 1, 1), MultiPolygon([box(0, 0, 1, 1), box(2, 0, 3, 1)])],
    ids=["point", "height", "polygon", "parts"],
)
def test_shape_that_can_be_used_passes(geometry):
    """Points, polygons and their parts, with or without heights."""
    assert shape_problem(geometry, 400) is None


@pytest.mark.parametrize(
    ("polygon", "said"),
    [
        (Polygon([(0, 0), (2, 2), (4, 4), (0, 0)]), "covers no area"),
        (Polygon([(1, 1), (1, 1), (1, 1), (1, 1)]), "covers no area"),
        (box(0, 0, 1e-5, 1e-5), "covers less than 100 m2"),
        (box(0, 0, 1, 1), "covers more than 1,000,000 acres"),
    ],
    ids=["line", "one point", "sliver", "region"],
)
def test_polygon_of_no_size_is_told(polygon, said):
    """What covers nothing or a whole region is refused."""
    assert said in polygon_fault(polygon)


@pytest.mark.parametrize(
    "polygon",
    [
        box(0, 0, 0.1, 0.1),
        Polygon(box(0, 0, 0.1, 0.1).exterior, [box(0.02, 0.02, 0.05, 0.05).exterior]),
        MultiPolygon([box(0, 0, 0.1, 0.1), box(0.2, 0, 0.3, 0.1)]),
    ],
    ids=["square", "hole", "parts"],
)
def test_polygon_with_holes_or_parts_is_fine(polygon):
    """Holes and parts are land as it is sold."""
    assert polygon_fault(polygon) is None
    assert polygon_fault(Point(0, 0)) is None


@pytest.mark.parametrize("geometry", [Point(-349_015, 1_048_650), Point(0, 4e6), box(500_000, 3_500_000, 501_000, 3_501_000)])
def test_metres_labelled_as_degrees_are_recognised(geometry):
    """Projected coordinates without their reference system: the message asks for it."""
    assert "metres or feet" in degrees_problem(geometry)
    assert "Declare" in degrees_problem(geometry)


def test_longitudes_from_0_to_360_are_recognised():
    """260.27 is Abilene, counted eastwards."""
    assert "Subtract 360" in degrees_problem(Point(260.27, 32.45))
    assert degrees_problem(Point(-99.73, 32.45)) is None


@pytest.mark.parametrize(
    ("geometry", "said"),
    [
        (Point(32.45, -99.73), "swapped"),
        (box(32.4, -99.8, 32.5, -99.7), "swapped"),
        (Point(99.73, 32.45), "west longitudes negative"),
        (box(-179.9, 40, 179.9, 41), "outside the contiguous United States"),
        (box(-100, 32, 179.9, 33), "outside the contiguous United States"),
        (Point(0, 0), "outside the contiguous United States"),
        (Point(-149.9, 61.2), "outside the contiguous United States"),
    ],
    ids=["point", "box", "no minus", "antimeridian", "half the globe", "null island", "Anchorage"],
)
def test_place_elsewhere_is_told(geometry, said):
    """Swapped coordinates are told apart from places abroad."""
    assert said in place_problem(geometry)


def test_place_inside_passes():
    """Abilene is in the contiguous United States."""
    assert place_problem(Point(-99.73, 32.45)) is None
