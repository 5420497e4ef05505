"""Cells of the campuses of an earlier run, so that the same land can be ranked under other weights."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from sitefinder.errors import DataError
from sitefinder.grid import Grid, Land, from_lonlat, from_wgs84
from sitefinder.sites.campuses import Campus, Field
from sitefinder.sites.own import SLIVER, cell_shares


def cells_of(outline: Any, seed: tuple[float, float], grid: Grid) -> np.ndarray:
    """Flat cells whose centres lie within an outline, the one at the seed first, (n,) int32.

    Outlines of campuses follow the cells and are rounded to about 0.1 m, centres are half a cell away from them: the cells are
    recovered exactly.

    Parameters
    ----------
    outline : shapely geometry
        EPSG:5070.
    seed : (x, y)
        EPSG:5070.
    grid : Grid
    """
    west, south, east, north = outline.bounds
    (top, bottom), (left, right) = grid.cell_at(np.array([west, east]), np.array([north, south]))
    rows, cols = np.mgrid[max(top, 0) : min(bottom + 1, grid.height), max(left, 0) : min(right + 1, grid.width)]
    rows, cols = rows.ravel(), cols.ravel()
    shapely.prepare(outline)
    inside = shapely.intersects_xy(outline, *grid.centre(rows, cols))
    cells = (rows * grid.width + cols)[inside]
    row, col = (int(v) for v in grid.cell_at(np.array(seed[0]), np.array(seed[1])))
    return cells[np.argsort(cells != row * grid.width + col, kind="stable")].astype(np.int32)


def kept_cells(features: Sequence[Mapping[str, Any]], grid: Grid, path: Path) -> list[np.ndarray]:
    """Cells of every campus of a list, in its order, the seed first; ``path`` is named in complaints.

    Raises
    ------
    DataError
        The list was made at another cell size.
    """
    outlines = shapely.from_geojson([json.dumps(f["geometry"]) for f in features])
    projected = from_wgs84(outlines)
    seeds = [from_lonlat(f["properties"]["lon"], f["properties"]["lat"]) for f in features]
    land = [cells_of(o, s, grid) for o, s in zip(projected, seeds, strict=True)]
    cell_m2 = grid.resolution_m**2
    for feature, cells, area in zip(features, land, shapely.area(projected), strict=True):
        if round(area / cell_m2) != cells.size or not cells.size:
            raise DataError(
                f"Invalid list of sites {path}: the outline of {feature['properties']['site_id']} is not made of cells of "
                f"{grid.resolution_m:g} m. Use the cell size it was made with, or a list that 'make rank' wrote."
            )
    return land


def land_of(features: Sequence[Mapping[str, Any]], land: Land, path: Path) -> list[Campus]:
    """The land of every campus of a list, without its buildable acres (NaN); ``path`` is named in complaints.

    Raises
    ------
    DataError
        The list was made at another cell size.
    """
    return [Campus(cells, np.ones(cells.size), np.nan) for cells in kept_cells(features, land.grid, path)]


def kept_campuses(features: Sequence[Mapping[str, Any]], field: Field, path: Path) -> list[Campus]:
    """The campuses of an earlier list instead of the best of the country, best first by the mean score of their land.

    Ties fall to the more northern seed, as in :func:`sitefinder.sites.campuses.national_campuses`.

    Parameters
    ----------
    features : sequence of mapping
        GeoJSON features of a ``sites.geojson``.
    field : Field
    path : Path
        Where they come from, for complaints.

    Raises
    ------
    DataError
        The list was made at another cell size, or lies on land that is excluded now.
    """
    campuses = []
    for feature, cells in zip(features, kept_cells(features, field.land.grid, path), strict=True):
        campus = Campus(cells, np.ones(cells.size), float(field.acres.reshape(-1)[cells].sum(dtype=np.float64)))
        if np.isnan(field.mean_score(campus)):
            raise DataError(
                f"Invalid list of sites {path}: {feature['properties']['site_id']} lies on land that is excluded now. "
                "Rank with the exclusions that the list was made with."
            )
        campuses.append(campus)
    campuses.sort(key=lambda c: (-round(field.mean_score(c), 6), int(c.cells[0])))
    return campuses


def kept_own(features: Sequence[Mapping[str, Any]], land: Land) -> list[Campus]:
    """The land of the user's own sites of an earlier list: land cells by their share within the outline, the seed first.

    Parameters
    ----------
    features : sequence of mapping
        GeoJSON features of an ``own_sites.geojson``.
    land : Land
    """
    campuses = []
    for feature in features:
        polygon = from_wgs84(shapely.from_geojson(json.dumps(feature["geometry"])))
        rows, cols, share = cell_shares(polygon, land.grid)
        cells = rows * land.grid.width + cols
        share = np.where(share > 1.0 - SLIVER, 1.0, share)  # as the campus itself takes a cell that it all but fills
        inside = (share > SLIVER * share.max()) & (land.index_of(cells) >= 0)
        row, col = (int(v) for v in land.grid.cell_at(*from_lonlat(feature["properties"]["lon"], feature["properties"]["lat"])))
        order = np.argsort(cells[inside] != row * land.grid.width + col, kind="stable")
        campuses.append(Campus(cells[inside][order].astype(np.int32), share[inside][order], np.nan, parcel=polygon))
    return campuses
