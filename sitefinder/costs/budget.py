"""Site capital, yearly power cost and sales tax of each campus.

``(n, 3)`` and ``(3,)`` arrays hold [low, most likely, high]; NaN is unknown. A sum adds lows to lows and highs to highs: it spans
the ranges of its items, whatever their correlation. Unknown items are left out of a sum and named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sitefinder.columns import HIGH, LOW, MID
from sitefinder.config import Config
from sitefinder.config.costs import Costs, Generation, Land, Needs, Power, Sitework, Substation
from sitefinder.config.project import PATHWAYS, sources_of, with_source
from sitefinder.costs.facts import CostFacts
from sitefinder.costs.formulas import OWN_PIPELINE, UNKNOWN, gas_verdict, peak_mgd
from sitefinder.months import month_number
from sitefinder.units import HOURS_PER_DAY, HOURS_PER_YEAR, KW_PER_MW, M2_PER_ACRE, MONTHS_PER_YEAR, MW_PER_GW, USD_PER_MUSD

#: pathway assumed where none is known
DEFAULT_PATHWAY = "grid"
#: item of the budget -> route of the connections that it pays for
CONNECTIONS: Mapping[str, str] = {
    "grid_connection": "grid",
    "gas_connection": "gas",
    "own_pipeline": "gas_trunk",
    "fiber_connection": "fiber",
    "second_fiber_connection": "fiber_second",
    "water_connection": "water",
}
#: items in the order in which they are reported, with the pathways that need them
ITEMS: Mapping[str, tuple[str, ...]] = {
    "land": PATHWAYS,
    "sitework": PATHWAYS,
    "substation": PATHWAYS,
    "generation": with_source("gas"),
    "water_supply": PATHWAYS,
    "grid_connection": with_source("grid"),
    "gas_connection": with_source("gas"),
    "own_pipeline": with_source("gas"),
    "fiber_connection": PATHWAYS,
    "second_fiber_connection": PATHWAYS,
    "water_connection": PATHWAYS,
}
PERCENT = 100.0
#: mean cut of a level pad on a plane slope / (slope x side of the pad): half the pad is cut, by a triangle
CUT_OF_PAD = 1.0 / 8.0


@dataclass(frozen=True)
class Plan:
    """Acres, pathway, date of full load and connection costs of every campus, from earlier stages.

    Parameters
    ----------
    acres : (n,) float64
        Of the footprint.
    pathway : (n,) object
        Pathway to power; see :func:`asked_pathway` where none was chosen.
    full_load : (n, 3) float64
        Calendar months of full load, P10, P50 and P90; NaN = unknown.
    connections : mapping
        Route -> (n, 3) million dollars; NaN or a missing route = unknown.
    usd_acre : (n,) float64 or None
        Documented price of the land; NaN or None = the estimate stands.
    """

    acres: np.ndarray
    pathway: np.ndarray
    full_load: np.ndarray
    connections: Mapping[str, np.ndarray]
    usd_acre: np.ndarray | None = None


@dataclass(frozen=True)
class Budget:
    """Costs of every site; million US dollars of ``costs.year`` unless the name says otherwise.

    Parameters
    ----------
    pathway : (n,) object
        The pathway that ``items`` and ``capex`` are for.
    items : mapping
        Item of ``ITEMS`` -> (n, 3); 0 where the pathway does not need it, NaN where it is unknown.
    capex : (n, 3)
        Sum of the known items.
    left_out : list of tuple of str
        Items of each site that the sum leaves out because they are unknown.
    facility : (3,)
        Buildings with their power and cooling: the same at every site, and in no other sum.
    power_musd_yr, power_usd_mwh : mapping
        Pathway -> (n, 3): energy by the year without capital, and its unit cost.
    capacity_musd_yr : (n, 3)
        Capacity of the market region by the year above what the average price holds; part of the energy from the grid. 0 where
        there is no such market, NaN where its price is unknown, and then left out of the energy.
    onsite_full_usd_mwh : (n, 3)
        Unit cost of generation on the site with its capital.
    sales_tax : (n, 3)
        Tax on the equipment where no relief applies.
    delay_musd_month : (3,)
        Revenue that a month without the load costs the tenants' computers: the same at every site.
    wait_musd : (n, 3)
        That times the months from the date wanted to full load; NaN where the date of full load is unknown.
    """

    pathway: np.ndarray
    items: Mapping[str, np.ndarray]
    capex: np.ndarray
    left_out: list[tuple[str, ...]]
    facility: np.ndarray
    power_musd_yr: Mapping[str, np.ndarray]
    power_usd_mwh: Mapping[str, np.ndarray]
    capacity_musd_yr: np.ndarray
    onsite_full_usd_mwh: np.ndarray
    sales_tax: np.ndarray
    delay_musd_month: np.ndarray
    wait_musd: np.ndarray


def budget(facts: CostFacts, plan: Plan, config: Config) -> Budget:
    """Costs of every site.

    Parameters
    ----------
    facts : CostFacts
    plan : Plan
    config : Config
        With its ``needs`` and ``costs`` sections.
    """
    costs, needs = config.section("costs"), config.section("needs")
    mw, items = config.project.mw, capital_items(facts, plan, config)
    for name, users in ITEMS.items():
        items[name] = np.where(np.isin(plan.pathway, users)[:, None], items[name], 0.0)
    capex, left_out = total(items)
    onsite, grid = onsite_usd_mwh(facts.gas_basis, needs, costs), grid_usd_mwh(facts.price_usd_mwh, costs)
    capacity = capacity_usd_mw_day(facts.region, costs.power)
    unit = by_pathway(onsite, grid + np.nan_to_num(capacity) / HOURS_PER_DAY / np.array(needs.load_factor)[::-1], costs)
    year = by_pathway(
        annual_musd(onsite, mw, needs), annual_musd(grid, mw, needs) + np.nan_to_num(capacity_musd(capacity, mw)), costs
    )
    delay = delay_musd_month(mw, costs.value_musd_gw_yr)
    return Budget(
        pathway=plan.pathway,
        items=items,
        capex=capex,
        left_out=left_out,
        facility=mw * np.array(costs.facility.musd_mw),
        power_musd_yr=year,
        power_usd_mwh=unit,
        capacity_musd_yr=capacity_musd(capacity, mw),
        onsite_full_usd_mwh=onsite + capital_usd_mwh(needs, costs),
        sales_tax=sales_tax_musd(facts, mw, costs),
        delay_musd_month=delay,
        wait_musd=delay * late_months(plan.full_load, config.project.energise_by),
    )


def delay_musd_month(mw: float, value_musd_gw_yr: Sequence[float]) -> np.ndarray:
    """(3,) million USD of revenue that a month without the load costs the tenants' computers.

    >>> delay_musd_month(500.0, (10000, 11000, 12000))[0].round(1)
    np.float64(416.7)
    """
    return mw / MW_PER_GW * np.array(value_musd_gw_yr, np.float64) / MONTHS_PER_YEAR


def late_months(full_load: np.ndarray, wanted: str) -> np.ndarray:
    """(n, 3) months from the month wanted to that of full load; 0 where full load is in time, NaN = unknown.

    Parameters
    ----------
    full_load : (n, 3) float64
        Calendar months, as numbers of :func:`sitefinder.months.month_number`.
    wanted : str
        YYYY-MM.

    >>> late_months(np.array([[month_number("2030-10"), np.nan, 0.0]]), "2028-12")
    array([[22., nan,  0.]])
    """
    return np.maximum(full_load - month_number(wanted), 0.0)


def asked_pathway(wanted: str) -> str:
    """The pathway of ``project.pathway``, or the grid where the best one is wanted and none was computed."""
    return wanted if wanted in PATHWAYS else DEFAULT_PATHWAY


def total(items: Mapping[str, np.ndarray]) -> tuple[np.ndarray, list[tuple[str, ...]]]:
    """Sum of the known items, (n, 3), and the names of the unknown ones per site; an item without a middle is unknown."""
    names = list(items)
    stacked = np.stack([items[name] for name in names])
    known = ~np.isnan(stacked).any(axis=2)
    left_out = [tuple(name for name, sure in zip(names, column, strict=True) if not sure) for column in known.T]
    return np.where(known[:, :, None], stacked, 0.0).sum(axis=0), left_out


def capital_items(facts: CostFacts, plan: Plan, config: Config) -> dict[str, np.ndarray]:
    """Every item for every site as if each pathway needed it, (n, 3) each."""
    costs, needs, mw = config.section("costs"), config.section("needs"), config.project.mw
    same = {
        "substation": substation_musd(mw, costs.substation, np.array(costs.escalation_since_2019)),
        "water_supply": peak_mgd(mw, config.project.cooling, needs.water) * np.array(costs.water_supply_musd_mgd),
    }
    unit = np.array(costs.generation.usd_kw.of(needs.gas.technology))
    share = np.array([1.0, 1.0, 1.0])
    alone = generation_musd(mw * share, unit, costs.generation)
    beside = generation_musd(mw * np.array(costs.generation.hybrid_share), unit, costs.generation)
    unknown = np.full((facts.size, 3), np.nan)
    both = np.array([len(sources_of(p)) > 1 for p in plan.pathway], bool)
    items = {
        "land": _land_musd(plan, facts, costs.land),
        "sitework": sitework_musd(np.minimum(plan.acres, config.campus_acres), facts.slope_pct, costs.sitework),
        "generation": np.where(both[:, None], beside, alone),
        **{name: np.broadcast_to(value, (facts.size, 3)) for name, value in same.items()},
        **{name: plan.connections.get(route, unknown) for name, route in CONNECTIONS.items()},
    }
    verdict = gas_verdict(needs.gas.mmcfd(mw), facts.pipeline_mmcfd, needs.gas)
    needed = np.isin(verdict, (OWN_PIPELINE, UNKNOWN))[:, None]
    items["own_pipeline"] = np.where(needed, np.where((verdict == UNKNOWN)[:, None], np.nan, items["own_pipeline"]), 0.0)
    return {name: items[name] for name in ITEMS}


# -- capital -----------------------------------------------------------------------------------------------------------


def _land_musd(plan: Plan, facts: CostFacts, land: Land) -> np.ndarray:
    """The documented price of the land where there is one, else the estimate."""
    estimate = land_musd(plan.acres, facts.land_usd_acre, land)
    if plan.usd_acre is None:
        return estimate
    documented = (plan.acres * plan.usd_acre / USD_PER_MUSD)[:, None]
    return np.where(np.isnan(documented), estimate, documented)


def land_musd(acres: np.ndarray, residential_usd_acre: np.ndarray, land: Land) -> np.ndarray:
    """Acres x a share of the residential value, at least the floor, (n, 3); unknown where the value is."""
    price = np.asarray(residential_usd_acre, np.float64)[:, None] * np.array(land.share_of_residential)
    price = np.where(np.isnan(price), np.nan, np.maximum(price, np.array(land.floor_usd_acre)))
    return np.asarray(acres)[:, None] * price / USD_PER_MUSD


def sitework_musd(acres: np.ndarray, slope_pct: np.ndarray, sitework: Sitework) -> np.ndarray:
    """Acres x (base + earthwork), (n, 3).

    A level pad cut half into a plane slope, balanced, moves slope x side / 8 cubic metres per square metre.
    """
    slope = np.asarray(slope_pct, np.float64)[:, None] / PERCENT
    metres = slope * np.array(sitework.pad_m) * CUT_OF_PAD
    earth = metres * M2_PER_ACRE * np.array(sitework.earthwork_usd_m3)
    return np.asarray(acres)[:, None] * (np.array(sitework.base_usd_acre) + earth) / USD_PER_MUSD


def substation_musd(mw: float, substation: Substation, escalation: np.ndarray) -> np.ndarray:
    """The campus's stations and transformers, (3,): at least one station."""
    stations = np.maximum(np.ceil(np.array(substation.stations_per_gw) * mw / MW_PER_GW), 1.0)
    bays = stations * np.array(substation.station_musd_2019) * escalation
    return bays + mw * np.array(substation.mva_per_mw) * np.array(substation.transformer_usd_mva) / USD_PER_MUSD


