"""Rivers with an estimate of drainage area and natural flow along their course."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.optimize import isotonic_regression

from sitefinder.compiling.base import CRS, Compiler, Product
from sitefinder.compiling.runoff import GAUGES, GRID, DrainageGrid, RunoffMap, read_gauges
from sitefinder.units import runoff_to_m3s

MAINSTEMS = "water/rivers_mainstems.parquet"
CELL_DEG = 0.125
#: grid cells may drain a little more than the river's published outlet area before they count as another river
AREA_SLACK = 1.2
#: Hack's law: river length grows with drainage area to the power 0.6, so area falls upstream as length share ** (1 / 0.6)
HACK = 0.6
#: share of the length below which Hack's law is not followed further
HEAD_SHARE = 0.02
#: from this outlet area on, the grid resolves the river and weighs two thirds instead of half
LARGE_RIVER_KM2 = 30_000.0
#: in the lower half of a river the grid's area may only fall where the grid has ended
ESTUARY_SHARE = 0.5
SMALLEST_FLOW_M3S = 1.0
#: flow classes per factor of ten when neighbouring pieces are joined
CLASSES_PER_DECADE = 7
#: a gauge within this distance of a piece, with a drainage area within a factor of two, tests it
GAUGE_REACH_M = 2000.0


@dataclass(frozen=True)
class Pieces:
    """Rivers cut where they cross from one grid cell to the next, in downstream order.

    Attributes
    ----------
    river, part : (n,) int
        Row of the river and of the connected line the piece belongs to.
    first, last : (n,) int
        First and last row of the piece in ``vertices_m``.
    cell : (n, 9) int
        Grid cell of the piece (middle) and its neighbours, -1 = none.
    length_m, share : (n,) float
        Length, and position of the middle along the river (0 source, 1 outlet).
    vertices_m : (v, 2) float
        EPSG:5070 metres.
    """

    river: np.ndarray
    part: np.ndarray
    first: np.ndarray
    last: np.ndarray
    cell: np.ndarray
    length_m: np.ndarray
    share: np.ndarray
    vertices_m: np.ndarray


def compile_rivers(c: Compiler, grid: DrainageGrid, runoff: RunoffMap) -> None:
    """Write ``water/rivers.parquet``."""
    rivers = gpd.read_parquet(c.raw(MAINSTEMS)).to_crs(CRS)
    lines = _downstream_order(rivers)
    pieces = cut(lines, grid)
    outlet_km2 = rivers.outlet_drainagearea_sqkm.to_numpy()[pieces.river]
    drainage_km2, source_cell = drainage(pieces, grid, outlet_km2)
    local_mm, _ = runoff.at(np.column_stack([grid.x_m, grid.y_m]))
    upstream_mm = grid.accumulate(local_mm * grid.area_km2) / grid.accumulate(grid.area_km2)
    specific_mm = np.where(source_cell >= 0, upstream_mm[source_cell], np.nan)
    flow = runoff_to_m3s(1.0, 1.0) * specific_mm * drainage_km2
    frame = _joined(pieces, flow, drainage_km2)
    frame.insert(0, "name", rivers.name_at_outlet.str.strip().replace("", None).astype("string").to_numpy()[frame.pop("river")])
    c.vector(_product(validation(frame, read_gauges(c))), frame, quantum_m=10.0)


def _downstream_order(rivers: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
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


def cut(lines: gpd.GeoDataFrame, grid: DrainageGrid) -> Pieces:
    """Cut lines where their segments pass from one 1/8 degree cell to another."""
    vertices, line = shapely.get_coordinates(lines.geometry.values, return_index=True)
    degrees = shapely.get_coordinates(lines.to_crs("EPSG:4326").geometry.values)
    segment = np.flatnonzero(line[1:] == line[:-1])
    middle = (degrees[segment] + degrees[segment + 1]) / 2.0
    length = np.hypot(*(vertices[segment + 1] - vertices[segment]).T)
    west, south = grid.lon.min() - CELL_DEG, grid.lat.min() - CELL_DEG
    column, row = np.floor((middle - [west, south]) / CELL_DEG + 0.5).astype(int).T
    part = line[segment]
    fresh = np.r_[True, (part[1:] != part[:-1]) | (row[1:] != row[:-1]) | (column[1:] != column[:-1])]
    first = np.flatnonzero(fresh)
    last = np.r_[first[1:], len(segment)] - 1
    river = lines.river.to_numpy()[part[first]]
    piece_length = np.add.reduceat(length, first)
    return Pieces(
        river=river,
        part=part[first],
        first=segment[first],
        last=segment[last] + 1,
        cell=_cells_around(grid, row[first], column[first]),
        length_m=piece_length,
        share=_share(river, piece_length),
        vertices_m=vertices,
    )


def _share(river: np.ndarray, length: np.ndarray) -> np.ndarray:
    """(n,) position of each piece's middle along its river, 0 source to 1 outlet."""
    end = pd.Series(length).groupby(river).cumsum().to_numpy()
    total = pd.Series(length).groupby(river).transform("sum").to_numpy()
    return (end - length / 2.0) / total


