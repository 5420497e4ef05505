"""Parts of the score of every site, from the values that the score is computed with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sitefinder.cache import let_go
from sitefinder.kernels.score import TOP as TOP_STEP
from sitefinder.kernels.score import UNKNOWN
from sitefinder.ml.learned import counted
from sitefinder.reports.web_map.inputs import Computed, Parts
from sitefinder.scoring.score import ValueMatrix
from sitefinder.sites.campuses import Campus


def parts_of(computed: Computed, matrix: ValueMatrix, land: Sequence[Campus]) -> Parts | None:
    """Parts of the scores of sites; None without sites.

    Cells that a gate excludes do not count; a site without a free cell has no parts.
    """
    if not land:
        return None
    cells, shares = [], []
    for campus in land:
        order = np.argsort(campus.cells)  # the order in which a campus grew would show in the last digits of sums
        flat, share = campus.cells[order], campus.share[order]
        free = computed.excluded.bits[computed.stack.land.index_of(flat)] == 0
        cells.append(flat[free])
        shares.append(share[free])
    return _parts(computed, matrix, cells, shares, np.array([campus.cells[0] for campus in land]))


def _parts(computed: Computed, matrix: ValueMatrix, cells: list[np.ndarray], shares: list[np.ndarray], seed: np.ndarray) -> Parts:
    """Means over the cells of each site, weighted by buildable acres, or by area where none is buildable."""
    index = computed.stack.land.index_of(np.concatenate(cells))
    site = np.repeat(np.arange(len(cells)), [c.size for c in cells])
    area = np.concatenate(shares)
    acres = np.nan_to_num(computed.stack.at("buildable_pct", index)).astype(np.float64) * area
    some = np.bincount(site, acres, len(cells))[site] > 0
    acres = np.where(some, acres, area)  # as in the list: by area where none is buildable
    total = np.bincount(site, acres, len(cells))
    weight = acres / total[site]
    steps = np.empty((len(matrix.ids), index.size), np.uint16)
    for k, row in enumerate(steps):  # one row of the file in memory at a time
        row[:] = matrix.values[k][index]
        let_go(matrix.values)
    values = 100.0 * np.where(steps == UNKNOWN, 0, steps).astype(np.float64) / TOP_STEP
    applies = score = np.zeros(index.size)
    if computed.learned:
        weights = computed.config.criterion_weights()
        score = computed.learned.score[index].astype(np.float64)
        applies = counted(
            np.array([weights[k] for k in matrix.ids]) @ values,
            score,
            computed.learned.applicability[index].astype(np.float64),
        )

    def mean(x: np.ndarray) -> np.ndarray:
        means = np.array([np.bincount(site, row * weight, len(cells)) for row in np.atleast_2d(x)])
        return np.where(total > 0, means, np.nan)

    return Parts(mean(values), mean(values * applies), mean(applies * score)[0], seed)
