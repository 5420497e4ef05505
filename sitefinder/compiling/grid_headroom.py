"""Load-hosting headroom of every station of 230 kV and more, from a direct-current power flow on the mapped grid."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree
from threadpoolctl import threadpool_limits

from sitefinder.compiling.base import CRS, Compiler, Product
from sitefinder.compiling.grid_peak import (
    PEAKS_RAW,
    PLANTS_RAW,
    SALES_RAW,
    VOLTAGE_RAW,
    bus_load,
    load_points,
    peak_plants,
    state_peaks,
)
from sitefinder.compiling.grid_statistics import SYNTHETIC_RAW, line_statistics
from sitefinder.compiling.powerflow import dispatch, study
from sitefinder.compiling.powerflow.interconnections import Interconnections, separate
from sitefinder.compiling.powerflow.parameters import Statistics, typical
from sitefinder.compiling.powerflow.strength import short_circuit_mva
from sitefinder.compiling.powerflow.topology import Network, Stations, build_network
from sitefinder.compiling.station_names import near_towns

REGIONS_RAW = "grid/egrid_subregions.parquet"
WESTERN = ("AZNM", "CAMX", "NWPP", "RMPA")
TEXAS = ("ERCT",)
OVERSEAS = ("AKGD", "AKMS", "HIMS", "HIOA", "PRMS")
#: this far inside the border of its subregions a bus surely belongs to the interconnection; the Texas polygon takes in parts of
#: the neighbours, so its heart is taken
DEEP_M = {"Western": 80_000.0, "Texas": 120_000.0, "Eastern": 80_000.0}
#: Texas has no lines of this class: what lies in its polygon is Eastern
NOT_TEXAN_KV = 500
#: lowest class in the network
LEAST_KV = 100
SEED, DRAWS = 20260122, 20
QUANTILES = (0.1, 0.5, 0.9)
#: kinds of the element that limits
LINE, TRANSFORMER, FEEDER = "line", "transformer", "feeder"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Grid:
    """Inputs of the power-flow study, kept together for checks and documentation.

    Parameters
    ----------
    network : Network
        Of all mapped lines.
    parts : Interconnections
    case : study.Case
    statistics : Statistics
    stations : GeoDataFrame
    load, generation : (n_buses,) float64
        MW.
    supply : (n_regions,) float64
        Idle dispatchable capacity of the interconnection of each region, MW.
    regions : tuple of str
    machines : (n_buses,) float64
        Synchronous machines that run on the peak, MW that can be counted on.
    """

    network: Network
    parts: Interconnections
    case: study.Case
    statistics: Statistics
    stations: gpd.GeoDataFrame
    load: np.ndarray
    generation: np.ndarray
    supply: np.ndarray
    regions: tuple[str, ...]
    machines: np.ndarray


def build_grid(c: Compiler) -> Grid:
    """Network, peak and dispatch from the compiled lines, stations and people and the registers of load and plants."""
    lines = gpd.read_parquet(c.out_root / "grid/transmission_lines.parquet")
    lines = lines[(lines["kv_class"] >= LEAST_KV) & ~lines["is_dc"]]
    stations = gpd.read_parquet(c.out_root / "grid/substations.parquet")
    table = Stations(shapely.get_coordinates(stations.geometry.values), stations["kv_class"].to_numpy(np.int64))
    network = build_network(lines.geometry.values, lines["kv_class"].to_numpy(np.int64), table)
    areas = gpd.read_parquet(c.raw(REGIONS_RAW)).to_crs(CRS)
    areas = areas[~areas["name"].isin(OVERSEAS)].reset_index(drop=True)
    parts = separate(network, deep_buses(network, areas))
    network_in_use, grid = main_parts(network, parts)
    usable = grid >= 0
    points = load_points(c)
    bus = dispatch.load_bus(shapely.get_coordinates(points.geometry.values), network.xy, network.kv, usable)
    load = bus_load(points, np.array(parts.names)[grid[bus]], bus, network.kv.size, state_peaks(c))
    plants, _ = peak_plants(c)
    at = dispatch.plant_bus(plants, network.xy, network.kv, usable)
    regions, region = regions_of_buses(network, areas, grid, parts.names)
    grid_of_region = np.array([parts.names.index(name.split()[0]) for name in regions])
    demand = np.bincount(region[usable], weights=load[usable], minlength=len(regions))
    given = dispatch.dispatch(plants, region[at], grid_of_region, demand)
    share, supply = dispatch.next_units(plants, given, region[at], grid_of_region)
    generation = np.bincount(at, weights=given, minlength=network.kv.size)
    machines = np.bincount(at, weights=plants.mw * (plants.synchronous & (given > 0)), minlength=network.kv.size)
    answer = np.column_stack([np.bincount(at, weights=row, minlength=network.kv.size) for row in share])
    case = study.Case(network_in_use, grid, balanced(generation, load, grid), region, answer)
    return Grid(network, parts, case, line_statistics(c), stations, load, generation, supply, regions, machines)


def deep_buses(network: Network, areas: gpd.GeoDataFrame) -> dict[str, np.ndarray]:
    """Buses deep inside each interconnection, whose membership is certain."""
    places = shapely.points(network.xy)

    def inside(names: list[str], depth: float) -> np.ndarray:
        shape = shapely.union_all(shapely.buffer(areas[areas["name"].isin(names)].geometry.values, 2000.0))
        heart = shapely.buffer(shapely.simplify(shape, 2000.0), -depth)
        shapely.prepare(heart)
        return np.asarray(shapely.contains(heart, places))

    rest = [name for name in areas["name"] if name not in (*WESTERN, *TEXAS)]
    not_texan = (network.kv == NOT_TEXAN_KV) & inside(list(TEXAS), 0.0)
    return {
        "Western": inside(list(WESTERN), DEEP_M["Western"]),
        "Texas": inside(list(TEXAS), DEEP_M["Texas"]) & ~not_texan,
        "Eastern": inside(rest, DEEP_M["Eastern"]) | not_texan,
    }


def main_parts(network: Network, parts: Interconnections) -> tuple[Network, np.ndarray]:
    """The network without cut branches and islands, and the interconnection of each bus in a main part (-1: none)."""
    _, island = network.keep(~parts.cut).islands()
    grid = np.full(network.kv.size, -1)
    for i in range(len(parts.names)):
        largest = np.bincount(island[parts.of_bus == i]).argmax()
        grid[(parts.of_bus == i) & (island == largest)] = i
    inside = ~parts.cut & (grid[network.start] >= 0)
    return network.keep(inside), grid


def regions_of_buses(
    network: Network, areas: gpd.GeoDataFrame, grid: np.ndarray, names: tuple[str, ...]
) -> tuple[tuple[str, ...], np.ndarray]:
    """Regions that feed their own new load: the parts of a subregion in each interconnection, and the region of each bus."""
    bus, area = areas.sindex.nearest(shapely.points(network.xy), return_all=False)
    label = np.full(network.kv.size, "", object)
    label[bus] = [f"{names[max(g, 0)]} {areas['name'].iloc[a]}" for g, a in zip(grid[bus], area, strict=True)]
    labels, region = np.unique(label.astype(str), return_inverse=True)
    return tuple(str(n) for n in labels), region


def balanced(generation: np.ndarray, load: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Generation less load; where an interconnection is short or long, its load is scaled to what is generated."""
    injection = np.zeros(load.size)
    for i in range(int(grid.max()) + 1):
        here = grid == i
        scale = generation[here].sum() / load[here].sum()
        log.info("interconnection %d: load %.0f MW, scaled by %.4f", i, load[here].sum(), scale)
        injection[here] = generation[here] - load[here] * scale
    return injection


