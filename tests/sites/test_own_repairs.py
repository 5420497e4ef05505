"""Shapes made plain: what is opened, mended, and said about it."""

from __future__ import annotations

import pytest
import shapely
from shapely.geometry import GeometryCollection, MultiPoint, MultiPolygon, Point, Polygon, box

from sitefinder.sites.own_repairs import TOO_FAR_M, far_apart, mended, opened, remarks_of
from sitefinder.units import M2_PER_ACRE

#: metres of one unit of the shapes below
UNIT_M = 1000.0
#: acres of a square of one unit
ACRES = UNIT_M**2 / M2_PER_ACRE
LEFT, RIGHT = box(0, 0, 1, 1), box(2, 0, 3, 1)


def repaired(polygon):
    """The mended polygon and its repair, the projection being the polygon enlarged."""
    return mended(polygon, shapely.transform(polygon, lambda xy: xy * UNIT_M))


@pytest.mark.parametrize(
    ("geometry", "plain"),
    [
        (MultiPoint([(1, 2)]), Point(1, 2)),
        (GeometryCollection([box(0, 0, 1, 1)]), box(0, 0, 1, 1)),
        (GeometryCollection([Point(0.5, 0.5), box(0, 0, 1, 1)]), box(0, 0, 1, 1)),
        (
            GeometryCollection([GeometryCollection([box(0, 0, 1, 1)]), box(2, 0, 3, 1)]),
            MultiPolygon([box(0, 0, 1, 1), box(2, 0, 3, 1)]),
        ),
        (GeometryCollection([Point(3, 4)]), Point(3, 4)),
    ],
    ids=["list of one point", "collection of one polygon", "polygon with its label", "nested", "collection of one point"],
)
def test_wrapping_is_opened(geometry, plain):
    """What programs wrap around one place is taken off."""
    assert opened(geometry).equals(plain)
    assert opened(geometry).geom_type == plain.geom_type


def test_several_points_stay_what_they_are():
    """Which of them is meant cannot be known; a plain polygon is not touched."""
    points, polygon = MultiPoint([(1, 2), (3, 4)]), box(0, 0, 1, 1)
    assert opened(points) is points
    assert opened(polygon) is polygon


@pytest.mark.parametrize(
    ("polygon", "said", "acres"),
    [
        (Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]), "crosses itself near (1, 1)", 2.0),
        (MultiPolygon([box(0, 0, 2, 2), box(1, 1, 3, 3)]), "crosses itself", 7.0),
        (MultiPolygon([box(0, 0, 9, 9), box(1, 1, 3, 3)]), "is broken (nested shells)", 81.0),
        (
            Polygon(box(0, 0, 9, 9).exterior, [box(20, 20, 21, 21).exterior]),
            "is broken (hole lies outside shell)",
            82.0,
        ),
    ],
    ids=["bow tie", "overlapping parts", "nested parts", "hole outside"],
)
def test_broken_outline_is_mended_and_the_change_told(polygon, said, acres):
    """Land that is drawn twice counts once, a hole outside is land that was marked wrongly; acres before and after are named."""
    valid, repair = repaired(polygon)
    assert shapely.is_valid(valid)
    assert valid.area == pytest.approx(acres)
    assert said in repair.fault
    assert repair.acres == pytest.approx(acres * ACRES)
    assert repair.words.endswith(f"{acres * ACRES:,.0f} acres instead of {polygon.area * ACRES:,.0f}")


@pytest.mark.parametrize(
    "polygon",
    [
        MultiPolygon([box(0, 0, 1, 1), box(1, 0, 2, 1)]),
        Polygon([(0, 0), (4, 0), (4, 4), (2, 4), (3, 2), (1, 2), (2, 4), (0, 4)]),
        box(0, 0, 1, 1),
    ],
    ids=["parts sharing an edge", "ring that touches itself", "valid"],
)
def test_outline_written_in_an_unusual_way_is_no_fault(polygon):
    """The land is the same before and after: nothing to tell, nothing to refuse."""
    valid, repair = repaired(polygon)
    assert repair is None
    assert shapely.is_valid(valid)
    assert valid.area == pytest.approx(polygon.area)


def test_parts_far_apart_are_told():
    """A road between two parcels is nothing; ten kilometres are; neighbours in two clusters make two places."""
    square = box(0, 0, 800, 800)

    def moved(*east):
        return MultiPolygon([shapely.affinity.translate(square, x, 0) for x in east])

    assert far_apart(moved(0, 900)) == (1, 0.0)
    assert far_apart(square) == (1, 0.0)
    places, metres = far_apart(moved(0, 900, 50_000, 50_900))
    assert places == 2
    assert metres == pytest.approx(50_000 - 1_700, rel=0.01)
    assert "2 places up to 48 km apart" in remarks_of(moved(0, 900, 50_000), None)[0]
    assert far_apart(moved(0, 1.1 * TOO_FAR_M))[1] > TOO_FAR_M


def test_acres_of_the_file_are_compared_with_the_outline():
    """Rounding is nothing; a tenth is told with both numbers."""
    square = box(0, 0, 1000, 1000)
    assert remarks_of(square, 247.0) == []
    assert remarks_of(square, None) == []
    assert remarks_of(square, 300.0) == ["its columns say 300 acres, its outline has 247: the outline counts"]