def _cells_around(grid: DrainageGrid, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """(n, 9) grid cells around (row, column), the middle one fifth; -1 = no cell."""
    grid_row = np.rint((grid.lat - grid.lat.min()) / CELL_DEG).astype(int) + 1
    grid_column = np.rint((grid.lon - grid.lon.min()) / CELL_DEG).astype(int) + 1
    table = np.full((max(grid_row.max(), row.max()) + 2, max(grid_column.max(), column.max()) + 2), -1)
    table[grid_row, grid_column] = np.arange(len(grid_row))
    return np.stack([table[row + i, column + j] for i in (-1, 0, 1) for j in (-1, 0, 1)], axis=1)


def drainage(pieces: Pieces, grid: DrainageGrid, outlet_km2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Drainage area along each river, never falling downstream, and the grid cell whose runoff it carries.

    Returns
    -------
    area_km2 : (n,) float
        Weighted geometric mean of two estimates: the largest upstream area around the piece that is not more than 1.2 times
        the outlet area, and the outlet area shrunk upstream by Hack's law.
    cell : (n,) int
        That grid cell, or the nearest one in the 3 x 3 when none qualifies; -1 = no grid here.
    """
    rows = np.arange(len(outlet_km2))
    area = np.where(pieces.cell >= 0, grid.upstream_km2[pieces.cell], np.nan)
    candidate = np.where(area <= AREA_SLACK * outlet_km2[:, None], area, -1.0)
    best = candidate.argmax(axis=1)
    on_grid = candidate[rows, best] > 0.0
    hack = outlet_km2 * np.maximum(pieces.share, HEAD_SHARE) ** (1.0 / HACK)
    seen = np.where(on_grid, np.minimum(candidate[rows, best], outlet_km2), hack)
    rising = np.empty(len(seen))
    bounds = np.r_[np.flatnonzero(np.r_[True, pieces.river[1:] != pieces.river[:-1]]), len(seen)]
    for begin, stop in itertools.pairwise(bounds):
        fill_estuary(seen[begin:stop], pieces.share[begin:stop])
        rising[begin:stop] = isotonic_regression(np.log(seen[begin:stop]), weights=pieces.length_m[begin:stop]).x
    weight = np.where(outlet_km2 >= LARGE_RIVER_KM2, 2.0 / 3.0, 0.5)
    middle = pieces.cell[:, 4]
    fallback = np.where(middle >= 0, middle, pieces.cell.max(axis=1))
    return np.exp(weight * rising + (1.0 - weight) * np.log(hack)), np.where(on_grid, pieces.cell[rows, best], fallback)


def fill_estuary(area_km2: np.ndarray, share: np.ndarray) -> None:
    """Drainage area kept at its maximum below the largest value of the lower half, where the grid ends before the river does."""
    largest = int(area_km2.argmax())
    if share[largest] > ESTUARY_SHARE:
        area_km2[largest:] = area_km2[largest]


def _joined(pieces: Pieces, flow: np.ndarray, drainage_km2: np.ndarray) -> gpd.GeoDataFrame:
    """Neighbouring pieces of one line and one flow class as one simplified line; flows below 1 m3/s are left out."""
    kept = np.flatnonzero(flow >= SMALLEST_FLOW_M3S)
    group = np.floor(CLASSES_PER_DECADE * np.log10(flow[kept]))
    fresh = np.r_[True, (np.diff(pieces.part[kept]) != 0) | (np.diff(group) != 0) | (np.diff(kept) != 1)]
    begin = np.flatnonzero(fresh)
    stop = np.r_[begin[1:], len(kept)] - 1
    length = pieces.length_m[kept]
    weight = np.add.reduceat(length, begin)
    lines = [
        shapely.LineString(pieces.vertices_m[a : b + 1])
        for a, b in zip(pieces.first[kept[begin]], pieces.last[kept[stop]], strict=True)
    ]
    return gpd.GeoDataFrame(
        {
            "river": pieces.river[kept[begin]],
            "drainage_km2": (np.add.reduceat(length * drainage_km2[kept], begin) / weight).round(0).astype("float32"),
            "flow_m3s": (np.add.reduceat(length * flow[kept], begin) / weight).round(2).astype("float32"),
        },
        geometry=shapely.simplify(lines, 250.0),
        crs=CRS,
    )


def validation(frame: gpd.GeoDataFrame, gauges: gpd.GeoDataFrame) -> dict[str, float]:
    """Comparison of the pieces with gauges within 2 km: share with fitting drainage, and flow ratio of those that fit."""
    gauge, piece = frame.sindex.query(gauges.geometry.values, predicate="dwithin", distance=GAUGE_REACH_M)
    gap = shapely.distance(gauges.geometry.values[gauge], frame.geometry.values[piece])
    pairs = pd.DataFrame({"gauge": gauge, "piece": piece, "gap": gap}).sort_values(["gap", "piece"]).drop_duplicates("gauge")
    area = frame.drainage_km2.to_numpy()[pairs.piece] / gauges.drainage_km2.to_numpy()[pairs.gauge]
    flow = frame.flow_m3s.to_numpy()[pairs.piece] / gauges.flow_m3s.to_numpy()[pairs.gauge]
    fits = (np.abs(np.log2(area)) < 1.0) & np.isfinite(flow) & (flow > 0)
    logarithm = np.log(flow[fits])
    reference = np.log(gauges.flow_m3s.to_numpy()[pairs.gauge])[fits]
    return {
        "pairs": int(fits.sum()),
        "fitting": float(fits.mean()),
        "median": float(np.exp(np.median(logarithm))),
        "low": float(np.exp(np.percentile(logarithm, 10))),
        "high": float(np.exp(np.percentile(logarithm, 90))),
        "correlation": float(np.corrcoef(reference, reference + logarithm)[0, 1]),
    }


def _product(check: dict[str, float]) -> Product:
    return Product(
        path="water/rivers.parquet",
        title="Rivers with mean natural flow of at least 1 m3/s",
        publisher="USGS reference mainstems (lines), PNNL (drainage grid), USGS GAGES-II (runoff)",
        vintage="2025 (lines), 1971-2000 (runoff)",
        licence="public domain (US government); BSD-2-Clause drainage grid",
        grade="E4",
        caveat="Estimated mean flow without dams, canals and withdrawals; a dry year or season is far lower. Of gauges "
        "with a piece "
        f"within 2 km, {check['fitting']:.0%} have a drainage area within a factor of two; on those {check['pairs']:,} "
        "the flow ratio "
        f"is {check['median']:.2f} in the median ({check['low']:.2f} to {check['high']:.2f} from the 10th to the 90th "
        "percentile), "
        f"correlation of logarithms {check['correlation']:.3f}. The gauges also made the runoff map, so this tests drainage. "
        "Flow from Canada and Mexico is extrapolated. Large dry basins are overstated, for instance the Colorado at "
        "Lees Ferry: "
        "about 860 m3/s against a published natural flow near 590. Niagara, Detroit and St. Lawrence lack the water of "
        "the lakes.",
        method="Runoff accumulated over a 1/8 degree grid; drainage along a river is the geometric mean of that grid "
        "(made to rise "
        "downstream) and Hack's law from the outlet area; pieces of similar flow joined, simplified by 250 m.",
        sources=(MAINSTEMS, GRID, GAUGES),
        fields={
            "name": "name of the river at its outlet, null = none",
            "drainage_km2": "estimated drainage area of the piece, km2",
            "flow_m3s": "estimated mean natural flow, m3/s",
        },
    )
