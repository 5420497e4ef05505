"""What the score of every site is made of, from the values that the score itself is computed with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from sitefinder.grid import from_lonlat, from_wgs84
from sitefinder.kernels.score import TOP as TOP_STEP
from sitefinder.kernels.score import UNKNOWN
from sitefinder.reports.web_map.inputs import Made, Parts
from sitefinder.scoring.score import ValueMatrix
from sitefinder.sites.kept import kept_cells
from sitefinder.sites.own import cell_shares

#: cells that a site covers by less than this part of its best covered cell: outlines come back from degrees within 0.1 m
SLIVER = 1e-3


def of_campuses(made: Made, matrix: ValueMatrix, features: Sequence[Mapping[str, Any]], path: Path) -> Parts:
    """Parts of the campuses of a list, whose outlines follow the cells.

    Raises
    ------
    DataError
        The list was made at another cell size.
    """
    cells = kept_cells(features, made.stack.land.grid, path)
    return _parts(made, matrix, cells, [np.ones(c.size) for c in cells], np.array([c[0] for c in cells]))


def of_own_sites(made: Made, matrix: ValueMatrix, features: Sequence[Mapping[str, Any]]) -> Parts | None:
    """Parts of the user's own sites: free cells by their share within the outline; None without such sites."""
    if not features:
        return None
    land = made.stack.land
    cells, shares = [], []
    for outline in shapely.from_geojson([json.dumps(f["geometry"]) for f in features]):
        polygon = from_wgs84(outline)
        rows, cols, share = cell_shares(polygon, land.grid)
        flat = rows * land.grid.width + cols
        place = land.index_of(flat)
        free = (share > SLIVER * share.max()) & (place >= 0)
        free[free] = made.excluded.bits[place[free]] == 0
        cells.append(flat[free])
        shares.append(share[free])
    seeds = [from_lonlat(f["properties"]["lon"], f["properties"]["lat"]) for f in features]
    rows, cols = land.grid.cell_at(*np.array(seeds).T)
    return _parts(made, matrix, cells, shares, rows * land.grid.width + cols)


def _parts(made: Made, matrix: ValueMatrix, cells: list[np.ndarray], shares: list[np.ndarray], seed: np.ndarray) -> Parts:
    """Means over the cells of each site, weighted by buildable acres, or by area where none is buildable."""
    index = made.stack.land.index_of(np.concatenate(cells))
    site = np.repeat(np.arange(len(cells)), [c.size for c in cells])
    area = np.concatenate(shares)
    acres = np.nan_to_num(made.stack.at("buildable_pct", index)).astype(np.float64) * area
    some = np.bincount(site, acres, len(cells))[site] > 0
    acres = np.where(some, acres, area)  # as in the list: by area where none is buildable
    total = np.bincount(site, acres, len(cells))
    weight = acres / total[site]
    applies = made.learned.applicability[index].astype(np.float64) if made.learned else np.zeros(index.size)
    score = made.learned.score[index].astype(np.float64) if made.learned else np.zeros(index.size)
    steps = np.asarray(matrix.values[:, index])
    values = 100.0 * np.where(steps == UNKNOWN, 0, steps).astype(np.float64) / TOP_STEP

    def mean(x: np.ndarray) -> np.ndarray:
        found = np.array([np.bincount(site, row * weight, len(cells)) for row in np.atleast_2d(x)])
        return np.where(total > 0, found, np.nan)

    return Parts(mean(values), mean(values * applies), mean(applies * score)[0], seed)
