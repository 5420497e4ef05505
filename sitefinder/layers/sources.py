"""Reading the compiled files of ``data/``: existence, checksum, then geometry or table; and the measures of layers on them."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from sitefinder.errors import DataError
from sitefinder.grid import CRS, Grid, Land
from sitefinder.layers.built import Built
from sitefinder.layers.package import DataPackage
from sitefinder.units import M_PER_KM

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from sitefinder.config import Config, Project

#: rows per cell at which the coverage of polygons is sampled
SUBROWS = 4
#: share of unknown surroundings from which a sum is unknown
MOSTLY = 0.5
#: cells interpolated at once: bounds the memory
CHUNK = 500_000


class Sources:
    """Everything a layer builder needs: compiled files, the grid and its land cells, and measuring functions.

    Parameters
    ----------
    package : DataPackage
    land : Land
    config : Config
        For layers that depend on the size, the cooling or the date of the campus.
    replaced : mapping, optional
        Layer id -> reads the user's raster in its place: (n_land,) float32 in the layer's unit, NaN = unknown.
    """

    def __init__(
        self, package: DataPackage, land: Land, config: Config, replaced: Mapping[str, Callable[[], np.ndarray]] | None = None
    ) -> None:
        self.package = package
        self.land = land
        self.config = config
        self.replaced = replaced or {}
        self._memo: dict[tuple[Any, ...], Any] = {}
        self._locks: dict[tuple[Any, ...], threading.Lock] = {}
        self._guard = threading.Lock()

    @property
    def project(self) -> Project:
        """What is to be built."""
        return self.config.project

    @property
    def grid(self) -> Grid:
        """The grid of the land cells."""
        return self.land.grid

    def once(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """Result of ``make``, computed once for a key even when several layers ask at the same time."""
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key not in self._memo:
                self._memo[key] = make()
            return self._memo[key]

    def features(self, name: str) -> gpd.GeoDataFrame:
        """A compiled GeoParquet file."""

        def read() -> gpd.GeoDataFrame:
            import geopandas

            return geopandas.read_parquet(self.package.verified(name))

        return self.once(("features", name), read)

    def table(self, name: str) -> pd.DataFrame:
        """A compiled Parquet table."""

        def read() -> pd.DataFrame:
            import pandas

            return pandas.read_parquet(self.package.verified(name))

        return self.once(("table", name), read)

    # -- rasters ---------------------------------------------------------------------------------------------------

    def raster(self, name: str, *, method: str = "bilinear") -> np.ndarray:
        """A compiled raster on the land cells, (n_land,) float32, NaN = unknown; ``method`` as rasterio names it."""
        return read_raster(self.package.verified(name), self.land, method=method)

    def interpolated(self, field: np.ndarray, coarse: Grid) -> np.ndarray:
        """A smooth (rows, columns) field on a coarse grid, bilinear at the land cell centres, (n_land,) float32."""
        from scipy.ndimage import map_coordinates

        out = np.empty(self.land.size, np.float32)
        for start in range(0, self.land.size, CHUNK):
            part = out[start : start + CHUNK]
            x, y = self.grid.centre(*self.land.rows_cols(np.arange(start, start + part.size)))
            place = [(coarse.north - y) / coarse.resolution_m - 0.5, (x - coarse.west) / coarse.resolution_m - 0.5]
            map_coordinates(field, place, order=1, mode="nearest", output=part)
        return out

    def given(self, layer_id: str) -> np.ndarray:
        """The user's raster in place of a layer, (n_land,) float32 in the layer's unit, NaN = unknown."""
        return self.once(("given", layer_id), self.replaced[layer_id])

    def with_given(self, layer_id: str, values: np.ndarray, *, per: float = 1.0) -> np.ndarray:
        """What stands in a layer, for layers that are made of it: the user's numbers where there are any, else those compiled.

        Parameters
        ----------
        layer_id : str
        values : (n_land,) float32
            From the compiled files.
        per : float
            Units of the layer in one of ``values``: 100 for shares.
        """
        if layer_id not in self.replaced:
            return values
        given = self.given(layer_id) / np.float32(per)
        return np.where(np.isnan(given), values, given).astype(np.float32)

    # -- zones -----------------------------------------------------------------------------------------------------

    @cached_property
    def county_index(self) -> np.ndarray:
        """(n_land,) int32: row of the county table of each land cell."""
        return self.zone_index("boundaries/counties.parquet")

    def zone_index(self, name: str) -> np.ndarray:
        """(n_land,) int32 row of the polygon that holds each cell centre, -1 = none; a later row wins."""
        return self.once(("zones", name), lambda: self.land.compact(self.label(self.features(name).geometry.values)))

    def by_county(self, name: str, column: str) -> np.ndarray:
        """A column of a county table spread over the land cells, NaN where the table lacks the county."""
        counties = self.features("boundaries/counties.parquet")["fips"]
        table = self.table(name).set_index("fips")[column]
        values = counties.map(table).to_numpy(np.float32, na_value=np.nan)
        return _spread(values, self.county_index)

    def by_state(self, name: str, column: str) -> np.ndarray:
        """A column of a state table (key ``state``) spread over the land cells."""
        states = self.features("boundaries/counties.parquet")["state"]
        table = self.table(name).set_index("state")[column]
        return _spread(states.map(table).to_numpy(np.float32, na_value=np.nan), self.county_index)

    # -- polygons --------------------------------------------------------------------------------------------------

    def label(self, polygons: np.ndarray) -> np.ndarray:
        """(rows, columns) int32 index of the polygon at each cell centre, -1 = none."""
        out = np.full(self.grid.shape, -1, np.int32)
        _burn().label_polygons(*self._rings(polygons), out)
        return out

    def covered(self, polygons: np.ndarray) -> np.ndarray:
        """(n_land,) float32 share of each cell covered by the polygons, 0..1."""
        out = np.zeros(self.grid.shape, np.float32)
        _burn().cover_polygons(*self._rings(polygons), SUBROWS, out)
        return np.minimum(self.land.compact(out), np.float32(1.0))

    def _rings(self, polygons: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        import shapely

        parts, part_feature = shapely.get_parts(polygons, return_index=True)
        rings, ring_part = shapely.get_rings(parts, return_index=True)
        coordinates, ring_index = shapely.get_coordinates(rings, return_index=True)
        ring_start = np.searchsorted(ring_index, np.arange(len(rings) + 1)).astype(np.int64)
        feature_start = np.searchsorted(part_feature[ring_part], np.arange(len(polygons) + 1)).astype(np.int64)
        return self.to_cells(coordinates), ring_start, feature_start

    # -- distances and sums ----------------------------------------------------------------------------------------

    def to_cells(self, xy: np.ndarray) -> np.ndarray:
        """EPSG:5070 coordinates (n, 2) as column and row coordinates in cell units."""
        cells = np.empty(xy.shape, np.float64)
        cells[:, 0] = (xy[:, 0] - self.grid.west) / self.grid.resolution_m
        cells[:, 1] = (self.grid.north - xy[:, 1]) / self.grid.resolution_m
        return cells

    def distance_km(self, geometry: np.ndarray, labels: list[str] | None = None) -> Built:
        """Distance of every land cell centre to the nearest of points or lines, with its identity.

        Parameters
        ----------
        geometry : array of shapely points or lines, EPSG:5070
        labels : list of str, optional
            A name per geometry.
        """
        from sitefinder.kernels.distance import nearest_segment

        segments, feature = segments_of(geometry)
        metres, nearest = nearest_segment(
            segments, self.grid.shape, origin=(self.grid.west, self.grid.north), resolution_m=self.grid.resolution_m
        )
        values = self.land.compact(metres) / np.float32(1000.0)
        if not len(segments):
            return Built(np.full(self.land.size, np.nan, np.float32))
        nearest_feature = feature[self.land.compact(nearest)]
        return Built(values, nearest_feature, labels)

    def sum_within_km(self, points: np.ndarray, amount: np.ndarray, radius_km: float) -> np.ndarray:
        """(n_land,) float32 sum of ``amount`` over the points within a radius of each cell centre.

        On grids so coarse that the radius is less than half a cell, half a cell is used and the sum scaled back to the area
        asked for.
        """
        import shapely

        xy = self.to_cells(shapely.get_coordinates(points))
        out = np.zeros(self.grid.shape, np.float32)
        wanted = radius_km * M_PER_KM / self.grid.resolution_m
        radius = max(wanted, 0.5)
        _burn().stamp_discs(xy, np.asarray(amount, np.float64) * (wanted / radius) ** 2, radius, out)
        return self.land.compact(out)

    def largest_within_km(self, points: np.ndarray, amount: np.ndarray, radius_km: float) -> np.ndarray:
        """(n_land,) int32 row of the point with the largest ``amount`` within a radius of each cell centre; -1 = none."""
        import shapely

        order = np.argsort(amount, kind="stable").astype(np.int32)
        xy = self.to_cells(shapely.get_coordinates(points))[order]
        out = np.full(self.grid.shape, -1, np.int32)
        _burn().paint_discs(xy, max(radius_km * M_PER_KM / self.grid.resolution_m, 0.5), out)
        row = self.land.compact(out)
        return np.where(row >= 0, order[row], -1).astype(np.int32)

    def groups_within_km(self, lines: np.ndarray, group: np.ndarray, radius_km: float) -> np.ndarray:
        """(n_land,) float32 number of distinct groups of lines within a radius of each cell centre."""
        segments, feature = segments_of(lines)
        of_segment = np.asarray(group)[feature].astype(np.int32)
        order = np.argsort(of_segment, kind="stable")
        cells = np.hstack([self.to_cells(segments[order, :2]), self.to_cells(segments[order, 2:])])
        count = np.zeros(self.grid.shape, np.int16)
        seen = np.full(self.grid.shape, -1, np.int32)
        _burn().count_groups_within(cells, of_segment[order], radius_km * 1000.0 / self.grid.resolution_m, count, seen)
        return self.land.compact(count).astype(np.float32)

    def county_lattice(self, spacing_m: float = 10_000.0) -> tuple[np.ndarray, np.ndarray]:
        """Points on a regular lattice and the county row of each: a county's total spread evenly over its area."""

        def make() -> tuple[np.ndarray, np.ndarray]:
            import shapely

            counties = self.features("boundaries/counties.parquet")
            grid = Grid(spacing_m)
            rows, cols = np.mgrid[0 : grid.height, 0 : grid.width]
            points = shapely.points(*grid.centre(rows.ravel(), cols.ravel()))
            point, county = shapely.STRtree(counties.geometry.values).query(points, predicate="within")
            missing = np.setdiff1d(np.arange(len(counties)), county)
            inner = counties.geometry.iloc[missing].representative_point().values
            return np.concatenate([points[point], inner]), np.concatenate([county, missing])

        return self.once(("lattice", spacing_m), make)

    def county_total_within_km(self, name: str, column: str, radius_km: float) -> np.ndarray:
        """(n_land,) float32 county totals within a radius, each total spread evenly over its county.

        Unknown where the totals of half the surrounding land or more are unknown.
        """
        points, county = self.county_lattice()
        fips = self.features("boundaries/counties.parquet")["fips"]
        total = fips.map(self.table(name).set_index("fips")[column]).to_numpy(np.float64, na_value=np.nan)
        share = np.nan_to_num(total)[county] / np.bincount(county, minlength=len(fips))[county]
        sums = self.sum_within_km(points, share, radius_km)
        unknown = np.isnan(total)[county]
        if unknown.any():
            around = self.sum_within_km(points, np.ones(len(points)), radius_km)
            missing = self.sum_within_km(points[unknown], np.ones(int(unknown.sum())), radius_km)
            sums[missing >= MOSTLY * around] = np.nan
        return sums


