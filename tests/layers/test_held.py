"""Shares of cells that others hold."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from sitefinder.layers import held
from sitefinder.layers.files import FEDERAL, MILITARY_AREAS, PARKS, TRIBAL


class Ground:
    """Sources of three cells in a row, 1 m wide: outlines given by kind, and a raster of federal land."""

    def __init__(self, outlines, federal, given=None):
        self.outlines = outlines
        self.given = given or {}
        self.federal = np.asarray(federal, np.float32)

    def features(self, name):
        rows = self.outlines.get(name, [])
        kinds, boxes = [kind for kind, _ in rows], [shapely.box(a, 0, a + 1, 1) for _, a in rows]
        return gpd.GeoDataFrame({"kind": np.array(kinds, object)}, geometry=gpd.GeoSeries(boxes), crs=None)

    def covered(self, polygons):
        cells = [shapely.box(a, 0, a + 1, 1) for a in range(3)]
        return np.array([sum(c.intersection(p).area for p in polygons) for c in cells], np.float32)

    def raster(self, name):
        assert name == FEDERAL
        return self.federal

    def once(self, key, make):
        return make()

    def with_given(self, layer_id, values, *, per):
        assert layer_id in held.LAYERS
        assert per == 100.0
        return np.where(np.isnan(self.given.get(layer_id, np.nan)), values, self.given.get(layer_id, np.nan) / per)


@pytest.mark.parametrize(
    ("name", "kind", "counts"),
    [
        (PARKS, "national_park", True),
        (PARKS, "national_forest", False),
        (TRIBAL, "reservation", True),
        (TRIBAL, "statistical", False),
        (MILITARY_AREAS, "range", True),
    ],
)
def test_what_counts_as_held(name, kind, counts):
    """Parks, reservations and military areas do; outlines of forests and former reservations do not."""
    share = held.held_share(Ground({name: [(kind, 1)]}, [0, 0, 0]))
    assert share.tolist() == [0, float(counts), 0]


def test_federal_land_counts_and_the_unknown_does_not_hide_an_outline():
    """Share of the map; where the map knows nothing, what the outlines say."""
    share = held.held_share(Ground({PARKS: [("national_park", 2)]}, [40, np.nan, np.nan]))
    assert share.tolist() == pytest.approx([0.4, 0.0, 1.0])


def test_rasters_of_the_user_stand_in_for_outlines_and_map():
    """A raster of reservations and one of federal land, each in percent."""
    ground = Ground({TRIBAL: [("reservation", 0)]}, [40, 40, 40], {"tribal_pct": np.array([0, 0, 70]), "federal_pct": 10.0})
    assert held.held_share(ground).tolist() == pytest.approx([0.1, 0.1, 0.7])
