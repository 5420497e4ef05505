"""Rasters of the user: whatever GDAL reads, with what marks no data, scale, unit, bands and classes."""

from __future__ import annotations

import contextlib
import logging
import struct
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.enums import ColorInterp
from rasterio.transform import from_origin
from rasterio.warp import transform_bounds

from sitefinder.config.project import Replacement
from sitefinder.errors import DataError
from sitefinder.grid import CRS, Grid, Land
from sitefinder.layers import REGISTRY
from sitefinder.layers.replaced import raster_files, read_replacement

CELL_M = 25_000.0
#: cells of the square that the rasters below cover, and pixels of 5 km in a cell
SIDE, PIXELS = 4, 5
WEST, NORTH = 0.0, 1_500_000.0
#: tag of a GeoTIFF with the names of its reference system
GEO_TEXTS = 34737
SLOPE, RELIEF = REGISTRY["slope_pct"].spec, REGISTRY["relief_m"].spec


@pytest.fixture(scope="module")
def land() -> Land:
    """The cells of a square in the middle of the country, whose edges are those of cells."""
    grid = Grid(CELL_M)
    row, col = grid.cell_at(WEST + 1, NORTH - 1)
    rows, cols = np.mgrid[row : row + SIDE, col : col + SIDE]
    return Land(grid, (rows * grid.width + cols).ravel().astype(np.int32))


def corner(land: Land) -> tuple[float, float]:
    """West and north edge of the square."""
    row, col = land.rows_cols(np.array([0]))
    x, y = land.grid.centre(row, col)
    return float(x[0] - CELL_M / 2), float(y[0] + CELL_M / 2)


def written(path: Path, land: Land, values: np.ndarray, **profile: object) -> Path:
    """A raster of (rows, columns) or (bands, rows, columns) over the square."""
    bands = np.asarray(values)[None] if np.ndim(values) == 2 else np.asarray(values)
    west, north = corner(land)
    step = SIDE * CELL_M / bands.shape[-1]
    settings = {"crs": CRS, "transform": from_origin(west, north, step, step), "nodata": None} | profile
    shape = {"count": bands.shape[0], "height": bands.shape[1], "width": bands.shape[2], "dtype": bands.dtype}
    with rasterio.open(path, "w", driver="GTiff", **shape, **settings) as raster:
        raster.write(bands)
    return path


def flat(value: float, dtype: str = "float32", *, side: int = SIDE * PIXELS) -> np.ndarray:
    """Pixels of one value."""
    return np.full((side, side), value, dtype)


def read(path: Path, land: Land, spec=SLOPE, **more: object) -> np.ndarray:
    """(SIDE, SIDE) numbers of the layer."""
    return read_replacement(Replacement(file=str(path), **more), spec, land).reshape(SIDE, SIDE)


def refused(path: Path, land: Land, spec=SLOPE, **more: object) -> str:
    """The one line of the refusal."""
    with pytest.raises(DataError) as caught:
        read(path, land, spec, **more)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("nodata", [None, float("nan"), -9999.0], ids=["no tag", "tag of nan", "other tag"])
def test_holes_of_not_a_number_leave_the_rest_of_a_cell(tmp_path: Path, land: Land, nodata: float | None) -> None:
    """Four pixels of a hundred are not a number: every cell has the mean of the others, whatever the file declares."""
    values = flat(7.0)
    values[::5, ::5] = np.nan
    values[: 2 * PIXELS, : 2 * PIXELS] = np.nan if nodata is None else nodata
    result = read(written(tmp_path / "a.tif", land, values, nodata=nodata), land)
    assert np.isnan(result[:2, :2]).all()
    expected = np.full((SIDE, SIDE), 7.0)
    expected[:2, :2] = np.nan
    np.testing.assert_allclose(result, expected)


def test_scale_and_offset_are_applied(tmp_path: Path, land: Land) -> None:
    """Decimetres with their scale are metres; no data stays no data."""
    values = flat(300, "int16")
    values[:PIXELS] = -1
    path = written(tmp_path / "a.tif", land, values, nodata=-1)
    with rasterio.open(path, "r+") as raster:
        raster.scales, raster.offsets = (0.1,), (5.0,)
    result = read(path, land, RELIEF)
    assert np.isnan(result[0]).all()
    np.testing.assert_allclose(result[1:], 35.0, rtol=1e-6)


