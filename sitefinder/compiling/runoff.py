"""Stream gauges, mean annual runoff between them and the drainage grid that carries runoff downstream."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from sitefinder.compiling.base import CRS, Compiler, Product, points
from sitefinder.compiling.terrain import INT16_NODATA, PUBLIC_DOMAIN, frame_grid, read_grid, scaled, states_mask
from sitefinder.units import M2_PER_KM2, runoff_to_m3s

GAUGES = "water/stream_gauges_mean_flow.csv"
GRID = "water/river_grid_eighth_degree.parquet"
STATES = "land/states_2018_5m.parquet"
#: columns of the gauges with mean annual runoff of the basin, mm: from records 1971-2000, and from a water balance 1951-2000
RECORDED, BALANCE = "RUNAVE7100", "WB5100_ANN_MM"
#: larger basins blur the map of runoff
LARGEST_BASIN_KM2 = 5000.0
#: farther from every gauge the map of runoff is empty
REACH_M = 200_000.0
NEIGHBOURS = 10
#: inverse-distance power, chosen with NEIGHBOURS by leave-one-out error; the logarithm has fewer large errors than plain means
POWER = 2.0
#: nearer gauges weigh no more than this: two basins do not share a point
NEAREST_M = 2000.0
#: gauges of one hydrologic unit share their runoff, so the honest test skips neighbours within this distance
BLOCK_M = 25_000.0
#: logarithm floor; four desert gauges report zero
SMALLEST_RUNOFF_MM = 0.5
#: a gauge belongs to a grid cell whose upstream area is within this factor of its own
AREA_FACTOR = 1.5
#: basins smaller than about one grid cell keep the gauge as their centre
SMALLEST_GRID_BASIN_KM2 = 200.0
CELL_SEARCH_M = 25_000.0


@dataclass(frozen=True)
class DrainageGrid:
    """Cells of 1/8 degree with the cell each drains to.

    Attributes
    ----------
    lon, lat, x_m, y_m : (n,) float
        Centres in degrees and in EPSG:5070 metres.
    area_km2, upstream_km2 : (n,) float
        Area of the cell, and of everything that drains through it.
    downstream : (n,) int
        Row of the next cell, -1 at an outlet.
    """

    lon: np.ndarray
    lat: np.ndarray
    x_m: np.ndarray
    y_m: np.ndarray
    area_km2: np.ndarray
    upstream_km2: np.ndarray
    downstream: np.ndarray

    def accumulate(self, values: np.ndarray) -> np.ndarray:
        """(n,) sum of ``values`` over every cell that drains through each cell, itself included."""
        total = values.astype(float).copy()
        # upstream area only grows downstream, so this order never visits a cell before its tributaries
        for cell in np.argsort(self.upstream_km2, kind="stable"):
            target = self.downstream[cell]
            if target >= 0:
                total[target] += total[cell]
        return total


def load_grid(c: Compiler) -> DrainageGrid:
    """Read the drainage grid."""
    table = pd.read_parquet(c.raw(GRID))
    row = pd.Series(range(len(table)), index=table.id)
    centres = gpd.GeoSeries(gpd.points_from_xy(table.longitude, table.latitude), crs="EPSG:4326").to_crs(CRS)
    return DrainageGrid(
        lon=table.longitude.to_numpy(float),
        lat=table.latitude.to_numpy(float),
        x_m=centres.x.to_numpy(),
        y_m=centres.y.to_numpy(),
        area_km2=table.local_drainage_area.to_numpy() / M2_PER_KM2,
        upstream_km2=table.upstream_area_km2.to_numpy(),
        downstream=row.reindex(table.downstream_id).fillna(-1).astype(int).to_numpy(),
    )


@dataclass(frozen=True)
class RunoffMap:
    """Runoff by inverse distance between basin centres, in the logarithm.

    Attributes
    ----------
    centre_m : (n, 2) float
        Basin centres, EPSG:5070 metres.
    runoff_mm : (n,) float
        Mean annual runoff of each basin.
    """

    centre_m: np.ndarray
    runoff_mm: np.ndarray

    def at(self, position_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Runoff (mm) at (m, 2) positions and the distance (m) to the nearest basin centre."""
        distance, index = cKDTree(self.centre_m).query(position_m, k=NEIGHBOURS)
        return self._mean(distance, index), distance[:, 0]

    def error(self, block_m: float) -> tuple[float, float]:
        """Median and 90th percentile of the relative error when neighbours within ``block_m`` are withheld."""
        distance, index = cKDTree(self.centre_m).query(self.centre_m, k=20 * NEIGHBOURS)
        allowed = distance > block_m
        allowed[np.arange(len(index))[:, None] == index] = False
        allowed &= np.cumsum(allowed, axis=1) <= NEIGHBOURS
        distance = np.where(allowed, distance, np.inf)
        full = allowed.sum(axis=1) == NEIGHBOURS
        relative = np.abs(self._mean(distance[full], index[full]) / self.runoff_mm[full] - 1.0)
        return float(np.median(relative)), float(np.percentile(relative, 90))

    def _mean(self, distance: np.ndarray, index: np.ndarray) -> np.ndarray:
        weight = 1.0 / np.maximum(distance, NEAREST_M) ** POWER
        logarithm = np.log(self.runoff_mm)[index]
        return np.exp((weight * logarithm).sum(axis=1) / weight.sum(axis=1))


