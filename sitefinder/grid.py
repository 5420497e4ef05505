"""The analysis grid: one frame over the contiguous United States, any cell size, and the index of land cells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from sitefinder.errors import ConfigError
from sitefinder.units import KM_PER_EARTH_RADIUS, M2_PER_ACRE

if TYPE_CHECKING:
    from pyproj import Transformer

#: NAD83 / Conus Albers, metres; equal-area, so a cell has the same acres everywhere
CRS = "EPSG:5070"
#: longitude and latitude, as GeoJSON and GPS have them
WGS84 = "EPSG:4326"
#: west, south, east, north in metres; the frame that the 1 km federal rasters share
FRAME = (-2_362_000.0, 262_000.0, 2_266_000.0, 3_182_000.0)
#: cell sizes outside this range (m) are refused: finer than any input, or coarser than a county
RESOLUTION_RANGE_M = (100.0, 25_000.0)
#: places of so few cells are searched for: the raster of all places would cost more
FEW_CELLS = 200_000


@dataclass(frozen=True)
class Grid:
    """North-up raster frame.

    Parameters
    ----------
    resolution_m : float
        Cell size in metres. Columns and rows are rounded up so that the whole frame is covered.
    """

    resolution_m: float

    def __post_init__(self) -> None:
        low, high = RESOLUTION_RANGE_M
        if not low <= self.resolution_m <= high:
            raise ConfigError(
                f"Invalid grid.resolution_m '{self.resolution_m:g}'. It must lie between {low:g} and {high:g} metres; "
                "use 1000 for a full run or 5000 for a quick look."
            )

    @property
    def west(self) -> float:
        """Left edge, metres."""
        return FRAME[0]

    @property
    def north(self) -> float:
        """Top edge, metres."""
        return FRAME[3]

    @property
    def width(self) -> int:
        """Number of columns."""
        return int(np.ceil((FRAME[2] - FRAME[0]) / self.resolution_m))

    @property
    def height(self) -> int:
        """Number of rows."""
        return int(np.ceil((FRAME[3] - FRAME[1]) / self.resolution_m))

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        return self.height, self.width

    @property
    def transform(self) -> tuple[float, float, float, float, float, float]:
        """Affine coefficients (a, b, c, d, e, f) as rasterio orders them."""
        return self.resolution_m, 0.0, self.west, 0.0, -self.resolution_m, self.north

    @property
    def cell_acres(self) -> float:
        """Area of one cell in acres."""
        return self.resolution_m**2 / M2_PER_ACRE

    def cell_at(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Row and column of the cells that contain points given in EPSG:5070 metres; may lie outside the frame."""
        col = np.floor((np.asarray(x) - self.west) / self.resolution_m).astype(np.int64)
        row = np.floor((self.north - np.asarray(y)) / self.resolution_m).astype(np.int64)
        return row, col

    def inside(self, row: np.ndarray, col: np.ndarray) -> np.ndarray:
        """True where row and column lie within the frame."""
        return (row >= 0) & (row < self.height) & (col >= 0) & (col < self.width)

    def centre(self, row: np.ndarray, col: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """EPSG:5070 coordinates (x, y), metres, of cell centres."""
        x = self.west + (np.asarray(col) + 0.5) * self.resolution_m
        y = self.north - (np.asarray(row) + 0.5) * self.resolution_m
        return x, y


@dataclass(frozen=True)
class Land:
    """The land cells of a grid, in row-major order.

    Parameters
    ----------
    grid : Grid
    cells : (n_land,) int32
        Flat index (row * width + column) of every land cell, ascending.
    """

    grid: Grid
    cells: np.ndarray

    @property
    def size(self) -> int:
        """Number of land cells."""
        return int(self.cells.size)

    @cached_property
    def position(self) -> np.ndarray:
        """(height, width) int32: place of a cell in the land index, -1 where it is not land."""
        position = np.full(self.grid.shape, -1, np.int32)
        position.reshape(-1)[self.cells] = np.arange(self.size, dtype=np.int32)
        return position

    def index_of(self, cells: np.ndarray) -> np.ndarray:
        """Places of flat cells (row * width + column) in the land index, int32, -1 where a cell is not land."""
        cells = np.asarray(cells)
        if "position" in self.__dict__ or cells.size > FEW_CELLS:
            return self.position.reshape(-1)[cells]
        place = np.searchsorted(self.cells, cells.astype(np.int32, copy=False)).astype(np.int32)
        land = self.cells[np.minimum(place, self.size - 1)] == cells
        return np.where(land, place, np.int32(-1))

    def compact(self, raster: np.ndarray) -> np.ndarray:
        """Values of a (height, width) raster at the land cells, (n_land,)."""
        return raster.reshape(-1)[self.cells]

    def expand(self, values: np.ndarray, fill: float) -> np.ndarray:
        """(n_land,) values as a (height, width) raster, ``fill`` elsewhere."""
        raster = np.full(self.grid.height * self.grid.width, fill, values.dtype)
        raster[self.cells] = values
        return raster.reshape(self.grid.shape)

    def rows_cols(self, index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Row and column of positions in the land index."""
        flat = self.cells[np.asarray(index)]
        return flat // self.grid.width, flat % self.grid.width


def great_circle_km(
    lat: np.ndarray | float, lon: np.ndarray | float, other_lat: np.ndarray | float, other_lon: np.ndarray | float
) -> np.ndarray:
    """Great-circle distance between points in degrees, km, by the haversine formula; arrays are broadcast."""
    north, other_north = np.radians(lat), np.radians(other_lat)
    east = np.radians(np.subtract(other_lon, lon))
    h = np.sin((other_north - north) / 2.0) ** 2 + np.cos(north) * np.cos(other_north) * np.sin(east / 2.0) ** 2
    return 2.0 * KM_PER_EARTH_RADIUS * np.arcsin(np.sqrt(h))


@cache
def projection(source: Any, target: str) -> Transformer:
    """Transformer between two reference systems, x or longitude first; kept for reuse."""
    from pyproj import Transformer  # loads the projection database; much of a run does without

    return Transformer.from_crs(source, target, always_xy=True)


def to_lonlat(x: Any, y: Any) -> tuple[Any, Any]:
    """Longitude and latitude (degrees) of points in EPSG:5070 metres; numbers or arrays of one shape."""
    return projection(CRS, WGS84).transform(x, y)


def from_lonlat(lon: Any, lat: Any) -> tuple[Any, Any]:
    """EPSG:5070 metres (x, y) of points given by longitude and latitude in degrees; numbers or arrays of one shape."""
    return projection(WGS84, CRS).transform(lon, lat)


def to_wgs84(geometries: Any) -> Any:
    """Shapely geometries in EPSG:5070, one or an array, in longitude and latitude."""
    import shapely

    return shapely.transform(geometries, lambda x, y: to_lonlat(x, y), interleaved=False)


def from_wgs84(geometries: Any) -> Any:
    """Shapely geometries in longitude and latitude, one or an array, in EPSG:5070."""
    import shapely

    return shapely.transform(geometries, lambda x, y: from_lonlat(x, y), interleaved=False)
