"""Limits of a set of campuses as linear constraints, each of the form sum(coefficient x variable) <= bound."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from sitefinder.columns import MID
from sitefinder.config import Config
from sitefinder.config.delivery import YEARS
from sitefinder.config.portfolio import CAPPED, Headroom, Portfolio
from sitefinder.config.project import sources_of
from sitefinder.portfolio.pool import Pool
from sitefinder.portfolio.values import discounts
from sitefinder.units import M3S_PER_MGD, MW_PER_GW

#: key of the constraint on the least number of campuses
AT_LEAST = "number of campuses at least"
#: year for which megawatts that wait for upgrades are valued
WAIT_FROM = 2030


@dataclass(frozen=True)
class Constraint:
    """sum(weight x variable) <= most.

    Parameters
    ----------
    family : str
        Key of ``portfolio`` that it follows from.
    key : str
        What it limits, in words.
    columns : (m,) int
        Variables: the first n are the campuses, the others the continuous ones.
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
class Constraints:
    """All constraints, and the continuous variables besides the campuses: megawatts that wait, water drawn from each source.

    Parameters
    ----------
    campuses : int
        Number of campuses.
    rows : list of Constraint
    loss : list of float
        Value lost per unit of each continuous variable, billion dollars.
    most : list of float
        Upper bound of each continuous variable.
    """

    campuses: int
    rows: list[Constraint] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)
    most: list[float] = field(default_factory=list)

    def variable(self, loss: float, most: float) -> int:
        """Column of a new continuous variable."""
        self.loss.append(loss)
        self.most.append(most)
        return self.campuses + len(self.loss) - 1

    def add(self, family: str, key: str, terms: tuple[ArrayLike, ArrayLike], most: float, unit: str) -> None:
        """Add a constraint; ``terms`` are its columns and weights."""
        columns, weights = np.asarray(terms[0], np.int64), np.asarray(terms[1], np.float64)
        self.rows.append(Constraint(family, key, columns, weights, float(most), unit))


def build(pool: Pool, terms: Portfolio, config: Config) -> Constraints:
    """Constraints of all limits that the terms ask for.

    Parameters
    ----------
    pool : Pool
    terms : Portfolio
    config : Config
        Its ``needs`` and ``costs`` give the shares of rivers, plants, pipelines and of gas in the hybrid pathway.
    """
    limits = Constraints(pool.size)
    waits = _headroom(limits, pool, terms, config)
    _size(limits, pool, terms)
    _spacing(limits, pool, terms)
    _caps(limits, pool, terms)
    if terms.budget_musd is not None:
        every = list(range(pool.size))
        limits.add("budget_musd", "site capital", (every, pool.capex_musd[:, MID]), terms.budget_musd, "million USD")
    if terms.floor:
        mw = floor_mw(pool, terms)
        columns = [*range(pool.size), *waits]
        limits.add("floor", f"MW by {terms.floor.by}", (columns, [*(-mw), *([1.0] * len(waits))]), -terms.floor.mw, "MW")
    _hazards(limits, pool, terms)
    _gas(limits, pool, terms, config)
    _water(limits, pool, terms, config)
    return limits


def floor_mw(pool: Pool, terms: Portfolio) -> np.ndarray:
    """Megawatts of each site that count towards the floor, (n,)."""
    if terms.floor is None:
        return np.zeros(pool.size)
    return pool.mw_by(terms.floor.by, terms.floor.at)


def target_mw(pool: Pool, terms: Portfolio) -> float:
    """Load of the whole set at full build-out, MW."""
    return terms.mw if terms.mw is not None else (terms.campuses or 0) * pool.project_mw


def most_campuses(pool: Pool, terms: Portfolio) -> int:
    """Largest number of campuses that a set can have."""
    if terms.campuses is not None:
        return terms.campuses
    return int(np.ceil(target_mw(pool, terms) / pool.project_mw))


def gas_part(pathway: str, config: Config) -> float:
    """Share of the load that gas carries: the middle of ``costs.generation.hybrid_share`` where the grid carries the rest."""
    sources = sources_of(pathway)
    if len(sources) == 1:
        return float("gas" in sources)
    return config.costs.generation.hybrid_share[MID] if config.costs else 0.5


def _size(limits: Constraints, pool: Pool, terms: Portfolio) -> None:
    every, count = list(range(pool.size)), most_campuses(pool, terms)
    limits.add("size", "number of campuses", (every, np.ones(pool.size)), count, "campuses")
    limits.add("size", AT_LEAST, (every, -np.ones(pool.size)), -count, "campuses")


