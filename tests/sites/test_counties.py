"""Counties over which a campus reaches."""

from __future__ import annotations

import numpy as np

from sitefinder.grid import Grid, Land
from sitefinder.layers.zones import Zones
from sitefinder.sites.campuses import Campus
from sitefinder.sites.counties import counties_of, counties_words


def test_counties_of_a_tenth_and_more_are_told_most_first() -> None:
    """Twelve cells: eight, three, and one, which is a twelfth; the seed lies in the second."""
    grid = Grid(25_000.0)
    land = Land(grid, np.arange(100, dtype=np.int32))
    names = {"county": [{"fips": str(i), "name": n, "state": "NC"} for i, n in enumerate("ABC")], "rto": []}
    county = np.zeros(100, np.int32)
    county[:3], county[3] = 1, 2
    zones = Zones(names, county, np.full(100, -1, np.int32))
    campus = Campus(np.arange(12, dtype=np.int32), np.ones(12), 0.0)
    assert counties_words(counties_of(campus, land, zones)) == "A, NC 67 %; B, NC 25 %"
