"""Measures compiled layers against independent data that must never be shipped: validation only."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from scipy.stats import spearmanr

from sitefinder.compiling.base import CRS
from sitefinder.grid import Grid
from sitefinder.kernels.distance import nearest_segment
from sitefinder.layers.sources import segments_of

#: spacing of sample points along a route, and number of random land cells for the rank correlation
STEP_M, SAMPLE = 1000.0, 20_000
SEED = 20260101


def fiber_proxy(corridors: Path, routes: Path, counties: Path, *, within_km: float = 5.0) -> dict[str, float]:
    """Agreement of rights-of-way with real long-haul fiber routes.

    Parameters
    ----------
    corridors : Path
        Compiled corridors.
    routes : Path
        Real routes, a validation-only file.
    counties : Path
        Compiled counties: where there is land.
    within_km : float
        Distance up to which a route and a corridor agree.

    Returns
    -------
    dict
        ``recall``: share of route length near a corridor; ``precision``: share of corridor length near a route;
        ``rank_correlation``: Spearman, over random land cells, of the two distances; ``route_km``.
    """
    grid = Grid(1000.0)
    mapped = gpd.read_parquet(corridors).geometry.values
    real = gpd.read_parquet(routes).to_crs(CRS).geometry.values
    west, south, east, north = gpd.read_parquet(counties).total_bounds
    real = real[shapely.intersects(real, shapely.box(west, south, east, north))]
    to_mapped, to_real = (_distance_km(lines, grid) for lines in (mapped, real))
    land = _land_cells(counties, grid)
    chosen = np.random.default_rng(SEED).choice(land, SAMPLE, replace=False)
    return {
        "recall": _share_near(real, to_mapped, grid, land, within_km),
        "precision": _share_near(mapped, to_real, grid, land, within_km),
        "rank_correlation": float(spearmanr(to_mapped.reshape(-1)[chosen], to_real.reshape(-1)[chosen]).statistic),
        "route_km": float(shapely.length(real).sum() / 1000.0),
    }


def _distance_km(lines: np.ndarray, grid: Grid) -> np.ndarray:
    segments, _ = segments_of(lines)
    metres, _ = nearest_segment(segments, grid.shape, origin=(grid.west, grid.north), resolution_m=grid.resolution_m)
    return metres / np.float32(1000.0)


def _land_cells(counties: Path, grid: Grid) -> np.ndarray:
    from rasterio.features import rasterize
    from rasterio.transform import Affine

    shapes = gpd.read_parquet(counties).geometry
    return np.flatnonzero(rasterize(shapes, out_shape=grid.shape, transform=Affine(*grid.transform)))


def _share_near(lines: np.ndarray, distance_km: np.ndarray, grid: Grid, land: np.ndarray, within_km: float) -> float:
    """Share of the points along the lines, on land, whose cell lies within the distance."""
    parts = shapely.get_parts(lines)
    count = np.maximum((shapely.length(parts) / STEP_M).astype(int), 1)
    place = np.concatenate([(np.arange(n) + 0.5) / n for n in count])
    at = shapely.line_interpolate_point(np.repeat(parts, count), place, normalized=True)
    row, col = grid.cell_at(shapely.get_x(at), shapely.get_y(at))
    inside = grid.inside(row, col)
    flat = row[inside] * grid.width + col[inside]
    flat = flat[np.isin(flat, land)]
    return float((distance_km.reshape(-1)[flat] <= within_km).mean())
