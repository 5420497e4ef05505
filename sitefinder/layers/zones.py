"""Land cells, and the counties and market regions that they lie in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sitefinder.cache import Cache
from sitefinder.grid import Grid, Land
from sitefinder.layers.files import COUNTIES, RTO
from sitefinder.layers.fingerprint import land_fingerprint
from sitefinder.layers.package import DataPackage
from sitefinder.layers.sources import Sources

if TYPE_CHECKING:
    from sitefinder.config import Config

#: land indices that stay in the cache: the latest and the one before
KEPT = 2


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


def open_land(package: DataPackage, config: Config, *, cache_folder: Path) -> tuple[Land, Zones]:
    """Land cells (centre within a county) and the zones they lie in, from the cache or built: seconds, before any layer.

    Raises
    ------
    DataError
        The county or market-region file is missing or damaged.
    OutputError
        The cache cannot be written.
    """
    grid = Grid(config.grid.resolution_m)
    kept = Cache.of(cache_folder, grid)
    stem = f"land-{land_fingerprint(package)}"

    @cache
    def label() -> tuple[np.ndarray, dict[str, list[Any]]]:
        return _label(package, grid, config)

    names = kept.json(stem, lambda: label()[1], keep=KEPT)
    cells, county, rto = kept.array(stem, lambda: label()[0], keep=KEPT)
    return Land(grid, cells), Zones(names, county, rto)


def _label(package: DataPackage, grid: Grid, config: Config) -> tuple[np.ndarray, dict[str, list[Any]]]:
    """(3, n_land) int32: land cell, row of its county and of its market region; and the names of both."""
    everywhere = Sources(package, Land(grid, np.arange(grid.height * grid.width, dtype=np.int32)), config)
    counties, regions = everywhere.features(COUNTIES), everywhere.features(RTO)
    regions = regions.iloc[np.argsort(-regions.area.to_numpy(), kind="stable")]  # the smaller wins where they overlap
    county = everywhere.label(counties.geometry.values).reshape(-1)
    cells = np.flatnonzero(county >= 0).astype(np.int32)
    rto = everywhere.label(regions.geometry.values).reshape(-1)[cells]
    names = {"county": counties[["fips", "name", "state"]].to_dict("records"), "rto": regions["code"].tolist()}
    return np.stack([cells, county[cells], rto]).astype(np.int32), names
