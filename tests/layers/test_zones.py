"""Counties and market regions of land cells."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.layers.zones import Zones

COUNTIES = [{"fips": "48441", "name": "Taylor", "state": "TX"}, {"fips": "39131", "name": "Pike", "state": "OH"}]


@pytest.fixture
def zones() -> Zones:
    """Three cells: Taylor County in ERCOT, Pike County in PJM, Pike County in no market."""
    names = {"county": COUNTIES, "rto": ["ERCOT", "PJM"]}
    return Zones(names, np.array([0, 1, 1], np.int32), np.array([0, 1, -1], np.int32))


def test_a_cell_knows_its_county(zones: Zones) -> None:
    """Code, name and state of the row it refers to."""
    assert [zones.county_of(i)["fips"] for i in range(3)] == ["48441", "39131", "39131"]
    assert zones.county_of(0) == COUNTIES[0]


def test_a_cell_outside_every_market_has_none(zones: Zones) -> None:
    """-1 is no market, not the last one of the list."""
    assert [zones.rto_of(i) for i in range(3)] == ["ERCOT", "PJM", None]
