"""Values of single criteria on coarse cells: means over free land, packed as the surface is."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from sitefinder.grid import Grid, Land
from sitefinder.kernels.score import TOP as TOP_STEP
from sitefinder.kernels.score import UNKNOWN
from sitefinder.reports.web_map import criterion_planes as module
from sitefinder.reports.web_map import surface
from sitefinder.reports.web_map.criterion_planes import COARSE_TOP, pack_criteria
from sitefinder.scoring.score import ValueMatrix
from tests.helpers.surfaces import undone


@pytest.fixture(scope="module")
def world():
    """Land with sea and holes at 25 km, one gate, and two criteria, one of them partly unknown."""
    rng = np.random.default_rng(8)
    grid = Grid(25_000.0)
    cells = np.flatnonzero(rng.random(grid.height * grid.width) < 0.7).astype(np.int32)
    shut = (cells // grid.width) % 20 < 7  # whole rows without free land
    values = rng.integers(0, TOP_STEP + 1, (2, cells.size)).astype(np.uint16)
    values[1, rng.random(cells.size) < 0.3] = UNKNOWN
    bits = np.where(shut, np.uint32(1), rng.choice(np.array([0, 0, 1], np.uint32), cells.size))
    return Land(grid, cells), bits, ValueMatrix(("a", "b"), values, np.array([False, True]))


def means(world, every, k):
    """Means over the free cells of each coarse cell by plain loops, in steps; NaN where there are none."""
    land, bits, matrix = world
    steps = np.where(matrix.values[k] == UNKNOWN, 0, matrix.values[k]).astype(float)
    raster = land.expand(np.where(bits == 0, steps, np.nan), np.nan)
    blocks = [
        [raster[r : r + every, c : c + every] for c in range(0, raster.shape[1], every)] for r in range(0, raster.shape[0], every)
    ]
    return np.array([[np.nanmean(b) if np.isfinite(b).any() else np.nan for b in row] for row in blocks]) / TOP_STEP * COARSE_TOP


@pytest.mark.parametrize("k", [0, 1])
def test_planes_hold_means_over_free_land(world, k, monkeypatch):
    """Unknown counts as nothing, as in the score; coarse cells without free land are left out."""
    monkeypatch.setattr(module, "COARSE_M", 75_000.0)
    packed = pack_criteria(*world)
    expected = means(world, 3, k)
    assert packed.every == 3
    assert (packed.height, packed.width) == expected.shape
    restored = undone(zlib.decompress(packed.planes["ab"[k]]), np.isfinite(expected))
    assert np.nanmax(np.abs(restored - expected)) <= 0.5 + 1e-6


def test_of_finer_grids_the_cells_of_the_page_count(world, monkeypatch):
    """A coarse cell is covered where the page knows a free cell in it, and nowhere else."""
    monkeypatch.setattr(module, "COARSE_M", 100_000.0)
    monkeypatch.setattr(surface, "FINEST_M", 50_000.0)
    land, bits, matrix = world
    packed = pack_criteria(land, bits, matrix)
    drawn = land.expand(bits == 0, False)[::2, ::2]
    covered = sum(drawn[r : r + 2, c : c + 2].any() for r in range(0, drawn.shape[0], 2) for c in range(0, drawn.shape[1], 2))
    assert packed.every == 2
    assert len(zlib.decompress(packed.planes["a"])) == covered


def test_coarse_grids_keep_their_cells(world):
    """Nothing is finer than the cells of the run."""
    assert pack_criteria(*world).every == 1
