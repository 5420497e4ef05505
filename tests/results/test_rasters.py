"""Cloud-optimised GeoTIFF: layout, georeference, values and reproducible bytes, read back by rasterio."""

from __future__ import annotations

import numpy as np
import pytest
from rasterio.io import MemoryFile

from sitefinder.grid import Grid
from sitefinder.results.rasters import cog_bytes

GRID = Grid(2500.0)
TAGS = {"bit_0": "wetland: permanent wetland", "note": "ä"}


@pytest.fixture(scope="module")
def scores():
    """Scores with sea around them."""
    rng = np.random.default_rng(0)
    values = np.round(rng.uniform(0, 100, GRID.shape).astype(np.float32), 2)
    values[: GRID.height // 4] = np.nan
    return values


@pytest.fixture(scope="module")
def bits():
    """Reason bits up to the highest."""
    rng = np.random.default_rng(1)
    return rng.choice(np.array([0, 1, 6, 2**31, 2**32 - 1], np.uint32), GRID.shape)


@pytest.fixture(scope="module")
def score_file(scores):
    """The scores as an open dataset."""
    with MemoryFile(cog_bytes(scores, GRID, nodata=float("nan"), tags=TAGS)) as memory, memory.open() as dataset:
        yield dataset


@pytest.fixture(scope="module")
def bits_file(bits):
    """The bits as an open dataset."""
    with MemoryFile(cog_bytes(bits, GRID, nodata=None, tags=TAGS)) as memory, memory.open() as dataset:
        yield dataset


def test_layout_is_cloud_optimised(score_file):
    """GDAL itself recognises the layout."""
    assert score_file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"


def test_file_is_tiled_with_overviews(score_file):
    """Tiles of 512 cells and at least one overview."""
    assert score_file.block_shapes == [(512, 512)]
    assert score_file.overviews(1)[0] == 2


def test_file_is_compressed(score_file, scores):
    """Zstandard, and smaller than the numbers it holds."""
    assert score_file.compression.name == "zstd"
    assert len(cog_bytes(np.zeros_like(scores), GRID, nodata=None, tags={})) < scores.nbytes / 20


def test_georeference_is_that_of_the_grid(score_file):
    """CRS, size and the place of a cell agree with the grid."""
    assert score_file.crs.to_epsg() == 5070
    assert score_file.shape == GRID.shape
    x, y = GRID.centre(np.array(7), np.array(11))
    assert score_file.xy(7, 11) == (pytest.approx(float(x)), pytest.approx(float(y)))


def test_scores_come_back(score_file, scores):
    """Values and their type survive."""
    assert score_file.dtypes == ("float32",)
    np.testing.assert_array_equal(score_file.read(1), scores)


def test_excluded_cells_are_nodata(score_file, scores):
    """The sea is masked by the file's own nodata value."""
    assert np.isnan(score_file.nodata)
    np.testing.assert_array_equal(score_file.read_masks(1) == 0, np.isnan(scores))


def test_bits_come_back(bits_file, bits):
    """All 32 bits survive, and no value is hidden as nodata."""
    assert bits_file.dtypes == ("uint32",)
    assert bits_file.nodata is None
    np.testing.assert_array_equal(bits_file.read(1), bits)


def test_overview_of_bits_holds_bits_of_the_cells(bits_file, bits):
    """Bits are never averaged: every value of the overview is one of the cells'."""
    overview = bits_file.read(1, out_shape=(GRID.height // 2, GRID.width // 2))
    assert set(np.unique(overview)) == set(np.unique(bits))


def test_overview_of_scores_is_their_mean(scores):
    """Scores are averaged on the way up; the sea does not pull the coast down."""
    values = np.full_like(scores, np.nan)
    values[100:500, 100:500] = 80.0
    with MemoryFile(cog_bytes(values, GRID, nodata=float("nan"), tags={})) as memory, memory.open(overview_level=0) as dataset:
        overview = dataset.read(1)
    assert np.nanmin(overview) == np.nanmax(overview) == 80.0


def test_tags_come_back(bits_file):
    """Text stored with the file is found in it."""
    assert TAGS.items() <= bits_file.tags().items()


def test_same_values_give_the_same_bytes(scores):
    """Two writings are equal, although two threads compress."""
    first, second = (cog_bytes(scores, GRID, nodata=float("nan"), tags=TAGS) for _ in range(2))
    assert first == second


@pytest.fixture(scope="module")
def coarse_file(scores):
    """Every third row and column of the scores in the same frame."""
    with (
        MemoryFile(cog_bytes(scores[::3, ::3], GRID, nodata=float("nan"), tags={}, every=3)) as memory,
        memory.open() as dataset,
    ):
        yield dataset


def test_coarser_picture_covers_the_same_frame(coarse_file, score_file):
    """The same upper left corner, cells three times as large, the far corner less than a coarse cell beyond."""
    assert coarse_file.bounds.left == score_file.bounds.left
    assert coarse_file.bounds.top == score_file.bounds.top
    assert coarse_file.res == (7500.0, 7500.0)
    assert 0.0 <= coarse_file.bounds.right - score_file.bounds.right < 7500.0
    assert 0.0 <= score_file.bounds.bottom - coarse_file.bounds.bottom < 7500.0


def test_coarser_picture_keeps_values_in_their_place(coarse_file, score_file, scores):
    """The value of a coarse cell is found in the fine file at that cell's upper left."""
    np.testing.assert_array_equal(coarse_file.read(1), scores[::3, ::3])
    left, top = coarse_file.transform @ (100, 80)
    row, column = score_file.index(left + 1.0, top - 1.0)
    assert (row, column) == (240, 300)


def test_every_cell_is_the_default(scores):
    """Without a step the file is that of the grid itself."""
    plain, one = (cog_bytes(scores, GRID, nodata=float("nan"), tags={}, **more) for more in ({}, {"every": 1}))
    assert plain == one


def test_overviews_of_codes_hold_only_codes_that_occur():
    """A viewer that zooms out sees reasons that some cell has: overviews take one of the cells, they do not mix them."""
    grid = Grid(5000.0)
    rows, cols = np.indices((grid.height, grid.width))
    codes = np.where((rows // 7 + cols // 11) % 2 == 0, 1 << 20, 3).astype(np.uint32)
    with MemoryFile(cog_bytes(codes, grid, nodata=None, tags={})) as memory, memory.open(overview_level=0) as coarse:
        assert set(np.unique(coarse.read(1)).tolist()) == {3, 1 << 20}
