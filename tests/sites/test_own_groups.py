"""Parcels of one group as one site."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from shapely.geometry import Point, box

from sitefinder.errors import SitesError
from sitefinder.sites.own import UserSite
from sitefinder.sites.own_groups import assembled, conflicts
from sitefinder.sites.own_list import Asked, read_sites
from sitefinder.sites.stated import Stated


def parcel(row, west, group="Ranch", **more):
    """A square parcel of 1 km in a row of a file; its outline stands for itself."""
    square = box(west, 0, west + 1000, 1000)
    attributes = {"your_row": row, "your_owner": f"owner {row}", "your_county": "Taylor"}
    return UserSite(f"p{row}", f"my.csv, row {row}", square, square, group=group, attributes=attributes, **more)


def test_parcels_of_a_group_become_one_site():
    """Their land together, under the name of the group, where the first stands; columns that differ one after the other."""
    sites, words = assembled([parcel(2, 0, acres=200.0), parcel(3, 5000, "Other"), parcel(4, 1000, acres=50.0)])
    assert [s.name for s in sites] == ["Ranch", "p3"]
    assert sites[0].geometry.equals(box(0, 0, 2000, 1000))
    assert sites[0].place == "my.csv, row 2, row 4"
    assert sites[0].acres == 250.0
    assert sites[0].attributes == {
        "your_row": 2,
        "your_owner": "owner 2; owner 4",
        "your_county": "Taylor",
        "your_rows": "row 2; row 4",
    }
    assert words == ["2 parcels (row 2, row 4) are one site, 'Ranch'."]


def test_points_are_not_joined():
    """Two points of one group are two places; so are rows without a group."""
    points = [UserSite(n, f"my.csv, row {i}", Point(i, 0), group="Ranch") for i, n in enumerate("ab")]
    assert assembled(points) == (points, ["2 points of 'Ranch' are scored one by one; draw parcels to join them."])
    alone = [parcel(2, 0, None), parcel(3, 1000, None)]
    assert assembled(alone) == (alone, [])


def test_parcels_may_not_state_different_things():
    """One row may speak for the group; two that differ cannot both be right."""
    stated = [Stated(usable_acres=100.0), Stated(usable_acres=90.0)]
    assert conflicts([parcel(2, 0, stated=stated[0]), parcel(3, 1000)]) == {}
    (site,), _ = assembled([parcel(2, 0), parcel(3, 1000, stated=stated[0])])
    assert site.stated == stated[0]
    problems = conflicts([parcel(2, 0, stated=stated[0]), parcel(3, 1000, stated=stated[1])])
    assert "row 2: stated by the user: 100 usable acres" in problems["Ranch"]


def test_parcels_in_different_regions_are_no_site():
    """Categories such as "owned" are no places: each parcel of such a group is told so."""
    far = conflicts([parcel(2, 0), parcel(3, 300_000), parcel(4, 0, "Other")])
    assert list(far) == ["Ranch"]
    assert far["Ranch"].startswith("parcels of 'Ranch' lie 299 km apart.")


def geojson(folder: Path, *properties: dict) -> Path:
    """Neighbouring parcels with these properties."""
    features = [
        {
            "type": "Feature",
            "properties": p,
            "geometry": json.loads(json.dumps(box(-99.8 + 0.01 * i, 32.4, -99.79 + 0.01 * i, 32.41).__geo_interface__)),
        }
        for i, p in enumerate(properties)
    ]
    path = folder / "my.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


@pytest.mark.parametrize("column", ["group", "Deal", "SITE"])
def test_columns_that_group_parcels(tmp_path, column):
    """Group and deal; site where another column holds the name."""
    own = read_sites(geojson(tmp_path, {"name": "a", column: "West"}, {"name": "b", column: "West"}, {"name": "c"}))
    assert [s.name for s in own.sites] == ["West", "c"]
    assert own.sites[0].outline.equals(box(-99.8, 32.4, -99.78, 32.41).buffer(0)) or own.sites[0].outline.area > 1.9e-4
    assert own.sites[1].attributes["your_rows"] is None
    assert any("2 parcels (feature 1, feature 2) are one site, 'West'" in note for note in own.notes)


def test_a_group_that_contradicts_itself_is_a_bad_row_of_each(tmp_path):
    """Refused with both rows, or skipped."""
    path = geojson(tmp_path, {"group": "W", "cleared": "plants"}, {"group": "W", "cleared": "stations"}, {"group": "E"})
    with pytest.raises(SitesError, match=r"feature 1: parcels of 'W' state different(.|\n)*2 of 3 sites"):
        read_sites(path)
    assert len(read_sites(path, None, Asked(skip_bad=True)).sites) == 1