@pytest.mark.parametrize(
    ("unit", "factor"), [("m", 1.0), ("ft", 0.3048), ("US survey foot", 1200 / 3937), ("km", 1000.0), ("", 1.0)]
)
def test_lengths_become_metres(tmp_path: Path, land: Land, unit: str, factor: float) -> None:
    """The unit tag of a band is read, and one that the user names goes before it."""
    path = written(tmp_path / "a.tif", land, flat(2.0))
    with rasterio.open(path, "r+") as raster:
        raster.units = (unit,)
    np.testing.assert_allclose(read(path, land, RELIEF), 2.0 * factor, rtol=1e-6)
    np.testing.assert_allclose(read(path, land, RELIEF, unit="m"), 2.0)


def test_another_unit_is_refused(tmp_path: Path, land: Land) -> None:
    """Degrees are no metres, feet no percent; the message says how to go on."""
    path = written(tmp_path / "a.tif", land, flat(2.0))
    with rasterio.open(path, "r+") as raster:
        raster.units = ("degree",)
    assert "its unit is 'degree', layer 'relief_m' is in m" in refused(path, land, RELIEF)
    assert "its unit is 'degree', layer 'open_water_pct' is in %" in refused(path, land, REGISTRY["open_water_pct"].spec)
    assert "its unit is 'ft', layer 'slope_pct' is in %" in refused(path, land, unit="ft")
    np.testing.assert_allclose(read(path, land, unit="percent"), 2.0)


@pytest.mark.parametrize("said", ["degree", "Degrees", "deg", "\u00b0"])
def test_slopes_in_degrees_become_percent_pixel_by_pixel(tmp_path: Path, land: Land, said: str) -> None:
    """Half the pixels are flat, half have 30 degrees: the mean is half of 57.7 %, not the 26.8 % of 15 degrees."""
    values = flat(0.0)
    values[:, ::2] = 30.0
    values[:, 4::10] = values[:, 5::10] = np.nan
    result = read(written(tmp_path / "a.tif", land, values), land, unit=said)
    np.testing.assert_allclose(result, 50.0 * np.tan(np.pi / 6), rtol=1e-4)


@pytest.mark.parametrize(("scale", "offset"), [(0.01, 0.0), (-0.5, 45.0)])
def test_slopes_in_degrees_are_scaled_first(tmp_path: Path, land: Land, scale: float, offset: float) -> None:
    """Hundredths of degrees with a tag of their unit; no data stays no data; a scale may run backwards."""
    stored = np.full((SIDE * PIXELS, SIDE * PIXELS), round((12.5 - offset) / scale), "int16")
    stored[:PIXELS] = -9999
    path = written(tmp_path / "a.tif", land, stored, nodata=-9999)
    with rasterio.open(path, "r+") as raster:
        raster.scales, raster.offsets, raster.units = (scale,), (offset,), ("degree",)
    result = read(path, land)
    assert np.isnan(result[0]).all()
    np.testing.assert_allclose(result[1:], 100.0 * np.tan(np.radians(12.5)), rtol=1e-4)


@pytest.mark.parametrize("nodata", [-9999.0, float(np.finfo(np.float32).min), 99.0, 0.0])
@pytest.mark.parametrize("kind", ["degrees", "classes"])
def test_no_data_of_floats_is_looked_up_as_unknown(tmp_path: Path, land: Land, nodata: float, kind: str) -> None:
    """Neither the tag's number nor what is not a number is a flat slope or another class."""
    values = flat(45.0)
    values[:, ::5] = nodata
    values[:, 1::5] = np.nan
    values[:PIXELS] = nodata
    path = written(tmp_path / "a.tif", land, values, nodata=nodata)
    result = read(path, land, **({"unit": "deg"} if kind == "degrees" else {"classes": (45,)}))
    assert np.isnan(result[0]).all()
    np.testing.assert_allclose(result[1:], 100.0, rtol=1e-4)


def test_a_slope_without_a_unit_is_told(tmp_path: Path, land: Land, caplog: pytest.LogCaptureFixture) -> None:
    """Programs write degrees without saying so; percent that is named is taken without a word."""
    path = written(tmp_path / "a.tif", land, flat(2.0))
    read(path, land, unit="%")
    assert not caplog.records
    read(path, land)
    assert "does not say its unit: taken as %" in caplog.text


@pytest.mark.parametrize("kind", ["alpha", "mask"])
def test_pixels_that_are_masked_are_unknown(tmp_path: Path, land: Land, kind: str) -> None:
    """An alpha band, which is no second band, and a mask inside the file."""
    values, shown = flat(9, "uint8"), flat(255, "uint8")
    values[:, : 2 * PIXELS], shown[:, : 2 * PIXELS] = 200, 0
    path = written(tmp_path / "a.tif", land, np.stack([values, shown]) if kind == "alpha" else values)
    with rasterio.open(path, "r+") as raster:
        if kind == "alpha":
            raster.colorinterp = (ColorInterp.gray, ColorInterp.alpha)
        else:
            raster.write_mask(shown)
    result = read(path, land)
    assert np.isnan(result[:, :2]).all()
    np.testing.assert_array_equal(result[:, 2:], 9.0)


