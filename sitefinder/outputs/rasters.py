"""Rasters as cloud-optimised GeoTIFF in EPSG:5070."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sitefinder.grid import CRS, Grid


def cog_bytes(values: np.ndarray, grid: Grid, *, nodata: float | None, tags: Mapping[str, str]) -> bytes:
    """One band as a cloud-optimised GeoTIFF in memory.

    Parameters
    ----------
    values : (rows, columns) float32 or uint32
    grid : Grid
    nodata : float or None
    tags : mapping
        Text stored with the file, such as the names of the bits.
    """
    import rasterio
    from rasterio.io import MemoryFile
    from rasterio.transform import Affine

    real = np.issubdtype(values.dtype, np.floating)
    profile = {
        "driver": "COG",
        "height": values.shape[0],
        "width": values.shape[1],
        "count": 1,
        "dtype": values.dtype,
        "crs": CRS,
        "transform": Affine(*grid.transform),
        "nodata": nodata,
        "compress": "deflate",
        "level": 1,
        "blocksize": 512,
        "overview_resampling": "average" if real else "nearest",
        "num_threads": "2",
    }
    with rasterio.Env(), MemoryFile() as memory:
        with memory.open(**profile) as target:
            target.write(values, 1)
            target.update_tags(**tags)
        return bytes(memory.getbuffer())