def runoff_map(c: Compiler, grid: DrainageGrid, column: str = RECORDED) -> RunoffMap:
    """The map of runoff from gauges of basins up to 5,000 km2, by one of their columns."""
    gauges = read_gauges(c, column)
    gauges = gauges[gauges.drainage_km2 <= LARGEST_BASIN_KM2]
    centre = _basin_centres(gauges, grid)
    return RunoffMap(centre, np.maximum(gauges.runoff_mm.to_numpy(), SMALLEST_RUNOFF_MM))


def _basin_centres(gauges: gpd.GeoDataFrame, grid: DrainageGrid) -> np.ndarray:
    """(n, 2) centre of each gauge's basin on the drainage grid, or the gauge itself where no cell fits its area."""
    position = np.column_stack([gauges.geometry.x, gauges.geometry.y])
    distance, cells = cKDTree(np.column_stack([grid.x_m, grid.y_m])).query(position, k=9)
    area = gauges.drainage_km2.to_numpy()
    misfit = np.abs(np.log(grid.upstream_km2[cells] / area[:, None]))
    misfit[distance > CELL_SEARCH_M] = np.inf
    best = misfit.argmin(axis=1)
    rows = np.arange(len(cells))
    cell = cells[rows, best]
    fits = (misfit[rows, best] < np.log(AREA_FACTOR)) & (area > SMALLEST_GRID_BASIN_KM2)
    centre = np.column_stack([grid.accumulate(grid.area_km2 * grid.x_m), grid.accumulate(grid.area_km2 * grid.y_m)])
    centre /= grid.accumulate(grid.area_km2)[:, None]
    return np.where(fits[:, None], centre[cell], position)


def read_gauges(c: Compiler, column: str = RECORDED) -> gpd.GeoDataFrame:
    """Stream gauges with site_no, name, drainage_km2, runoff_mm (of a column) and flow_m3s, EPSG:5070."""
    table = pd.read_csv(c.raw(GAUGES), dtype={"STAID": str})
    frame = pd.DataFrame(
        {
            "site_no": table.STAID.str.zfill(8),
            "name": table.STANAME.str.strip(),
            "drainage_km2": table.DRAIN_SQKM,
            "runoff_mm": table[column],
            "flow_m3s": (runoff_to_m3s(1.0, 1.0) * table[column] * table.DRAIN_SQKM).round(4),
            "lon": table.LNG_GAGE,
            "lat": table.LAT_GAGE,
        }
    )
    return points(frame.drop_duplicates("site_no"), lon="lon", lat="lat")


