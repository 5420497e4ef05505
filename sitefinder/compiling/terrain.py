"""Rasters of the land family: federal share, slope, elevation, land cover and siting exclusions."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import rasterio
import rasterio.features
from rasterio.transform import Affine
from rasterio.warp import Resampling, reproject
from scipy import ndimage

from sitefinder.compiling.base import CRS, FRAME, NOT_CONUS, Compiler, Product

PUBLIC_DOMAIN = "public domain (US government)"
BYTE_NODATA = 255
WORD_NODATA = 65_535
INT16_NODATA = -32_768
#: the DEM was resampled byte by byte: errors sit where the true height crosses a multiple of this many metres
BYTE_STEP_M = 256
#: a cell may be a spur only when it leaves its neighbourhood by this much; smaller errors drown in real relief
SPUR_MIN_M = 20.0
#: ... and by this many median absolute deviations, so that ridges and canyons survive. Chosen so that flat land shows
#: the same relief near multiples of 256 m as elsewhere (95th percentile 39 m in both; 75 m before)
SPUR_MAD = 2.5
SPUR_PASSES = 4
#: below this height (Death Valley is -86 m) a cell is sea floor
LOWEST_LAND_M = -90


def compile_terrain(c: Compiler) -> None:
    """Write the rasters below ``land/``."""
    _federal(c)
    _flat(c)
    _slope(c)
    _terrain(c)
    _landcover(c)
    _exclusions(c)


def frame_grid(cell_m: float) -> tuple[Affine, tuple[int, int]]:
    """Transform and (rows, columns) of the study frame cut into square cells from its north-west corner."""
    west, south, east, north = FRAME
    rows = int(np.ceil((north - south) / cell_m))
    columns = int(np.ceil((east - west) / cell_m))
    return Affine(cell_m, 0.0, west, 0.0, -cell_m, north), (rows, columns)


def scaled(values: np.ndarray, *, scale: float, dtype: str, nodata: int) -> np.ndarray:
    """Float grid times ``scale``, rounded to ``dtype``; NaN becomes ``nodata``."""
    rounded = np.rint(values * scale)
    return np.where(np.isfinite(rounded), rounded, nodata).astype(dtype)


def read_grid(c: Compiler, name: str) -> tuple[np.ndarray, Affine]:
    """First band of a raw raster that already lies on the 1 km frame."""
    with rasterio.open(c.raw(name)) as source:
        return source.read(1), source.transform


def _federal(c: Compiler) -> None:
    raw = "land/federal_land_fraction_1km_5070.tif"
    values, transform = read_grid(c, raw)
    product = Product(
        path="land/federal_pct.tif",
        title="Share of each 1 km cell that is federal land (percent)",
        publisher="US Department of the Interior, federal lands map",
        vintage="about 2015",
        licence=PUBLIC_DOMAIN,
        grade="E2",
        caveat="The drawing behind it has 1.5 km pixels, so a parcel smaller than that is unresolved. All agencies "
        "together, no class.",
        method="Area fraction rounded to whole percent.",
        sources=(raw,),
        fields={"band_1": "federal land, percent of the cell, 255 = outside the country"},
    )
    c.raster(product, scaled(values, scale=100.0, dtype="uint8", nodata=BYTE_NODATA), transform, nodata=BYTE_NODATA)


def _flat(c: Compiler) -> None:
    raw = "land/hlr_pflattot_1km_5070.tif"
    values, transform = read_grid(c, raw)
    product = Product(
        path="land/flat_pct.tif",
        title="Share of flat land in the surrounding watershed (percent)",
        publisher="USGS Hydrologic Landscape Regions (Wolock 2003)",
        vintage="2003",
        licence=PUBLIC_DOMAIN,
        grade="E4",
        caveat="A mean over watersheds of about 212 km2 from a 1 km elevation model: it says nothing about one parcel.",
        method="Rounded to whole percent.",
        sources=(raw,),
        fields={"band_1": "land with slope below 1 percent, percent of the watershed, 255 = outside the country"},
    )
    c.raster(product, scaled(values, scale=1.0, dtype="uint8", nodata=BYTE_NODATA), transform, nodata=BYTE_NODATA)


def _slope(c: Compiler) -> None:
    raw = "land/hlr_slope_1km_5070.tif"
    values, transform = read_grid(c, raw)
    product = Product(
        path="land/slope_permille.tif",
        title="Mean slope of the surrounding watershed (tenths of a percent)",
        publisher="USGS Hydrologic Landscape Regions (Wolock 2003)",
        vintage="2003",
        licence=PUBLIC_DOMAIN,
        grade="E4",
        caveat="A mean over watersheds of about 212 km2 from a 1 km elevation model, so real parcel slopes are steeper "
        "and vary within it.",
        method="Percent slope times ten, rounded.",
        sources=(raw,),
        fields={"band_1": "mean slope, 0.1 percent, 65535 = outside the country"},
    )
    c.raster(product, scaled(values, scale=10.0, dtype="uint16", nodata=WORD_NODATA), transform, nodata=WORD_NODATA)


def remove_spurs(height_m: np.ndarray) -> np.ndarray:
    """Replace the thin false ridges and trenches along multiples of 256 m by the median around them.

    Parameters
    ----------
    height_m : (rows, columns) float
        Heights in metres.

    Returns
    -------
    (rows, columns) float
        A cell changes when it leaves the median of its 24 neighbours by more than 20 m and 2.5 times their median
        absolute deviation, while that neighbourhood lies near a multiple of 256 m and the cell itself does not.
    """
    ring = np.ones((5, 5), bool)
    ring[2, 2] = False
    result = height_m.astype("float32")
    for _ in range(SPUR_PASSES):
        median = ndimage.median_filter(result, footprint=ring)
        spread = ndimage.median_filter(np.abs(result - median), footprint=ring)
        off_contour = np.abs(median - BYTE_STEP_M * np.rint(median / BYTE_STEP_M))
        departure = np.abs(result - median)
        spur = (departure > np.maximum(SPUR_MIN_M, SPUR_MAD * spread)) & (off_contour < 2.0 * spread + SPUR_MIN_M)
        spur &= departure < BYTE_STEP_M
        result = np.where(spur, median, result)
    return result


def _terrain(c: Compiler) -> None:
    raw = "land/elevation_srtm30plus_2km_epsg3857.tif"
    states = "land/states_2018_5m.parquet"
    with rasterio.open(c.raw(raw)) as source:
        height, source_transform, source_crs = source.read(1).astype("float32"), source.transform, source.crs
    transform, shape = frame_grid(2000.0)
    grid = np.full(shape, np.nan, "float32")
    reproject(
        remove_spurs(height),
        grid,
        src_transform=source_transform,
        src_crs=source_crs,
        dst_transform=transform,
        dst_crs=CRS,
        resampling=Resampling.bilinear,
    )
    land = states_mask(c, states, transform, shape)
    grid[~land | (grid < LOWEST_LAND_M)] = np.nan
    cube = np.stack([_shifted(grid, row, column) for row in (-1, 0, 1) for column in (-1, 0, 1)])
    relief = np.where(np.isfinite(grid), np.fmax.reduce(cube) - np.fmin.reduce(cube), np.nan)
    elevation = Product(
        path="land/elevation_m.tif",
        title="Ground elevation on a 2 km grid (m)",
        publisher="Scripps Institution of Oceanography, SRTM30_PLUS",
        vintage="about 2014",
        licence="free with citation (Becker et al. 2009)",
        grade="E4",
        caveat="Heights were byte-damaged near multiples of 256 m. Flat land is repaired to about 20 m; in steep terrain "
        "single cells may still be off by up to 130 m.",
        method="False ridges replaced by the median of their 24 neighbours, bilinear resampling, cut to the states with a "
        "4 km rim.",
        sources=(raw, states),
        fields={"band_1": "metres above sea level, -32768 = outside the country"},
    )
    relief_product = replace(
        elevation,
        path="land/relief_m.tif",
        title="Local relief over 6 km (m)",
        caveat="Below 60 m treat as flat: the elevation model has 2 km cells and remains of a byte fault near multiples of "
        "256 m. In mountains the fault adds up to 130 m.",
        method="Highest minus lowest elevation of the 3 x 3 neighbouring 2 km cells.",
        fields={"band_1": "metres, 65535 = outside the country"},
    )
    c.raster(elevation, scaled(grid, scale=1.0, dtype="int16", nodata=INT16_NODATA), transform, nodata=INT16_NODATA)
    c.raster(relief_product, scaled(relief, scale=1.0, dtype="uint16", nodata=WORD_NODATA), transform, nodata=WORD_NODATA)


def states_mask(c: Compiler, name: str, transform: Affine, shape: tuple[int, int]) -> np.ndarray:
    """(rows, columns) bool: cells of the 48 states and DC with a rim of two cells."""
    states = gpd.read_parquet(c.raw(name))
    states = states[~states.STUSPS.isin(NOT_CONUS)].to_crs(CRS)
    inside = rasterio.features.rasterize(states.geometry, out_shape=shape, transform=transform, all_touched=True)
    return ndimage.binary_dilation(inside.astype(bool), iterations=2)


def _shifted(grid: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Grid moved by whole cells; what enters at the edge is NaN."""
    return ndimage.shift(grid, (rows, columns), order=0, mode="constant", cval=np.nan)


