"""Mean flow carried down the river network, fitted to the runoff of gauged basins."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sitefinder.compiling.river_network import Order, Pieces
from sitefinder.units import runoff_to_m3s

#: a gauge belongs to a piece within this distance whose drainage area is within this factor of its own
GAUGE_REACH_M, SAME_AREA = 1000.0, 1.15
#: rounds of scaling basins to their gauges; nested basins pull at each other, and agree to 1 % after four
ROUNDS = 6
#: a basin is scaled by at most this factor in a round
LARGEST_FACTOR = 4.0
#: one gauge in so many is withheld in the test
WITHHELD = 5


@dataclass(frozen=True)
class Matched:
    """Gauges on pieces: (g,) rows of the gauges and of the pieces."""

    gauge: np.ndarray
    piece: np.ndarray


def matched(pieces: Pieces, area_km2: np.ndarray, gauges: gpd.GeoDataFrame, factor: float = SAME_AREA) -> Matched:
    """Gauges with the piece nearby whose drainage area is most like theirs, within ``factor``."""
    lines = [shapely.LineString(pieces.vertices_m[a : b + 1]) for a, b in zip(pieces.first, pieces.last, strict=True)]
    gauge, piece = shapely.STRtree(lines).query(gauges.geometry.values, predicate="dwithin", distance=GAUGE_REACH_M)
    with np.errstate(divide="ignore"):  # a piece without drainage fits no gauge
        misfit = np.abs(np.log(area_km2[piece] / gauges.drainage_km2.to_numpy()[gauge]))
    pairs = pd.DataFrame({"gauge": gauge, "piece": piece, "misfit": misfit})
    pairs = pairs[misfit <= np.log(factor)].sort_values(["misfit", "piece"]).drop_duplicates("gauge").sort_values("gauge")
    return Matched(pairs.gauge.to_numpy(), pairs.piece.to_numpy())


def fitted(order: Order, local_flow: np.ndarray, at: Matched, flow_m3s: np.ndarray) -> np.ndarray:
    """Flow that enters along each piece, scaled so that what passes the gauges is what their basins yield.

    Basins are scaled as wholes, the largest first, so that the nearest gauge downstream has the last word.

    Parameters
    ----------
    order : Order
    local_flow : (n,) float
        First estimate, m3/s.
    at : Matched
    flow_m3s : (gauges,) float
        Mean flow of every gauge.
    """
    flow = order.sorted(local_flow)
    first, last = order.start[at.piece], order.position[at.piece] + 1
    wanted = flow_m3s[at.gauge]
    rows = np.argsort(first - last, kind="stable")
    rows = rows[wanted[rows] > 0.0]
    for _ in range(ROUNDS):
        for k in rows:
            basin = flow[first[k] : last[k]]
            total = basin.sum()
            if total > 0.0:
                basin *= np.clip(wanted[k] / total, 1.0 / LARGEST_FACTOR, LARGEST_FACTOR)
    return flow[order.position]


def mean_flow(order: Order, local_flow: np.ndarray) -> np.ndarray:
    """(n,) flow at the middle of each piece, m3/s; it never falls downstream."""
    return order.upstream(local_flow) - local_flow / 2.0


def local_runoff(area_km2: np.ndarray, runoff_mm: np.ndarray) -> np.ndarray:
    """(n,) flow, m3/s, of areas with a mean annual runoff."""
    return runoff_to_m3s(1.0, 1.0) * area_km2 * runoff_mm


def withheld_test(order: Order, local_flow: np.ndarray, at: Matched, gauges: gpd.GeoDataFrame) -> dict[str, float]:
    """Flow at every fifth gauge over its own, fitted without these: median, 10th and 90th percentile."""
    out = np.arange(len(at.gauge)) % WITHHELD == 0
    wanted = gauges.flow_m3s.to_numpy()
    flow = mean_flow(order, fitted(order, local_flow, Matched(at.gauge[~out], at.piece[~out]), wanted))[at.piece[out]]
    known = wanted[at.gauge[out]]
    good = (flow > 0.0) & (known > 0.0)
    ratio = np.log(flow[good] / known[good])
    return {
        "gauges": int(good.sum()),
        "median": float(np.exp(np.median(ratio))),
        "low": float(np.exp(np.percentile(ratio, 10))),
        "high": float(np.exp(np.percentile(ratio, 90))),
    }
