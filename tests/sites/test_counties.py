"""Counties over which a campus reaches, on the real borders."""

from __future__ import annotations

import dataclasses

import numpy as np
import shapely

from sitefinder.grid import Grid, from_lonlat
from sitefinder.layers.package import DataPackage
from sitefinder.sites.campuses import Campus
from sitefinder.sites.counties import LEAST_SHARE, counties_of, counties_words
from tests.helpers.paths import DATA

GRID = Grid(1000.0)


def campus_around(lon: float, lat: float) -> Campus:
    """Three by three cells around a place."""
    row, col = GRID.cell_at(*(np.array([v]) for v in from_lonlat(lon, lat)))
    rows, cols = (v.ravel() for v in np.mgrid[row[0] - 1 : row[0] + 2, col[0] - 1 : col[0] + 2])
    return Campus((rows * GRID.width + cols).astype(np.int32), np.ones(9), 0.0)


def test_every_county_is_told_most_first_and_across_a_state_line():
    """South of Charlotte the state line cuts the cells; in the middle of Mecklenburg County there is one county."""
    line, middle = counties_of([campus_around(-80.90, 35.06), campus_around(-80.85, 35.25)], GRID, DataPackage(DATA))
    assert {county["state"] for county, _ in line} == {"NC", "SC"}
    assert [county["name"] for county, _ in middle] == ["Mecklenburg"]
    assert counties_words(middle) == "Mecklenburg, NC 100 %"
    for held in (line, middle):
        shares = [share for _, share in held]
        assert shares == sorted(shares, reverse=True)
        assert 1.0 - 2 * LEAST_SHARE < sum(shares) <= 1.0 + 1e-9


def test_a_parcel_counts_by_its_outline():
    """The same cells, of which the parcel takes a corner in one county: the other is not told."""
    campus = campus_around(-80.90, 35.06)
    x, y = from_lonlat(-80.89, 35.075)
    parcel = shapely.box(x - 100, y - 100, x + 100, y + 100)
    (held,) = counties_of([dataclasses.replace(campus, parcel=parcel)], GRID, DataPackage(DATA))
    assert [county["state"] for county, _ in held] == ["NC"]