def test_one_of_several_bands_is_named(tmp_path: Path, land: Land) -> None:
    """Which is meant cannot be known; one that is not there is refused."""
    path = written(tmp_path / "a.tif", land, np.stack([flat(3.0), flat(4.0)]))
    assert "it has 2 bands. Name one" in refused(path, land)
    assert "no band 3" in refused(path, land, band=3)
    np.testing.assert_array_equal(read(path, land, band=2), 4.0)


def test_classes_become_shares(tmp_path: Path, land: Land) -> None:
    """Codes with colours are refused; the share of the classes that are named is measured in percent, without no data."""
    codes = flat(11, "uint8")
    codes[:, ::5] = 90
    codes[::5, 1::5] = 95
    codes[:PIXELS, :PIXELS] = 0
    path = written(tmp_path / "a.tif", land, codes, nodata=0)
    with rasterio.open(path, "r+") as raster:
        raster.write_colormap(1, {11: (0, 0, 255, 255), 90: (0, 200, 0, 255), 95: (0, 255, 0, 255)})
    assert "Name those that count" in refused(path, land)
    assert "layer 'relief_m' is in m" in refused(path, land, RELIEF, classes=(90,))
    result = read(path, land, classes=(90, 95))
    assert np.isnan(result[0, 0])
    np.testing.assert_allclose(np.delete(result.ravel(), 0), 24.0, rtol=1e-5)
    np.testing.assert_allclose(np.delete(read(path, land, classes=(90,)).ravel(), 0), 20.0, rtol=1e-5)


@pytest.mark.parametrize("crs", ["EPSG:2277", "EPSG:4269", "EPSG:26914"], ids=["feet", "degrees", "metres"])
def test_finer_pixels_are_averaged_whatever_the_unit_of_the_map(tmp_path: Path, land: Land, crs: str) -> None:
    """A checkerboard of 0 and 20 with 2 km squares averages to 10 in every cell; interpolated it would be anything between."""
    west, north = corner(land)
    bounds = transform_bounds(CRS, crs, west - CELL_M, north - (SIDE + 1) * CELL_M, west + (SIDE + 1) * CELL_M, north + CELL_M)
    pixel = 2000.0 / {"EPSG:2277": 1200 / 3937, "EPSG:4269": 111_000.0}.get(crs, 1.0)
    shape = int((bounds[3] - bounds[1]) / pixel) + 1, int((bounds[2] - bounds[0]) / pixel) + 1
    board = (np.indices(shape).sum(axis=0) % 2 * 20).astype(np.float32)
    path = written(tmp_path / "a.tif", land, board, crs=crs, transform=from_origin(bounds[0], bounds[3], pixel, pixel))
    np.testing.assert_allclose(read(path, land), 10.0, atol=0.6)


def test_gaps_are_unknown_and_told(tmp_path: Path, land: Land, caplog: pytest.LogCaptureFixture) -> None:
    """Half of the land is covered: the rest is unknown, and the log says how much."""
    west, north = corner(land)
    half = written(tmp_path / "a.tif", land, flat(3.0)[:, : 2 * PIXELS], transform=from_origin(west, north, 5000, 5000))
    with caplog.at_level(logging.WARNING):
        result = read(half, land)
    assert np.isnan(result[:, 2:]).all()
    np.testing.assert_array_equal(result[:, :2], 3.0)
    assert "covers 50 % of the land: 'slope_pct' is unknown elsewhere" in caplog.text
    caplog.clear()
    read(written(tmp_path / "b.tif", land, flat(0.4)), land)
    assert "shares of one?" in caplog.text


def test_a_damaged_file_is_told(tmp_path: Path, land: Land) -> None:
    """Cut short in the middle of its pixels: one line that names it."""
    values = np.random.default_rng(1).random((SIDE * 200, SIDE * 200)).astype(np.float32)
    path = written(tmp_path / "a.tif", land, values)
    path.write_bytes(path.read_bytes()[:200_000])
    assert refused(path, land).startswith("Damaged raster")
    path.write_text("no raster")
    assert "Give a GeoTIFF" in refused(path, land)


