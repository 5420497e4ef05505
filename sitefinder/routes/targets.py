"""Targets of connections: stations, gas pipelines, fiber corridors, rivers and wastewater plants, as cells and features."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from sitefinder.columns import MID
from sitefinder.config.connections import Connections, Kind
from sitefinder.grid import Land
from sitefinder.layers.families.water import river_flow_needed, water_need_m3s
from sitefinder.layers.files import (
    CORRIDORS,
    HEADROOM,
    INTRASTATE,
    PIPELINE_CAPACITY,
    PIPELINES,
    RIVERS,
    STATES,
    STATIONS,
    WASTEWATER,
)
from sitefinder.layers.package import DataPackage, read_features
from sitefinder.units import M3S_PER_MGD

if TYPE_CHECKING:
    from sitefinder.config import Project
    from sitefinder.config.costs import WaterNeed

#: files that this stage reads itself; the headroom only where it is part of the data
FILES = (STATIONS, HEADROOM, PIPELINES, PIPELINE_CAPACITY, CORRIDORS, RIVERS, WASTEWATER, STATES)
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
    """All classes of targets: ``grid_able``, ``grid_any``, ``gas``, ``gas_trunk``, ``fiber``, ``water``.

    ``grid_able`` are the stations with an estimated headroom of at least the project; it is missing where the data hold no
    estimate. ``gas_trunk`` are the pipelines of companies that move enough for the load; it is missing where no company does.

    Raises
    ------
    DataError
        A file is missing or damaged.
    """
    makers: list[Callable[[], Targets | None]] = [
        lambda: _able_stations(package, project, settings),
        lambda: _stations(package, settings),
        lambda: _pipelines(package),
        lambda: _trunks(package, settings, project),
        lambda: _corridors(package),
        lambda: _water(package, settings, project, water),
    ]
    return {target.name: target for target in (make() for make in makers) if target is not None}


def _able_stations(package: DataPackage, project: Project, settings: Connections) -> Targets | None:
    if HEADROOM not in package.resources:
        return None
    least_kv = settings.grid.least_kv

    def able(table: Mapping[str, np.ndarray]) -> np.ndarray:
        return (table["n1_p50"] >= project.mw) & (table["kv"] >= least_kv)

    rows = read_features(package, HEADROOM, ("sub_id", "name", "kv", "n1_p50"), where=able)
    best = np.lexsort((-rows["kv"], -rows["n1_p50"], rows["sub_id"]))  # the class that can carry most, of each station
    best = best[np.unique(rows["sub_id"][best], return_index=True)[1]]
    facts = {"kv": rows["kv"][best].astype(np.int64), "headroom_mw": rows["n1_p50"][best].astype(np.float64)}
    geometry, label, group = (rows[c][best] for c in ("geometry", "name", "sub_id"))
    return Targets("grid_able", "line", geometry, label, group, facts, (HEADROOM,), [project.mw, least_kv])


def _stations(package: DataPackage, settings: Connections) -> Targets:
    least_kv = settings.grid.least_kv
    rows = read_features(package, STATIONS, ("sub_id", "name", "kv_class"), where=lambda table: table["kv_class"] >= least_kv)
    headroom = np.full(len(rows["sub_id"]), np.nan)
    if HEADROOM in package.resources:
        known = read_features(package, HEADROOM, ("sub_id", "n1_p50"))
        best: dict[int, float] = {}
        for station, mw in zip(known["sub_id"].tolist(), known["n1_p50"].tolist(), strict=True):
            best[station] = max(mw, best.get(station, 0.0))
        headroom = np.array([best.get(s, np.nan) for s in rows["sub_id"].tolist()])
    facts = {"kv": rows["kv_class"].astype(np.int64), "headroom_mw": headroom}
    return Targets("grid_any", "line", rows["geometry"], rows["name"], rows["sub_id"], facts, (STATIONS,), [least_kv])


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
