"""What the compiled land layers must hold."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import rasterio.features
import shapely
from pyproj import Transformer

from sitefinder.compiling.base import CRS, FRAME, Compiler
from sitefinder.compiling.land import compile_airfields, compile_airports, repeated_entries
from sitefinder.compiling.terrain import frame_grid, scaled
from sitefinder.layers.package import DataPackage
from sitefinder.units import M2_PER_ACRE
from tests.helpers.paths import DATA, ROOT

RAW = ROOT.parent / "shared" / "data"
TO_ALBERS = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
VECTORS = ["airfields", "airports", "population", "highways", "superfund", "places"]


def layer(name):
    return gpd.read_parquet(DATA / "land" / f"{name}.parquet")


def cell(name, lon, lat):
    """Raster value at a place."""
    with rasterio.open(DATA / "land" / f"{name}.tif") as source:
        return next(source.sample([TO_ALBERS.transform(lon, lat)]))[0]


def near(frame, lon, lat):
    """Distance in metres from a place to every feature."""
    return frame.distance(shapely.Point(TO_ALBERS.transform(lon, lat)))


@pytest.mark.parametrize("name", VECTORS)
def test_every_vector_lies_in_the_frame(name):
    """Features are in EPSG:5070, not empty, and none lies outside the frame."""
    frame = layer(name)
    assert frame.crs == CRS
    if name != "highways":
        assert shapely.within(frame.geometry.values, shapely.box(*FRAME).buffer(10.0)).all()
    assert shapely.intersects(frame.geometry.values, shapely.box(*FRAME)).all()


@pytest.mark.parametrize(
    ("name", "cell_m", "dtype"),
    [
        ("federal_pct", 1000, "uint8"),
        ("flat_pct", 1000, "uint8"),
        ("slope_permille", 1000, "uint16"),
        ("pnnl_exclusions", 1000, "uint16"),
        ("elevation_m", 1000, "int16"),
        ("relief_m", 1000, "uint16"),
        ("landcover_5km", 5000, "uint8"),
    ],
)
def test_rasters_share_the_corner_of_the_frame(name, cell_m, dtype):
    """Each raster starts at the north-west corner of the frame with its own cell size."""
    transform, shape = frame_grid(cell_m)
    with rasterio.open(DATA / "land" / f"{name}.tif") as source:
        assert (source.transform, source.shape, source.dtypes[0]) == (transform, shape, dtype)
        assert source.crs == CRS
        assert source.nodata is not None


@pytest.mark.parametrize(
    ("lon", "lat", "low", "high"),
    [(-104.98, 39.74, 1560, 1680), (-116.83, 36.25, -90, -40), (-106.45, 39.12, 3300, 4400), (-90.2, 38.63, 110, 190)],
)
def test_known_heights(lon, lat, low, high):
    """Denver, Death Valley, Mount Elbert and St. Louis stand at their heights."""
    assert low <= cell("elevation_m", lon, lat) <= high


def test_plains_are_flat_and_mountains_are_not():
    """Relief near Champaign, Illinois, is small and in the Tetons large."""
    assert cell("relief_m", -88.2, 40.0) < 40
    assert 500 < cell("relief_m", -110.8, 43.74) < 3000


def test_scaling_keeps_missing_cells():
    """NaN becomes the nodata value and never zero."""
    assert scaled(np.array([np.nan, 0.504]), scale=100.0, dtype="uint8", nodata=255).tolist() == [255, 50]


def test_exclusion_bits():
    """Yellowstone is closed to wind (bit 9) and gas (bit 6); nuclear (bit 8) is ruled out more often than wind."""
    assert cell("pnnl_exclusions", -110.5, 44.6) & (1 << 9 | 1 << 6) == (1 << 9 | 1 << 6)
    with rasterio.open(DATA / "land" / "pnnl_exclusions.tif") as source:
        bits = source.read(1)
    bits = bits[bits != 65_535]
    wind, nuclear = ((bits >> i & 1).mean() for i in (9, 8))
    assert 0.3 < wind < 0.6
    assert 0.85 < nuclear < 0.98


def test_landcover_classes():
    """Iowa is cropland, Lake Superior water."""
    assert cell("landcover_5km", -94.0, 42.7) == 12
    assert cell("landcover_5km", -88.0, 47.8) == 0


def test_cropland_of_counties():
    """396 million acres in the country by the Census of Agriculture; what is withheld stays unknown."""
    frame = pd.read_parquet(DATA / "land" / "county_cropland.parquet").set_index("fips")
    land = gpd.read_parquet(DATA / "boundaries" / "counties.parquet").set_index("fips").area / M2_PER_ACRE
    assert (frame.cropland_share * land).sum() == pytest.approx(396e6, rel=0.03)
    assert frame.cropland_share.isna().sum() == frame.cropland_acres_per_farm.isna().sum() == 61
    assert pd.isna(frame.loc["06019", "cropland_acres_per_farm"])
    assert frame.loc["19169", "cropland_acres_per_farm"] == pytest.approx(380, abs=150)


def test_the_majority_map_misses_the_cropland_of_counties_by_what_its_caveat_says():
    """Share of class 12 and 14 in a county against the Census of Agriculture: 12.6 points in the mean, correlation 0.92."""
    counties = gpd.read_parquet(DATA / "boundaries" / "counties.parquet")
    share = pd.read_parquet(DATA / "land" / "county_cropland.parquet").set_index("fips").cropland_share.reindex(counties.fips)
    with rasterio.open(DATA / "land" / "landcover_5km.tif") as source:
        cover, transform = source.read(1), source.transform
    numbered = ((shape, i) for i, shape in enumerate(counties.geometry, 1))
    county = rasterio.features.rasterize(numbered, out_shape=cover.shape, transform=transform)
    land = (county > 0) & (cover != 255) & (cover != 0)
    cells = np.bincount(county[land] - 1, minlength=len(counties))
    mapped = np.bincount(county[land] - 1, np.isin(cover[land], (12, 14)), minlength=len(counties)) / np.maximum(cells, 1)
    off = 100.0 * np.abs(mapped - share.to_numpy())[cells >= 5]
    assert np.nanmean(off) == pytest.approx(12.5, abs=0.5)
    assert "12.5 points" in DataPackage(DATA).entry("land/landcover_5km.tif")["caveat"]


def test_airports():
    """Every airport has a runway of 3,000 ft; Atlanta's is found; none is foreign."""
    frame = layer("airports")
    assert frame.runway_ft.min() >= 3000
    assert near(frame[frame.faa_id == "ATL"], -84.43, 33.64).max() < 3000
    assert near(frame, -77.46, 25.04).min() > 100_000  # Nassau


