"""Land that is taken, with its causes: runs of equal codes, row by row, as the reasons of exclusion are.

A cell has a code where a cause takes :data:`LEAST_PCT` of it or more; the code stands for the set of those causes and for the
share that all causes together take, in steps of :data:`STEP_PCT`. Below that, what crosses a cell is no reason to leave it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sitefinder.grid import Land
from sitefinder.reports.web_map.inputs import Taken
from sitefinder.reports.web_map.surface import deflated, runs_of, step_of
from sitefinder.reports.web_map.varint import leb128

#: share of a cell from which a cause is shown, and the step of the share of all causes, percent
LEAST_PCT, STEP_PCT = 10.0, 10
#: steps to a whole cell, one more
_STEPS = 100 // STEP_PCT + 1


def pack_taken(land: Land, shares: Mapping[str, np.ndarray], words: Mapping[str, str]) -> Taken:
    """Packed shares of what takes land.

    Parameters
    ----------
    land : Land
    shares : mapping
        Cause -> (n_land,) percent of each cell, NaN where unknown, which shows as not taken.
    words : mapping
        Cause -> its words.
    """
    causes = list(shares)
    bits, left = np.zeros(land.size, np.int64), np.ones(land.size)
    for place, cause in enumerate(causes):
        share = np.nan_to_num(shares[cause]).astype(np.float64)
        bits |= np.where(share >= LEAST_PCT, 1 << place, 0)
        left *= 1.0 - share / 100.0
    steps = np.round((1.0 - left) * 100.0 / STEP_PCT).astype(np.int64)
    keys = np.where(bits > 0, bits * _STEPS + steps, 0)
    kinds, place_of, count = np.unique(keys, return_inverse=True, return_counts=True)
    order = np.argsort(np.where(kinds == 0, -land.size - 1, -count), kind="stable")
    code = np.empty(kinds.size, np.uint16)
    code[order] = np.arange(kinds.size) + (0 if 0 in kinds else 1)
    step = step_of(land.grid)
    raster = land.expand(code[place_of], 0)[::step, ::step]
    blobs = {f"taken/{name}": deflated(leb128(numbers)) for name, numbers in runs_of(raster).items()}
    named = [(int(k // _STEPS), int(k % _STEPS) * STEP_PCT) for k in kinds[order] if k]
    return Taken([words[cause] for cause in causes], named, blobs)
