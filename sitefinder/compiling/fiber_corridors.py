"""Freeway and railway corridors: rights-of-way that stand for long-haul fiber routes."""

from __future__ import annotations

from itertools import combinations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sitefinder.compiling.base import CRS, Compiler, Product, in_conus
from sitefinder.units import M_PER_KM

INTERSTATES_RAW = "land/highways.parquet"
FREEWAYS_RAW = "fiber/freeways.parquet"
RAILWAYS_RAW = "land/natural_earth_10m_conus.gpkg"
RAILWAYS_LAYER = "ne_10m_railroads_north_america"
#: ends closer than this meet in one junction
SNAP_M = 50.0
#: direction of a line at a junction is taken to the point this far along it
LOOK_AHEAD_M = 1000.0
#: a corridor goes on through a junction if it turns by less than this
MAX_TURN_DEG = 60.0
#: shorter strokes are ramps, spurs and leftovers
MIN_CORRIDOR_KM = 5.0
#: two ends this close beside each other's stroke are one corridor (the width of a small city), judged by the last few km
MAX_GAP_M = 5000.0
GAP_LOOK_AHEAD_M = 5000.0
#: a straight freeway edge runs along an interstate if its middle is this close, or within this share of its length
ALONG_M = 2000.0
ALONG_SHARE = 0.15
SIMPLIFY_M = 50.0


def compile_corridors(c: Compiler, counties: gpd.GeoDataFrame) -> None:
    """Write ``fiber/corridors.parquet``; ``counties`` in EPSG:5070 marks the US."""
    land = shapely.union_all(shapely.simplify(counties.dissolve("state", method="coverage").geometry.values, 500.0))
    roads = _corridors(_freeways(c))
    rails = _corridors(_railways(c, land))
    table = pd.concat([_frame("freeway", roads), _frame("railway", rails)], ignore_index=True)
    table["corridor_id"] = np.arange(len(table), dtype=np.int32)
    c.vector(
        Product(
            path="fiber/corridors.parquet",
            title="Freeway and railway corridors, a proxy for long-haul fiber",
            publisher=(
                "NOAA National Weather Service map data (interstates), US Department of Transportation (other freeways), "
                "Natural Earth (railways)"
            ),
            vintage="2013-2023",
            licence="public domain",
            grade="E5",
            caveat=(
                "Rights-of-way that long-haul fiber tends to follow; whether a given one carries fiber is unknown. Interstates "
                "are off by 0.25 km at the median and 0.8 km at P90, railways by 0.5 km and in places 2 km (main lines only), "
                "other freeways are straight chords between junctions, off by 1 km and more."
            ),
            method=(
                "Interstates, freeways that do not run along one, and main railways; edges joined through junctions by the "
                "best continuation (turn below 60 degrees) and across gaps up to 5 km; strokes below 5 km dropped."
            ),
            sources=(INTERSTATES_RAW, FREEWAYS_RAW, RAILWAYS_RAW),
            fields={
                "kind": "freeway or railway",
                "corridor_id": "number of the corridor, distinct over both kinds",
                "length_km": "length of the corridor, km",
            },
        ),
        table[["kind", "corridor_id", "length_km", "geometry"]],
        quantum_m=10.0,
    )


def _freeways(c: Compiler) -> npt.NDArray[np.object_]:
    """Interstates with their real course, and the chords of those freeways that no interstate follows."""
    highways = gpd.read_parquet(c.raw(INTERSTATES_RAW)).to_crs(CRS)
    interstates = in_conus(highways[highways["class"] == "interstate"].explode()).geometry.values
    chords = gpd.read_parquet(c.raw(FREEWAYS_RAW)).to_crs(CRS).geometry
    middle = chords.interpolate(0.5, normalized=True).values
    _, off = shapely.STRtree(interstates).query_nearest(middle, return_distance=True, all_matches=False)
    alone = off > np.maximum(ALONG_M, ALONG_SHARE * chords.length.to_numpy())
    return np.concatenate([np.asarray(interstates), np.asarray(chords.values)[alone]])


def _railways(c: Compiler, land: shapely.Geometry) -> npt.NDArray[np.object_]:
    raw = gpd.read_file(c.raw(RAILWAYS_RAW), layer=RAILWAYS_LAYER).to_crs(CRS)
    inside = shapely.intersection(raw.geometry.values, shapely.buffer(land, M_PER_KM))
    lines = shapely.get_parts(shapely.line_merge(inside))
    return lines[shapely.get_type_id(lines) == shapely.GeometryType.LINESTRING]


