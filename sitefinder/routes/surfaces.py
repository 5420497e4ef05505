"""Least-cost routes: national cost surfaces of each class of targets, and a search for a second target."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import shapely

from sitefinder.cache import code_of, digest
from sitefinder.config.connections import KINDS, Connections
from sitefinder.grid import Grid
from sitefinder.kernels.paths import follow
from sitefinder.layers.package import DataPackage
from sitefinder.routes.friction import raster
from sitefinder.routes.targets import Targets, cells_of, grid_targets, nearest_free, targets
from sitefinder.units import M_PER_KM

if TYPE_CHECKING:
    from sitefinder.config import Project
    from sitefinder.config.costs import WaterNeed
    from sitefinder.layers.able import Chosen
    from sitefinder.layers.stack import LayerStack

#: surfaces computed at the same time; the kernel releases the interpreter lock
WORKERS = 2
#: first half-width of the window of a local search, cells; doubled until the best target is certain
FIRST_REACH = 12
#: a second route leaves on another side for this many times the distance that it stays apart from the first
SECTOR = 3.0
#: surfaces of each class, and lists of sites with their second routes, that the cache keeps: the latest and those before
KEPT_SURFACES, KEPT_SECONDS = 2, 12


@dataclass(frozen=True)
class Surface:
    """Cost surface of the whole country to one class of targets.

    Parameters
    ----------
    stem : str
        Name of its files in the cache.
    targets : Targets
    grid : Grid
    friction : (rows, columns) float32
    direction : (rows, columns) int8
        Of :func:`sitefinder.kernels.cost_distance.spread`.
    cost_km : (n_land,) float32
        Kilometres of easy ground to the cheapest target; infinite where none can be reached.
    cells, feature : (k,) int64
        Cells of the targets, ascending, and the feature in each.
    """

    stem: str
    targets: Targets
    grid: Grid
    friction: np.ndarray
    direction: np.ndarray
    cost_km: np.ndarray
    cells: np.ndarray
    feature: np.ndarray


@dataclass(frozen=True)
class Ways:
    """Routes of n sites to targets of one class, as cells.

    Parameters
    ----------
    path : (m,) int64
        Flat cells of all routes, one after the other, from the site to the target.
    offset : (n + 1,) int64
        Where each starts; empty where there is none.
    feature : (n,) int64
        Row of the targets; -1 = no route.
    cost_km : (n,) float64
        Kilometres of easy ground; NaN = no route.
    """

    path: np.ndarray
    offset: np.ndarray
    feature: np.ndarray
    cost_km: np.ndarray

    @property
    def connected(self) -> np.ndarray:
        """(n,) bool: there is a route."""
        return self.feature >= 0

    def of(self, site: int) -> np.ndarray:
        """Cells of the route of one site."""
        return self.path[self.offset[site] : self.offset[site + 1]]


def open_surfaces(
    stack: LayerStack, package: DataPackage, settings: Connections, project: Project, water: WaterNeed
) -> dict[str, Surface]:
    """Surfaces of all classes of targets, from the cache beside the stack, or computed and kept there.

    Raises
    ------
    DataError
        A compiled file is missing or damaged.
    OutputError
        The cache cannot be written.
    """
    classes = targets(package, settings, project, water)
    code = code_of("sitefinder.kernels.cost_distance", "sitefinder.routes.targets")

    def one(target: Targets) -> Surface:
        ground, key = grounds[target.kind]
        hashes = [package.entry(name)["hash"] for name in target.files]
        return _surface(stack, target, ground, f"routes-{target.name}-{digest([key, target.key, hashes, code])}")

    with ThreadPoolExecutor(WORKERS) as pool:
        grounds = dict(zip(KINDS, pool.map(lambda kind: raster(stack, settings, kind), KINDS), strict=True))
        return dict(zip(classes, pool.map(one, classes.values()), strict=True))


def _surface(stack: LayerStack, target: Targets, friction: np.ndarray, stem: str) -> Surface:
    grid = stack.land.grid

    @cache
    def burnt() -> tuple[np.ndarray, np.ndarray]:
        return cells_of(target.geometry, stack.land, friction)

    @cache
    def spread() -> tuple[np.ndarray, np.ndarray]:
        from sitefinder.kernels import cost_distance  # loads the compiler; a warm run never comes here

        spreading = cost_distance.spread(friction, np.unique(burnt()[0]))
        return spreading.direction, (stack.land.compact(spreading.cost) * (grid.resolution_m / M_PER_KM)).astype(np.float32)

    kept = stack.cache
    direction = kept.array(stem, lambda: spread()[0], keep=KEPT_SURFACES)
    cost_km = kept.array(f"{stem}-cost", lambda: spread()[1], keep=KEPT_SURFACES)
    cells, feature = kept.array(f"{stem}-cells", lambda: np.stack(burnt()).astype(np.int32), keep=KEPT_SURFACES)
    return Surface(stem, target, grid, friction, direction, cost_km, cells.astype(np.int64), feature.astype(np.int64))


def ways(surface: Surface, cells: np.ndarray) -> Ways:
    """The cheapest route of each site.

    Parameters
    ----------
    surface : Surface
    cells : (n,) int64
        Flat cells of the sites. One that no route may enter starts from the nearest free cell.
    """
    start = nearest_free(cells, surface.friction)
    length = np.zeros(start.size, np.int64)
    path, offset = follow(surface.direction, start[start >= 0])
    length[start >= 0] = np.diff(offset)
    return _ways(surface, path, length)


def grid_surface(stack: LayerStack, settings: Connections, chosen: Chosen) -> Surface:
    """The ground of lines with the point of the grid of each site; no cost is spread: every site has a target of its own."""
    target = grid_targets(chosen)
    friction, key = raster(stack, settings, target.kind)
    cells, feature = cells_of(target.geometry, stack.land, friction)
    none = np.empty(0, np.float32)
    stem = f"routes-{target.name}-{digest([key, target.key])}"
    return Surface(stem, target, stack.land.grid, friction, none, none, cells, feature)


def own_ways(stack: LayerStack, surface: Surface, cells: np.ndarray, straight_km: np.ndarray, settings: Connections) -> Ways:
    """The cheapest route of each site to the target of the same row; kept in the cache beside the stack.

    Parameters
    ----------
    stack : LayerStack
    surface : Surface
        From :func:`grid_surface`.
    cells : (n,) int64
        Flat cells of the sites.
    straight_km : (n,) float64
        Distance to each target: the window of the search reaches twice as far at most.
    settings : Connections
    """
    km_per_cell = surface.grid.resolution_m / M_PER_KM
    start = nearest_free(cells, surface.friction)

    def pack() -> np.ndarray:
        paths = []
        for site, cell in enumerate(start):
            most = max(1, math.ceil(max(settings.search_km, 2.0 * straight_km[site]) / km_per_cell))
            allowed = np.arange(len(cells)) == site
            paths.append(_search(surface, int(cell), allowed, None, most) if cell >= 0 else np.empty(0, np.int64))
        return np.concatenate([[p.size for p in paths], *paths]).astype(np.int64)

    key = digest([cells.tolist(), settings.search_km, code_of(__name__)])
    packed = stack.cache.array(f"{surface.stem}-own-{key}", pack, keep=KEPT_SECONDS)
    length, path = packed[: cells.size], packed[cells.size :]
    offset = np.concatenate([[0], np.cumsum(length)])
    cost = path_cost(surface.friction, path, offset) * km_per_cell
    some = length > 0
    return Ways(path, offset, np.where(some, np.arange(cells.size), -1), np.where(some, cost, np.nan))


def _ways(surface: Surface, path: np.ndarray, length: np.ndarray, first: Ways | None = None) -> Ways:
    """Ways from their cells and how many cells each has, with the feature at the end of each: not of the group of the first."""
    offset = np.concatenate([[0], np.cumsum(length)])
    feature, cost = np.full(length.size, -1, np.int64), np.full(length.size, np.nan)
    some = np.flatnonzero(length > 0)
    if some.size:
        group = _group(surface.targets) if first else np.zeros(surface.targets.geometry.size, np.int64)
        barred = group[first.feature[some]] if first else np.full(some.size, -1)
        feature[some] = _nearest_feature(surface, path[offset[some + 1] - 1], group, barred)
        cost[some] = path_cost(surface.friction, path, offset)[some] * (surface.grid.resolution_m / M_PER_KM)
    return Ways(path, offset, feature, cost)


def path_cost(friction: np.ndarray, path: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """(n,) float64 cost of ways in cells: the mean friction of two cells times the length of the step, added up."""
    cols = friction.shape[1]
    of = np.repeat(np.arange(offset.size - 1), np.diff(offset))
    row, col = np.divmod(path, cols)
    ground = friction.reshape(-1)[path].astype(np.float64)
    step = np.hypot(np.diff(row), np.diff(col)) * (ground[1:] + ground[:-1]) / 2.0
    return np.bincount(of[1:], np.where(of[1:] == of[:-1], step, 0.0), minlength=offset.size - 1)


def _nearest_feature(surface: Surface, ends: np.ndarray, group: np.ndarray, barred: np.ndarray) -> np.ndarray:
    """(n,) feature of the cell at the end of each route: of several that are not barred, the one nearest to its centre."""
    first, last = (np.searchsorted(surface.cells, ends, side=side) for side in ("left", "right"))
    count = last - first
    of = np.repeat(np.arange(ends.size), count)
    row = np.arange(of.size) - np.repeat(np.cumsum(count) - count, count) + first[of]
    x, y = surface.grid.centre(ends // surface.grid.width, ends % surface.grid.width)
    far = shapely.distance(shapely.points(x, y)[of], surface.targets.geometry[surface.feature[row]])
    order = np.lexsort((surface.feature[row], far, group[surface.feature[row]] == barred[of], of))
    return surface.feature[row[order[np.cumsum(count) - count]]]


def other_ways(
    stack: LayerStack, surface: Surface, cells: np.ndarray, first: Ways, settings: Connections, *, apart: bool
) -> Ways:
    """The cheapest route of each site to another group of targets than its first route leads to.

    Searched in a window around the site, which grows until nothing beyond it can be cheaper or ``search_km`` is reached. As no
    friction is below 1, a route of cost c does not leave the window of c cells around its site.

    The routes are kept in the cache beside the stack.

    Parameters
    ----------
    stack : LayerStack
    surface : Surface
    cells : (n,) int64
    first : Ways
        Of the same surface and sites.
    settings : Connections
    apart : bool
        Stay away from the first route and leave the site on another side, as the fiber settings say.
    """
    key = digest(
        [cells.tolist(), apart, settings.search_km, settings.fiber.apart_deg, settings.fiber.apart_km, code_of(__name__)]
    )

    def pack() -> np.ndarray:
        paths = _other_paths(surface, cells, first, settings, apart=apart)
        return np.concatenate([[p.size for p in paths], *paths]).astype(np.int64)

    packed = stack.cache.array(f"{surface.stem}-other-{key}", pack, keep=KEPT_SECONDS)
    return _ways(surface, packed[cells.size :], packed[: cells.size], first)


def _other_paths(surface: Surface, cells: np.ndarray, first: Ways, settings: Connections, *, apart: bool) -> list[np.ndarray]:
    start = nearest_free(cells, surface.friction)
    group = _group(surface.targets)
    km_per_cell = surface.grid.resolution_m / M_PER_KM
    most = max(1, int(settings.search_km / km_per_cell))
    paths = []
    for site, cell in enumerate(start):
        path = np.empty(0, np.int64)
        if first.feature[site] >= 0:
            keep_off = _keep_off(first.of(site), settings, km_per_cell, surface.grid.width) if apart else None
            path = _search(surface, int(cell), group != group[first.feature[site]], keep_off, most)
        paths.append(path)
    return paths


def _group(targets: Targets) -> np.ndarray:
    """(n,) int64 number of the group of each feature."""
    return np.unique(targets.group.astype(str), return_inverse=True)[1]


@dataclass(frozen=True)
class _KeepOff:
    """A first route in whose neighbourhood a second one may not run; all in cells."""

    rows: np.ndarray
    cols: np.ndarray
    apart: float
    cosine: float
    heading: tuple[float, float]

    def covers(self, top: int, left: int, shape: tuple[int, int]) -> np.ndarray:
        """Cells of a window that are too near to the route, or leave the site on its side."""
        blocked = np.zeros(shape, bool)
        y, x = np.ogrid[top : top + shape[0], left : left + shape[1]]
        dy, dx = y - self.rows[0], x - self.cols[0]
        far = np.hypot(dy, dx)
        reach = int(self.apart)
        rows, cols = self.rows - top, self.cols - left
        inside = (rows >= 0) & (rows < shape[0]) & (cols >= 0) & (cols < shape[1])
        down, across = np.mgrid[-reach : reach + 1, -reach : reach + 1].reshape(2, -1)
        near = np.hypot(down, across) <= self.apart
        r = np.clip(rows[inside, None] + down[near], 0, shape[0] - 1)
        blocked[r, np.clip(cols[inside, None] + across[near], 0, shape[1] - 1)] = True
        blocked &= far > self.apart
        if any(self.heading):
            along = dy * self.heading[0] + dx * self.heading[1]
            blocked |= (along > self.cosine * far) & (far <= SECTOR * self.apart)
        blocked[rows[inside], cols[inside]] = True
        blocked[far == 0] = False
        return blocked


def _keep_off(path: np.ndarray, settings: Connections, km_per_cell: float, width: int) -> _KeepOff:
    apart = max(settings.fiber.apart_km / km_per_cell, 1.0)
    rows, cols = np.divmod(path, width)
    far = np.hypot(rows - rows[0], cols - cols[0])
    at = int(np.argmax(far >= min(SECTOR * apart, far.max())))
    length = far[at] or 1.0
    heading = ((rows[at] - rows[0]) / length, (cols[at] - cols[0]) / length)
    return _KeepOff(rows, cols, apart, float(np.cos(np.radians(settings.fiber.apart_deg))), heading)


def _search(surface: Surface, start: int, allowed: np.ndarray, keep_off: _KeepOff | None, most: int) -> np.ndarray:
    """Cells from a site to the cheapest target that is allowed, (n_features,) bool; empty if the largest window holds none."""
    from sitefinder.kernels.cost_distance import spread  # loads the compiler; a warm run never comes here

    cols = surface.friction.shape[1]
    row, col = divmod(start, cols)
    reach = min(FIRST_REACH, most)
    while True:
        beyond = 2 * reach
        top, left = max(0, row - reach), max(0, col - reach)
        window = np.array(surface.friction[top : row + reach + 1, left : col + reach + 1])
        part = np.s_[slice(*np.searchsorted(surface.cells, [top * cols, (row + reach + 1) * cols]))]
        r, c = np.divmod(surface.cells[part], cols)
        wanted = (np.abs(c - col) <= reach) & allowed[surface.feature[part]]
        local = (r[wanted] - top) * window.shape[1] + c[wanted] - left
        if local.size:
            if keep_off is not None:
                window[keep_off.covers(top, left, window.shape)] = np.inf
            spreading = spread(window, np.array([(row - top) * window.shape[1] + col - left]))
            costs = spreading.cost.reshape(-1)[local]
            best = int(costs.argmin())
            edge = min(spreading.cost[0].min(), spreading.cost[-1].min(), spreading.cost[:, 0].min(), spreading.cost[:, -1].min())
            if np.isfinite(costs[best]) and (costs[best] <= max(edge, reach) or reach == most):
                y, x = np.divmod(follow(spreading.direction, local[best : best + 1])[0][::-1], window.shape[1])
                return (y + top) * cols + x + left
            beyond = math.ceil(costs[best]) if np.isfinite(costs[best]) else 2 * reach
        if reach == most:
            return np.empty(0, np.int64)
        reach = min(beyond, most)
