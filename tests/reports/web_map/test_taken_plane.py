"""Land that is taken: codes come back cell by cell, with their causes and the share of all."""

from __future__ import annotations

import numpy as np

from sitefinder.grid import Grid, Land
from sitefinder.reports.web_map.taken_plane import LEAST_PCT, pack_taken
from tests.helpers.surfaces import numbers

WORDS = {"lines": "transmission lines", "plants": "power plants"}


def unpacked(land, taken):
    """Code of every land cell."""
    codes, lengths = (numbers(taken.blobs[f"taken/run_{name}"]) for name in ("codes", "lengths"))
    raster = np.repeat(codes, lengths).reshape(land.grid.height, land.grid.width)
    return land.compact(raster)


def test_causes_and_shares_come_back():
    """A cell shows the causes that take a tenth of it and what all take, to 5 points; others, and unknown ones, show nothing."""
    rng = np.random.default_rng(3)
    grid = Grid(25_000.0)
    land = Land(grid, np.flatnonzero(rng.random(grid.height * grid.width) < 0.7).astype(np.int32))
    shares = {k: np.where(rng.random(land.size) < 0.4, rng.uniform(0, 100, land.size), 0.0) for k in WORDS}
    shares["plants"][:50] = np.nan
    taken = pack_taken(land, shares, WORDS)
    assert list(taken.causes) == ["transmission lines", "power plants"]
    code = unpacked(land, taken)
    known = {k: np.nan_to_num(v) for k, v in shares.items()}
    several = np.stack([known[k] >= LEAST_PCT for k in WORDS])
    assert np.array_equal(code > 0, several.any(axis=0))
    bits, percent = np.array([(0, 0), *taken.combinations])[code].T
    assert np.array_equal(bits, several[0] + 2 * several[1])
    every = 100 * (1 - (1 - known["lines"] / 100) * (1 - known["plants"] / 100))
    assert np.abs(percent - every)[code > 0].max() <= 5.0 + 1e-9


def test_a_country_where_all_land_is_taken_packs():
    """Code 0 stands for no land even then."""
    grid = Grid(25_000.0)
    land = Land(grid, np.arange(10, 30, dtype=np.int32))
    taken = pack_taken(land, {"lines": np.full(land.size, 50.0)}, WORDS)
    assert list(taken.combinations) == [(1, 50)]
    assert (unpacked(land, taken) == 1).all()
