"""The user's own sites: points and parcels, turned into campuses."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from sitefinder.columns import Scalar
from sitefinder.config import Config
from sitefinder.errors import SitesError
from sitefinder.grid import Grid, Land
from sitefinder.sites.campuses import Campus, Field, campus_at
from sitefinder.sites.stated import NOTHING, Stated, as_stated
from sitefinder.units import M2_PER_ACRE

#: cells that a site covers by less than this part of its best covered cell are not its land, and one that it leaves by less than
#: this part is covered whole: outlines come back from degrees within 0.1 m, drawn ones touch their neighbours
SLIVER = 1e-3
#: cells around a place whose own cell is no land in which the nearest land cell is looked for
SHORE_CELLS = 3
#: cells of the bounds of one site that are looked at together: the parts of one that is spread wider are taken one by one
MANY_CELLS = 1_000_000
OFF_LAND = "it lies outside the land of the contiguous United States. Correct or remove it."


@dataclass(frozen=True)
class UserSite:
    """One row or feature of the user's file, or the parcels of one group.

    Parameters
    ----------
    name : str
    place : str
        File and row, for messages.
    geometry : shapely geometry
        Point or polygon in EPSG:5070.
    outline : shapely geometry or None
        The polygon in WGS 84; None for a point.
    acres : float or None
        Buildable acres that a point asks for instead of the project's.
    stated : Stated
        What the user knows better than the registers.
    group : str or None
        Parcels of one group are one site.
    attributes : mapping
        The user's own columns, which come back with the results.
    """

    name: str
    place: str
    geometry: Any
    outline: Any = None
    acres: float | None = None
    stated: Stated = NOTHING
    group: str | None = None
    attributes: Mapping[str, Scalar] = field(default_factory=dict)


def seed_of(site: UserSite, land: Land) -> tuple[int, int] | None:
    """Row and column of the land cell of a point, or of a point within a parcel; None off the land.

    On the coast the centre of that cell may lie in water: then it is the cell of which a parcel holds most, or the land cell
    whose centre is nearest.
    """
    point = site.geometry if site.geometry.geom_type == "Point" else site.geometry.representative_point()
    row, col = (int(v) for v in land.grid.cell_at(point.x, point.y))
    if _is_land(land, row, col):
        return row, col
    if site.geometry.geom_type != "Point":
        rows, cols, share = _land_shares(site.geometry, land)
        if share.size:
            return int(rows[share.argmax()]), int(cols[share.argmax()])
    reach = np.arange(-SHORE_CELLS, SHORE_CELLS + 1)
    near = [(r, c) for r in row + reach for c in col + reach if _is_land(land, int(r), int(c))]
    if not near:
        return None
    x, y = land.grid.centre(*np.array(near).T)
    nearest = near[int(np.hypot(x - point.x, y - point.y).argmin())]
    return int(nearest[0]), int(nearest[1])


def covers_land(polygon: Any, land: Land) -> bool:
    """Whether a polygon in EPSG:5070 covers some of a land cell."""
    return _land_shares(polygon, land)[2].size > 0


def _land_shares(polygon: Any, land: Land) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, columns and shares of the land cells that a polygon covers."""
    rows, cols, share = cell_shares(polygon, land.grid)
    held = (share > 0) & (land.index_of(rows * land.grid.width + cols) >= 0)
    return rows[held], cols[held], share[held]


def _is_land(land: Land, row: int, col: int) -> bool:
    return bool(land.grid.inside(np.array(row), np.array(col))) and land.position[row, col] >= 0


def campus_of(site: UserSite, field: Field, config: Config) -> Campus:
    """The campus of a user's site: grown around a point, or the cells of a parcel by their share in it.

    Raises
    ------
    SitesError
        The site lies in the sea, in a lake beyond the shore, or across the border.
    """
    seed = seed_of(site, field.land)
    if seed is None:
        raise SitesError(f"Invalid SITES file {site.place}: {OFF_LAND}")
    if site.geometry.geom_type == "Point":
        return as_stated(campus_at(field, config, seed, site.acres), site.stated, field, config)
    return as_stated(_parcel(site, field, config, seed), site.stated, field, config)


