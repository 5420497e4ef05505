"""Main stems as a network: who joins whom and where, and area and flow carried down it.

The outlet area of a main stem is published. What enters below a place of a stem, by tributaries whose outlet areas are published
too, is therefore known at every place, and what drains there is the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sitefinder.compiling.base import CRS

#: runoff is sampled once in each cell of this size that a river crosses
CELL_DEG = 0.125
#: a river ends on another when it comes this near; drawing is simplified by 100 m, and 99 of 100 ends lie within 102 m
JOIN_M = 300.0
#: share of a river's area that no drawn tributary brings: 0.18 in the median of rivers above 10,000 km2, 0.06 above 100,000
DIRECT_SHARE = 0.1
#: smaller rivers have so few tributaries that a large direct share says nothing of land abroad
LEAST_FOREIGN_KM2 = 3000.0


@dataclass(frozen=True)
class Pieces:
    """Rivers cut at confluences and where they pass from one cell to the next, in downstream order.

    Attributes
    ----------
    river, part : (n,) int
        Row of the river and of the connected line the piece belongs to.
    first, last : (n,) int
        First and last row of the piece in ``vertices_m``.
    length_m : (n,) float
    middle_m : (n, 2) float
        A vertex near the middle, EPSG:5070 metres.
    vertices_m : (v, 2) float
    """

    river: np.ndarray
    part: np.ndarray
    first: np.ndarray
    last: np.ndarray
    length_m: np.ndarray
    middle_m: np.ndarray
    vertices_m: np.ndarray

    @property
    def along_m(self) -> np.ndarray:
        """(n,) distance of each piece's middle from the source of its river."""
        return pd.Series(self.length_m).groupby(self.river).cumsum().to_numpy() - self.length_m / 2.0


@dataclass(frozen=True)
class Joins:
    """Tributaries: (m,) row of the river, and the vertex of the larger river where it enters."""

    river: np.ndarray
    vertex: np.ndarray


