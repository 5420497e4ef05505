"""Counties and market regions of the land cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


class Zones:
    """Counties and market regions of the land cells.

    Parameters
    ----------
    names : dict
        ``county``: list of {fips, name, state}; ``rto``: list of codes.
    county, rto : (n_land,) int32
        Rows of those lists; -1 = none.
    """

    def __init__(self, names: Mapping[str, list[Any]], county: np.ndarray, rto: np.ndarray) -> None:
        self.names = names
        self.county = county
        self.rto = rto

    def county_of(self, index: int) -> dict[str, str]:
        """fips, name and state of the county of a land cell."""
        return self.names["county"][self.county[index]]

    def rto_of(self, index: int) -> str | None:
        """Market region of a land cell."""
        row = self.rto[index]
        return self.names["rto"][row] if row >= 0 else None
