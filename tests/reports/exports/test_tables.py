"""Tables that every export is written from."""

from __future__ import annotations

import pytest
import shapely

from sitefinder.columns import Column
from sitefinder.reports.exports.tables import AERIAL, kind_of, printable, site_table


def test_every_kind_of_row_has_a_table(tables):
    """Sites, the user's own, routes of both, near misses and stations."""
    assert list(tables) == ["sites", "own_sites", "routes", "own_routes", "near_misses", "stations"]
    assert site_table(list(tables.values())) is tables["sites"]


def test_rows_are_those_of_the_run(tables, exported_run):
    """Every column of the record, and the address of an aerial picture with the point of the site."""
    row, site = tables["sites"].rows[1], exported_run.sites[1].site
    assert {k: v for k, v in row.items() if k != AERIAL.name} == dict(site.values)
    assert f"center={site.place.lat:.6f}%2C{site.place.lon:.6f}" in row[AERIAL.name]
    assert [c.name for c in tables["sites"].columns] == list(row)


def test_areas_of_a_table_are_of_one_kind(tables):
    """Formats with one kind per layer take them all."""
    assert {g.geom_type for g in tables["sites"].geometry} == {"MultiPolygon"}
    assert {g.geom_type for g in tables["routes"].geometry} == {"LineString"}


def test_stations_lie_where_they_are_and_have_megawatts(tables):
    """In degrees within the country, the middle between the ends."""
    west, south, east, north = shapely.total_bounds(tables["stations"].geometry)
    assert -125 < west < -115
    assert 24 < south < 27
    assert -70 < east < -66
    assert 47 < north < 50
    rows = [r for r in tables["stations"].rows if r["headroom_mw_p50"] is not None]
    assert len(rows) > 6000
    assert all(r["headroom_mw_p10"] <= r["headroom_mw_p50"] <= r["headroom_mw_p90"] for r in rows)


@pytest.mark.parametrize(
    ("decimals", "values", "kind"),
    [
        (None, ["a", None], "text"),
        (None, [True, None], "flag"),
        (0, [1, None], "whole"),
        (2, [1, None], "number"),
        (0, [None], "whole"),
        (None, [None], "text"),
        (None, [1.5], "number"),
    ],
)
def test_a_column_has_the_kind_of_its_values(decimals, values, kind):
    """What is declared, and what stands in it where nothing is declared."""
    assert kind_of(Column("x", "", "", "", decimals), values) == kind


def test_characters_that_xml_cannot_hold_are_dropped():
    """And no other, however foreign."""
    assert printable("a\x07b\x00c\ud800d\ufffee") == "abcde"
    assert printable("\u05d0\u202e\U0001f3ed\n\tx") == "\u05d0\u202e\U0001f3ed\n\tx"
