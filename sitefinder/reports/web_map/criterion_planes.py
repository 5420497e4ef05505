"""Values of single criteria on coarse cells: which the sliders of single criteria change the surface with.

A family's score at 1 km is in the page for the weights of the run. Under other weights of its criteria it changes by the sum over
them of (new share - share of the run) x value; the value is taken here as the mean over the free land of a coarse cell. With the
weights of the run the change is nothing, so the surface is then exact.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from sitefinder.grid import Land
from sitefinder.kernels.score import TOP as TOP_STEP
from sitefinder.kernels.score import UNKNOWN
from sitefinder.reports.web_map.inputs import CriterionPlanes
from sitefinder.reports.web_map.surface import THREADS, differences, stand_in_of, step_of

if TYPE_CHECKING:
    from sitefinder.scoring.score import ValueMatrix

#: side of a coarse cell, metres
COARSE_M = 5000.0
#: value 1 as a byte: steps of one point
COARSE_TOP = 100


def pack_criteria(land: Land, bits: np.ndarray, matrix: ValueMatrix) -> CriterionPlanes:
    """Planes of all criteria.

    Parameters
    ----------
    land : Land
    bits : (n_land,) uint32
        Reasons of exclusion; 0 = free.
    matrix : ValueMatrix
    """
    step = step_of(land.grid)
    every = max(1, round(COARSE_M / (land.grid.resolution_m * step)))
    height, width = (-(-side // (step * every)) for side in (land.grid.height, land.grid.width))
    row, col = np.divmod(land.cells, land.grid.width)
    free = np.flatnonzero((bits == 0) & (row % step == 0) & (col % step == 0))  # of the cells that the page knows
    coarse = row[free] // (step * every) * width + col[free] // (step * every)
    count = np.bincount(coarse, minlength=height * width)
    covered = (count > 0).reshape(height, width)
    stand_in = stand_in_of(covered)

    def plane(k: int) -> bytes:
        steps = matrix.values[k][free]
        if matrix.incomplete[k]:
            steps[steps == UNKNOWN] = 0
        mean = np.bincount(coarse, weights=steps, minlength=height * width) / np.maximum(count, 1)
        raster = np.round(mean * (COARSE_TOP / TOP_STEP)).astype(np.uint8).reshape(height, width)
        return differences(raster, covered, stand_in)

    with ThreadPoolExecutor(THREADS) as pool:
        planes = dict(zip(matrix.ids, pool.map(plane, range(len(matrix.ids))), strict=True))
    return CriterionPlanes(width, height, every, planes)
