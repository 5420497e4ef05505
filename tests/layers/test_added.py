"""Layers of the user's own, measured on real land."""

from __future__ import annotations

import logging
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely

from sitefinder.config import ConfigFile, load_config
from sitefinder.config.project import Layers
from sitefinder.errors import DataError
from sitefinder.grid import Grid, Land, from_lonlat
from sitefinder.layers import REGISTRY
from sitefinder.layers.added import UNAVAILABLE, added_files, declare, declare_also
from sitefinder.layers.fingerprint import layer_fingerprint
from sitefinder.layers.package import DataPackage
from sitefinder.layers.sources import Sources
from sitefinder.layers.spec import Layer
from tests.helpers.paths import ROOT

CELL_M = 10_000.0
#: around Columbus OH, in degrees
BOX = shapely.box(-83.5, 39.5, -82.5, 40.5)


@pytest.fixture(autouse=True)
def nothing_stays_declared():
    """What a test declares is gone after it."""
    yield
    declare(Layers())


@pytest.fixture(scope="module")
def land() -> Land:
    """40 x 40 cells around Columbus."""
    grid = Grid(CELL_M)
    row, col = (int(v) for v in grid.cell_at(*from_lonlat(-83.0, 40.0)))
    rows, cols = np.mgrid[row - 20 : row + 20, col - 20 : col + 20]
    return Land(grid, (rows * grid.width + cols).ravel().astype(np.int32))


def built(file: ConfigFile, land: Land, package: DataPackage, layer_id: str) -> np.ndarray:
    """Values of a declared layer."""
    declare(file.config.layers)
    made = REGISTRY[layer_id].build(Sources(package, land, file.config))
    return made if isinstance(made, np.ndarray) else made.values


def asking(path: Path, measure: str, unit: str, **more: object) -> ConfigFile:
    """The shipped configuration with one layer more."""
    keys = {"file": str(path), "measure": measure, "family": "land", "title": "Mine", "unit": unit} | more
    return load_config(ROOT / "config" / "default.yaml", {"layers.add": f"{{my_layer: {keys}}}"})


@pytest.fixture
def zones(tmp_path: Path) -> Path:
    """Two boxes that overlap, and a number of each."""
    half = shapely.box(-83.0, 39.5, -82.5, 40.5)
    path = tmp_path / "zones.gpkg"
    geopandas.GeoDataFrame({"tax": [5.0, 9.0]}, geometry=[BOX, half], crs=4326).to_file(path)
    return path


def centres(land: Land) -> np.ndarray:
    """(n,) shapely points."""
    return shapely.points(*land.grid.centre(*land.rows_cols(np.arange(land.size))))


def projected(polygon: object) -> shapely.Geometry:
    """A polygon in the system of the grid."""
    return geopandas.GeoSeries([polygon], crs=4326).to_crs("EPSG:5070")[0]


def test_share_is_the_area_that_polygons_cover_once(zones: Path, land: Land, package: DataPackage) -> None:
    """Overlaps count once; the sum over the cells is the area of the union."""
    share = built(asking(zones, "share", "%"), land, package, "my_layer")
    assert share.sum() / 100 * CELL_M**2 == pytest.approx(projected(BOX).area, rel=0.02)
    assert share.max() == 100.0
    assert (share == 0.0).sum() > 1000


def test_distance_is_nothing_inside(zones: Path, land: Land, package: DataPackage) -> None:
    """Outside it is that of the outline, in km."""
    km = built(asking(zones, "distance", "km"), land, package, "my_layer")
    exact = shapely.distance(projected(BOX), centres(land)) / 1000
    np.testing.assert_allclose(km, exact, atol=0.6)  # edges of parallels bend
    assert (km[exact == 0] == 0).all()