def _landcover(c: Compiler) -> None:
    raw = "land/landcover_modis_2019_5km.tif"
    transform, shape = frame_grid(5000.0)
    target = np.full(shape, BYTE_NODATA, "uint8")
    with rasterio.open(c.raw(raw)) as source:
        reproject(
            rasterio.band(source, 1),
            target,
            dst_transform=transform,
            dst_crs=CRS,
            dst_nodata=BYTE_NODATA,
            resampling=Resampling.nearest,
        )
    product = Product(
        path="land/landcover_5km.tif",
        title="Majority land cover on a 5 km grid (IGBP classes)",
        publisher="NASA MODIS MCD12C1",
        vintage="2019",
        licence="public domain (NASA)",
        grade="E4",
        caveat="One class per 5 km: a screen for cities, water and forest, not a parcel map. Small towns and wetlands vanish.",
        method="Nearest neighbour from 0.05 degree cells.",
        sources=(raw,),
        fields={
            "band_1": "0 water, 1-5 forest, 6-7 shrubland, 8-9 savanna, 10 grassland, 11 permanent wetland, 12 cropland, "
            "13 urban, 14 cropland mosaic, 15 snow and ice, 16 barren, 255 = no data"
        },
    )
    c.raster(product, target, transform, nodata=BYTE_NODATA)


