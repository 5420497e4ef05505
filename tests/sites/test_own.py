"""The user's own sites turned into campuses."""

from __future__ import annotations

import exactextract
import geopandas
import numpy as np
import pytest
import shapely
from exactextract.raster import NumPyRasterSource

from sitefinder.config import load_config
from sitefinder.errors import SitesError
from sitefinder.grid import Grid, Land
from sitefinder.sites.campuses import Field
from sitefinder.sites.own import UserSite, campus_of, cell_shares, covers_land, seed_of
from sitefinder.units import M2_PER_ACRE

GRID = Grid(1000.0)


# -- campuses ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def field():
    """A square of 30 km of free land around Abilene, 40 % buildable, every cell scored 50."""
    row, col = (int(v) for v in GRID.cell_at(-349_000.0, 1_048_700.0))
    rows, cols = np.mgrid[row - 15 : row + 15, col - 15 : col + 15]
    land = Land(GRID, (rows * GRID.width + cols).ravel().astype(np.int32))
    return Field.of(land, np.full(land.size, 50, np.float32), np.full(land.size, 40, np.float32))


@pytest.fixture(scope="module")
def config(default_path):
    """The shipped configuration."""
    return load_config(default_path).config


def site(geometry):
    """A user's site of a geometry in EPSG:5070."""
    return UserSite("mine", "my.csv, row 2", geometry)


def test_campus_of_a_point_grows_around_it(field, config):
    """A point's campus begins at its cell and reaches the acres."""
    campus = campus_of(site(shapely.Point(-349_000, 1_048_700)), field, config)
    row, col = GRID.cell_at(-349_000.0, 1_048_700.0)
    assert campus.cells[0] == row * GRID.width + col
    assert campus.enough
    assert campus.acres >= config.campus_acres


def test_campus_of_a_parcel_has_its_area(field, config):
    """Shares of the cells add up to the parcel's area whatever its place on the grid."""
    parcel = shapely.Point(-349_123, 1_048_456).buffer(2_345)
    campus = campus_of(site(parcel), field, config)
    assert campus.share.sum() * 1e6 == pytest.approx(parcel.area)
    assert campus.acres == pytest.approx(parcel.area / 4046.86 * 0.4, rel=1e-3)
    assert np.unique(campus.cells).size == campus.cells.size


def test_campus_of_a_parcel_begins_inside_it(field, config):
    """The first cell, which places the site on the map, holds the point that represents the parcel, not its corner."""
    parcel = shapely.Point(-349_000, 1_048_700).buffer(6_000)
    campus = campus_of(site(parcel), field, config)
    anchor = parcel.representative_point()
    row, col = GRID.cell_at(anchor.x, anchor.y)
    assert campus.cells[0] == row * GRID.width + col
    assert campus.share[0] == pytest.approx(1.0)


def test_small_parcel_says_that_it_is_not_enough(field, config):
    """A parcel smaller than a cell keeps its own acres."""
    parcel = shapely.box(-349_100, 1_048_600, -348_900, 1_048_800)
    campus = campus_of(site(parcel), field, config)
    assert campus.enough is False
    assert campus.acres == pytest.approx(40_000 / 4046.86 * 0.4, rel=1e-3)


def test_point_beyond_the_shore_is_refused(field, config):
    """A point in the sea is refused with file and row."""
    with pytest.raises(SitesError, match=r"my\.csv, row 2: it lies outside the land"):
        campus_of(site(shapely.Point(-300_000, 1_048_700)), field, config)


@pytest.mark.parametrize(("x", "y"), [(-2_400_000, 1_000_000), (2_300_000, 1_000_000), (0, 3_300_000), (0, 200_000)])
def test_point_beyond_the_frame_is_refused(field, config, x, y):
    """Beyond any side of the frame there is no cell: refused, not wrapped around."""
    with pytest.raises(SitesError, match="outside the land"):
        campus_of(site(shapely.Point(x, y)), field, config)


def test_parcel_across_the_shore_keeps_its_land(field, config):
    """Only land cells belong to the campus."""
    west = GRID.centre(np.array(0), field.land.rows_cols(np.array([0]))[1])[0][0] - 500
    parcel = shapely.box(west - 5_000, 1_047_000, west + 9_000, 1_050_000)
    campus = campus_of(site(parcel), field, config)
    assert (field.land.position.reshape(-1)[campus.cells] >= 0).all()
    assert campus.share.sum() * 1e6 == pytest.approx(9_000 * 3_000)


def test_campus_of_a_point_may_want_other_acres(field, config):
    """Acres of the row replace the project's."""
    campus = campus_of(UserSite("mine", "my.csv, row 2", shapely.Point(-349_000, 1_048_700), acres=300.0), field, config)
    assert 300 <= campus.acres < config.campus_acres
    assert (campus.wanted, campus.enough) == (300.0, True)


