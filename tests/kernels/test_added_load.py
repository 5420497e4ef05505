"""The loops over buses, outages and branches; their answers on networks are in test_powerflow_headroom."""

from __future__ import annotations

import numpy as np

from sitefinder.kernels.added_load import largest_added, worst_after_outage

#: two branches in parallel: either takes over all that the other carried
PARALLEL = np.array([[-1.0, 1.0], [1.0, -1.0]])
#: no branch is strengthened
NONE = np.array([-1])


def test_worst_flow_after_an_outage_is_that_of_the_other_branch():
    """Branch 0 takes over 30 MW on its own 10, branch 1 10 MW on its own 30."""
    assert worst_after_outage(np.array([10.0, 30.0]), PARALLEL).tolist() == [40.0, 40.0]


def test_worst_flow_counts_against_the_direction_too():
    """A flow that turns round is as large as its amount."""
    assert worst_after_outage(np.array([-10.0, -30.0]), PARALLEL).tolist() == [40.0, 40.0]


def test_added_load_stops_at_the_first_rating_and_at_the_emergency_rating_of_what_is_left():
    """Half of the load on each of two branches of 100 MW: 200 MW intact, 110 MW when one is out."""
    nearby = (np.array([0, 2]), np.array([0, 1]))
    limits = np.array([[100.0, 100.0], [110.0, 110.0]])
    found = largest_added(
        np.array([[0.5, 0.5]], np.float32), np.zeros(2), limits, PARALLEL, np.zeros(2, bool), nearby, (0.03, 0.5), NONE
    )
    assert [x.tolist() for x in found] == [[200.0], [110.0], [1], [0]]


def test_bus_behind_a_bridge_is_dark_after_its_outage():
    """All of the load comes over one bridge: nothing can be added that survives its outage."""
    nearby = (np.array([0, 1]), np.array([0]))
    limits = np.array([[100.0], [110.0]])
    bridge = np.ones(1, bool)
    found = largest_added(np.array([[1.0]], np.float32), np.zeros(1), limits, np.zeros((1, 1)), bridge, nearby, (0.03, 0.5), NONE)
    assert [x.tolist() for x in found] == [[100.0], [0.0], [0], [0]]


def test_branch_that_hardly_notices_does_not_limit():
    """Below the least share of a transfer, even a full branch leaves the load free."""
    nearby = (np.array([0, 0]), np.array([], np.int64))
    limits = np.array([[1.0], [1.1]])
    found = largest_added(
        np.array([[0.02]], np.float32), np.ones(1), limits, np.zeros((1, 1)), np.zeros(1, bool), nearby, (0.03, 0.5), NONE
    )
    assert found[0].tolist() == [np.inf]


def test_a_strengthened_branch_neither_limits_nor_leaves_dark():
    """Of branches of 100 and 300 MW the second is next, 600 MW intact and 330 with the first one out; a doubled bridge: none."""
    nearby = (np.array([0, 2]), np.array([0, 1]))
    limits = np.array([[100.0, 300.0], [110.0, 330.0]])
    shares = np.array([[0.5, 0.5]], np.float32)
    found = largest_added(shares, np.zeros(2), limits, PARALLEL, np.zeros(2, bool), nearby, (0.03, 0.5), np.array([0]))
    assert [x.tolist() for x in found] == [[600.0], [330.0], [1], [0]]
    bridge, one = (np.array([0, 1]), np.array([0])), np.array([[1.0], [1.1]])
    alone = largest_added(
        np.array([[1.0]], np.float32), np.zeros(1), one, np.zeros((1, 1)), np.ones(1, bool), bridge, (0.03, 0.5), np.array([0])
    )
    assert [x.tolist() for x in alone] == [[np.inf], [np.inf], [-1], [-1]]