def test_airfields():
    """What the file of airports leaves out: private strips of any length, public ones below 3,000 ft; no field is in both."""
    frame = layer("airfields")
    assert ((frame.use == "private") | (frame.runway_ft < 3000)).all()
    assert not set(frame.faa_id) & set(layer("airports").faa_id)
    assert near(frame[frame.faa_id == "7FL6"], -81.046, 29.080).max() < 2000  # Spruce Creek FL, a village of pilots
    assert frame.runway_ft.min() > 0


def test_population():
    """The residents of the contiguous states of 2020 are all there."""
    assert 326e6 < layer("population").population.sum() < 331e6


def test_highways():
    """Three kinds of roads; Interstate 80 passes Kearney, Nebraska."""
    frame = layer("highways")
    assert set(frame.kind) == {"interstate", "us", "state"}
    assert near(frame[frame.kind == "interstate"], -99.08, 40.67).min() < 2000


def test_superfund():
    """Sites have unique codes, a date of listing, and no heading is left in."""
    frame = layer("superfund")
    assert frame.epa_id.is_unique
    assert frame.status.str.fullmatch(r"final, listed \d{4}-\d\d-\d\d").all()
    assert 1250 < len(frame) < 1340


def test_places():
    """Unknown population is null instead of zero, and Abilene, Texas, is there once."""
    frame = layer("places")
    assert frame.population.min() > 0
    assert frame.population.isna().any()
    assert len(frame[(frame.name == "Abilene") & (frame.state == "TX")]) == 1


def test_repeated_places_are_found():
    """Two entries of one name within 5 km are one; a namesake farther away stays."""
    frame = gpd.GeoDataFrame(
        {"name": ["A", "A", "A", "B"], "admin1code": "TX"},
        geometry=gpd.points_from_xy([0, 1000, 9000, 0], [0, 0, 0, 0]),
        crs=CRS,
    )
    assert repeated_entries(frame).tolist() == [False, True, False, False]


@pytest.mark.skipif(not RAW.exists(), reason="raw files are not part of a checkout")
def test_airports_compile_to_the_committed_file(tmp_path):
    """Compiling again gives the committed rows."""
    for name, compiled in (("airports", compile_airports), ("airfields", compile_airfields)):
        compiled(Compiler(RAW, tmp_path))
        assert gpd.read_parquet(tmp_path / "land" / f"{name}.parquet").equals(layer(name))
