"""Columns of megawatts by date: the chosen pathway, the others, and the station of the grid pathway."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from sitefinder.columns import Part, Quantiles, column
from sitefinder.config.delivery import FIRST_MW, TARGETS_MW, YEARS
from sitefinder.config.project import PATHWAYS
from sitefinder.layers.files import BALANCING_AREAS, CAMPUS_LABELS, CURTAILMENT, HEADROOM, PRECEDENTS
from sitefinder.months import month_name, month_number
from sitefinder.power.facts import Facts
from sitefinder.power.flexible import NonFirm
from sitefinder.power.station_limits import StationLimits
from sitefinder.power.timetable import FIRST, STEPS, Pathway, Timetable

Month = str | None
STATION = "Nearest"
SERVICE = "Non-firm service"
MUSD = "million USD"
#: what joins a site to the grid
BAY, CUT_IN = "bay", "new switching station"


@dataclass(frozen=True)
class PathwayPart(Part):
    """Megawatts and dates of one pathway."""

    source: ClassVar[str] = "delivery"
    heading: ClassVar[str] = "Power by date"

    first_200mw_p50: Month = column("first_200mw_p50 of the pathway {key}", name="{key}_first_200mw_p50")
    p_full: float = column("p_full_by_date of the pathway {key}", name="{key}_p_full", unit="share", decimals=3)


@dataclass(frozen=True)
class PowerPart(Part):
    """Megawatts by date."""

    source: ClassVar[str] = "delivery"
    heading: ClassVar[str] = "Power by date"

    pathway: str | None = column("Pathway of the megawatts and dates: grid, non_firm, onsite_gas or hybrid")
    first: Mapping[int, Quantiles[Month]] = column(
        "Month of the first {key} MW, or of full load if that is less, YYYY-MM: {end}; null if unknown or after 2040",
        name="first_{key}mw_{end}",
        keys={int(mw): f"{mw:g}" for mw in TARGETS_MW},
        ends=("one draw in ten is earlier", "half are", "one in ten is later"),
    )
    full_load: Quantiles[Month] = column(
        "Month of full load, YYYY-MM: {end}; null if unknown or after 2040",
        ends=("one draw in ten is earlier", "half are", "one in ten is later"),
    )
    p_full_by_date: float = column(
        "Share of the draws with full load by project.energise_by; null if unknown", unit="share", decimals=3
    )
    p_dropped: float = column(
        "Chance that a campus here is dropped before it is built: share of proposals that are contested, times the share of "
        "contested ones that is expected to be blocked here, both counted; null if unknown",
        unit="share",
        decimals=3,
        source=PRECEDENTS,
    )
    binding_step: str | None = column("Step that is most often the longest on the critical path to full load")
    mw: Mapping[int, Quantiles[float]] = column(
        "Megawatts at the end of {key}: {end}; null if unknown",
        name="mw_{end}_{key}",
        unit="MW",
        decimals=0,
        keys={year: str(year) for year in YEARS},
        ends=("one draw in ten has less", "half have less", "one in ten has more"),
    )
    pathways: Mapping[str, PathwayPart] = column("", keys={p: p for p in PATHWAYS})
    reuse_mw: float = column(
        "Capacity of the closed or closing plant within reach whose interconnection counts in these dates; 0 where there is none",
        unit="MW",
        decimals=0,
    )
    reuse_closed: Month = column("Month in which that plant closed or closes, YYYY-MM; its right fades with the months since")
    grid_station: str | None = column(
        "Station, or line or junction with a new switching station, that points, headroom, dates, route and costs rest on: the "
        "nearest that can carry the load; where it has no name, where it lies",
        source="grid",
        heading=STATION,
    )
    grid_connects_by: str | None = column(
        "What joins the site to it: a bay at the station, or a new switching station on a line or junction",
        source="grid",
        heading=STATION,
    )
    grid_station_kv: float = column("Voltage class of that station", unit="kV", decimals=0, source="grid", heading=STATION)
    grid_station_km: float = column("Straight distance to that station", unit="km", decimals=1, source="grid", heading=STATION)
    grid_headroom_mw: Quantiles[float] = column(
        "Estimated load that the station can take with one line out, less a share of grid_claimed_mw, {end}; null if unknown",
        unit="MW",
        decimals=0,
        source="grid",
        heading=STATION,
        ends=("P10", "P50", "P90"),
    )
    grid_headroom_before_mw: float = column(
        "Median of that estimate before the share is subtracted", unit="MW", decimals=0, source="grid", heading=STATION
    )
    cut_in_kv: float = column(
        "Voltage class of the nearest line that can serve the first megawatts by a cut-in", unit="kV", decimals=0, source="grid"
    )
    cut_in_km: float = column("Straight distance to that line", unit="km", decimals=1, source="grid")
    grid_claimed_mw: float = column(
        "Largest planned power of the campuses within 25 km of the station that run or are announced, as far as it is known",
        unit="MW",
        decimals=0,
        source=CAMPUS_LABELS,
        heading=STATION,
    )
    grid_limit: str | None = column(
        "Element of the network that reaches its thermal limit first as the load of that station grows; null where the site cuts "
        "into a line, or where it is unknown",
        source=HEADROOM,
        heading=STATION,
    )
    grid_limit_lost: str | None = column("Outage behind that limit; null = all in service", source=HEADROOM, heading=STATION)
    grid_lift_mw: float = column(
        "What strengthening that element alone brings, until the next one limits",
        unit="MW",
        decimals=0,
        source=HEADROOM,
        heading=STATION,
    )
    grid_lift_musd: float = column(
        "Most likely cost of that: a second circuit with two bays, or one more transformer",
        unit=MUSD,
        decimals=0,
        source=HEADROOM,
        heading=STATION,
    )
    grid_short_circuit_mva: float = column(
        "Proxy of the strength of the grid at that station: short-circuit power of the synchronous machines around it",
        unit="MVA",
        decimals=0,
        source=HEADROOM,
        heading=STATION,
    )
    balancing_authority: str | None = column(
        "Balancing authority by its code in form EIA-930; null if unknown", source=BALANCING_AREAS, heading=SERVICE
    )
    non_firm_mw: Quantiles[float] = column(
        "Load that can be served when the utility may curtail it, {end}: at most the load wanted, what the station carries with "
        "all lines in service, and what the authority has left at delivery.flexible.curtailment; null if unknown",
        unit="MW",
        decimals=0,
        source=CURTAILMENT,
        heading=SERVICE,
        ends=("P10", "P50", "P90"),
    )
    non_firm_limit: str | None = column(
        "What keeps that below the load wanted: station or authority; null = neither, or unknown",
        source=CURTAILMENT,
        heading=SERVICE,
    )
    non_firm_hours: float = column(
        "Hours per year in which any of the new load of the authority is curtailed at that median",
        unit="h/yr",
        decimals=0,
        source=CURTAILMENT,
        heading=SERVICE,
    )
    non_firm_longest_h: float = column(
        "Longest run of such hours in a year, mean over the years", unit="h", decimals=0, source=CURTAILMENT, heading=SERVICE
    )
    grid_station_sites: str | None = column(
        "Other sites of the list that rest on the same station: its headroom is there once; empty where there are none",
        source="grid",
        heading=STATION,
    )

    @property
    def first_200mw_p50(self) -> Month:
        """Month in which the first 200 MW come in half of the draws."""
        return self.first[int(FIRST_MW)].p50


class Network(NamedTuple):
    """Non-firm service, and what limits the station and costs to strengthen.

    Parameters
    ----------
    service : NonFirm
    limits : StationLimits
    lift_musd : (n,) float64
        Most likely cost of strengthening the element that limits; NaN = unknown.
    contested : float
        Share of proposals that are contested.
    """

    service: NonFirm
    limits: StationLimits
    lift_musd: np.ndarray
    contested: float


def power_parts(table: Timetable, facts: Facts, network: Network) -> list[PowerPart]:
    """Megawatts by date of every site; unknown and never are None or NaN."""
    months = {name: _months(table, pathway.reach_months) for name, pathway in table.pathways.items()}
    return [_power_part(table, facts, months, network, i) for i in range(facts.size)]


#: months of every load of ``TARGETS_MW`` and of full load, by pathway and site
Months = Mapping[str, list[list[Quantiles[Month]]]]


def _power_part(table: Timetable, facts: Facts, months: Months, network: Network, i: int) -> PowerPart:
    name = str(table.chosen[i])
    chosen = table.pathways[name]
    *first, full = months[name][i]
    service, limits = network.service, network.limits
    lifted = limits.lifted_mw[i] - limits.typical_mw[i] if limits.limit_kind[i] else math.nan
    return PowerPart(
        pathway=name,
        first=dict(zip(map(int, TARGETS_MW), first, strict=True)),
        full_load=full,
        p_full_by_date=chosen.p_full[i],
        p_dropped=network.contested * facts.blocked[i],
        binding_step=_binding(name, chosen, i),
        mw={year: Quantiles(*chosen.mw[i, y]) for y, year in enumerate(YEARS)},
        pathways={p: PathwayPart(months[p][i][FIRST].p50, table.pathways[p].p_full[i]) for p in PATHWAYS},
        reuse_mw=facts.reusable_mw[i],
        reuse_closed=_closed(table, facts.reusable_months[i]),
        grid_station=facts.station[i],
        grid_connects_by=None if facts.station[i] is None else CUT_IN if facts.cut_in[i] else BAY,
        grid_station_kv=facts.station_kv[i],
        grid_station_km=facts.station_km[i],
        grid_headroom_mw=Quantiles(*facts.headroom_mw[i]),
        grid_headroom_before_mw=facts.before_mw[i],
        cut_in_kv=facts.cut_in_kv[i],
        cut_in_km=facts.cut_in_km[i] if math.isfinite(facts.cut_in_km[i]) else math.nan,
        grid_claimed_mw=facts.claimed_mw[i],
        grid_limit=limits.limit[i] or None,
        grid_limit_lost=limits.lost[i] or None,
        grid_lift_mw=lifted,
        grid_lift_musd=network.lift_musd[i],
        grid_short_circuit_mva=limits.short_circuit_mva[i],
        balancing_authority=service.authority[i],
        non_firm_mw=Quantiles(*service.mw[i]),
        non_firm_limit=service.limit[i],
        non_firm_hours=service.curtailed.hours[i],
        non_firm_longest_h=service.curtailed.longest_h[i],
        grid_station_sites=None,  # of a whole list
    )


def _months(table: Timetable, months: np.ndarray) -> list[list[Quantiles[Month]]]:
    """Calendar months of (n, targets, 3) months after the start; None for unknown and never."""
    numbers = table.month_numbers(months)
    return [[Quantiles(*(month_name(int(n)) if math.isfinite(n) else None for n in row)) for row in site] for site in numbers]


def _closed(table: Timetable, months: float) -> Month:
    """Calendar month of a closure so many months from the start; None without one."""
    return month_name(month_number(table.start) + int(months)) if math.isfinite(months) else None


def _binding(name: str, pathway: Pathway, i: int) -> str | None:
    shares = pathway.binding[i]
    return None if np.isnan(shares).any() else STEPS[name][int(shares.argmax())]
