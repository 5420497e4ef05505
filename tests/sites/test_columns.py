"""What the columns of a piece of land are called, and that shape and neighbours stand in those of their campus."""

from __future__ import annotations

import dataclasses

import pytest

from sitefinder.config import FAMILIES
from sitefinder.sites.columns import (
    NEAREST_LAYERS,
    FamilyPart,
    IdentityPart,
    LandPart,
    LocalPart,
    NearestPart,
    OwnPart,
    PlacePart,
    QualityPart,
    land_parts,
)
from sitefinder.sites.decided import Decided
from sitefinder.sites.neighbours import WITHIN_KM, Neighbours
from sitefinder.sites.shape import MULTIPLES, Shape
from sitefinder.sites.taken import Taken

SHAPES = [Shape(0.7, 900.0, {2: 2100.0, 5: 4000.0}, 2), Shape(0.5, 800.0, {2: 1500.0, 5: 1600.0}, 1)]
DECISIONS = [Decided("none named within 25 km", None), Decided("Project West: withdrawn", "bill: pending")]
AROUND = [Neighbours({1: 0.0, 5: 120.0}, 3.25), Neighbours({1: 30.0, 5: 9000.0}, 0.5)]
TAKEN = [Taken(4.5, "transmission lines 4.5 %"), Taken(0.0, "")]


def test_land_holds_the_shape_and_the_neighbours_of_its_campus():
    """The first of each belong together."""
    first, second = land_parts(SHAPES, AROUND, TAKEN, DECISIONS, HELD)
    assert (first.compactness, first.largest_rectangle_acres, first.expandable_to_x) == (0.7, 900.0, 2)
    assert (first.expansion_acres, first.people, first.homes_estimate_km) == ({2: 2100.0, 5: 4000.0}, {1: 0.0, 5: 120.0}, 3.25)
    assert (second.compactness, second.homes_estimate_km) == (0.5, 0.5)
    assert (first.taken_pct, first.taken_by, second.taken_pct) == (4.5, "transmission lines 4.5 %", 0.0)
    assert (first.contested, second.contested, second.state_law) == (*(d.contested for d in DECISIONS), "bill: pending")


def test_a_campus_without_neighbours_is_our_own_mistake():
    """Lists of unlike lengths are not cut to the shorter."""
    with pytest.raises(ValueError, match="zip"):
        land_parts(SHAPES, AROUND[:1], TAKEN, DECISIONS, HELD)


#: counties of the land
HELD = ["Wood, OH 100 %", None]


def test_land_has_a_column_for_every_multiple_and_distance():
    """Written under the number, which the meaning names too."""
    columns = {c.name: c for c in LandPart.columns()}
    assert [n for n in columns if n.startswith("expansion")] == [f"expansion_{k}x_acres" for k in MULTIPLES]
    assert [n for n in columns if n.startswith("people")] == [f"people_{k}km" for k in WITHIN_KM]
    assert "of a campus 5 times as large" in columns["expansion_5x_acres"].meaning
    assert "within 1 km of the footprint" in columns["people_1km"].meaning
    (land, _) = land_parts(SHAPES, AROUND, TAKEN, DECISIONS, HELD)
    assert (land.row()["expansion_5x_acres"], land.row()["people_5km"]) == (4000.0, 120.0)


def test_every_family_has_a_score_in_reporting_order():
    """A decimal, in points; the meaning names the family."""
    columns = FamilyPart.columns()
    assert [c.name for c in columns] == [f"score_{family}" for family in FAMILIES]
    assert {(c.unit, c.decimals) for c in columns} == {("points", 1)}
    assert all(f"the family {family}," in c.meaning for family, c in zip(FAMILIES, columns, strict=True))


def test_every_nearest_feature_has_its_column():
    """Named after the kind of feature."""
    assert [field.name for field in dataclasses.fields(NearestPart)] == list(NEAREST_LAYERS)


@pytest.mark.parametrize("part", [IdentityPart, OwnPart, FamilyPart, PlacePart, LandPart, LocalPart, QualityPart, NearestPart])
def test_every_column_has_a_source_and_a_heading(part):
    """Its own or that of the part."""
    assert [c.name for c in part.columns() if not c.source or not c.heading] == []
