"""The analysis grid: sizes, coordinates, and the index of land cells."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitefinder.errors import ConfigError
from sitefinder.grid import FRAME, Grid, Land, great_circle_km

resolutions = st.sampled_from([250.0, 333.0, 500.0, 1000.0, 5000.0, 7777.7, 25_000.0])


@pytest.mark.parametrize(("resolution_m", "shape"), [(1000.0, (2920, 4628)), (5000.0, (584, 926)), (500.0, (5840, 9256))])
def test_size_of_the_frame(resolution_m, shape):
    """Rows and columns cover the frame, the last ones rounded up."""
    assert Grid(resolution_m).shape == shape


@given(resolution_m=resolutions)
def test_frame_is_covered_but_not_by_a_row_or_column_too_many(resolution_m):
    """The grid reaches the south-east corner with less than one cell to spare."""
    grid = Grid(resolution_m)
    spare_x = grid.west + grid.width * resolution_m - FRAME[2]
    spare_y = FRAME[1] - (grid.north - grid.height * resolution_m)
    assert 0 <= spare_x < resolution_m
    assert 0 <= spare_y < resolution_m


@given(resolution_m=resolutions, row=st.integers(0, 5000), col=st.integers(0, 5000))
def test_centre_lies_in_its_own_cell(resolution_m, row, col):
    """cell_at undoes centre."""
    grid = Grid(resolution_m)
    found = grid.cell_at(*grid.centre(np.array([row]), np.array([col])))
    assert [int(v[0]) for v in found] == [row, col]


@given(resolution_m=resolutions, x=st.floats(FRAME[0], FRAME[2] - 1), y=st.floats(FRAME[1] + 1, FRAME[3]))
def test_point_lies_within_half_a_cell_of_its_centre(resolution_m, x, y):
    """The cell found for a point is the one around it."""
    grid = Grid(resolution_m)
    centre = grid.centre(*grid.cell_at(np.array([x]), np.array([y])))
    assert abs(centre[0][0] - x) <= resolution_m / 2 + 1e-6
    assert abs(centre[1][0] - y) <= resolution_m / 2 + 1e-6


def test_rows_count_southwards():
    """The first row is the northern edge, the first column the western."""
    grid = Grid(1000.0)
    row, col = grid.cell_at(np.array([grid.west + 1]), np.array([grid.north - 1]))
    assert (row[0], col[0]) == (0, 0)


def test_transform_places_the_cells_where_centre_does():
    """The affine transform given to raster files agrees with centre."""
    grid = Grid(1000.0)
    a, b, c, d, e, f = grid.transform
    x, y = grid.centre(np.array(7), np.array(11))
    assert (a * 11.5 + b * 7.5 + c, d * 11.5 + e * 7.5 + f) == (float(x), float(y))


@pytest.mark.parametrize(
    ("row", "col", "expected"),
    [(0, 0, True), (2919, 4627, True), (-1, 0, False), (0, -1, False), (2920, 0, False), (0, 4628, False)],
)
def test_inside_ends_at_the_frame(row, col, expected):
    """The first and last rows and columns are inside, their neighbours are not."""
    assert bool(Grid(1000.0).inside(np.array(row), np.array(col))) is expected


def test_acres_of_a_square_kilometre():
    """A cell of 1 km holds 247.105 acres (NIST Handbook 44)."""
    assert Grid(1000.0).cell_acres == pytest.approx(247.10538, abs=1e-4)


@pytest.mark.parametrize("resolution_m", [0.0, -1000.0, 99.9, 25_000.1, float("nan"), float("inf")])
def test_unusable_resolution_is_refused(resolution_m):
    """Cells finer than any input or coarser than a county are refused with the range and a remedy."""
    with pytest.raises(ConfigError, match=r"grid\.resolution_m.*between 100 and 25000.*use 1000"):
        Grid(resolution_m)


@pytest.mark.parametrize("resolution_m", [100.0, 25_000.0])
def test_resolution_limits_are_allowed(resolution_m):
    """The limits themselves are valid."""
    assert Grid(resolution_m).resolution_m == resolution_m


def test_compact_undoes_expand(coarse_land):
    """Values spread over the raster and collected again are unchanged."""
    values = np.arange(coarse_land.size, dtype=np.float32)
    np.testing.assert_array_equal(coarse_land.compact(coarse_land.expand(values, np.nan)), values)


def test_expand_fills_what_is_not_land(coarse_land):
    """Cells that are not land hold the fill, and the data type stays."""
    raster = coarse_land.expand(np.ones(coarse_land.size, np.uint16), 7)
    assert raster.shape == coarse_land.grid.shape
    assert raster.dtype == np.uint16
    assert raster.reshape(-1)[:4].tolist() == [1, 7, 1, 7]


def test_position_is_the_place_in_the_land_index(coarse_land):
    """position names each land cell's place and -1 elsewhere."""
    position = coarse_land.position.reshape(-1)
    np.testing.assert_array_equal(position[coarse_land.cells], np.arange(coarse_land.size))
    assert (np.delete(position, coarse_land.cells) == -1).all()


def test_rows_cols_name_the_land_cells(coarse_land):
    """Row and column of a place in the land index lead back to its flat cell."""
    index = np.array([0, 5, coarse_land.size - 1])
    rows, cols = coarse_land.rows_cols(index)
    np.testing.assert_array_equal(rows * coarse_land.grid.width + cols, coarse_land.cells[index])


def test_size_counts_the_land_cells():
    """The size is the number of land cells, not of grid cells."""
    assert Land(Grid(25_000.0), np.array([3, 9, 11], np.int32)).size == 3


def test_great_circles_are_as_long_as_on_the_ground():
    """A degree of latitude is about 111.2 km, a quarter of the equator 10,008 km, and arrays are broadcast."""
    assert great_circle_km(40.0, -90.0, 41.0, -90.0) == pytest.approx(111.19, abs=0.02)
    km = great_circle_km(0.0, 0.0, np.array([0.0, 0.0, 90.0]), np.array([0.0, 90.0, 12.0]))
    np.testing.assert_allclose(km, [0.0, 10007.56, 10007.56], atol=0.01)
