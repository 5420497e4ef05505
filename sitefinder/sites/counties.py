"""Counties over which the land of a campus reaches, with the share of it in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from sitefinder.grid import Grid
from sitefinder.layers.files import COUNTIES
from sitefinder.layers.package import DataPackage, read_features
from sitefinder.sites.campuses import Campus

#: share of the land from which a county is told: borders are drawn 0.5 km off in places, so that less may be none (J)
LEAST_SHARE = 0.02
PERCENT = 100.0


def counties_of(campuses: Sequence[Campus], grid: Grid, package: DataPackage) -> list[list[tuple[Mapping[str, Any], float]]]:
    """Counties that hold at least ``LEAST_SHARE`` of each campus, most first, and the share of each in its land, 0..1.

    Parameters
    ----------
    campuses : sequence of Campus
        Excluded cells count, too: the user's land does not end at a gate.
    grid : Grid
    package : DataPackage

    Raises
    ------
    DataError
        The file of counties is missing or damaged.
    """
    counties = read_features(package, COUNTIES, ("fips", "name", "state"))
    land = np.array([outline(campus, grid) for campus in campuses], object)
    at, row = shapely.STRtree(counties["geometry"]).query(land, predicate="intersects")
    held = shapely.area(shapely.intersection(land[at], counties["geometry"][row]))
    named: list[list[tuple[Mapping[str, Any], float]]] = []
    for i in range(len(land)):
        mine = np.flatnonzero(at == i)
        total = held[mine].sum()
        mine = mine[np.argsort(-held[mine], kind="stable")]
        shares = [(_record(counties, row[k]), float(held[k] / total)) for k in mine.tolist() if total > 0.0]
        named.append([(county, share) for county, share in shares if share >= LEAST_SHARE])
    return named


def outline(campus: Campus, grid: Grid) -> Any:
    """The land of a campus in EPSG:5070: the user's parcel, or the squares of its cells."""
    if campus.parcel is not None:
        return campus.parcel
    cells = np.concatenate([campus.cells, campus.excluded])
    x, y = grid.centre(cells // grid.width, cells % grid.width)
    half = grid.resolution_m / 2
    return shapely.union_all(shapely.box(x - half, y - half, x + half, y + half))


def _record(counties: Mapping[str, np.ndarray], row: int) -> Mapping[str, Any]:
    return {column: str(counties[column][row]) for column in ("fips", "name", "state")}


def counties_words(counties: Sequence[tuple[Mapping[str, Any], float]]) -> str:
    """Counties with their shares in words.

    >>> mecklenburg, lincoln = {"name": "Mecklenburg", "state": "NC"}, {"name": "Lincoln", "state": "NC"}
    >>> counties_words([(mecklenburg, 0.634), (lincoln, 0.366)])
    'Mecklenburg, NC 63 %; Lincoln, NC 37 %'
    """
    return "; ".join(f"{county['name']}, {county['state']} {PERCENT * share:.0f} %" for county, share in counties)