def land_of_site(site: UserSite, land: Land, config: Config) -> np.ndarray:
    """(n,) int32 places in the land index of a parcel, or of a disc of the acres wanted around a point."""
    polygon = site.geometry
    if polygon.geom_type == "Point":
        polygon = polygon.buffer(math.sqrt((site.acres or config.campus_acres) * M2_PER_ACRE / math.pi))
    rows, cols, share = cell_shares(polygon, land.grid)
    index = land.index_of((rows * land.grid.width + cols)[share > 0])
    return index[index >= 0]


def _parcel(site: UserSite, field: Field, config: Config, seed: tuple[int, int]) -> Campus:
    grid = field.land.grid
    rows, cols, share = cell_shares(site.geometry, grid)
    flat = rows * grid.width + cols
    share = np.where(share > 1.0 - SLIVER, 1.0, share)
    inside = (share > SLIVER * share.max(initial=0.0)) & (field.land.index_of(flat) >= 0)
    if not inside.any():  # all its cells have their centres in water
        flat, inside = np.array([seed[0] * grid.width + seed[1]]), np.array([True])
        share = np.array([min(1.0, site.geometry.area / grid.resolution_m**2)])
    order = np.argsort(flat[inside] != seed[0] * grid.width + seed[1], kind="stable")
    cells, share = flat[inside][order].astype(np.int32), share[inside][order]
    free = ~np.isnan(field.score.reshape(-1)[cells])
    acres = float((field.acres.reshape(-1)[cells] * share)[free].sum())
    if not free.any():
        return Campus(cells, share, 0.0, enough=False, parcel=site.geometry)
    enough = acres >= config.campus_acres
    return Campus(
        cells[free],
        share[free],
        acres,
        enough=enough,
        excluded=cells[~free],
        excluded_share=share[~free],
        parcel=site.geometry,
    )


def cell_shares(polygon: Any, grid: Grid) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Share of each cell that a polygon covers, exactly; only cells on its outline are cut.

    Parameters
    ----------
    polygon : shapely geometry
        EPSG:5070.
    grid : Grid

    Returns
    -------
    rows, cols : (n,) int64
        The cells of the frame within the bounds of the polygon.
    share : (n,) float64
        0 to 1.
    """
    west, south, east, north = polygon.bounds
    if (east - west) * (north - south) > MANY_CELLS * grid.resolution_m**2 and len(parts := shapely.get_parts(polygon)) > 1:
        return _summed([_shares(part, grid) for part in parts], grid)
    return _shares(polygon, grid)


def _summed(parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]], grid: Grid) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shares of the cells of several polygons, each cell once."""
    rows, cols, share = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    flat, at = np.unique(rows * grid.width + cols, return_inverse=True)
    return flat // grid.width, flat % grid.width, np.bincount(at, weights=share)


def _shares(polygon: Any, grid: Grid) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, columns and shares of the cells within the bounds of a polygon."""
    size = grid.resolution_m
    west, south, east, north = polygon.bounds
    (top, bottom), (left, right) = grid.cell_at(np.array([west, east]), np.array([north, south]))
    rows, cols = np.mgrid[max(top, 0) : min(bottom + 1, grid.height), max(left, 0) : min(right + 1, grid.width)]
    rows, cols = rows.ravel(), cols.ravel()
    x, y = grid.centre(rows, cols)
    boxes = shapely.box(x - size / 2, y - size / 2, x + size / 2, y + size / 2)
    shapely.prepare(polygon)
    share = shapely.covers(polygon, boxes).astype(np.float64)
    cut = (share == 0) & shapely.intersects(polygon, boxes)
    share[cut] = shapely.area(shapely.intersection(boxes[cut], polygon)) / size**2
    return rows, cols, share
