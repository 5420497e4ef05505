"""The packed surface: what a page unpacks is what was packed."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from sitefinder.grid import Grid, Land
from sitefinder.reports.web_map import surface as module
from sitefinder.reports.web_map.surface import pack_surface
from tests.helpers.surfaces import numbers, undone


def codes_of(surface):
    """Codes of all cells, (rows, columns)."""
    lengths = numbers(surface.planes["run_lengths"])
    return np.repeat(numbers(surface.planes["run_codes"]), lengths).reshape(surface.height, surface.width)


def unpacked(surface, name):
    """A plane as the page rebuilds it: (rows, columns), 0 where not free."""
    free = codes_of(surface) == list(surface.combinations).index(0) + 1
    return undone(zlib.decompress(surface.planes[name]), free)


@pytest.fixture(scope="module")
def world():
    """Land with sea and holes at 25 km: bits of three gates and two planes of scores."""
    rng = np.random.default_rng(5)
    grid = Grid(25_000.0)
    cells = np.flatnonzero(rng.random(grid.height * grid.width) < 0.7).astype(np.int32)
    shut = (cells // grid.width) % 20 < 7  # whole rows without free land
    bits = np.where(shut, np.uint32(2), rng.choice(np.array([0, 0, 0, 1, 2, 5], np.uint32), cells.size))
    scores = {k: rng.integers(0, 256, cells.size).astype(np.uint8) for k in ("water", "learned")}
    return Land(grid, cells), bits, scores


@pytest.mark.parametrize("name", ["water", "learned"])
def test_scores_come_back_cell_by_cell(world, name):
    """Differences to the cell above, holes filled from the left, undo exactly."""
    land, bits, scores = world
    expected = land.expand(np.where(bits == 0, scores[name], 0).astype(np.uint8), 0)
    assert np.array_equal(unpacked(pack_surface(land, bits, scores), name), expected)


def test_reasons_come_back_cell_by_cell(world):
    """Codes name the combination of gates; 0 is no land, and frequent combinations have small codes."""
    land, bits, scores = world
    packed = pack_surface(land, bits, scores)
    code = codes_of(packed)
    assert np.array_equal(code == 0, land.expand(np.ones(land.size, bool), False) == 0)
    assert np.array_equal(np.array(packed.combinations)[land.compact(code) - 1], bits)
    often = [(bits == k).sum() for k in packed.combinations]
    assert often == sorted(often, reverse=True)


def test_a_country_without_free_land_packs(world):
    """All excluded: planes of scores are empty."""
    land, bits, scores = world
    packed = pack_surface(land, np.ones_like(bits), scores)
    assert zlib.decompress(packed.planes["water"]) == b""


def test_of_finer_grids_every_nth_cell_is_shown():
    """The map never holds cells below 1 km."""
    assert [module.step_of(Grid(m)) for m in (5000.0, 1000.0, 500.0, 400.0, 100.0)] == [1, 1, 2, 3, 10]


def test_of_finer_grids_the_frame_stays(world, monkeypatch):
    """Skipped cells make the shown ones larger, not the country smaller."""
    monkeypatch.setattr(module, "FINEST_M", 50_000.0)
    land, bits, scores = world
    packed = pack_surface(land, bits, scores)
    assert packed.cell_m == 50_000.0
    assert (packed.height, packed.width) == (-(-land.grid.height // 2), -(-land.grid.width // 2))


def test_equal_inputs_pack_to_equal_bytes(world):
    """Threads do not change a bit."""
    assert pack_surface(*world).planes == pack_surface(*world).planes


def test_runs_end_with_their_row():
    """Equal codes at the end of a row and at the start of the next are two runs."""
    runs = module.runs_of(np.array([[7, 7, 0], [0, 0, 3]], np.uint16))
    assert runs["run_codes"].tolist() == [7, 0, 0, 3]
    assert runs["run_lengths"].tolist() == [2, 1, 2, 1]
