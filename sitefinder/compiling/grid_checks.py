"""Validation of the power flow against independent figures; not shipped, not used for training."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree
from scipy.stats import spearmanr

from sitefinder.compiling.base import CRS, Compiler
from sitefinder.compiling.grid_county import TRANSFER_RAW
from sitefinder.compiling.grid_headroom import Grid, branch_name, bus_names
from sitefinder.compiling.grid_peak import peak_plants
from sitefinder.compiling.powerflow import dispatch, study
from sitefinder.files import Json
from sitefinder.units import M_PER_KM, M_PER_MILE

SPUR_RAW = "check/reeds_spurline_cost.csv"
CAMPUSES = "labels/epoch_campuses.parquet"
WATCHED_KV = 230
#: campuses of this size, MW, are what the headroom is for
BIG_MW = 300.0
#: a campus is served from the best station within this distance
SERVED_KM = 15.0
#: well-known corridors: a part of each end's name
CORRIDORS = (
    ("MALIN", "ROUND MOUNTAIN"),
    ("GATES", "LOS BANOS"),
    ("CONEMAUGH", "JUNIATA"),
    ("JACKSONS FERRY", "CLOVERDALE"),
    ("BROADVIEW", "GARRISON"),
    ("LEEDS", "HURLEY"),
)


def network_facts(grid: Grid) -> Json:
    """Size, share of the line miles in the three main parts, and the branches cut between them."""
    net, all_lines = grid.case.network, grid.network
    watched = (net.branch_kv >= WATCHED_KV) & ~net.is_transformer
    mapped = (all_lines.branch_kv >= WATCHED_KV) & ~all_lines.is_transformer
    names = bus_names(grid)
    cut = np.flatnonzero(grid.parts.cut)
    middle = (all_lines.xy[all_lines.start[cut]] + all_lines.xy[all_lines.end[cut]]) / 2.0
    place = gpd.GeoSeries(shapely.points(middle), crs=CRS).to_crs("EPSG:4326")
    return {
        "buses": int((grid.case.grid >= 0).sum()),
        "branches": int(net.km.size),
        "mapped_miles": float(mapped @ all_lines.km * M_PER_KM / M_PER_MILE),
        "share_of_miles": float((watched @ net.km) / (mapped @ all_lines.km)),
        "buses_of": {n: int((grid.case.grid == i).sum()) for i, n in enumerate(grid.parts.names)},
        "cut": [
            {"branch": branch_name(all_lines, names, int(b)), "lat": round(p.y, 2), "lon": round(p.x, 2)}
            for b, p in zip(cut, place, strict=True)
        ],
    }


def plant_voltages(c: Compiler, grid: Grid) -> dict[str, float]:
    """Share of plants whose assigned station, nearest of the class for their size, has the voltage that the plant reported."""
    plants, codes = peak_plants(c)
    first = np.unique(codes, return_index=True)[1]
    known = first[plants.kv[first] > 0]
    bus = dispatch.size_bus(plants, grid.network.xy, grid.network.kv, grid.case.grid >= 0)
    same = grid.network.kv[bus[known]] == plants.kv[known]
    mw = plants.nameplate[known]
    near = np.hypot(*(grid.network.xy[bus[known]] - plants.xy[known]).T) <= dispatch.PLANT_REACH_KM * M_PER_KM
    return {
        "plants": int(known.size),
        "same": float(same.mean()),
        "same_mw": float(same @ mw / mw.sum()),
        "within_10km": float(near.mean()),
    }


def corridors(grid: Grid, outcome: study.Outcome) -> list[Json]:
    """Flow and share of the rating on named corridors, all mapped circuits together."""
    net, names = grid.case.network, bus_names(grid)
    rows = []
    for one, other in CORRIDORS:
        ends = [np.char.find(names[side].astype(str), name) >= 0 for name in (one, other) for side in (net.start, net.end)]
        forward, back = ends[0] & ends[3], ends[1] & ends[2]
        at = (forward | back) & (net.branch_kv >= 345) & ~np.isnan(outcome.flow)
        flow = float(np.where(back, -outcome.flow, outcome.flow)[at].sum())
        rating = float(outcome.rating[at].sum())
        rows.append({"corridor": f"{one} - {other}", "circuits": int(at.sum()), "flow_mw": flow, "share": abs(flow) / rating})
    return rows


def county_transfers(c: Compiler, grid: Grid, outcome: study.Outcome) -> dict[str, float]:
    """Rank correlation of the ratings of lines between two counties with the modelled transfer limits of NARIS."""
    counties = gpd.read_parquet(c.out_root / "boundaries/counties.parquet")
    net = grid.case.network
    bus, county = counties.sindex.nearest(shapely.points(net.xy), return_all=False)
    fips = np.full(net.kv.size, "", object)
    fips[bus] = counties["fips"].to_numpy()[county]
    across = (fips[net.start] != fips[net.end]) & ~np.isnan(outcome.rating)
    pairs = [tuple(sorted(p)) for p in zip(fips[net.start[across]], fips[net.end[across]], strict=True)]
    ours = pd.Series(outcome.rating[across]).groupby(pd.Series(pairs)).sum()
    table = pd.read_csv(c.raw(TRANSFER_RAW))
    table["pair"] = [tuple(sorted((a[1:], b[1:]))) for a, b in zip(table["r"], table["rr"], strict=True)]
    theirs = table.assign(mw=(table["MW_f0"] + table["MW_r0"]) / 2.0).groupby("pair")["mw"].sum()
    both = pd.concat([ours.rename("ours"), theirs.rename("theirs")], axis=1, join="inner")
    ratio = (both["ours"] / both["theirs"]).replace(np.inf, np.nan).dropna()
    return {
        "pairs": len(both),
        "rank_correlation": float(spearmanr(both["ours"], both["theirs"]).statistic),
        "median_ratio": float(ratio.median()),
        "ratio_p10": float(ratio.quantile(0.1)),
        "ratio_p90": float(ratio.quantile(0.9)),
        "ours_mapped": float(len(both) / max(len(ours), 1)),
    }


def spur_lines(c: Compiler, headroom: gpd.GeoDataFrame, grid: Grid) -> dict[str, float]:
    """Distance to our network and headroom at the nearest station against reV's distance and cost to transmission."""
    table = pd.read_csv(c.raw(SPUR_RAW))
    place = gpd.GeoSeries(gpd.points_from_xy(table["longitude"], table["latitude"]), crs="EPSG:4326").to_crs(CRS)
    xy = shapely.get_coordinates(place.values)
    usable = (grid.case.grid >= 0) & (grid.network.station >= 0)
    distance = cKDTree(grid.network.xy[usable]).query(xy)[0] / M_PER_KM
    at = cKDTree(shapely.get_coordinates(headroom.geometry.values)).query(xy)[1]
    room, cost = headroom["n1_p50"].to_numpy()[at], table["trans_cap_cost_per_mw"].to_numpy()
    ratio = table["dist_km"].to_numpy() / np.maximum(distance, 1.0)
    return {
        "points": len(table),
        "distance_rank_correlation": float(spearmanr(distance, table["dist_km"]).statistic),
        "distance_ratio_median": float(np.median(ratio)),
        "cost_against_headroom": float(spearmanr(room, cost).statistic),
        "cost_against_distance": float(spearmanr(distance, cost).statistic),
    }