def test_a_file_with_a_damaged_tag_is_told(tmp_path: Path, land: Land) -> None:
    """GDAL opens it, and complains of the name of its reference system when that is asked for: a text cut short in the header."""
    path = written(tmp_path / "a.tif", land, flat(3.0))
    content = bytearray(path.read_bytes())
    first, count = (
        struct.unpack_from("<I", content, 4)[0],
        struct.unpack_from("<H", content, struct.unpack_from("<I", content, 4)[0])[0],
    )
    (at,) = (e for e in range(first + 2, first + 2 + 12 * count, 12) if struct.unpack_from("<H", content, e)[0] == GEO_TEXTS)
    struct.pack_into("<I", content, at + 4, 2)
    path.write_bytes(content)
    assert refused(path, land).startswith(("Damaged raster", "Invalid raster"))
    assert raster_files(path) == [path]


def test_a_raster_without_a_place_is_refused(tmp_path: Path, land: Land) -> None:
    """No reference system, no position, complex numbers."""
    assert "no coordinate reference system" in refused(written(tmp_path / "a.tif", land, flat(1.0), crs=None), land)
    assert "where it lies" in refused(written(tmp_path / "b.tif", land, flat(1.0), transform=rasterio.Affine.identity()), land)
    assert "complex" in refused(written(tmp_path / "c.tif", land, flat(1.0, "complex64")), land)


def test_everything_that_a_raster_is_read_from_is_known(tmp_path: Path, land: Land) -> None:
    """A virtual raster of a virtual raster, the file at the end, and a sidecar that changes what its numbers mean."""
    source = written(tmp_path / "a.tif", land, flat(3.0))
    for name, of in (("b.vrt", "a.tif"), ("c.vrt", "b.vrt")):
        lines = (
            f'<VRTDataset rasterXSize="{SIDE * PIXELS}" rasterYSize="{SIDE * PIXELS}"><SRS>{CRS}</SRS>'
            f"<GeoTransform>{corner(land)[0]},5000,0,{corner(land)[1]},0,-5000</GeoTransform>"
            f'<VRTRasterBand dataType="Float32" band="1"><SimpleSource><SourceFilename relativeToVRT="1">{of}</SourceFilename>'
            "<SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"
        )
        (tmp_path / name).write_text(lines)
    assert {f.name for f in raster_files(tmp_path / "c.vrt")} == {"a.tif", "b.vrt", "c.vrt"}
    np.testing.assert_array_equal(read(tmp_path / "c.vrt", land), 3.0)
    band = '<PAMRasterBand band="1"><Scale>2</Scale></PAMRasterBand>'
    (tmp_path / "a.tif.aux.xml").write_text(f"<PAMDataset>{band}</PAMDataset>")
    assert {f.name for f in raster_files(source)} == {"a.tif", "a.tif.aux.xml"}
    np.testing.assert_array_equal(read(source, land), 6.0)


@pytest.mark.parametrize(
    ("scale", "offset"), [(0.0, 1.0), (float("nan"), 0.0), (1.0, float("inf")), (1e300, 0.0), (1.0, -1e300), (1.0, float("nan"))]
)
def test_a_scale_or_an_offset_that_is_none_is_refused(tmp_path: Path, land: Land, scale: float, offset: float) -> None:
    """They would make every cell alike, unknown, or endless."""
    path = written(tmp_path / "a.tif", land, flat(3.0))
    with rasterio.open(path, "r+") as raster:
        raster.scales, raster.offsets = (scale,), (offset,)
    assert "Write plain numbers" in refused(path, land)


def test_numbers_that_the_scale_makes_endless_are_refused(tmp_path: Path, land: Land) -> None:
    """A score would take them for the best or the worst of all."""
    path = written(tmp_path / "a.tif", land, flat(3e38))
    with rasterio.open(path, "r+") as raster:
        raster.scales = (10.0,)
    assert "without end" in refused(path, land)


@pytest.mark.parametrize("value", [float("inf"), float("-inf")])
def test_pixels_without_end_are_unknown(tmp_path: Path, land: Land, value: float) -> None:
    """As those that are not a number."""
    assert np.isnan(read(written(tmp_path / "a.tif", land, flat(value)), land)).all()


def test_a_reference_system_that_is_no_text_is_told(tmp_path: Path, land: Land) -> None:
    """Its name is not UTF-8, and GDAL hands it on as it is: refused, or read by a version that knows better."""
    path = written(tmp_path / "a.tif", land, flat(3.0))
    content = path.read_bytes()
    assert b"NAD83 / Conus Albers" in content
    path.write_bytes(content.replace(b"NAD83 / Conus Albers", b"NAD83 \xb1 Conus Albers"))
    assert raster_files(path)[0] == path
    with contextlib.suppress(DataError):
        np.testing.assert_array_equal(read(path, land), 3.0)