def compile_runoff(c: Compiler, runoff: RunoffMap) -> None:
    """Write the gauges, the map of runoff and the climatic balance."""
    _gauges(c)
    _runoff(c, runoff)
    _balance(c)


def _gauges(c: Compiler) -> None:
    product = Product(
        path="water/gauges.parquet",
        title="Stream gauges with mean flow",
        publisher="USGS GAGES-II",
        vintage="2011 (flow 1971-2000)",
        licence=PUBLIC_DOMAIN,
        grade="E4",
        caveat="Runoff is the publisher's basin estimate from regional records, not the mean of the gauge's own "
        "record, and a mean "
        "says nothing about dry years. Basins above 50,000 km2 are absent.",
        method="Flow = basin runoff x drainage area.",
        sources=(GAUGES,),
        fields={
            "site_no": "USGS site number, text with leading zero",
            "name": "gauge name",
            "drainage_km2": "drainage area, km2",
            "runoff_mm": "mean annual runoff of the basin 1971-2000, mm per year",
            "flow_m3s": "mean flow, m3/s",
        },
    )
    c.vector(product, read_gauges(c))


def _runoff(c: Compiler, runoff: RunoffMap) -> None:
    transform, shape = frame_grid(5000.0)
    row, column = np.mgrid[: shape[0], : shape[1]]
    x, y = transform * (column.ravel() + 0.5, row.ravel() + 0.5)
    values, distance = runoff.at(np.column_stack([x, y]))
    values = np.where(distance <= REACH_M, values, np.nan).reshape(shape)
    values[~states_mask(c, STATES, transform, shape)] = np.nan
    median, tail = runoff.error(0.0)
    block_median, block_tail = runoff.error(BLOCK_M)
    product = Product(
        path="water/runoff_mm.tif",
        title="Mean annual runoff on a 5 km grid (mm per year)",
        publisher="USGS GAGES-II (gauges), PNNL (drainage grid)",
        vintage="2011 (runoff 1971-2000)",
        licence="public domain (US government); BSD-2-Clause drainage grid",
        grade="E4",
        caveat=f"Interpolated. Leaving one gauge out: median error {median:.0%}, 90th percentile {tail:.0%}; gauges of "
        "one hydrologic "
        f"unit share their runoff, so with all neighbours within 25 km withheld it is {block_median:.0%} and {block_tail:.0%}. "
        "Worst in deserts and mountains.",
        method="Inverse squared distance in the logarithm over the 10 nearest centres of basins up to 5,000 km2; empty "
        "beyond 200 km.",
        sources=(GAUGES, GRID, STATES),
        fields={"band_1": "runoff, mm per year, -32768 = unknown or outside the country"},
    )
    c.raster(product, scaled(values, scale=1.0, dtype="int16", nodata=INT16_NODATA), transform, nodata=INT16_NODATA)


def _balance(c: Compiler) -> None:
    raw = "water/hlr_pmpe_1km_5070.tif"
    values, transform = read_grid(c, raw)
    product = Product(
        path="water/climatic_balance_mm.tif",
        title="Precipitation minus potential evaporation (mm per year)",
        publisher="USGS Hydrologic Landscape Regions (Wolock 2003)",
        vintage="2003",
        licence=PUBLIC_DOMAIN,
        grade="E4",
        caveat="Mean over watersheds of about 212 km2. Negative means the air could take up more water than falls; it "
        "is not a volume.",
        method="Rounded to whole millimetres.",
        sources=(raw,),
        fields={"band_1": "mm per year, may be negative, -32768 = outside the country"},
    )
    c.raster(product, scaled(values, scale=1.0, dtype="int16", nodata=INT16_NODATA), transform, nodata=INT16_NODATA)
