"""Scores of the country as 8-bit planes that a browser unpacks in a second.

Each plane holds one byte per free land cell: the difference to the cell above, modulo 256, in row order, deflated. Where a cell
is not free, the nearest free value to the left stands in for it (0 if there is none), on both sides. Of six predictors tried on
the real planes, the cell above gave the smallest file. Reasons of exclusion are runs of equal codes, row by row.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from sitefinder.config import FAMILIES
from sitefinder.grid import Grid, Land
from sitefinder.kernels.score import TOP as TOP_STEP
from sitefinder.kernels.score import UNKNOWN
from sitefinder.reports.web_map.inputs import Surface
from sitefinder.reports.web_map.varint import leb128

if TYPE_CHECKING:
    from sitefinder.config import Config
    from sitefinder.ml.learned import Learned
    from sitefinder.scoring.score import ValueMatrix

#: score 100 and share 1 as a byte: steps of half a point
TOP = 200
#: names of the planes of the learned score
LEARNED, APPLIES = "learned", "applicability"
#: finest cells of the map, metres: of finer grids every n-th cell is shown
FINEST_M = 1000.0
#: 9 packs a third as fast as 6 into 4 % fewer bytes; what is packed is kept beside the layers
LEVEL, WINDOW_BITS, MEMORY = 9, 15, 9
#: noisy planes (land, learned score) are smaller by 4 % with the second
STRATEGIES = (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FILTERED)
THREADS = 2


def step_of(grid: Grid) -> int:
    """Step between the cells that the map shows."""
    return max(1, int(np.ceil(FINEST_M / grid.resolution_m - 1e-9)))


def all_scores(config: Config, matrix: ValueMatrix, learned: Learned | None) -> dict[str, np.ndarray]:
    """Name of each plane -> (n_land,) uint8: the score within each family, learned score and how far it applies."""
    scores = {f: family_scores(config, matrix, f) for f in FAMILIES}
    if learned:
        scores[LEARNED] = np.clip(np.round(learned.score * np.float32(TOP / 100.0)), 0, TOP).astype(np.uint8)
        scores[APPLIES] = np.round(learned.applicability * np.float32(TOP)).astype(np.uint8)
    return scores


def family_scores(config: Config, matrix: ValueMatrix, family: str) -> np.ndarray:
    """(n_land,) uint8 score within one family; see :data:`TOP`."""
    total = np.zeros(matrix.values.shape[1], np.float32)
    for i, weight in enumerate(_within(config, matrix, family)):
        if weight > 0:
            steps = np.asarray(matrix.values[i])
            part = steps * np.float32(weight * TOP / TOP_STEP)
            if matrix.incomplete[i]:
                part[steps == UNKNOWN] = 0.0
            total += part
    return np.round(total).astype(np.uint8)


def _within(config: Config, matrix: ValueMatrix, family: str) -> np.ndarray:
    """(n_criteria,) weight of each criterion within one family, 0 for the others."""
    within = config.weights_within(family)
    total = sum(within.values())
    return np.array([within.get(k, 0.0) / total if total > 0 else 0.0 for k in matrix.ids])


def pack_surface(land: Land, bits: np.ndarray, scores: Mapping[str, np.ndarray]) -> Surface:
    """Planes of the whole country.

    Parameters
    ----------
    land : Land
    bits : (n_land,) uint32
        Reasons of exclusion; 0 = free.
    scores : mapping
        Name -> (n_land,) uint8, see :data:`TOP`; packed for free cells only.
    """
    step, grid = step_of(land.grid), land.grid
    codes, combinations = _codes(bits)
    code = land.expand(codes, 0)[::step, ::step]
    free = code == _code_of_free(combinations)
    stand_in = stand_in_of(free)

    def plane(name: str) -> bytes:
        raster = land.expand(np.where(bits == 0, scores[name], np.uint8(0)), 0)[::step, ::step]
        return differences(raster, free, stand_in)

    with ThreadPoolExecutor(THREADS) as pool:
        planes = dict(zip(scores, pool.map(plane, scores), strict=True))
    planes |= {name: deflated(leb128(numbers)) for name, numbers in runs_of(code).items()}
    height, width = code.shape
    return Surface(width, height, grid.resolution_m * step, grid.west, grid.north, planes, combinations)


def _codes(bits: np.ndarray) -> tuple[np.ndarray, list[int]]:
    """Code 1.. of the combination of reasons of each cell, the frequent ones first, and the combinations."""
    combinations, place, count = np.unique(bits, return_inverse=True, return_counts=True)
    order = np.argsort(-count, kind="stable")
    code = np.empty(combinations.size, np.uint16)
    code[order] = np.arange(1, combinations.size + 1)
    return code[place], combinations[order].tolist()


def runs_of(code: np.ndarray) -> dict[str, np.ndarray]:
    """Code and length of each run of equal codes; runs end with the row.

    Parameters
    ----------
    code : (rows, columns) uint16
    """
    begins = np.ones(code.shape, bool)
    begins[:, 1:] = code[:, 1:] != code[:, :-1]
    first = np.flatnonzero(begins)
    return {"run_codes": code.reshape(-1)[first], "run_lengths": np.diff(np.append(first, code.size))}


def _code_of_free(combinations: list[int]) -> int:
    return combinations.index(0) + 1 if 0 in combinations else -1


def stand_in_of(free: np.ndarray) -> np.ndarray:
    """Flat index of the nearest free cell to the left, itself included; the first of the row where there is none.

    Parameters
    ----------
    free : (rows, columns) bool
    """
    height, width = free.shape
    column = np.where(free, np.arange(width, dtype=np.int32), 0)
    np.maximum.accumulate(column, axis=1, out=column)
    return column + np.arange(height, dtype=np.int32)[:, None] * np.int32(width)


def deflated(content: bytes) -> bytes:
    """The shorter of the zlib streams of some bytes, by strategy; any inflater reads both."""

    def packed(strategy: int) -> bytes:
        stream = zlib.compressobj(LEVEL, zlib.DEFLATED, WINDOW_BITS, MEMORY, strategy)
        return stream.compress(content) + stream.flush()

    return min((packed(s) for s in STRATEGIES), key=len)


def differences(raster: np.ndarray, free: np.ndarray, stand_in: np.ndarray) -> bytes:
    """Deflated differences of the free cells to the cell above.

    Parameters
    ----------
    raster : (rows, columns) uint8
        0 where not free.
    free : (rows, columns) bool
    stand_in : (rows, columns) int32
        Flat index of the cell whose value each cell shows.
    """
    filled = raster.reshape(-1)[stand_in]
    filled[1:] -= filled[:-1].copy()
    return deflated(filled[free].tobytes())
