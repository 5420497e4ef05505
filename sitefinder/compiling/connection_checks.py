"""Comparison of our route lengths with the spur lines of another model; not shipped, not used for training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from sitefinder.config import Config
from sitefinder.grid import from_lonlat
from sitefinder.kernels.cost_distance import spread
from sitefinder.layers.files import STATIONS
from sitefinder.layers.package import DataPackage, read_features
from sitefinder.layers.stack import LayerStack
from sitefinder.routes.friction import raster
from sitefinder.routes.legs import ground_of, trace
from sitefinder.routes.surfaces import Surface, ways
from sitefinder.routes.targets import Targets, cells_of

LINES = "grid/transmission_lines.parquet"
SEED, SAMPLE = 20260101, 3000


def spur_lines(
    spurs: Path, stack: LayerStack, package: DataPackage, config: Config, *, least_kv: int, lines: bool
) -> dict[str, float]:
    """Length of our least-cost routes to stations and of reV's spur lines from the same points.

    reV chooses among its own grid features, which are not published: the lengths agree as far as the targets do.

    Parameters
    ----------
    spurs : Path
        Points with ``longitude``, ``latitude`` and ``dist_km``: validation only.
    stack : LayerStack
        With the layers of ``connections``.
    package : DataPackage
    config : Config
    least_kv : int
        Stations of this voltage class and above are our targets.
    lines : bool
        Take the lines of the class for targets instead.

    Returns
    -------
    dict
        ``points``; ``ratio_median``, ``ratio_p10`` and ``ratio_p90`` of our length to theirs; ``difference_median_km``;
        ``within_factor_2``: share of the points; ``rank_correlation``; ``ours_median_km``, ``theirs_median_km``;
        ``detour_median``: our length over the straight distance.
    """
    table = pd.read_csv(spurs)
    x, y = from_lonlat(table["longitude"], table["latitude"])
    grid = stack.land.grid
    row, col = grid.cell_at(np.asarray(x), np.asarray(y))
    inside = np.flatnonzero(grid.inside(row, col))
    inside = inside[stack.land.position[row[inside], col[inside]] >= 0]
    at = np.sort(np.random.default_rng(SEED).choice(inside, min(SAMPLE, inside.size), replace=False))
    surface = _grid(stack, package, config, least_kv, lines=lines)
    xy = np.stack([np.asarray(x)[at], np.asarray(y)[at]], axis=1)
    way = ways(surface, row[at] * grid.width + col[at])
    leg = trace(way, surface, ground_of(stack, config.section("connections"), way.path), xy)
    theirs, ours = table["dist_km"].to_numpy()[at], leg.km
    known = ~np.isnan(ours) & (theirs > 0)
    ratio = ours[known] / theirs[known]
    return {
        "points": int(known.sum()),
        "ratio_median": float(np.median(ratio)),
        "ratio_p10": float(np.quantile(ratio, 0.1)),
        "ratio_p90": float(np.quantile(ratio, 0.9)),
        "difference_median_km": float(np.median(ours[known] - theirs[known])),
        "within_factor_2": float(((ratio >= 0.5) & (ratio <= 2.0)).mean()),
        "rank_correlation": float(spearmanr(ours[known], theirs[known]).statistic),
        "ours_median_km": float(np.median(ours[known])),
        "theirs_median_km": float(np.median(theirs[known])),
        "detour_median": float(np.median(ours[known] / np.maximum(leg.straight_km[known], 1e-3))),
    }


def _grid(stack: LayerStack, package: DataPackage, config: Config, least_kv: int, *, lines: bool) -> Surface:
    """A surface to the stations or lines of a voltage class and above, not kept."""
    friction, _ = raster(stack, config.section("connections"), "line")
    file = LINES if lines else STATIONS
    rows = read_features(package, file, ("kv_class",), where=lambda table: table["kv_class"] >= least_kv)
    kv, geometry = rows["kv_class"].astype(np.int64), rows["geometry"]
    target = Targets("checked", "line", geometry, kv.astype(object), kv, {"kv": kv}, (file,), [least_kv])
    cells, feature = cells_of(geometry, stack.land, friction)
    reach = spread(friction, np.unique(cells))
    return Surface("", target, stack.land.grid, friction, reach.direction, stack.land.compact(reach.cost), cells, feature)
