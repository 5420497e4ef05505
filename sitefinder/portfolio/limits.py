"""Limits of a set of campuses as rows of a linear programme: every row says that a sum is at most a number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sitefinder.config import Config
from sitefinder.config.portfolio import CAPPED, Headroom, Portfolio
from sitefinder.costs.formulas import MID
from sitefinder.portfolio.pool import YEARS, Sites
from sitefinder.portfolio.values import discounts
from sitefinder.units import M3S_PER_MGD, MW_PER_GW

#: share of the load that gas carries, by pathway; the middle of ``costs.generation.hybrid_share`` for the hybrid one
GAS_PART = {"grid": 0.0, "onsite_gas": 1.0}
#: key of the row that asks for no fewer campuses
AT_LEAST = "number of campuses at least"
#: year at which megawatts that wait are valued
WAIT_FROM = 2030


@dataclass(frozen=True)
class Row:
    """sum(coefficient x variable) <= most.

    Parameters
    ----------
    family : str
        Section of ``portfolio`` that asks for it.
    key : str
        What it is about, in words.
    columns : (m,) int
        Variables: the first n are the sites, the others the extras.
    weights : (m,) float64
    most : float
    unit : str
    """

    family: str
    key: str
    columns: np.ndarray
    weights: np.ndarray
    most: float
    unit: str


@dataclass
class Limits:
    """All rows, and continuous variables beside the sites: megawatts that wait, water drawn from rivers and from plants.

    Parameters
    ----------
    sites : int
        Number of sites.
    rows : list of Row
    loss : list of float
        Value lost per unit of each extra variable, billion dollars.
    most : list of float
        Upper bound of each extra variable.
    """

    sites: int
    rows: list[Row] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)
    most: list[float] = field(default_factory=list)

    def variable(self, loss: float, most: float) -> int:
        """A new continuous variable; its column."""
        self.loss.append(loss)
        self.most.append(most)
        return self.sites + len(self.loss) - 1

    def add(self, family: str, key: str, parts: tuple[Any, Any], most: float, unit: str) -> None:
        """A new row, with the columns and weights of ``parts``."""
        columns, weights = parts
        self.rows.append(Row(family, key, np.asarray(columns, np.int64), np.asarray(weights, np.float64), float(most), unit))


def build(sites: Sites, terms: Portfolio, config: Config) -> Limits:
    """Rows of all limits that the terms ask for.

    Parameters
    ----------
    sites : Sites
    terms : Portfolio
    config : Config
        Read for ``needs`` and ``costs``: shares of rivers, plants, pipelines and of gas in the hybrid pathway.
    """
    limits = Limits(sites.size)
    waits = _headroom(limits, sites, terms, config)
    _size(limits, sites, terms)
    _spacing(limits, sites, terms)
    _caps(limits, sites, terms)
    if terms.budget_musd is not None:
        every = list(range(sites.size))
        limits.add("budget_musd", "site capital", (every, sites.numbers("capex_musd_mid")), terms.budget_musd, "million USD")
    if terms.floor:
        mw = floor_mw(sites, terms)
        columns = [*range(sites.size), *waits]
        limits.add("floor", f"MW by {terms.floor.by}", (columns, [*(-mw), *([1.0] * len(waits))]), -terms.floor.mw, "MW")
    _hazards(limits, sites, terms)
    _gas(limits, sites, terms, config)
    _water(limits, sites, terms, config)
    return limits


def floor_mw(sites: Sites, terms: Portfolio) -> np.ndarray:
    """Megawatts of each site that count towards the floor, (n,)."""
    if terms.floor is None:
        return np.zeros(sites.size)
    return sites.mw_by(terms.floor.by, terms.floor.at)


def target_mw(sites: Sites, terms: Portfolio) -> float:
    """Full load of the set."""
    return terms.mw if terms.mw is not None else (terms.campuses or 0) * sites.project_mw


def most_campuses(sites: Sites, terms: Portfolio) -> int:
    """Largest number of campuses that a set can have."""
    if terms.campuses is not None:
        return terms.campuses
    return int(np.ceil(target_mw(sites, terms) / sites.project_mw))


def gas_part(pathway: str, config: Config) -> float:
    """Share of the load that gas carries."""
    if pathway in GAS_PART:
        return GAS_PART[pathway]
    return config.costs.generation.hybrid_share[MID] if config.costs else 0.5


def _size(limits: Limits, sites: Sites, terms: Portfolio) -> None:
    every, count = list(range(sites.size)), most_campuses(sites, terms)
    limits.add("size", "number of campuses", (every, np.ones(sites.size)), count, "campuses")
    limits.add("size", AT_LEAST, (every, -np.ones(sites.size)), -count, "campuses")


def _spacing(limits: Limits, sites: Sites, terms: Portfolio) -> None:
    near = sites.apart_km < terms.spacing_km
    np.fill_diagonal(near, val=False)
    for clique in cliques(near):
        limits.add("spacing_km", " / ".join(sites.ids[i] for i in clique), (clique, np.ones(len(clique))), 1.0, "campuses")


def cliques(near: np.ndarray) -> Iterator[list[int]]:
    """Groups of which every two members are near each other; together they hold every near pair.

    Parameters
    ----------
    near : (n, n) bool
        Symmetric, nothing near itself.

    >>> near = np.zeros((4, 4), bool)
    >>> near[[0, 1, 0, 2, 1, 2, 2, 3], [1, 0, 2, 0, 2, 1, 3, 2]] = True
    >>> list(cliques(near))
    [[0, 1, 2], [2, 3]]
    """
    covered = ~near
    for i, j in np.argwhere(np.triu(near)):
        if covered[i, j]:
            continue
        members = [int(i), int(j)]
        shared = near[i] & near[j]
        while shared.any():
            # the member that covers most pairs still open
            options = np.flatnonzero(shared)
            best = int(options[(~covered[np.ix_(options, np.array(members))]).sum(axis=1).argmax()])
            members.append(best)
            shared &= near[best]
        covered[np.ix_(np.array(members), np.array(members))] = True
        yield sorted(members)


def _caps(limits: Limits, sites: Sites, terms: Portfolio) -> None:
    for column in CAPPED:
        groups = sites.groups(column)
        burns = np.array([column != "gas_pipeline" or r["pathway"] != "grid" for r in sites.rows])
        for group in sorted(set(groups)):
            members = [i for i, g in enumerate(groups) if g == group and burns[i]]
            most = terms.cap(column, group)
            if most is not None and len(members) > most:
                limits.add(f"caps.{column}", group, (members, np.ones(len(members))), most, "campuses")


def _hazards(limits: Limits, sites: Sites, terms: Portfolio) -> None:
    """Every exposed site in turn is the centre of a disaster; discs that hold no more than another are left out."""
    for column, hazard in terms.hazards.items():
        exposed = np.nan_to_num(sites.numbers(column), nan=-np.inf) >= hazard.above
        most = max(hazard.share * target_mw(sites, terms), sites.project_mw)
        found = {tuple(np.flatnonzero(exposed & (sites.apart_km[i] <= hazard.within_km))) for i in np.flatnonzero(exposed)}
        discs = [d for d in sorted(found) if not any(set(d) < set(e) for e in found)]
        for disc in discs:
            if len(disc) * sites.project_mw > most:
                key = f"{len(disc)} sites around {sites.ids[disc[0]]}"
                limits.add(f"hazards.{column}", key, (disc, np.full(len(disc), sites.project_mw)), most, "MW")


# -- power -------------------------------------------------------------------------------------------------------------


def station_groups(sites: Sites) -> list[list[int]]:
    """Sites that would draw on the same station, at least two each.

    A station is the same where name, voltage and the three quantiles of its headroom are, and the two straight lines can meet.
    """
    names = ("grid_station_kv", "grid_headroom_mw_p10", "grid_headroom_mw_p50", "grid_headroom_mw_p90")
    found: dict[tuple, list[list[int]]] = {}
    reach = sites.numbers("grid_station_km")
    for i, row in enumerate(sites.rows):
        if row.get("grid_headroom_mw_p50") is None or row["pathway"] == "onsite_gas":
            continue
        key = (row.get("grid_station"), *(row.get(n) for n in names))
        for group in found.setdefault(key, []):
            if sites.apart_km[i, group[0]] <= 2.0 + reach[i] + reach[group[0]]:  # the station is no point
                group.append(i)
                break
        else:
            found[key].append([i])
    return sorted(g for groups in found.values() for g in groups if len(g) > 1)


def _headroom(limits: Limits, sites: Sites, terms: Portfolio, config: Config) -> list[int]:
    """Megawatts drawn on shared stations and corridors; returns the columns of the megawatts that wait."""
    if terms.headroom is None:
        return []
    held = sites.numbers("grid_headroom_mw_p50")
    need = np.array([(1.0 - gas_part(r["pathway"], config)) * sites.project_mw for r in sites.rows])
    draw = np.minimum(need, held)  # what a campus cannot have alone, its own dates already say
    shared = [(g, float(held[g[0]]), "station") for g in station_groups(sites)]
    same_station = {frozenset(p) for g, _, _ in shared for p in _pairs(g)}
    kv = sites.numbers("grid_station_kv")
    near = (sites.apart_km <= terms.headroom.corridor_km) & (sites.apart_km >= terms.spacing_km) & (kv[:, None] == kv)
    for i, j in np.argwhere(np.triu(near, 1)):
        if frozenset((int(i), int(j))) not in same_station and draw[i] + draw[j] > 0:
            room = max(held[i], held[j], terms.headroom.corridor_share * (held[i] + held[j]))
            shared.append(([int(i), int(j)], float(room), "corridor"))
    waits = []
    for group, room, kind in shared:
        total = float(draw[group].sum())
        if not total > room:
            continue
        most = total - room if terms.headroom.excess == "waits" else 0.0
        wait = limits.variable(wait_loss(terms, terms.headroom), most)
        waits.append(wait)
        key = f"{kind} of {' / '.join(sites.ids[i] for i in group)}"
        limits.add("headroom", key, ([*group, wait], [*draw[group], -1.0]), room, "MW")
    return waits


def wait_loss(terms: Portfolio, headroom: Headroom) -> float:
    """Value lost by a megawatt that waits for upgrades, billion dollars."""
    discount = discounts(terms.value.discount_rate)[YEARS.index(WAIT_FROM)]
    return float(terms.value.busd_per_gw_year[MID] * headroom.wait_years[MID] * discount / MW_PER_GW)


def _pairs(members: Sequence[int]) -> Iterator[tuple[int, int]]:
    return ((a, b) for k, a in enumerate(members) for b in members[k + 1 :])


def _gas(limits: Limits, sites: Sites, terms: Portfolio, config: Config) -> None:
    """Gas of all campuses on one company, at most the share above which it needs a pipeline of its own."""
    if not terms.gas_shared or config.needs is None or "gas_need_mmcfd_mid" not in sites.rows[0]:
        return
    share = config.needs.gas.own_share
    held = share * sites.numbers("gas_company_mmcfd")
    parts = np.array([gas_part(r["pathway"], config) for r in sites.rows])
    need = np.minimum(parts * sites.numbers("gas_need_mmcfd_mid"), held)
    groups = sites.groups("gas_pipeline")
    for company in sorted(set(groups)):
        members = [i for i, g in enumerate(groups) if g == company and np.isfinite(need[i]) and need[i] > 0]
        if members and need[members].sum() > held[members].max():
            limits.add("gas_shared", company, (members, need[members]), float(held[members].max()), "MMcf/d")


# -- water -------------------------------------------------------------------------------------------------------------


def _water(limits: Limits, sites: Sites, terms: Portfolio, config: Config) -> None:
    """Hottest-day water in a dry year, from the river and from wastewater plants, where campuses could take it from each other.

    What a campus lacks even alone is not counted: its own row of the list says so.
    """
    if not terms.water.on or config.needs is None or "water_peak_mgd" not in sites.rows[0]:
        return
    water = config.needs.water
    flow = np.nan_to_num(sites.numbers("water_river_m3s"))
    river = flow * water.low_flow[MID] * water.take[MID] / M3S_PER_MGD
    plants = np.nan_to_num(sites.numbers("reclaimed_25km_mgd")) * water.reclaimed[MID]
    need = np.minimum(np.nan_to_num(sites.numbers("water_peak_mgd")), river + plants)
    reaches = river_reaches(sites, flow, terms.water.river_km)
    count = most_campuses(sites, terms)
    tight = [(at, r) for at, r in reaches if np.sort(need[r])[-count:].sum() > river[at]]
    contested = sorted({i for _, reach in tight for i in reach} | set(np.flatnonzero((river < need) & (need > 0)).tolist()))
    drawn = {i: limits.variable(0.0, float(river[i])) for i in contested}
    reused = {i: limits.variable(0.0, float(plants[i])) for i in contested}
    for i in contested:
        limits.add("water", f"need of {sites.ids[i]}", ([i, drawn[i], reused[i]], [need[i], -1.0, -1.0]), 0.0, "Mgd")
    for at, reach in tight:
        columns = [drawn[i] for i in reach]
        key = f"{sites.rows[at]['water_river']} down to {sites.ids[at]}"
        limits.add("water", key, (columns, np.ones(len(columns))), float(river[at]), "Mgd")
    for a, b in _pairs(contested):
        most = max(plants[a], plants[b])
        if sites.apart_km[a, b] <= terms.water.reclaimed_km and most > 0:
            key = f"wastewater plants of {sites.ids[a]} / {sites.ids[b]}"
            limits.add("water", key, ([reused[a], reused[b]], [1.0, 1.0]), most, "Mgd")


def river_reaches(sites: Sites, flow: np.ndarray, link_km: float) -> list[tuple[int, list[int]]]:
    """For every site on a river with others: the site, and those on the same river whose flow is not larger, itself included.

    The same name is the same river as long as sites follow each other within ``link_km``; flow grows downstream.

    Parameters
    ----------
    sites : Sites
    flow : (n,) m3/s
    link_km : float
    """
    found = []
    names: dict[str, list[int]] = {}
    for i, row in enumerate(sites.rows):
        if row.get("water_river") and flow[i] > 0:
            names.setdefault(row["water_river"], []).append(i)
    for name in sorted(names):
        for river in _linked(names[name], sites.apart_km, link_km):
            if len(river) > 1:
                found += [(i, [j for j in river if flow[j] <= flow[i]]) for i in river]
    return found


def _linked(members: list[int], apart_km: np.ndarray, link_km: float) -> list[list[int]]:
    """Members that are connected by steps of at most ``link_km``."""
    left, groups = list(members), []
    while left:
        group = [left.pop(0)]
        for at in group:
            near = [j for j in left if apart_km[at, j] <= link_km]
            group += near
            left = [j for j in left if j not in near]
        groups.append(sorted(group))
    return groups