def downstream_order(rivers: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """One row per connected line with its river's row, lines of one river chained from the source to the outlet.

    Every line is drawn downstream (checked against gauges: areas rise along the drawing in rivers above 2,000 km2).
    """
    geometry, owner = [], []
    for row, shape in enumerate(rivers.geometry.to_numpy()):
        parts = list(shapely.get_parts(shapely.line_merge(shape, directed=True)))
        geometry += chained_lines(parts)
        owner += [row] * len(parts)
    return gpd.GeoDataFrame({"river": owner}, geometry=geometry, crs=CRS)


def chained_lines(parts: list[shapely.LineString]) -> list[shapely.LineString]:
    """Lines ordered so that each starts nearest to where the one before it ends."""
    if len(parts) == 1:
        return parts
    start = np.array([p.coords[0] for p in parts])
    end = np.array([p.coords[-1] for p in parts])
    gap = np.hypot(*(end[:, None] - start[None]).transpose(2, 0, 1))
    np.fill_diagonal(gap, np.inf)
    order = [int(gap.min(axis=0).argmax())]
    while len(order) < len(parts):
        step = gap[order[-1]].copy()
        step[order] = np.inf
        order.append(int(step.argmin()))
    return [parts[i] for i in order]


def joins(lines: gpd.GeoDataFrame, outlet_km2: np.ndarray) -> Joins:
    """Where each river ends on a larger one; rivers that end in the sea, abroad or nowhere are left out.

    Parameters
    ----------
    lines : GeoDataFrame
        From :func:`downstream_order`.
    outlet_km2 : (rivers,) float
    """
    shapes, owner = lines.geometry.to_numpy(), lines.river.to_numpy()
    final = np.flatnonzero(np.r_[owner[1:] != owner[:-1], True])
    end = shapely.get_point(shapes[final], -1)
    mouth, line = shapely.STRtree(shapes).query(end, predicate="dwithin", distance=JOIN_M)
    pairs = pd.DataFrame({"river": owner[final[mouth]], "mouth": mouth, "line": line})
    pairs["gap"] = shapely.distance(end[mouth], shapes[line])
    pairs = pairs[outlet_km2[owner[pairs.line]] > outlet_km2[pairs.river]]
    pairs = pairs.sort_values(["gap", "line"]).drop_duplicates("river").sort_values("river")
    first = np.r_[0, np.cumsum(shapely.get_num_coordinates(shapes))]
    vertex = [_nearest_vertex(shapes[k], end[m]) + first[k] for k, m in zip(pairs.line, pairs.mouth, strict=True)]
    return Joins(pairs.river.to_numpy(), np.array(vertex, int))


def _nearest_vertex(line: shapely.LineString, point: shapely.Point) -> int:
    return int(np.hypot(*(shapely.get_coordinates(line) - shapely.get_coordinates(point)).T).argmin())


def cut(lines: gpd.GeoDataFrame, confluences: np.ndarray) -> Pieces:
    """Cut lines where they pass from one cell to another, and at confluences (vertices)."""
    vertices, line = shapely.get_coordinates(lines.geometry.values, return_index=True)
    degrees = shapely.get_coordinates(lines.to_crs("EPSG:4326").geometry.values)
    segment = np.flatnonzero(line[1:] == line[:-1])
    column, row = np.floor((degrees[segment] + degrees[segment + 1]) / 2.0 / CELL_DEG).astype(int).T
    length = np.hypot(*(vertices[segment + 1] - vertices[segment]).T)
    part = line[segment]
    fresh = np.r_[True, (part[1:] != part[:-1]) | (row[1:] != row[:-1]) | (column[1:] != column[:-1])]
    fresh |= np.isin(segment, confluences)
    first = np.flatnonzero(fresh)
    last = np.r_[first[1:], len(segment)] - 1
    return Pieces(
        river=lines.river.to_numpy()[part[first]],
        part=part[first],
        first=segment[first],
        last=segment[last] + 1,
        length_m=np.add.reduceat(length, first),
        middle_m=vertices[segment[(first + last + 1) // 2]],
        vertices_m=vertices,
    )


@dataclass(frozen=True)
class Order:
    """Pieces in an order in which everything upstream of a piece stands in one run that ends with it.

    Attributes
    ----------
    position : (n,) int
        Place of each piece in the order.
    start : (n,) int
        Place of the first piece upstream of its river: the run of a piece is ``start`` to ``position``.
    """

    position: np.ndarray
    start: np.ndarray

    def upstream(self, values: np.ndarray) -> np.ndarray:
        """(n,) sum of ``values`` over each piece and all that drains to it."""
        total = np.zeros(len(values) + 1)
        np.cumsum(self.sorted(values), out=total[1:])
        return total[self.position + 1] - total[self.start]

    def sorted(self, values: np.ndarray) -> np.ndarray:
        """(n,) values in this order."""
        ordered = np.empty(len(values))
        ordered[self.position] = values
        return ordered


def order(pieces: Pieces, tributaries: Joins, outlet_km2: np.ndarray) -> Order:
    """The order of the network, outlets last."""
    count = len(outlet_km2)
    begin = np.searchsorted(pieces.river, np.arange(count + 1))
    size = np.diff(begin)
    entry = entered(pieces, tributaries)
    parent = dict(zip(tributaries.river.tolist(), pieces.river[entry].tolist(), strict=True))
    rising = np.argsort(outlet_km2, kind="stable")
    for river in rising.tolist():
        if river in parent:
            size[parent[river]] += size[river]
    by_parent = pd.Series(range(len(entry))).groupby(pieces.river[entry]).groups
    start, position = np.zeros(count, int), np.zeros(len(pieces.river), int)
    roots = [r for r in range(count) if r not in parent]
    start[roots] = np.r_[0, np.cumsum(size[roots])[:-1]]
    for river in rising[::-1].tolist():
        own = np.arange(begin[river], begin[river + 1])
        before = np.zeros(len(own), int)
        tribs = np.array(sorted(by_parent.get(river, []), key=lambda k: int(entry[k])), int)
        if len(tribs):
            sizes = size[tributaries.river[tribs]]
            at = entry[tribs] - begin[river]
            np.add.at(before, at, sizes)
            start[tributaries.river[tribs]] = start[river] + at + np.r_[0, np.cumsum(sizes)[:-1]]
        position[own] = start[river] + np.arange(len(own)) + before.cumsum()
    return Order(position, start[pieces.river])


def direct_area(pieces: Pieces, tributaries: Joins, outlet_km2: np.ndarray, border: np.ndarray) -> np.ndarray:
    """(n,) area, km2, that drains to each piece itself: what no tributary brings, spread evenly along the river.

    Parameters
    ----------
    pieces : Pieces
    tributaries : Joins
    outlet_km2 : (rivers,) float
    border : (n,) bool
        Pieces at or beyond the border. No river of another country is drawn: what exceeds the usual share enters at the first of
        them.
    """
    direct = outlet_km2.astype(float).copy()
    np.subtract.at(direct, pieces.river[entered(pieces, tributaries)], outlet_km2[tributaries.river])
    # in closed basins tributaries end on playas that count to no river: they may bring more than the whole
    direct = np.maximum(direct, 0.0)
    entry = np.flatnonzero(border)
    entry = entry[np.unique(pieces.river[entry], return_index=True)[1]]
    entry = entry[outlet_km2[pieces.river[entry]] >= LEAST_FOREIGN_KM2]
    rivers = pieces.river[entry]
    foreign = np.zeros(len(outlet_km2))
    foreign[rivers] = np.maximum(direct[rivers] - DIRECT_SHARE * outlet_km2[rivers], 0.0)
    share = pieces.length_m / np.bincount(pieces.river, pieces.length_m)[pieces.river]
    area = (direct - foreign)[pieces.river] * share
    area[entry] += foreign[rivers]
    return area


def entered(pieces: Pieces, tributaries: Joins) -> np.ndarray:
    """(m,) piece at whose start each tributary enters; at the outlet of a river its last piece."""
    piece = np.searchsorted(pieces.first, tributaries.vertex, side="right") - 1
    return np.clip(piece, 0, len(pieces.first) - 1)
