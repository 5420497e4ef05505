"""Rasters from the elevation model: height, slope, flat and gentle share, and relief."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import rasterio
from rasterio.transform import Affine
from rasterio.warp import Resampling, reproject
from scipy import ndimage

from sitefinder.compiling.base import CRS, Compiler, Product
from sitefinder.compiling.landforms import bend_pct, gentle_pct, gentle_product, steps_m
from sitefinder.compiling.terrain import (
    BYTE_NODATA,
    INT16_NODATA,
    PUBLIC_DOMAIN,
    WORD_NODATA,
    frame_grid,
    scaled,
    states_mask,
)

POSTS = "land/elevation_dted0_30s.tif"
HLR_SLOPE = "land/hlr_slope_1km_5070.tif"
STATES = "land/states_2018_5m.parquet"
CELL_M = 1000.0
#: cells around the states that keep their values
RIM = 4
#: scales our slopes to the watershed means of the Hydrologic Landscape Regions (Wolock 2003). Least squares without intercept on
#: half of 37,521 watersheds, weighted by area; on the other half the mean error is 0.33 percentage points (median 12 % of the
#: slope, R2 0.97, bias 0.00). Theirs come from a smoother 1 km model: ground between the posts is steeper than either
SLOPE_FACTOR = 0.727
#: land below this slope is flat, percent; as the Hydrologic Landscape Regions count it
FLAT_PCT = 1.0
#: cells across the squares in which flat land is counted and relief is measured (the centres of 7 cells span 6 km)
FLAT_CELLS, RELIEF_CELLS = 5, 7


def compile_elevation(c: Compiler) -> None:
    """Write ``elevation_m``, ``slope_permille``, ``flat_pct``, ``gentle_pct`` and ``relief_m`` below ``land/``."""
    with rasterio.open(c.raw(POSTS)) as source:
        posts, transform, crs = source.read(1, masked=True).filled(0).astype("float32"), source.transform, source.crs
    grid, shape = frame_grid(CELL_M)
    outside = ~states_mask(c, STATES, grid, shape, rim=RIM)

    def on_grid(field: np.ndarray, method: str) -> np.ndarray:
        target = np.full(shape, np.nan, "float32")
        reproject(
            field,
            target,
            src_transform=transform,
            src_crs=crs,
            dst_transform=grid,
            dst_crs=CRS,
            resampling=Resampling[method],
        )
        return target

    # cubic keeps summits, but swings below the sea at a cliff: never lower than the lowest post around
    height = np.maximum(on_grid(posts, "cubic"), on_grid(ndimage.minimum_filter(posts, 3), "nearest"))
    slope = on_grid(SLOPE_FACTOR * slope_pct(posts, transform), "bilinear")
    flat = ndimage.uniform_filter(np.where(slope < FLAT_PCT, 100.0, 0.0), FLAT_CELLS)
    gentle = gentle_pct(on_grid(bend_pct(posts, transform), "bilinear"), slope / SLOPE_FACTOR)
    relief = ndimage.maximum_filter(height, RELIEF_CELLS) - ndimage.minimum_filter(height, RELIEF_CELLS)
    kinds = (
        (_height_product(), height, 1.0, "int16", INT16_NODATA),
        (_slope_product(), slope, 10.0, "uint16", WORD_NODATA),
        (_flat_product(), flat, 1.0, "uint8", BYTE_NODATA),
        (gentle_product(POSTS, STATES), gentle, 1.0, "uint8", BYTE_NODATA),
        (_relief_product(), relief, 1.0, "uint16", WORD_NODATA),
    )
    for product, field, scale, dtype, nodata in kinds:
        whole = scaled(np.where(outside, np.nan, field), scale=scale, dtype=dtype, nodata=nodata)
        c.raster(product, whole, grid, nodata=nodata)


def slope_pct(height_m: np.ndarray, transform: Affine) -> np.ndarray:
    """Slope at the posts of a grid in degrees of longitude and latitude, from the posts on both sides.

    Parameters
    ----------
    height_m : (rows, columns) float
        Heights in metres, north-up.
    transform : Affine
        Of the grid, in degrees.

    Returns
    -------
    (rows, columns) float32
        Percent; rise over the length of two steps, about 1.9 km north to south and 1.2 to 1.7 km east to west.
    """
    row_m, column_m = steps_m(height_m.shape[0], transform)
    south_north, west_east = np.gradient(height_m)
    return (100.0 * np.hypot(south_north / row_m, west_east / column_m)).astype("float32")


def _height_product() -> Product:
    return Product(
        path="land/elevation_m.tif",
        title="Ground elevation on a 1 km grid (m)",
        publisher="National Geospatial-Intelligence Agency, Digital Terrain Elevation Data level 0",
        vintage="about 1985-2000",
        licence=PUBLIC_DOMAIN,
        grade="E4",
        caveat="Single posts every 30 arc-seconds (about 900 m): summits and valleys between them are missed, so peaks are lower "
        "than in the atlas by 50 to 250 m. Named summits lie within 0.5 km north to south of their place.",
        method="Cubic resampling, never below the lowest post around; sea is 0 m; cut to the states with a 4 km rim.",
        sources=(POSTS, STATES),
        fields={"band_1": "metres above sea level, -32768 = outside the country"},
    )


def _slope_product() -> Product:
    return replace(
        _height_product(),
        path="land/slope_permille.tif",
        title="Slope of each 1 km cell (tenths of a percent)",
        caveat="From heights 900 m apart: slopes inside a cell are steeper, in hills several times, and vary within it.",
        method="Central differences between the posts, times 0.727 so that watershed means agree with those of the USGS "
        "Hydrologic Landscape Regions (Wolock 2003; mean error 0.33 percentage points over 37,521 watersheds), bilinear to 1 km.",
        sources=(POSTS, HLR_SLOPE, STATES),
        fields={"band_1": "slope, 0.1 percent, 65535 = outside the country"},
    )


def _flat_product() -> Product:
    return replace(
        _height_product(),
        path="land/flat_pct.tif",
        title="Share of flat land in the 5 km around (percent)",
        caveat="Flat by the slope of whole 1 km cells; it says nothing about one parcel.",
        method="Share of the 25 cells around with a slope below 1 percent.",
        fields={"band_1": "cells with slope below 1 percent, percent of a 5 km square, 255 = outside the country"},
    )


def _relief_product() -> Product:
    return replace(
        _height_product(),
        path="land/relief_m.tif",
        title="Local relief over 6 km (m)",
        caveat="Summits and valleys between the 900 m posts are missed: true relief is larger, in mountains by 50 m and more.",
        method="Highest minus lowest elevation of the 7 x 7 neighbouring 1 km cells.",
        fields={"band_1": "metres, 65535 = outside the country"},
    )