def generation_musd(mw: np.ndarray, usd_kw: np.ndarray, generation: Generation) -> np.ndarray:
    """Generation for a load of [low, most likely, high] MW with its reserve, (3,)."""
    return mw * (1.0 + np.array(generation.reserve)) * KW_PER_MW * usd_kw / USD_PER_MUSD


# -- power -------------------------------------------------------------------------------------------------------------


def onsite_usd_mwh(basis: np.ndarray, needs: Needs, costs: Costs) -> np.ndarray:
    """Energy from gas on the site without capital, (n, 3): heat rate x (gas + basis + transport) + operation and maintenance.

    Parameters
    ----------
    basis : (n, 3) USD/MMBtu
        Price at the nearest trading point less that at Henry Hub; gas there costs at least nothing.
    """
    power, technology = costs.power, needs.gas.technology
    fuel = np.maximum(np.array(power.gas_usd_mmbtu) + basis, 0.0) + np.array(power.gas_transport_usd_mmbtu)
    return np.array(needs.gas.heat_rate.of(technology)) * fuel + np.array(costs.generation.om_usd_mwh.of(technology))


def capital_usd_mwh(needs: Needs, costs: Costs) -> np.ndarray:
    """Capital of generation on the site per MWh, (3,): charge x USD/kW x (1 + reserve) / (hours x load factor)."""
    generation = costs.generation
    per_kw = np.array(generation.usd_kw.of(needs.gas.technology)) * (1.0 + np.array(generation.reserve))
    hours = HOURS_PER_YEAR * np.array(needs.load_factor)[::-1]
    return np.array(generation.capital_charge) * per_kw * KW_PER_MW / hours


