"""Flow fitted to gauges, on a chain of four pieces."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from sitefinder.compiling.base import CRS
from sitefinder.compiling.river_flow import Matched, fitted, local_runoff, matched, mean_flow, withheld_test
from sitefinder.compiling.river_network import Order, Pieces

CHAIN = Order(np.arange(4), np.zeros(4, int))


def pieces():
    vertices = np.column_stack([np.arange(5) * 1000.0, np.zeros(5)])
    return Pieces(np.zeros(4, int), np.zeros(4, int), np.arange(4), np.arange(1, 5), np.full(4, 1000.0), vertices[:4], vertices)


def test_flow_adds_up_and_never_falls():
    """One, two and a half, ... at the middle of each piece."""
    assert mean_flow(CHAIN, np.array([2.0, 1.0, 0.0, 4.0])).tolist() == [1.0, 2.5, 3.0, 5.0]


def test_what_passes_a_gauge_is_what_its_basin_yields():
    """Both gauges are met: the upper basin is halved, what enters between them doubled."""
    flow = fitted(CHAIN, np.ones(4), Matched(np.array([0, 1]), np.array([1, 3])), np.array([1.0, 5.0]))
    assert flow.cumsum()[[1, 3]] == pytest.approx([1.0, 5.0], rel=0.02)
    assert flow[0] == pytest.approx(flow[1])


def test_a_gauge_without_flow_dries_nothing_out():
    """Four desert gauges report zero."""
    assert fitted(CHAIN, np.ones(4), Matched(np.array([0]), np.array([2])), np.array([0.0])).tolist() == [1.0] * 4


def test_a_gauge_belongs_to_the_piece_of_its_drainage_area():
    """The brook's gauge beside the river is not the river's."""
    at = shapely.points([[1500.0, 200.0], [1500.0, 200.0], [2500.0, 5000.0]])
    gauges = gpd.GeoDataFrame({"drainage_km2": [310.0, 5.0, 300.0]}, geometry=at, crs=CRS)
    found = matched(pieces(), np.array([100.0, 200.0, 300.0, 400.0]), gauges)
    assert (found.gauge.tolist(), found.piece.tolist()) == ([0], [2])


def test_the_test_does_not_see_what_it_withholds():
    """A withheld gauge that contradicts all others is missed by as much."""
    gauges = gpd.GeoDataFrame({"flow_m3s": [20.0, 2.0, 3.0, 4.0]}, geometry=[None] * 4)
    result = withheld_test(CHAIN, np.ones(4), Matched(np.arange(4), np.array([0, 1, 2, 3])), gauges)
    assert result["gauges"] == 1
    assert result["median"] == pytest.approx(0.025, rel=0.05)


def test_a_metre_of_runoff():
    """1,000 mm a year on 31.6 km2 are one cubic metre a second."""
    assert local_runoff(np.array([31.56]), np.array([1000.0]))[0] == pytest.approx(1.0, rel=0.001)