def compile_headroom(c: Compiler) -> None:
    """``grid/headroom.parquet``: one row per station and voltage class."""
    grid = build_grid(c)
    with threadpool_limits(1):
        outcome = study.run(grid.case, grid.statistics, draws=DRAWS, seed=SEED)
    towns = gpd.read_parquet(c.out_root / "land/places.parquet")
    c.vector(headroom_product(), headroom_table(grid, outcome, towns))


def headroom_table(grid: Grid, outcome: study.Outcome, towns: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Quantiles over the draws, at most what idle plants can feed, and the element that limits the typical case."""
    network = grid.case.network
    at = outcome.buses
    station = network.station[at]
    supply = grid.supply[grid.case.region[at]]
    intact, outage = (np.quantile(np.minimum(x, supply[:, None]), QUANTILES, axis=1) for x in (outcome.intact, outcome.outage))
    names, name = bus_names(grid), grid.stations["name"].to_numpy(object)
    short = outage[1] >= supply
    limit = np.array([branch_name(network, names, b) for b in outcome.limit], object)
    lost = np.array([branch_name(network, names, b) for b in outcome.lost], object)
    mva = short_circuit_mva(network, typical(network, grid.statistics).susceptance, grid.case.grid, grid.machines, at)
    table = pd.DataFrame(
        {
            "sub_id": grid.stations["sub_id"].to_numpy()[station],
            "name": name[station],
            "near": near_towns(name[station], network.kv[at], network.xy[at], towns),
            "junction": (grid.stations["is_tap"] | grid.stations["source"].eq("line_node")).to_numpy(bool)[station],
            "kv": network.kv[at].astype(np.int16),
            "interconnection": np.array(grid.parts.names)[grid.case.grid[at]],
            "region": [grid.regions[r].split()[1] for r in grid.case.region[at]],
            **{f"n0_{q}": v for q, v in zip(("p10", "p50", "p90"), intact, strict=True)},
            **{f"n1_{q}": v for q, v in zip(("p10", "p50", "p90"), outage, strict=True)},
            "supply_mw": supply,
            "limit": np.where(short, "idle generation", limit),
            "lost": np.where(short, np.array(None, object), lost),
            **lifts(grid, outcome, short),
            "short_circuit_mva": mva,
        }
    )
    figures = [k for k in table.columns.astype(str) if k.startswith(("n0_", "n1_")) or k.endswith(("_mw", "_mva"))]
    table[figures] = table[figures].round(0).astype(np.float32)
    frame = gpd.GeoDataFrame(table, geometry=shapely.points(network.xy[at]), crs=CRS)
    return frame[station >= 0].sort_values(["sub_id", "kv"], ignore_index=True)


def lifts(grid: Grid, outcome: study.Outcome, short: np.ndarray) -> dict[str, np.ndarray]:
    """Columns on the branch that limits the typical case, and what strengthening it brings; (n_buses,) each.

    Parameters
    ----------
    grid : Grid
    outcome : study.Outcome
    short : (n_buses,) bool
        Idle plants limit, not a branch.
    """
    network, supply = grid.case.network, grid.supply[grid.case.region[outcome.buses]]
    branch = np.where((outcome.limit >= 0) & ~short, outcome.limit, -1)
    known, feeds = branch >= 0, (outcome.limit >= 0) & (outcome.limit == outcome.lost)
    kind = np.where(network.is_transformer[branch], TRANSFORMER, np.where(feeds, FEEDER, LINE))
    return {
        "limit_kind": np.where(known, kind, np.array(None, object)),
        "limit_kv": np.where(known, network.branch_kv[branch], 0).astype(np.int16),
        "limit_km": np.where(known, network.km[branch], np.nan).round(1).astype(np.float32),
        "typical_mw": np.minimum(outcome.typical, supply),
        "lifted_mw": np.minimum(outcome.lifted, supply),
    }


def bus_names(grid: Grid) -> np.ndarray:
    """(n_buses,) name of the station of each bus, or "near" the closest named one."""
    own = grid.stations["name"].to_numpy(object)
    titled = np.flatnonzero(grid.stations["name"].notna().to_numpy())
    xy = shapely.get_coordinates(grid.stations.geometry.values[titled])
    _, nearest = cKDTree(xy).query(grid.network.xy)
    station = grid.network.station
    here = np.where(station >= 0, own[station], None)
    return np.array([a if isinstance(a, str) else f"near {own[titled[b]]}" for a, b in zip(here, nearest, strict=True)], object)


def branch_name(network: Network, names: np.ndarray, branch: int) -> str | None:
    """Name of a branch, such as '345 kV OLIVE - ST. JOHN'; None for no branch."""
    if branch < 0:
        return None
    a, b = network.start[branch], network.end[branch]
    if network.is_transformer[branch]:
        return f"{max(network.kv[a], network.kv[b])}/{min(network.kv[a], network.kv[b])} kV transformer {names[a]}"
    return f"{network.kv[a]} kV {names[a]} - {names[b]}"


def headroom_product() -> Product:
    """Register entry of the headroom of stations."""
    return Product(
        path="grid/headroom.parquet",
        title="Load-hosting headroom of stations of 230 kV and more (screening estimate)",
        publisher="computed here from DHS HIFLD, EIA-860, EIA-861, EIA-930, US Census, EPA eGRID, TAMU synthetic network",
        vintage="lines 2024-09, plants 2025-02, load 2023-2024",
        licence="CC BY 4.0",
        grade="E4",
        caveat=(
            "A screening estimate, not available capacity: direct current, no voltages, no short circuits, no queue, no "
            "planned projects, no large loads added since 2023. Circuits, ratings and reactances are unknown and drawn; loads "
            "follow people and jobs. An order of magnitude for one campus; it says nothing about two campuses at once."
        ),
        method=(
            "Direct-current power flow on the mapped lines of 100 kV and more; added load fed by the region's cheapest idle "
            "plants; limits of all branches of 230 kV and more with all in service (n0) and with the worst outage nearby (n1); "
            f"quantiles of {DRAWS} draws; at most the idle dispatchable capacity of the interconnection."
        ),
        sources=(REGIONS_RAW, SALES_RAW, PEAKS_RAW, PLANTS_RAW, VOLTAGE_RAW, *SYNTHETIC_RAW),
        fields={
            "sub_id": "station in grid/substations.parquet",
            "name": "its name, null where no source has one",
            "near": "nearest town and distance of a station without a name",
            "junction": "a tap or a line node: lines meet there, but no yard is known",
            "kv": "voltage class of the bus, kV",
            "interconnection": "Eastern, Western or Texas",
            "region": "eGRID subregion whose idle plants feed the added load first",
            **{
                f"{kind}_{q}": f"added load with {what}, {share} of the draws allow less, MW"
                for kind, what in (("n0", "all branches in service"), ("n1", "the worst single outage nearby"))
                for q, share in (("p10", "10 %"), ("p50", "half"), ("p90", "90 %"))
            },
            "supply_mw": "idle dispatchable capacity of its interconnection on the peak, MW: no headroom is above it",
            "limit": "element that reaches its limit first in the typical case",
            "lost": "outage that makes it so, null for none",
            "limit_kind": "line, transformer, or feeder: the only way to the station, whose outage leaves it dark; null where "
            "idle generation limits",
            "limit_kv": "class of that element, the higher one of a transformer, kV; 0 = none",
            "limit_km": "length of a line, km; 0 of a transformer, null for none",
            "typical_mw": "added load with the worst single outage nearby in the typical case, MW",
            "lifted_mw": "the same with the limiting element strengthened as far as it takes (a feeder doubled), MW",
            "short_circuit_mva": "what the synchronous machines on the peak would feed into a three-phase short circuit, by the "
            "reactances of lines and machines alone: a proxy of strength, MVA",
        },
    )