def grid_usd_mwh(price_usd_mwh: np.ndarray, costs: Costs) -> np.ndarray:
    """Energy from the grid, (n, 3): the utility's average industrial price x what large loads pay of it."""
    return np.asarray(price_usd_mwh, np.float64)[:, None] * np.array(costs.power.grid_price_ratio)


def capacity_usd_mw_day(region: np.ndarray, power: Power) -> np.ndarray:
    """Capacity price less what the average price of 2024 holds of it, (n, 3); 0 without such a market, NaN = unknown.

    Parameters
    ----------
    region : (n,) object
        Market region, None = unknown.
    """
    rise = {
        name: np.maximum(np.array(cleared) - np.array(power.capacity_in_price_usd_mw_day[name])[::-1], 0.0)
        for name, cleared in power.capacity_usd_mw_day.items()
    }
    rise |= dict.fromkeys(power.no_capacity_market, np.zeros(3))
    return np.array([rise.get(name, np.full(3, np.nan)) for name in region]).reshape(-1, 3)


def capacity_musd(usd_mw_day: np.ndarray, mw: float) -> np.ndarray:
    """Capacity of a year, million dollars: MW x days x price."""
    return usd_mw_day * mw * HOURS_PER_YEAR / HOURS_PER_DAY / USD_PER_MUSD


