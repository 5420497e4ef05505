"""A small network: a river of 1,000 km2, a tributary of 400 that enters half way, and a brook of 100 on that."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from sitefinder.compiling.base import CRS
from sitefinder.compiling.river_network import chained_lines, cut, direct_area, downstream_order, entered, joins, order

OUTLET_KM2 = np.array([100.0, 1000.0, 400.0])


def line(*points):
    return shapely.segmentize(shapely.LineString(points), 500.0)


@pytest.fixture
def network():
    """Brook, river, tributary."""
    shapes = [line((30_000, 40_000), (40_000, 20_000)), line((0, 0), (80_000, 0)), line((40_000, 50_000), (40_000, 100))]
    lines = downstream_order(gpd.GeoDataFrame(geometry=shapes, crs=CRS))
    tributaries = joins(lines, OUTLET_KM2)
    return lines, tributaries, cut(lines, tributaries.vertex)


def test_rivers_end_on_larger_ones(network):
    """The brook on the tributary, the tributary on the river although it ends 100 m before; the river on nothing."""
    _, tributaries, pieces = network
    assert tributaries.river.tolist() == [0, 2]
    assert pieces.river[entered(pieces, tributaries)].tolist() == [2, 1]


def test_pieces_hold_every_metre_and_break_at_confluences(network):
    """Lengths add up; a piece of the river begins where the tributary enters."""
    lines, tributaries, pieces = network
    assert pieces.length_m.sum() == pytest.approx(lines.length.sum())
    start = pieces.vertices_m[pieces.first[entered(pieces, tributaries)[1]]]
    assert start.tolist() == [40_000.0, 0.0]


def test_area_steps_up_at_the_confluence_and_ends_at_the_outlet(network):
    """Direct land of the river is 600 km2, half of it above; below the confluence 400 km2 more."""
    _, tributaries, pieces = network
    direct = direct_area(pieces, tributaries, OUTLET_KM2, np.zeros(len(pieces.river), bool))
    area = order(pieces, tributaries, OUTLET_KM2).upstream(direct)
    river = area[pieces.river == 1]
    entry = entered(pieces, tributaries)[1] - np.flatnonzero(pieces.river == 1)[0]
    assert river[entry - 1] == pytest.approx(300.0)
    assert river[entry] - river[entry - 1] > 400.0
    assert river[-1] == pytest.approx(1000.0)
    assert (np.diff(river) > 0).all()


def test_everything_upstream_of_a_piece_stands_in_one_run(network):
    """Counting pieces: the last one of the river has all behind it, the head of the brook itself only."""
    _, tributaries, pieces = network
    network_order = order(pieces, tributaries, OUTLET_KM2)
    assert sorted(network_order.position) == list(range(len(pieces.river)))
    count = network_order.upstream(np.ones(len(pieces.river)))
    assert count[pieces.river == 1][-1] == len(pieces.river)
    assert count[pieces.river == 0].tolist() == list(range(1, (pieces.river == 0).sum() + 1))


def test_land_abroad_enters_at_the_border(network):
    """Above 3,000 km2, 10 % stay along the river; the rest of the direct land enters at the first piece of the border."""
    _, tributaries, pieces = network
    outlet = 10.0 * OUTLET_KM2
    border = np.zeros(len(pieces.river), bool)
    border[np.flatnonzero(pieces.river == 1)[2:]] = True
    area = direct_area(pieces, tributaries, outlet, border)
    assert area[pieces.river == 1].sum() == pytest.approx(6000.0)
    assert area[pieces.river == 1][2] > 5000.0
    small = direct_area(pieces, tributaries, OUTLET_KM2, border)
    assert small[pieces.river == 1].max() < 300.0


def test_lines_of_one_river_are_chained():
    """Parts in any order come out from the source to the mouth."""
    a, b, c = (shapely.LineString([(i * 10, 0), (i * 10 + 9, 0)]) for i in range(3))
    assert chained_lines([c, a, b]) == [a, b, c]