def star(rng, spikes=40):
    """A ragged polygon of about 10 km with a hole."""
    angle = np.sort(rng.uniform(0, 2 * np.pi, spikes))
    radius = rng.uniform(1500, 6000, spikes)
    shell = np.stack([-349_000 + radius * np.cos(angle), 1_048_700 + radius * np.sin(angle)], axis=1)
    return shapely.Polygon(shell).difference(shapely.Point(-349_000, 1_048_700).buffer(900))


@pytest.mark.parametrize("seed", range(4))
def test_cell_shares_equal_exactextract(seed):
    """Coverage of every cell is that of an independent program, to the last digits."""
    parcel = star(np.random.default_rng(seed))
    rows, cols, share = cell_shares(parcel, GRID)
    top, left = rows.min(), cols.min()
    frame = geopandas.GeoDataFrame(geometry=[parcel], crs=5070)
    raster = np.zeros((int(np.ptp(rows)) + 1, int(np.ptp(cols)) + 1))
    west, north = GRID.west + left * 1000, GRID.north - top * 1000
    bounds = (west, north - raster.shape[0] * 1000, west + raster.shape[1] * 1000, north)
    source = NumPyRasterSource(raster, *bounds, srs_wkt=frame.crs.to_wkt())
    found = exactextract.exact_extract(source, frame, ["cell_id", "coverage"], output="pandas").iloc[0]
    ours = np.zeros(raster.size)
    ours[(rows - top) * raster.shape[1] + cols - left] = share
    theirs = np.zeros(raster.size)
    theirs[np.asarray(found["cell_id"])] = found["coverage"]
    np.testing.assert_allclose(ours, theirs, atol=2e-6)  # exactextract keeps coverage in single precision
    assert share.sum() * 1e6 == pytest.approx(parcel.area, rel=1e-12)


def test_parcel_keeps_its_polygon(field, config):
    """The campus carries the polygon itself, so that its acres are not those of cells."""
    parcel = star(np.random.default_rng(9))
    campus = campus_of(site(parcel), field, config)
    assert campus.parcel.equals(parcel)
    assert campus.share.sum() * GRID.cell_acres == pytest.approx(parcel.area / M2_PER_ACRE, rel=1e-4)


def test_parts_spread_wide_are_measured_one_by_one():
    """Two parcels 1,400 km apart: the cells of each, no others, and those that both touch once."""
    parts = [shapely.box(x - 1_250, 1_048_000, x + 1_250, 1_050_000) for x in (-700_000, 700_000)]
    corner = shapely.box(-698_750, 1_050_000, -698_250, 1_800_000)
    rows, cols, share = cell_shares(shapely.MultiPolygon([*parts, corner]), GRID)
    flat = rows * GRID.width + cols
    assert np.unique(flat).size == flat.size < 2_000
    assert share.sum() * 1e6 == pytest.approx(sum(p.area for p in (*parts, corner)))
    assert share.max() <= 1.0


def test_place_whose_cell_is_no_land_is_scored_on_the_nearest(field, config):
    """A point, and a parcel all of whose cells have their centres in water: its own acres on the land cell beside it."""
    west = float(GRID.centre(np.array(0), field.land.rows_cols(np.array([0]))[1])[0][0]) - 500
    point = campus_of(site(shapely.Point(west - 300, 1_048_700)), field, config)
    parcel = campus_of(site(shapely.box(west - 900, 1_048_400, west - 100, 1_048_600)), field, config)
    row, col = (int(v) for v in GRID.cell_at(west + 500, 1_048_500))
    assert point.cells[0] == parcel.cells[0] == row * GRID.width + col
    assert parcel.share.tolist() == pytest.approx([0.16])
    assert parcel.acres == pytest.approx(160_000 / M2_PER_ACRE * 0.4, rel=1e-4)
    assert seed_of(site(shapely.Point(west - 3_600, 1_048_700)), field.land) is None


def test_parcel_across_the_shore_begins_on_its_land(field, config):
    """Where the middle of a parcel lies in water, the land cell of which it holds most comes first."""
    west = float(GRID.centre(np.array(0), field.land.rows_cols(np.array([0]))[1])[0][0]) - 500
    parcel = shapely.box(west - 6_000, 1_048_100, west + 1_500, 1_048_900)
    assert covers_land(parcel, field.land)
    assert not covers_land(shapely.box(west - 6_000, 1_048_100, west - 100, 1_048_900), field.land)
    campus = campus_of(site(parcel), field, config)
    assert campus.share.tolist() == pytest.approx([0.8, 0.4])
