"""What layers measure: distances, shares, sums and zones, against GEOS and by hand, on all cells of the coarsest grid."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest
import shapely

from sitefinder.config import Config
from sitefinder.errors import DataError
from sitefinder.grid import Grid, Land
from sitefinder.layers.files import COUNTIES, COUNTY_USE, SALES_TAX
from sitefinder.layers.package import DataPackage
from sitefinder.layers.sources import Sources, read_raster, segments_of

CELL_M = 25_000.0


@pytest.fixture(scope="module")
def land() -> Land:
    """Every cell of the frame as land."""
    grid = Grid(CELL_M)
    return Land(grid, np.arange(grid.width * grid.height, dtype=np.int32))


@pytest.fixture(scope="module")
def sources(package: DataPackage, land: Land) -> Sources:
    """The compiled files measured on that land."""
    return Sources(package, land, Config.model_construct())


@pytest.fixture(scope="module")
def centres(land: Land) -> np.ndarray:
    """(n_land, 2) centres of the cells, metres."""
    return np.column_stack(land.grid.centre(*land.rows_cols(np.arange(land.size))))


def test_points_and_lines_become_segments() -> None:
    """A line of three vertices gives two segments, a point one of length zero, each knowing its feature."""
    segments, feature = segments_of(np.array([shapely.LineString([(0, 0), (1, 0), (1, 1)]), shapely.Point(5, 5)]))
    assert segments.tolist() == [[0, 0, 1, 0], [1, 0, 1, 1], [5, 5, 5, 5]]
    assert feature.tolist() == [0, 0, 1]


def test_no_features_leave_a_layer_unknown(sources: Sources) -> None:
    """Distance to nothing is unknown, not zero."""
    values = sources.distance_km(np.array([], dtype=object)).values
    assert values.size == sources.land.size
    assert np.isnan(values).all()


def test_distances_to_lines_are_those_of_geos(sources: Sources, centres: np.ndarray, abilene_lines: np.ndarray) -> None:
    """To a tenth of a cell, and the feature named is the one at that distance."""
    layer = sources.distance_km(abilene_lines[:40], [f"line {i}" for i in range(40)])
    apart = shapely.distance(shapely.points(centres)[:, None], abilene_lines[:40][None, :]) / 1000.0
    np.testing.assert_allclose(layer.values, apart.min(axis=1), atol=2.5)
    named = apart[np.arange(len(apart)), layer.nearest]
    np.testing.assert_allclose(named, apart.min(axis=1), atol=2.5)
    assert layer.labels[3] == "line 3"


def test_coverage_of_a_polygon_is_its_share_of_the_cell(sources: Sources, land: Land) -> None:
    """A square of half a cell's area in one cell; nothing elsewhere; two that overlap never cover more than all."""
    x, y = land.grid.west + 10 * CELL_M, land.grid.north - 10 * CELL_M
    half = shapely.box(x, y - CELL_M / 2, x + CELL_M, y)
    share = sources.covered(np.array([half]))
    at = land.position[10, 10]
    assert share[at] == pytest.approx(0.5)
    assert share.sum() == pytest.approx(0.5)
    whole = shapely.box(x, y - CELL_M, x + CELL_M, y)
    assert sources.covered(np.array([whole, whole]))[at] == 1.0


def test_sums_take_the_points_within_the_radius(sources: Sources, land: Land, centres: np.ndarray) -> None:
    """Every cell agrees with a search over all points; away from the rim, where a disc of cells is rounded."""
    rng = np.random.default_rng(3)
    xy = centres[rng.choice(land.size, 30, replace=False)]
    amount = rng.uniform(1, 9, 30)
    sums = sources.sum_within_km(shapely.points(xy), amount, 110.0)
    apart = np.hypot(centres[:, None, 0] - xy[None, :, 0], centres[:, None, 1] - xy[None, :, 1])
    np.testing.assert_allclose(sums, (amount * (apart <= 110_000.0)).sum(axis=1), rtol=1e-5)
    assert sums.max() > 0


