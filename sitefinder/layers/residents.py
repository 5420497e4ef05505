"""Residents of every square kilometre, and how many of them live within a radius: one measure for cells and footprints."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from sitefinder.errors import DataError
from sitefinder.grid import FRAME, Grid
from sitefinder.layers.files import PEOPLE
from sitefinder.layers.package import DataPackage
from sitefinder.layers.sources import Sources
from sitefinder.units import M_PER_KM

#: points along the side of a cell by which the part of it that lies within a radius is measured
SAMPLES = 20


@lru_cache(maxsize=1)
def read_residents(package: DataPackage) -> tuple[np.ndarray, Grid]:
    """Residents of each cell, (rows, columns) float32, 0 outside the country, and their grid; read once, not to be written to.

    Raises
    ------
    DataError
        The file is missing or damaged, or lies on another frame.
    """
    import rasterio

    path = package.verified(PEOPLE)
    with rasterio.open(path) as source:
        grid = Grid(source.res[0])
        if source.shape != grid.shape or (source.bounds.left, source.bounds.top) != (FRAME[0], FRAME[3]):
            raise DataError(f"Invalid data file {path}: it does not lie on the frame of the study. Run 'make data'.")
        residents = source.read(1, masked=True).filled(0).astype(np.float32)
    residents.flags.writeable = False
    return residents, grid


def residents_within_km(sources: Sources, radius_km: float) -> np.ndarray:
    """(n_land,) float32 residents within a radius of each cell centre, each cell of the raster by its part of the disc.

    On grids so coarse that the radius is less than half a cell, half a cell is used and the sum scaled back to the area asked
    for.
    """
    from scipy.signal import oaconvolve

    residents, grid = sources.once(("residents",), lambda: read_residents(sources.package))
    asked_m = radius_km * M_PER_KM
    radius_m = max(asked_m, sources.grid.resolution_m / 2.0)
    around = oaconvolve(residents.astype(np.float64), disc_parts(radius_m / grid.resolution_m), mode="same")
    # at least 0: what the transform leaves where nobody lives
    people = np.maximum(sources.interpolated(around, grid), np.float32(0.0))
    return people * np.float32((asked_m / radius_m) ** 2)


def disc_parts(radius: float) -> np.ndarray:
    """(2 k + 1, 2 k + 1) float64 part of each cell within a radius, in cells, of the middle of the middle cell.

    >>> round(float(disc_parts(2.0).sum()), 1)  # pi r2
    12.6
    """
    k = int(np.ceil(radius - 0.5))
    at = (np.arange((2 * k + 1) * SAMPLES) + 0.5) / SAMPLES - k - 0.5
    inside = at[:, None] ** 2 + at[None, :] ** 2 <= radius**2
    return inside.reshape(2 * k + 1, SAMPLES, 2 * k + 1, SAMPLES).mean(axis=(1, 3))