def by_pathway(onsite: np.ndarray, grid: np.ndarray, costs: Costs) -> dict[str, np.ndarray]:
    """Energy of each pathway, (n, 3) each, from that of both sources, (n, 3) in one unit."""
    of = {
        ("grid",): grid,
        ("gas",): onsite,
        ("grid", "gas"): mixed_usd_mwh(onsite, grid, np.array(costs.generation.hybrid_share)),
    }
    return {pathway: of[sources_of(pathway)] for pathway in PATHWAYS}


def mixed_usd_mwh(onsite: np.ndarray, grid: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Energy from both, (n, 3): the share of gas at whichever end of its range is cheaper (low) or dearer (high)."""
    ends = np.stack([onsite * s + grid * (1.0 - s) for s in share[[LOW, HIGH]]])
    mid = onsite[:, MID] * share[MID] + grid[:, MID] * (1.0 - share[MID])
    return np.stack([ends[:, :, LOW].min(axis=0), mid, ends[:, :, HIGH].max(axis=0)], axis=1)


def annual_musd(usd_mwh: np.ndarray, mw: float, needs: Needs) -> np.ndarray:
    """Energy of a year, million dollars: MW x 8766 h x load factor x unit cost."""
    return usd_mwh * mw * HOURS_PER_YEAR * np.array(needs.load_factor) / USD_PER_MUSD


def sales_tax_musd(facts: CostFacts, mw: float, costs: Costs) -> np.ndarray:
    """Sales tax on the equipment without relief, (n, 3): the state's rate at the low end, with the mean local rate above."""
    with_local = facts.sales_tax + facts.local_tax
    rate = np.stack([facts.sales_tax, with_local, with_local], axis=1)
    return mw * np.array(costs.equipment_musd_mw) * rate