def test_the_largest_point_within_the_radius_is_named(sources: Sources, land: Land, centres: np.ndarray) -> None:
    """The row of the largest amount, whatever the order of the points; -1 where none is near."""
    at = land.position[30, 40]
    points = shapely.points(centres[[at, at, land.position[30, 41]]])
    nearest = sources.largest_within_km(points, np.array([1.0, 7.0, 5.0]), 30.0)
    assert nearest[at] == 1
    assert nearest[land.position[30, 42]] == 2
    assert nearest[land.position[80, 120]] == -1


def test_groups_are_counted_once_each(sources: Sources, land: Land, centres: np.ndarray) -> None:
    """Two lines of one owner are one; a third of another owner makes two."""
    at = centres[land.position[30, 40]]
    lines = np.array([shapely.LineString([at + np.array([d, y]) for y in (-5e3, 5e3)]) for d in (1e3, 2e3, 3e3)])
    count = sources.groups_within_km(lines, np.array([4, 4, 6]), 10.0)
    assert count[land.position[30, 40]] == 2
    assert count[land.position[30, 45]] == 0


def test_a_cell_has_the_value_of_the_county_at_its_centre(sources: Sources, land: Land, centres: np.ndarray) -> None:
    """Counties by a search with GEOS; tables of counties and of states; outside every county unknown."""
    counties = sources.features(COUNTIES)
    sample = np.arange(0, land.size, 37)
    point, row = shapely.STRtree(counties.geometry.values).query(shapely.points(centres[sample]), predicate="within")
    expected = np.full(sample.size, -1)
    expected[point] = row
    np.testing.assert_array_equal(sources.county_index[sample], expected)
    use = sources.table(COUNTY_USE).set_index("fips")["fresh_mgd"]
    tax = sources.table(SALES_TAX).set_index("state")
    column = tax.select_dtypes("number").columns[0]
    values, rates = sources.by_county(COUNTY_USE, "fresh_mgd"), sources.by_state(SALES_TAX, column)
    known = use.reindex(counties["fips"].iloc[row]).to_numpy(np.float32)
    np.testing.assert_array_equal(values[sample[point]], known)
    np.testing.assert_array_equal(rates[sample[point]], tax[column].reindex(counties["state"].iloc[row]).to_numpy(np.float32))
    assert np.isnan(values[sources.county_index < 0]).all()


def test_county_totals_are_conserved(sources: Sources) -> None:
    """Each county's total is spread over lattice points of its own, none lost: every county has at least one."""
    _, county = sources.county_lattice()
    assert set(county) == set(range(len(sources.features(COUNTIES))))
    assert county.size == pytest.approx(sources.features(COUNTIES).area.sum() / 1e8, rel=0.02)


def test_a_smooth_field_is_interpolated_between_coarse_centres(sources: Sources, centres: np.ndarray) -> None:
    """A plane comes back as the plane, inside the outermost centres."""
    coarse = Grid(20_000.0)
    rows, cols = np.mgrid[0 : coarse.height, 0 : coarse.width]
    x, y = coarse.centre(rows, cols)
    inside = (np.abs(centres - (x.mean(), y.mean())) <= (np.ptp(x) / 2, np.ptp(y) / 2)).all(axis=1)
    plane = sources.interpolated(2e-6 * x + 3e-6 * y, coarse)
    np.testing.assert_allclose(plane[inside], (2e-6 * centres[:, 0] + 3e-6 * centres[:, 1])[inside], atol=1e-5)
    assert inside.mean() > 0.9


def test_a_thing_is_computed_once_however_many_ask(package: DataPackage, land: Land) -> None:
    """Four threads, one computation, the same object for all."""
    sources, calls, results = Sources(package, land, Config.model_construct()), [], []

    def make() -> object:
        calls.append(1)
        time.sleep(0.05)
        return object()

    threads = [threading.Thread(target=lambda: results.append(sources.once(("key",), make))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls == [1]
    assert len(results) == 4
    assert len(set(map(id, results))) == 1


def test_a_file_that_is_no_raster_is_refused(land: Land, tmp_path: Path) -> None:
    """The remedy is named."""
    (tmp_path / "a.tif").write_text("no raster")
    with pytest.raises(DataError, match="Give a GeoTIFF"):
        read_raster(tmp_path / "a.tif", land, method="bilinear")
