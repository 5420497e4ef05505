"""Connections of a campus: routes to the grid, gas, fiber and water, with their crossings and costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import shapely

from sitefinder.columns import MID
from sitefinder.config import Project
from sitefinder.config.connections import Connections
from sitefinder.config.costs import WaterNeed
from sitefinder.layers.able import Chosen
from sitefinder.layers.families.water import water_need_m3s
from sitefinder.layers.files import CORRIDORS, HIGHWAYS, RIVERS
from sitefinder.layers.package import DataPackage, read_features
from sitefinder.layers.stack import LayerStack
from sitefinder.routes import costs
from sitefinder.routes.across import across
from sitefinder.routes.friction import terrain_at
from sitefinder.routes.surfaces import Surface, Ways, grid_surface, open_surfaces, other_ways, own_ways, ways
from sitefinder.routes.targets import trunk_capacity
from sitefinder.units import M_PER_KM

#: mean flow from which a river counts as a crossing, m3/s: smaller streams need no structure of their own
RIVER_M3S = 10.0
#: features whose crossings are counted: name -> file, column, rows wanted
CROSSED: Mapping[str, tuple[str, str, Callable[[np.ndarray], np.ndarray]]] = {
    "rivers": (RIVERS, "flow_m3s", lambda flow: flow >= RIVER_M3S),
    "highways": (HIGHWAYS, "kind", lambda kind: kind != "state"),
    "railways": (CORRIDORS, "kind", lambda kind: kind == "railway"),
}
#: the last metres of a route end on their target: they do not cross it
END_M = 30.0
#: routes of a campus, and the class of targets that each leads to
ROUTES = {
    "grid": "grid",
    "gas": "gas",
    "gas_second": "gas",
    "gas_trunk": "gas_trunk",
    "fiber": "fiber",
    "fiber_second": "fiber",
    "water": "water",
}


@dataclass(frozen=True)
class Leg:
    """One kind of route of all sites; NaN and None where a site has none.

    Parameters
    ----------
    lines : (n,) array of LineString or None, EPSG:5070
        From the site through cell centres to the target.
    km, straight_km, cost_km : (n,) float64
        Length of the route, straight distance to its target, and kilometres of easy ground that it is worth.
    ground : (n, 3) float64
        Mean cost multiplier of the ground along it.
    over_km : dict
        Entry of ``terrain`` or ``avoid``, or ``unknown`` -> (n,) kilometres on such ground.
    crossings : dict
        ``rivers``, ``highways``, ``railways`` -> (n,) how many are crossed.
    facts : dict
        ``to`` and what else is known of the target, (n,) object each.
    musd : (n, 3) float64
        Cost, million US dollars: low, most likely, high.
    """

    lines: np.ndarray
    km: np.ndarray
    straight_km: np.ndarray
    cost_km: np.ndarray
    ground: np.ndarray
    over_km: Mapping[str, np.ndarray]
    crossings: Mapping[str, np.ndarray]
    facts: dict[str, np.ndarray]
    musd: np.ndarray


@dataclass(frozen=True)
class Ground:
    """Cost multipliers and difficult ground of some cells, from :func:`sitefinder.routes.friction.terrain_at`.

    Parameters
    ----------
    cells : (n,) int64
        Flat cells, ascending.
    multipliers : (n, 3) float64
    crossed : dict
    """

    cells: np.ndarray
    multipliers: np.ndarray
    crossed: Mapping[str, np.ndarray]


class Terms(NamedTuple):
    """Sections of the configuration that routes are found and priced by."""

    settings: Connections
    project: Project
    water: WaterNeed


class Load(NamedTuple):
    """Load of the connections of a campus: megawatts, and water in m3/s."""

    mw: float
    water_m3s: float


def connect(
    stack: LayerStack,
    package: DataPackage,
    terms: Terms,
    *,
    xy: np.ndarray,
    chosen: Chosen,
) -> dict[str, Leg]:
    """Least-cost routes of some sites to the point of the grid chosen for each, and to gas, fiber and water.

    Parameters
    ----------
    stack : LayerStack
        With the layers of ``connections``.
    package : DataPackage
    terms : Terms
    xy : (n, 2) float64
        EPSG:5070 positions on land, metres.
    chosen : Chosen
        From :func:`sitefinder.layers.able.choose`, at the same positions.

    Returns
    -------
    dict
        Name of ``ROUTES`` -> Leg. Only sites that need a pipeline of their own have a ``gas_trunk``.

    Raises
    ------
    DataError
        A file is missing or damaged.
    OutputError
        The cache cannot be written.
    """
    grid, (settings, project, water) = stack.land.grid, terms
    row, col = grid.cell_at(xy[:, 0], xy[:, 1])
    cells = row * grid.width + col
    surfaces = open_surfaces(stack, package, settings, project, water)
    routes = {name: ways(surface, cells) for name, surface in surfaces.items()}
    surfaces["grid"] = grid_surface(stack, settings, chosen)
    routes["grid"] = own_ways(stack, surfaces["grid"], cells, chosen.km, settings)
    routes["gas_second"] = other_ways(stack, surfaces["gas"], cells, routes["gas"], settings, apart=False)
    routes["fiber_second"] = other_ways(stack, surfaces["fiber"], cells, routes["fiber"], settings, apart=True)
    index = stack.land.position[row, col]
    region = [stack.zones.rto_of(i) for i in index]
    ground = ground_of(stack, settings, np.concatenate([way.path for way in routes.values()]))
    load = Load(project.mw, water_need_m3s(project, water))
    legs = {}
    for name in (name for name in ROUTES if name in routes):
        way = routes[name]
        leg = trace(way, surfaces[ROUTES[name]], ground, xy)
        legs[name] = replace(leg, musd=_musd(name, leg, settings, load, region))
    places = [{"state": stack.zones.county_of(i)["state"], "rto": rto} for i, rto in zip(index, region, strict=True)]
    legs["grid"].facts["across"] = np.array(across(legs["grid"].lines, package, places), object)
    if "gas_trunk" in legs:
        legs["gas_trunk"] = _only(legs["gas_trunk"], needs_own_pipeline(legs["gas"], package, settings, project))
    crossed = _crossings([leg.lines for leg in legs.values()], package)
    return {name: replace(leg, crossings=counts) for (name, leg), counts in zip(legs.items(), crossed, strict=True)}


def needs_own_pipeline(gas: Leg, package: DataPackage, settings: Connections, project: Project) -> np.ndarray:
    """(n,) bool: the company of the pipeline that the gas route leads to is known to move too little for the load."""
    capacity, burns = trunk_capacity(package), settings.gas.burns
    need = float(burns.mmcfd(project.mw)[MID])
    moves = np.array([capacity.get(name, np.nan) for name in gas.facts["to"]], np.float64)
    return (need > burns.own_above_mmcfd) | (need > burns.own_share * moves)


def _only(leg: Leg, rows: np.ndarray) -> Leg:
    """The leg with the routes of some sites only."""

    def kept(values: np.ndarray) -> np.ndarray:
        out = values.copy()
        out[~rows] = None if values.dtype == object else np.nan
        return out

    return replace(
        leg,
        lines=kept(leg.lines),
        km=kept(leg.km),
        straight_km=kept(leg.straight_km),
        cost_km=kept(leg.cost_km),
        ground=kept(leg.ground),
        over_km={name: kept(km) for name, km in leg.over_km.items()},
        facts={name: kept(values) for name, values in leg.facts.items()},
        musd=kept(leg.musd),
    )


def ground_of(stack: LayerStack, settings: Connections, cells: np.ndarray) -> Ground:
    """The ground of flat land cells, which may repeat."""
    once = np.unique(cells)
    return Ground(once, *terrain_at(stack, settings, stack.land.index_of(once)))


def trace(way: Ways, surface: Surface, ground: Ground, xy: np.ndarray) -> Leg:
    """Lines, lengths and ground of routes; costs and crossings are left empty."""
    n, connected = len(xy), way.connected
    length = np.diff(way.offset)
    cells = np.repeat(way.path, np.where(np.repeat(length, length) == 1, 2, 1))  # a route within one cell has two ends
    length = np.where(length == 1, 2, length)
    of = np.repeat(np.arange(n), length)
    vertices = np.stack(surface.grid.centre(cells // surface.grid.width, cells % surface.grid.width), axis=1)
    last = np.cumsum(length)[connected] - 1
    within = length[connected] == 2
    reference = np.where((within & (cells[last] == cells[last - 1]))[:, None], xy[connected], vertices[last])
    target = surface.targets.geometry[way.feature[connected]]
    vertices[last] = _nearest_point(reference, target)
    vertices[(np.cumsum(length) - length)[connected]] = xy[connected]
    same = of[1:] == of[:-1]
    step = np.where(same, np.hypot(*np.diff(vertices, axis=0).T), 0.0) / M_PER_KM
    at = np.searchsorted(ground.cells, cells)
    multipliers = ground.multipliers[at]

    def total(values: np.ndarray) -> np.ndarray:
        """Sums of cell values along each route, weighted by the length of the steps; NaN where there is no route."""
        sums = np.bincount(of[1:], step * (values[1:] + values[:-1]) / 2.0, minlength=n)
        return np.where(connected, sums, np.nan)

    km = total(np.ones(cells.size))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.stack([np.where(km > 0, total(m) / km, np.where(connected, 1.0, np.nan)) for m in multipliers.T], axis=1)
    straight, lines = np.full(n, np.nan), np.full(n, None, object)
    straight[connected] = shapely.distance(shapely.points(xy[connected]), target) / M_PER_KM
    lines[connected] = shapely.linestrings(vertices, indices=np.repeat(np.arange(int(connected.sum())), length[connected]))
    return Leg(
        lines=lines,
        km=km,
        straight_km=straight,
        cost_km=way.cost_km,
        ground=mean,
        over_km={name: total(values[at].astype(np.float64)) for name, values in ground.crossed.items()},
        crossings={},
        facts=_facts(way, surface),
        musd=np.full((n, 3), np.nan),
    )


def _nearest_point(xy: np.ndarray, geometry: np.ndarray) -> np.ndarray:
    """(n, 2) points of the geometries nearest to the given ones."""
    lines = shapely.shortest_line(shapely.points(xy), geometry)
    return shapely.get_coordinates(shapely.get_point(lines, 1))


def _facts(way: Ways, surface: Surface) -> dict[str, np.ndarray]:
    """Name and further columns of the target of each site, None where there is no route."""

    def of(values: np.ndarray) -> np.ndarray:
        picked = np.full(way.feature.size, None, object)
        picked[way.connected] = values[way.feature[way.connected]]
        return picked

    return {"to": of(surface.targets.label), **{name: of(values) for name, values in surface.targets.facts.items()}}


def _musd(name: str, leg: Leg, settings: Connections, load: Load, region: Sequence[str | None]) -> np.ndarray:
    """(n, 3) cost of one kind of route."""
    ground = leg.ground * np.array(settings.detour)
    if name == "grid":
        at = costs.GridEnd(np.array([v or 0 for v in leg.facts["kv"]], np.int64), leg.facts["cut_in"].astype(bool), region)
        musd = costs.line_musd(settings.grid, leg.km, ground, at=at, mw=load.mw)
    elif name.startswith("gas"):
        musd = costs.lateral_musd(settings.gas, leg.km, ground, mw=load.mw)
    elif name.startswith("fiber"):
        musd = costs.cable_musd(settings.fiber, leg.km, ground)
    else:
        musd = costs.main_musd(settings.water, leg.km, ground, need_m3s=load.water_m3s)
    return np.where(np.isnan(leg.km)[:, None], np.nan, musd)


def _crossings(lines: Sequence[np.ndarray], package: DataPackage) -> list[dict[str, np.ndarray]]:
    """Number of rivers, highways and railways that the routes of each leg cross."""
    routes = np.concatenate(lines)
    some = np.flatnonzero(~shapely.is_missing(routes))
    length = shapely.length(routes[some])
    tail = shapely.line_interpolate_point(routes[some], np.maximum(length - END_M, 0.0))
    xy, of = shapely.get_coordinates(routes[some], return_index=True)
    last = np.flatnonzero(np.append(of[1:] != of[:-1], True)) if some.size else np.empty(0, np.int64)
    xy[last] = shapely.get_coordinates(tail)
    short = shapely.linestrings(xy, indices=of)
    counts: list[dict[str, np.ndarray]] = [{} for _ in lines]
    for name, (file, column, wanted) in CROSSED.items():
        chosen = _chosen_lines(package, file, column, wanted)
        route, feature = shapely.STRtree(chosen).query(short, predicate="intersects")
        points = shapely.get_num_geometries(shapely.intersection(short[route], chosen[feature]))
        number = np.full(routes.size, np.nan)
        number[some] = np.bincount(route, points, minlength=some.size)
        for leg, part in zip(counts, np.split(number, len(lines)), strict=True):
            leg[name] = part
    return counts


def _chosen_lines(package: DataPackage, file: str, column: str, wanted: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    return read_features(package, file, (column,), where=lambda table: wanted(table[column]))["geometry"]
