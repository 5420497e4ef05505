"""What the map is made from: plain values that cannot be changed by accident."""

from __future__ import annotations

import dataclasses

import pytest

from sitefinder.reports.web_map.inputs import SiteTable, Surface


def test_inputs_are_frozen():
    """The page formats what it is given and changes nothing."""
    surface = Surface(2, 1, 1000.0, 0.0, 0.0, {}, [0])
    with pytest.raises(dataclasses.FrozenInstanceError):
        surface.width = 3


def test_a_list_may_come_without_parts():
    """An empty list has none."""
    assert SiteTable([], [], []).parts is None
