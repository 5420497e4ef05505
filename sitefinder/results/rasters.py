"""Rasters as cloud-optimised GeoTIFF in EPSG:5070."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sitefinder.grid import CRS, Grid


def cog_bytes(values: np.ndarray, grid: Grid, *, nodata: float | None, tags: Mapping[str, str], every: int = 1) -> bytes:
    """One band as a cloud-optimised GeoTIFF in memory.

    Parameters
    ----------
    values : (rows, columns) float32 or uint32
    grid : Grid
    nodata : float or None
    tags : mapping
        Text stored with the file, such as the names of the bits.
    every : int
        The values are every n-th cell of the grid: a coarser picture of the same frame.
    """
    import rasterio
    from rasterio.io import MemoryFile
    from rasterio.transform import Affine

    profile = {
        "driver": "COG",
        "height": values.shape[0],
        "width": values.shape[1],
        "count": 1,
        "dtype": values.dtype,
        "crs": CRS,
        "transform": Affine(*grid.transform) @ Affine.scale(every),
        "nodata": nodata,
        "compress": "zstd",
        "level": 1,
        "blocksize": 512,
        "overview_resampling": "nearest",
        "num_threads": "2",
    }
    with rasterio.Env(), MemoryFile() as memory:
        with memory.open(**profile) as target:
            target.write(values, 1)
            target.update_tags(**tags)
        return bytes(memory.getbuffer())
