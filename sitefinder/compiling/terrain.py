"""Rasters of the land family from published maps: land cover and siting exclusions."""

from __future__ import annotations

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
#: pixels of the compiled land cover
LANDCOVER_M = 5000.0


def compile_terrain(c: Compiler) -> None:
    """Write ``landcover_5km`` and ``pnnl_exclusions`` below ``land/``."""
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


def states_mask(c: Compiler, name: str, transform: Affine, shape: tuple[int, int], *, rim: int = 2) -> np.ndarray:
    """(rows, columns) bool: cells of the 48 states and DC with a rim of so many cells."""
    states = gpd.read_parquet(c.raw(name))
    states = states[~states.STUSPS.isin(NOT_CONUS)].to_crs(CRS)
    inside = rasterio.features.rasterize(states.geometry, out_shape=shape, transform=transform, all_touched=True)
    return ndimage.binary_dilation(inside.astype(bool), iterations=rim)


def landcover_on(c: Compiler, name: str, cell_m: float) -> np.ndarray:
    """(rows, columns) uint8 class of the nearest land cover pixel on the frame cut into square cells, 255 = none."""
    transform, shape = frame_grid(cell_m)
    target = np.full(shape, BYTE_NODATA, "uint8")
    with rasterio.open(c.raw(name)) as source:
        reproject(
            rasterio.band(source, 1),
            target,
            dst_transform=transform,
            dst_crs=CRS,
            dst_nodata=BYTE_NODATA,
            resampling=Resampling.nearest,
        )
    return target


def _landcover(c: Compiler) -> None:
    raw = "land/landcover_modis_2019_5km.tif"
    transform, _ = frame_grid(LANDCOVER_M)
    target = landcover_on(c, raw, LANDCOVER_M)
    product = Product(
        path="land/landcover_5km.tif",
        title="Majority land cover on a 5 km grid (IGBP classes)",
        publisher="NASA MODIS MCD12C1",
        vintage="2019",
        licence="public domain (NASA)",
        grade="E4",
        caveat="One class per 5 km: a screen for cities, water and forest, not a parcel map. Small towns and wetlands vanish. "
        "Against the Census of Agriculture the cropland of a county is off by 12.5 points in the mean.",
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
        "The four gas and gasified-biomass bands exclude 99.5 % of park and forest cells or more, wind 66 to 89 % and none in "
        "the Dakotas and Nebraska: it does not follow protected land. 1 km cells.",
        method="Ten bands reprojected by nearest neighbour and packed into one integer per cell.",
        sources=(raw, "land/hlr_slope_1km_5070.tif"),
        fields={"band_1": f"bit set = excluded: {bits}; 65535 = outside the country"},
    )
    c.raster(product, np.where(outside, WORD_NODATA, packed).astype("uint16"), transform, nodata=WORD_NODATA)