def _exclusions(c: Compiler) -> None:
    raw = "land/pnnl_siting_exclusions_1km.tif"
    transform, shape = frame_grid(1000.0)
    packed = np.zeros(shape, "uint16")
    outside = np.zeros(shape, bool)
    with rasterio.open(c.raw(raw)) as source:
        names = source.descriptions
        for bit in range(source.count):
            band = np.full(shape, BYTE_NODATA, "uint8")
            # ESRI:102003 and EPSG:5070 share the numbers but not the file's standard parallels: reprojected, never relabelled
            reproject(
                source.read(bit + 1),
                band,
                src_transform=source.transform,
                src_crs=source.crs,
                dst_transform=transform,
                dst_crs=CRS,
                src_nodata=BYTE_NODATA,
                dst_nodata=BYTE_NODATA,
                resampling=Resampling.nearest,
            )
            outside |= band == BYTE_NODATA
            packed |= (band == 1).astype("uint16") << bit
    land, _ = read_grid(c, "land/hlr_slope_1km_5070.tif")
    outside |= (packed == (1 << len(names)) - 1) & ~np.isfinite(land)
    bits = ", ".join(f"bit {i} {name}" for i, name in enumerate(names))
    product = Product(
        path="land/pnnl_exclusions.tif",
        title="Where ten power-plant technologies are ruled out (packed bits)",
        publisher="Pacific Northwest National Laboratory, CERF siting exclusions",
        vintage="2021",
        licence="BSD-2-Clause",
        grade="E4",
        caveat="Protected land, critical habitat and the rules of each technology are merged: a single cause cannot be "
        "read off. "
        "Wind and gas_cc serve as a prior for protected land, nuclear as the strictest case. 1 km cells.",
        method="Ten bands reprojected by nearest neighbour and packed into one integer per cell.",
        sources=(raw, "land/hlr_slope_1km_5070.tif"),
        fields={"band_1": f"bit set = excluded: {bits}; 65535 = outside the country"},
    )
    c.raster(product, np.where(outside, WORD_NODATA, packed).astype("uint16"), transform, nodata=WORD_NODATA)