def _spacing(limits: Constraints, pool: Pool, terms: Portfolio) -> None:
    near = pool.apart_km < terms.spacing_km
    np.fill_diagonal(near, val=False)
    for clique in cliques(near):
        limits.add("spacing_km", " / ".join(pool.ids[i] for i in clique), (clique, np.ones(len(clique))), 1.0, "campuses")


def cliques(near: np.ndarray) -> Iterator[list[int]]:
    """Groups of campuses that are all near each other; together they hold every near pair.

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


def _caps(limits: Constraints, pool: Pool, terms: Portfolio) -> None:
    for column in CAPPED:
        groups = pool.groups(column)
        burns = [column != "gas_pipeline" or "gas" in sources_of(option.pathway) for option in pool.options]
        for group in sorted(set(groups)):
            members = [i for i, g in enumerate(groups) if g == group and burns[i]]
            most = terms.cap(column, group)
            if most is not None and len(members) > most:
                limits.add(f"caps.{column}", group, (members, np.ones(len(members))), most, "campuses")


def _hazards(limits: Constraints, pool: Pool, terms: Portfolio) -> None:
    """Limit the megawatts within reach of one disaster around each exposed campus; discs contained in another are left out."""
    for layer_id, hazard in terms.hazards.items():
        exposed = np.nan_to_num(pool.of_layer(layer_id), nan=-np.inf) >= hazard.above
        most = max(hazard.share * target_mw(pool, terms), pool.project_mw)
        within = {tuple(np.flatnonzero(exposed & (pool.apart_km[i] <= hazard.within_km))) for i in np.flatnonzero(exposed)}
        discs = [d for d in sorted(within) if not any(set(d) < set(e) for e in within)]
        for disc in discs:
            if len(disc) * pool.project_mw > most:
                key = f"{len(disc)} sites around {pool.ids[disc[0]]}"
                limits.add(f"hazards.{layer_id}", key, (disc, np.full(len(disc), pool.project_mw)), most, "MW")


# -- power -------------------------------------------------------------------------------------------------------------


def station_groups(pool: Pool) -> list[list[int]]:
    """Campuses that would draw on the same station, at least two in each group.

    Two stations are the same where name, voltage and the three quantiles of headroom agree and both distances allow it.
    """
    stations: dict[tuple[str | None, ...], list[list[int]]] = {}
    reach = pool.of_power(lambda power: power.grid_station_km)
    for i, option in enumerate(pool.options):
        power = option.power
        if math.isnan(power.grid_headroom_mw.p50) or "grid" not in sources_of(option.pathway):
            continue
        key = (power.grid_station, *(str(number) for number in (power.grid_station_kv, *power.grid_headroom_mw)))
        for group in stations.setdefault(key, []):
            if pool.apart_km[i, group[0]] <= 2.0 + reach[i] + reach[group[0]]:  # the station is no point
                group.append(i)
                break
        else:
            stations[key].append([i])
    return sorted(g for groups in stations.values() for g in groups if len(g) > 1)


def _headroom(limits: Constraints, pool: Pool, terms: Portfolio, config: Config) -> list[int]:
    """Limit the megawatts drawn on shared stations and corridors; columns of the megawatts that wait."""
    if terms.headroom is None:
        return []
    held = pool.of_power(lambda power: power.grid_headroom_mw.p50)
    need = np.array([(1.0 - gas_part(option.pathway, config)) * pool.project_mw for option in pool.options])
    draw = np.minimum(need, held)  # what a campus cannot draw even alone is already in its own dates
    shared = [(g, float(held[g[0]]), "station") for g in station_groups(pool)]
    same_station = {frozenset(p) for g, _, _ in shared for p in _pairs(g)}
    kv = pool.of_power(lambda power: power.grid_station_kv)
    near = (pool.apart_km <= terms.headroom.corridor_km) & (pool.apart_km >= terms.spacing_km) & (kv[:, None] == kv)
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
        key = f"{kind} of {' / '.join(pool.ids[i] for i in group)}"
        limits.add("headroom", key, ([*group, wait], [*draw[group], -1.0]), room, "MW")
    return waits


def wait_loss(terms: Portfolio, headroom: Headroom) -> float:
    """Value lost by a megawatt that waits for upgrades, billion dollars."""
    discount = discounts(terms.value.discount_rate)[YEARS.index(WAIT_FROM)]
    return float(terms.value.busd_per_gw_year[MID] * headroom.wait_years[MID] * discount / MW_PER_GW)


def _pairs(members: Sequence[int]) -> Iterator[tuple[int, int]]:
    return ((a, b) for k, a in enumerate(members) for b in members[k + 1 :])


def _gas(limits: Constraints, pool: Pool, terms: Portfolio, config: Config) -> None:
    """Limit the gas drawn from one company to the share above which a campus needs a pipeline of its own."""
    if not terms.gas_shared or config.needs is None or not pool.has_needs:
        return
    share = config.needs.gas.own_share
    held = share * pool.of_needs(lambda needs: needs.gas_company_mmcfd)
    parts = np.array([gas_part(option.pathway, config) for option in pool.options])
    need = np.minimum(parts * pool.of_needs(lambda needs: needs.gas_need_mmcfd.mid), held)
    groups = pool.groups("gas_pipeline")
    for company in sorted(set(groups)):
        members = [i for i, g in enumerate(groups) if g == company and np.isfinite(need[i]) and need[i] > 0]
        if members and need[members].sum() > held[members].max():
            limits.add("gas_shared", company, (members, need[members]), float(held[members].max()), "MMcf/d")


# -- water -------------------------------------------------------------------------------------------------------------


def _water(limits: Constraints, pool: Pool, terms: Portfolio, config: Config) -> None:
    """Limit water on the hottest day of a dry year, from rivers and wastewater plants, where campuses compete for it.

    What a campus lacks even alone is not counted: its own dry-year test says so.
    """
    if not terms.water.on or config.needs is None or not pool.has_needs:
        return
    water = config.needs.water
    flow = np.nan_to_num(pool.of_needs(lambda needs: needs.water_river_m3s))
    river = flow * water.low_flow[MID] * water.take[MID] / M3S_PER_MGD
    plants = np.nan_to_num(pool.of_layer("reclaimed_25km_mgd")) * water.reclaimed[MID]
    need = np.minimum(np.nan_to_num(pool.of_needs(lambda needs: needs.water_peak_mgd)), river + plants)
    reaches = river_reaches(pool, flow, terms.water.river_km)
    count = most_campuses(pool, terms)
    tight = [(at, r) for at, r in reaches if np.sort(need[r])[-count:].sum() > river[at]]
    contested = sorted({i for _, reach in tight for i in reach} | set(np.flatnonzero((river < need) & (need > 0)).tolist()))
    drawn = {i: limits.variable(0.0, float(river[i])) for i in contested}
    reused = {i: limits.variable(0.0, float(plants[i])) for i in contested}
    for i in contested:
        limits.add("water", f"need of {pool.ids[i]}", ([i, drawn[i], reused[i]], [need[i], -1.0, -1.0]), 0.0, "Mgd")
    for at, reach in tight:
        columns = [drawn[i] for i in reach]
        key = f"{rivers_of(pool)[at]} down to {pool.ids[at]}"
        limits.add("water", key, (columns, np.ones(len(columns))), float(river[at]), "Mgd")
    for a, b in _pairs(contested):
        most = max(plants[a], plants[b])
        if pool.apart_km[a, b] <= terms.water.reclaimed_km and most > 0:
            key = f"wastewater plants of {pool.ids[a]} / {pool.ids[b]}"
            limits.add("water", key, ([reused[a], reused[b]], [1.0, 1.0]), most, "Mgd")


def river_reaches(pool: Pool, flow: np.ndarray, link_km: float) -> list[tuple[int, list[int]]]:
    """Campuses upstream of each campus that shares a river: (campus, those whose flow is not larger, itself included).

    Rivers of one main stem are the same as long as campuses follow each other within ``link_km``; flow grows downstream.

    Parameters
    ----------
    pool : Pool
    flow : (n,) m3/s
    link_km : float
    """
    reaches = []
    names: dict[str, list[int]] = {}
    for i, name in enumerate(rivers_of(pool)):
        if name and flow[i] > 0:
            names.setdefault(name, []).append(i)
    for name in sorted(names):
        for river in _linked(names[name], pool.apart_km, link_km):
            if len(river) > 1:
                reaches += [(i, [j for j in river if flow[j] <= flow[i]]) for i in river]
    return reaches


def rivers_of(pool: Pool) -> list[str | None]:
    """Name of the main stem of each campus's river, else of the river; None without one."""
    needs = (option.site.needs for option in pool.options)
    return [(need.water_river_system or need.water_river) if need else None for need in needs]


def _linked(members: list[int], apart_km: np.ndarray, link_km: float) -> list[list[int]]:
    """Groups of members connected by steps of at most ``link_km``."""
    left, groups = list(members), []
    while left:
        group = [left.pop(0)]
        for at in group:
            near = [j for j in left if apart_km[at, j] <= link_km]
            group += near
            left = [j for j in left if j not in near]
        groups.append(sorted(group))
    return groups
