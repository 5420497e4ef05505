"""Targets of connections: points of the grid, gas pipelines, fiber corridors, rivers, wastewater plants: features and cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from sitefinder.columns import MID
from sitefinder.config.connections import Connections, Kind
from sitefinder.grid import Land
from sitefinder.layers.able import FILES as GRID_FILES
from sitefinder.layers.able import MEDIAN, Chosen
from sitefinder.layers.families.water import river_flow_needed, water_need_m3s
from sitefinder.layers.files import CORRIDORS, INTRASTATE, PIPELINE_CAPACITY, PIPELINES, RIVERS, STATES, WASTEWATER
from sitefinder.layers.package import DataPackage, read_features
from sitefinder.units import M3S_PER_MGD

if TYPE_CHECKING:
    from sitefinder.config import Project
    from sitefinder.config.costs import WaterNeed

#: files that this stage reads itself
FILES = (*GRID_FILES, PIPELINES, PIPELINE_CAPACITY, CORRIDORS, RIVERS, WASTEWATER, STATES)
#: a feature in a cell that no route may enter is reached from the nearest free cell within so many cells
SNAP_CELLS = 3


@dataclass(frozen=True)
class Targets:
    """Features of one class that a route may end at.

    Parameters
    ----------
    name : str
    kind : "line" or "pipe"
        What the route to them carries.
    geometry : (n,) array of shapely points and lines, EPSG:5070
    label : (n,) object
        Names; None where unnamed.
    group : (n,) object
        What counts as one and the same: the pipeline's name, the corridor.
    facts : dict
        Further columns, (n,) each.
    files : tuple of str
        Compiled files that the features come from.
    key : list
        What their choice depends on besides the files.
    """

    name: str
    kind: Kind
    geometry: np.ndarray
    label: np.ndarray
    group: np.ndarray
    facts: Mapping[str, np.ndarray]
    files: tuple[str, ...]
    key: list[Any]


def targets(package: DataPackage, settings: Connections, project: Project, water: WaterNeed) -> dict[str, Targets]:
    """All classes of targets that a site takes the cheapest of: ``gas``, ``gas_trunk``, ``fiber``, ``water``.

    ``gas_trunk`` are the pipelines of companies that move enough for the load; it is missing where no company does.

    Raises
    ------
    DataError
        A file is missing or damaged.
    """
    classes = (
        _pipelines(package),
        _trunks(package, settings, project),
        _corridors(package),
        _water(package, settings, project, water),
    )
    return {target.name: target for target in classes if target is not None}


def grid_targets(chosen: Chosen) -> Targets:
    """The point of the grid chosen for each site, in the order of the sites: each site routes to its own."""
    points = chosen.points
    facts = {
        "kv": points.kv,
        "headroom_mw": points.left_mw[:, MEDIAN],
        "able": chosen.able.astype(object),
        "cut_in": points.cut_in.astype(object),
    }
    key = [chosen.row.tolist(), shapely.to_wkb(points.geometry, hex=True).tolist()]
    return Targets("grid", "line", points.geometry, points.name, chosen.row, facts, GRID_FILES, key)


def _pipelines(package: DataPackage) -> Targets:
    """Interstate pipelines, and intrastate ones in the states where those are large enough."""
    rows = read_features(package, PIPELINES, ("pipeline", "kind"), where=lambda table: table["kind"] != "gathering")
    states = read_features(package, STATES, ("code",), where=lambda table: np.isin(table["code"], INTRASTATE))
    within = shapely.STRtree(rows["geometry"]).query(states["geometry"], predicate="intersects")[1]
    chosen = rows["kind"] == "interstate"
    chosen[within] = True
    name = rows["pipeline"][chosen]
    facts = {"kind": rows["kind"][chosen]}
    return Targets("gas", "pipe", rows["geometry"][chosen], name, name, facts, (PIPELINES, STATES), [INTRASTATE])


def trunk_capacity(package: DataPackage) -> dict[str, float]:
    """What the company of each pipeline moves across one state line, MMcf/d; pipelines of which it is unknown are left out."""
    if PIPELINE_CAPACITY not in package.resources:
        return {}
    table = package.columns(PIPELINE_CAPACITY, ("pipeline", "mmcfd"))
    pairs = zip(table["pipeline"].tolist(), table["mmcfd"].astype(np.float64).tolist(), strict=True)
    return {name: mmcfd for name, mmcfd in pairs if not np.isnan(mmcfd)}


def _trunks(package: DataPackage, settings: Connections, project: Project) -> Targets | None:
    """Pipelines of which the load takes no larger share than ``own_share``: where a pipeline of one's own would lead."""
    burns = settings.gas.burns
    least_mmcfd = float(burns.mmcfd(project.mw)[MID]) / burns.own_share
    able = [name for name, mmcfd in trunk_capacity(package).items() if mmcfd >= least_mmcfd]
    rows = read_features(package, PIPELINES, ("pipeline", "kind"), where=lambda table: np.isin(table["pipeline"], able))
    if not rows["pipeline"].size:
        return None
    name, facts = rows["pipeline"], {"kind": rows["kind"]}
    return Targets("gas_trunk", "pipe", rows["geometry"], name, name, facts, (PIPELINES, PIPELINE_CAPACITY), [least_mmcfd])