def _corridors(lines: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    corridors = strokes(lines)
    return close_gaps(corridors[shapely.length(corridors) >= MIN_CORRIDOR_KM * M_PER_KM])


def strokes(lines: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Join lines through junctions by the best continuation.

    Parameters
    ----------
    lines : (n,) array of LineString, metres

    Returns
    -------
    (m,) array of LineString or MultiLineString, one per stroke
    """
    lines = _noded(lines)
    node, heading = _line_ends(lines)
    edge = np.tile(np.arange(len(lines)), 2)
    first, second = _continuations(node, heading, edge)
    return _merged(lines, edge[first], edge[second])


def _noded(lines: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Each stretch once (routes that share a road are drawn twice), cut at crossings, joined where nothing branches off."""
    once = shapely.line_merge(shapely.union_all(shapely.set_precision(lines, 1.0)))
    parts = shapely.get_parts(once)
    return parts[shapely.length(parts) > 0.0]


def close_gaps(corridors: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Join two strokes that end beside each other and head the same way: a gap, or a town where route and bypass mix.

    Parameters
    ----------
    corridors : (n,) array of LineString or MultiLineString, metres

    Returns
    -------
    (m,) array of LineString or MultiLineString, m <= n
    """
    parts, owner = shapely.get_parts(corridors, return_index=True)
    _, heading = _line_ends(parts, look_ahead_m=GAP_LOOK_AHEAD_M)
    owner = np.tile(owner, 2)
    at = np.concatenate([shapely.get_point(parts, i) for i in (0, -1)])
    end, beside = shapely.STRtree(corridors).query(at, predicate="dwithin", distance=MAX_GAP_M)
    reach: dict[tuple[int, int], list[int]] = {}
    for e, b in zip(end, beside, strict=True):
        reach.setdefault((int(owner[e]), int(b)), []).append(int(e))
    options = [
        (float(heading[e] @ heading[f]), e, f)
        for (a, b), ends in reach.items()
        if a < b
        for e in ends
        for f in reach.get((b, a), [])
    ]
    pairs = owner[_straightest(options)]
    return _merged(corridors, pairs[:, 0], pairs[:, 1])


def _merged(
    lines: npt.NDArray[np.object_], first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]
) -> npt.NDArray[np.object_]:
    """Lines united along the given pairs of indices."""
    links = coo_array((np.ones(len(first)), (first, second)), shape=(len(lines), len(lines)))
    _, member = connected_components(links, directed=False)
    parts, index = shapely.get_parts(lines, return_index=True)
    order = np.argsort(member[index], kind="stable")
    return shapely.line_merge(shapely.multilinestrings(parts[order], indices=member[index][order]))


def _line_ends(
    lines: npt.NDArray[np.object_], *, look_ahead_m: float = LOOK_AHEAD_M
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Junction number and heading into the line (unit vector) of all starts, then all ends."""
    ahead = np.minimum(look_ahead_m, shapely.length(lines))
    at = np.concatenate([shapely.get_coordinates(shapely.get_point(lines, i)) for i in (0, -1)])
    to = np.concatenate([shapely.get_coordinates(shapely.line_interpolate_point(lines, d)) for d in (ahead, -ahead)])
    _, node = np.unique(np.round(at / SNAP_M), axis=0, return_inverse=True)
    way = to - at
    return node.ravel(), way / np.maximum(np.hypot(*way.T), 1e-9)[:, None]


def _continuations(
    node: npt.NDArray[np.int64], heading: npt.NDArray[np.float64], edge: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Pairs of line ends that continue each other; every end is used once, the straightest pair at a junction first."""
    order = np.argsort(node, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(node[order])) + 1)
    chosen: list[tuple[int, int]] = []
    for group in groups:
        options = [(float(heading[a] @ heading[b]), int(a), int(b)) for a, b in combinations(group, 2) if edge[a] != edge[b]]
        chosen += _straightest(options).tolist()
    joined = np.array(chosen, dtype=np.int64).reshape(-1, 2)
    return joined[:, 0], joined[:, 1]


def _straightest(options: list[tuple[float, int, int]]) -> npt.NDArray[np.int64]:
    """Pairs of ends, each end used once, from (cosine between headings, end, end); only turns below ``MAX_TURN_DEG``."""
    used: set[int] = set()
    pairs = []
    for cosine, a, b in sorted(options):
        if cosine < -np.cos(np.radians(MAX_TURN_DEG)) and used.isdisjoint((a, b)):
            pairs.append((a, b))
            used |= {a, b}
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _frame(kind: str, lines: npt.NDArray[np.object_]) -> gpd.GeoDataFrame:
    length_km = shapely.length(lines) / M_PER_KM
    frame = gpd.GeoDataFrame(
        {"kind": kind, "length_km": np.round(length_km, 1)}, geometry=shapely.simplify(lines, SIMPLIFY_M), crs=CRS
    )
    return frame.sort_values("length_km", ascending=False, kind="stable")