def campuses(c: Compiler, headroom: gpd.GeoDataFrame, *, seed: int = 0) -> Json:
    """Whether stations near real campuses of 300 MW and more have more headroom than others.

    The best station within 15 km of each campus is compared with the best within 15 km of random stations, and with the other
    stations of its own voltage class. 0.5 is chance.
    """
    table = gpd.read_parquet(c.out_root / CAMPUSES)
    size = table[["mw_now", "mw_max"]].max(axis=1)
    big = shapely.get_coordinates(table.geometry.values[size >= BIG_MW])
    xy = shapely.get_coordinates(headroom.geometry.values)
    tree, room, kv = cKDTree(xy), headroom["n1_p50"].to_numpy(), headroom["kv"].to_numpy()
    drawn = xy[np.random.default_rng(seed).choice(len(xy), 2000, replace=False)]
    best = [[_best(near, room) for near in tree.query_ball_point(p, SERVED_KM * M_PER_KM)] for p in (big, drawn)]
    served = [i for i in best[0] if i >= 0]
    campus, other = room[served], room[best[1]]
    wins = [(other < v).mean() + 0.5 * (other == v).mean() for v in campus]
    same_class = [(room[kv == kv[i]] < room[i]).mean() + 0.5 * (room[kv == kv[i]] == room[i]).mean() for i in served]
    top = np.quantile(other, 0.75)
    return {
        "campuses": int((size >= BIG_MW).sum()),
        "served": len(served),
        "median_mw": float(np.median(campus)),
        "median_mw_elsewhere": float(np.median(other)),
        "auc": float(np.mean(wins)),
        "auc_in_class": float(np.mean(same_class)),
        "lift_best_quarter": float(np.mean(campus >= top) / 0.25),
    }


def _best(stations: list[int], room: np.ndarray) -> int:
    """The station with the most headroom, -1 for none."""
    return max(stations, key=lambda i: float(room[i])) if stations else -1