def test_value_is_that_of_the_polygon_around_and_unknown_elsewhere(zones: Path, land: Land, package: DataPackage) -> None:
    """Of two that overlap the later one."""
    tax = built(asking(zones, "value", "USD", column="tax"), land, package, "my_layer")
    assert set(tax[~np.isnan(tax)]) == {5.0, 9.0}
    assert np.isnan(tax).sum() > 1000


def test_sum_adds_points_within_reach_and_tells_blanks(tmp_path: Path, land: Land, package: DataPackage, caplog) -> None:
    """A point of unknown megawatts adds nothing, and the log says so."""
    path = tmp_path / "queue.csv"
    path.write_text("lat;lon;MW\n40.0;-83.0;500\n40.05;-83.0;250\n40.0;-83.0;\n39.0;-83.0;70\n", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        total = built(asking(path, "sum", "MW", column="mw", within_km=30), land, package, "my_layer")
    assert set(np.unique(total)) <= {0.0, 70.0, 250.0, 500.0, 750.0}
    assert total.max() == 750.0
    assert "1 of 4 rows" in caplog.text
    assert "have no 'mw'" in caplog.text


def test_county_spreads_a_table_by_its_codes(tmp_path: Path, land: Land, package: DataPackage, caplog) -> None:
    """Franklin County has its number, others are unknown; codes of no county are told, a table of such alone refused."""
    path = tmp_path / "county.csv"
    path.write_text("fips,rate\n39049,7\n09110,3\n", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        rate = built(asking(path, "county", "USD", column="rate"), land, package, "my_layer")
    assert set(rate[~np.isnan(rate)]) == {7.0}
    assert 5 < (~np.isnan(rate)).sum() < 30
    assert "1 codes of" in caplog.text
    path.write_text("fips,rate\n09110,3\n", encoding="utf-8")
    with pytest.raises(DataError, match="no county of the contiguous states has one of its codes"):
        built(asking(path, "county", "USD", column="rate"), land, package, "my_layer")


def test_a_changed_file_or_key_builds_the_layer_again(zones: Path, package: DataPackage) -> None:
    """The fingerprint follows both; that of the product's own layers does not."""

    def marks(file: ConfigFile) -> tuple[str, str]:
        declare(file.config.layers)
        ids = ("my_layer", "slope_pct")
        first, second = (layer_fingerprint(REGISTRY[k], package, file.config) for k in ids)
        return first, second

    before = marks(asking(zones, "share", "%"))
    other = marks(asking(zones, "distance", "km"))
    zones.write_bytes(zones.read_bytes() + b"\0")
    after = marks(asking(zones, "share", "%"))
    assert len({before[0], other[0], after[0]}) == 3
    assert len({before[1], other[1], after[1]}) == 1


def test_layers_of_one_configuration_go_when_another_is_declared(zones: Path) -> None:
    """Those of a finished run come beside, and never take the place of one that is there."""
    declare(asking(zones, "share", "%").config.layers)
    mine: Layer = REGISTRY["my_layer"]
    declare_also(asking(zones, "distance", "km").config.layers)
    assert REGISTRY["my_layer"] is mine
    declare(Layers())
    assert "my_layer" not in REGISTRY
    assert UNAVAILABLE not in REGISTRY


def test_unavailable_land_is_a_layer_of_all_its_files(zones: Path, tmp_path: Path, land: Land, package: DataPackage) -> None:
    """The union of the files counts, and every file is named among the inputs."""
    more = tmp_path / "more.geojson"
    geopandas.GeoSeries([shapely.box(-84.5, 39.5, -83.5, 40.5)], crs=4326).to_file(more)
    file = load_config(ROOT / "config" / "default.yaml", {"layers.unavailable": f"[{zones}, {more}]"})
    share = built(file, land, package, UNAVAILABLE)
    both = shapely.union(projected(BOX), projected(shapely.box(-84.5, 39.5, -83.5, 40.5)))
    assert share.sum() / 100 * CELL_M**2 == pytest.approx(both.area, rel=0.02)
    assert added_files(file.config) == [zones, more]
