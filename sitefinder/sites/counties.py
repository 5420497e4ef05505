"""Counties over which a campus reaches, with the share of its land in each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sitefinder.grid import Land
from sitefinder.layers.zones import Zones
from sitefinder.sites.campuses import Campus

#: share of a campus from which the facts of a county are told (J)
LEAST_SHARE = 0.1
PERCENT = 100.0


def counties_of(campus: Campus, land: Land, zones: Zones) -> list[tuple[Mapping[str, Any], float]]:
    """Counties that hold at least ``LEAST_SHARE`` of a campus, most first, and the share of each, 0..1.

    Parameters
    ----------
    campus : Campus
        Its excluded cells count, too: the user's land does not end at a gate.
    land : Land
    zones : Zones
    """
    cells = np.concatenate([campus.cells, campus.excluded])
    share = np.concatenate([campus.share, campus.excluded_share])
    row, at = np.unique(zones.county[land.index_of(cells)], return_inverse=True)
    held = np.bincount(at, share) / share.sum()
    order = np.argsort(-held, kind="stable")
    return [(zones.names["county"][row[i]], float(held[i])) for i in order if row[i] >= 0 and held[i] >= LEAST_SHARE]


def counties_words(counties: list[tuple[Mapping[str, Any], float]]) -> str:
    """Counties with their shares in words.

    >>> mecklenburg, lincoln = {"name": "Mecklenburg", "state": "NC"}, {"name": "Lincoln", "state": "NC"}
    >>> counties_words([(mecklenburg, 0.634), (lincoln, 0.366)])
    'Mecklenburg, NC 63 %; Lincoln, NC 37 %'
    """
    return "; ".join(f"{county['name']}, {county['state']} {PERCENT * share:.0f} %" for county, share in counties)