def _burn() -> ModuleType:
    """The compiled kernels, loaded when the first layer is built: a warm run does without the compiler."""
    from sitefinder.kernels import burn

    return burn


def segments_of(geometry: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points and lines as segments (n, 4) and the row of the geometry each belongs to; points have length zero."""
    import shapely

    parts, feature = shapely.get_parts(geometry, return_index=True)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    joined = part[1:] == part[:-1]
    lines = np.hstack([xy[:-1][joined], xy[1:][joined]])
    alone = np.bincount(part, minlength=len(parts))[part] == 1
    segments = np.vstack([lines, np.hstack([xy[alone], xy[alone]])])
    return segments, feature[np.concatenate([part[:-1][joined], part[alone]])].astype(np.int32)


def read_raster(path: Path, land: Land, *, method: str) -> np.ndarray:
    """Resample band 1 of a raster to the land cells, (n_land,) float32, NaN = unknown."""
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning
    from rasterio.transform import Affine
    from rasterio.warp import Resampling, reproject

    warnings.filterwarnings("ignore", category=NotGeoreferencedWarning)  # about the in-memory target, which has no file
    grid = land.grid
    target = np.full(grid.shape, np.nan, np.float32)
    try:
        source = rasterio.open(path)
    except rasterio.errors.RasterioIOError:
        raise DataError(f"Invalid raster {path}: it cannot be read as one. Give a GeoTIFF.") from None
    with source:
        if source.crs is None:
            raise DataError(f"Invalid raster {path}: it declares no coordinate reference system. Set one and try again.")
        finer = source.res[0] < grid.resolution_m and source.crs.is_projected
        reproject(
            rasterio.band(source, 1),
            target,
            dst_transform=Affine(*grid.transform),
            dst_crs=CRS,
            dst_nodata=np.nan,
            resampling=Resampling["average" if finer and method == "bilinear" else method],
        )
    return land.compact(target)


def _spread(values: np.ndarray, zone: np.ndarray) -> np.ndarray:
    out = values[zone]
    out[zone < 0] = np.nan
    return out