def _corridors(package: DataPackage) -> Targets:
    rows = read_features(package, CORRIDORS, ("kind", "corridor_id"))
    parts, of = shapely.get_parts(rows["geometry"], return_index=True)
    return Targets("fiber", "pipe", parts, rows["kind"][of], rows["corridor_id"][of], {}, (CORRIDORS,), [])


def _water(package: DataPackage, settings: Connections, project: Project, water: WaterNeed) -> Targets:
    """River reaches that carry twenty times the need, and wastewater plants of which a share is enough."""
    least_m3s = river_flow_needed(project, water)
    least_mgd = water_need_m3s(project, water) / M3S_PER_MGD / settings.water.reclaimed_share
    rivers = read_features(package, RIVERS, ("name", "flow_m3s"), where=lambda table: table["flow_m3s"] >= least_m3s)
    plants = read_features(package, WASTEWATER, ("name", "design_mgd"), where=lambda table: table["design_mgd"] >= least_mgd)
    label, geometry = (np.concatenate([rivers[c], plants[c]]) for c in ("name", "geometry"))
    flow = np.concatenate([rivers["flow_m3s"], plants["design_mgd"] * M3S_PER_MGD])
    source = np.repeat(np.array(["river", "wastewater"], object), [len(rivers["name"]), len(plants["name"])])
    facts = {"source": source, "flow_m3s": flow}
    return Targets("water", "pipe", geometry, label, label, facts, (RIVERS, WASTEWATER), [least_m3s, least_mgd])


def cells_of(geometry: np.ndarray, land: Land, friction: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cells that points and lines lie in, each pair once.

    Parameters
    ----------
    geometry : (n,) array of shapely geometries, EPSG:5070
    land : Land
    friction : (rows, columns) float32
        A feature in a cell of infinite friction goes to the nearest free cell within ``SNAP_CELLS``, or is left out.

    Returns
    -------
    cells : (k,) int64
        Flat cells, ascending.
    feature : (k,) int64
        Row of the geometry; ascending within a cell.
    """
    grid = land.grid
    dense = shapely.segmentize(geometry, grid.resolution_m / 2.0)
    xy, feature = shapely.get_coordinates(dense, return_index=True)
    row, col = grid.cell_at(xy[:, 0], xy[:, 1])
    inside = grid.inside(row, col)
    pairs = np.unique(np.stack([row[inside] * grid.width + col[inside], feature[inside]], axis=1), axis=0)
    return _snapped(pairs[:, 0], pairs[:, 1], friction)


def _snapped(cells: np.ndarray, feature: np.ndarray, friction: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    moved = nearest_free(cells, friction)
    order = np.lexsort((feature, moved))
    order = order[moved[order] >= 0]
    pairs = np.unique(np.stack([moved[order], feature[order]], axis=1), axis=0)
    return pairs[:, 0], pairs[:, 1]


def nearest_free(cells: np.ndarray, friction: np.ndarray) -> np.ndarray:
    """(n,) int64 nearest cell that a route may enter, within ``SNAP_CELLS``; -1 where there is none. Ties go north, then west."""
    rows, cols = friction.shape
    free_cells = np.asarray(cells, np.int64).copy()
    blocked = np.flatnonzero(~np.isfinite(friction.reshape(-1)[free_cells]))
    row, col = np.divmod(free_cells[blocked], cols)
    best, near = np.full(blocked.size, -1, np.int64), np.full(blocked.size, np.inf)
    for dr in range(-SNAP_CELLS, SNAP_CELLS + 1):
        for dc in range(-SNAP_CELLS, SNAP_CELLS + 1):
            r, c, far = row + dr, col + dc, float(np.hypot(dr, dc))
            inside = (r >= 0) & (r < rows) & (c >= 0) & (c < cols) & (far <= SNAP_CELLS)
            free = np.zeros(blocked.size, bool)
            free[inside] = np.isfinite(friction[r[inside], c[inside]])
            better = free & (far < near)
            best[better], near[better] = r[better] * cols + c[better], far
    free_cells[blocked] = best
    return free_cells
