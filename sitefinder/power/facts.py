"""Facts about power at each site: the station chosen, closed plants, planned lines, gas, air quality."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import NamedTuple

import numpy as np
import shapely

from sitefinder.config.delivery import Delivery
from sitefinder.config.early_power import by_class
from sitefinder.layers.able import FILES as GRID_FILES
from sitefinder.layers.able import MEDIAN, Chosen
from sitefinder.layers.files import INTRASTATE, LINES, PLANNED, REUSABLE
from sitefinder.layers.package import DataPackage, read_features, read_points
from sitefinder.layers.stack import LayerStack
from sitefinder.months import month_number
from sitefinder.power.in_hand import InHand
from sitefinder.units import M_PER_KM, MONTHS_PER_YEAR

#: files of points that this stage reads itself
FILES = (*GRID_FILES, REUSABLE, PLANNED)
#: layers that it reads at the point of a site
LAYERS = (
    "gas_interstate_km",
    "gas_any_km",
    "gas_pipelines_10km",
    "nonattainment_count",
    "precedents_blocked_expected",
    "slope_pct",
    "employment_80km",
    "people_2km",
)
#: capacity that arrives after this month does not count in the comparison of plants and of planned lines
LOOK_AHEAD = "2035-12"
#: bounds assumed for unknown values: more than any project takes, farther than anything can be built
AMPLE_MW, FAR_KM, AMPLE_JOBS = 1.0e6, 1.0e5, 1.0e7
#: slope assumed where it is unknown, at worst, %: no gate lets a campus onto steeper land
STEEP_PCT = 8.0
#: people within 2 km assumed where they are unknown, at worst
MANY_PEOPLE = 5000.0
#: sites compared with all points at once: bounds the memory
BLOCK = 256


class Nearby(NamedTuple):
    """Plant or planned line of each site: (n,) MW or kV, distance in km, months from the start to its closure or service."""

    size: np.ndarray
    km: np.ndarray
    months: np.ndarray


@dataclass(frozen=True)
class Facts:
    """Facts about power at the sites; NaN = unknown unless stated otherwise.

    Parameters
    ----------
    load_mw : (n,) float64
        Full load.
    year : (n,) int64
        Of the start.
    hand : InHand
        What the developer has or accepts.
    state : (n,) object
        Two letters.
    region : (n,) object
        Market region; None = none.
    headroom_mw : (n, 3) float64
        P10, P50, P90 of the load that the station could take with one line out, less what other campuses claim.
    before_mw, claimed_mw : (n,) float64
        Median before that, and the planned power of the campuses around the station.
    station : (n,) object
        Name, or where it lies.
    station_kv, station_km : (n,) float64
        Voltage class and straight distance.
    cut_in : (n,) bool
        A new switching station has to be built there, on a line or at a junction of lines.
    cut_in_kv, cut_in_km : (n,) float64
        The nearest line that serves the first megawatts: voltage class and straight distance; infinite without one.
    non_firm_mw : (n, 3) float64
        P10, P50, P90 of the load that can be served when it may be curtailed.
    reusable_mw, reusable_km, reusable_months : (n,) float64
        Closed or closing plant: capacity, distance, months from the start to its closure (negative: before). 0 MW = none.
    planned_kv, planned_km, planned_months : (n,) float64
        Planned line nearby: class, distance of its end, months from the start to its planned service. NaN = none known.
    gas_km, gas_pipelines : (n,) float64
        Distance to the pipeline, and how many differently named ones lie within 10 km.
    nonattainment : (n,) float64
        Air-quality standards not met.
    blocked : (n,) float64
        Expected share of the contested projects around that are blocked.
    slope_pct : (n,) float64
        Slope of the land.
    jobs, people : (n,) float64
        Jobs within 80 km, people within 2 km.
    firm_mw, trunk_mw : (n,) float64
        Load that the pipeline can feed before it is expanded, and before one of the site's own is built; NaN = no limit is known.
    """

    load_mw: np.ndarray
    year: np.ndarray
    hand: InHand
    state: np.ndarray
    region: np.ndarray
    headroom_mw: np.ndarray
    before_mw: np.ndarray
    claimed_mw: np.ndarray
    station: np.ndarray
    station_kv: np.ndarray
    station_km: np.ndarray
    cut_in: np.ndarray
    cut_in_kv: np.ndarray
    cut_in_km: np.ndarray
    non_firm_mw: np.ndarray
    reusable_mw: np.ndarray
    reusable_km: np.ndarray
    reusable_months: np.ndarray
    planned_kv: np.ndarray
    planned_km: np.ndarray
    planned_months: np.ndarray
    gas_km: np.ndarray
    gas_pipelines: np.ndarray
    nonattainment: np.ndarray
    blocked: np.ndarray
    slope_pct: np.ndarray
    jobs: np.ndarray
    people: np.ndarray
    firm_mw: np.ndarray
    trunk_mw: np.ndarray

    @property
    def size(self) -> int:
        """Number of sites."""
        return len(self.region)

    def take(self, index: np.ndarray | slice) -> Facts:
        """The facts of some sites."""
        arrays = {f.name: getattr(self, f.name)[index] for f in fields(self) if f.name != "hand"}
        return Facts(hand=self.hand.take(index), **arrays)

    def unknown(self) -> np.ndarray:
        """(n,) bool: a fact that a pathway needs is unknown."""
        needed = (
            *(self.headroom_mw[:, 1], self.non_firm_mw[:, 1], self.station_km, self.gas_km, self.gas_pipelines),
            *(self.nonattainment, self.blocked, self.slope_pct, self.jobs, self.people),
        )
        return np.any([np.isnan(values) for values in needed], axis=0)

    def assume(self, *, best: bool) -> Facts:
        """The same facts with every unknown value at its favourable or unfavourable bound."""
        headroom, far = (AMPLE_MW, 0.0) if best else (0.0, FAR_KM)
        return replace(
            self,
            headroom_mw=np.where(np.isnan(self.headroom_mw), headroom, self.headroom_mw),
            non_firm_mw=np.where(np.isnan(self.non_firm_mw), headroom, self.non_firm_mw),
            station_km=np.where(np.isnan(self.station_km), far, self.station_km),
            gas_km=np.where(np.isnan(self.gas_km), far, self.gas_km),
            gas_pipelines=np.nan_to_num(self.gas_pipelines, nan=4.0 if best else 1.0),
            nonattainment=np.nan_to_num(self.nonattainment, nan=0.0 if best else 1.0),
            blocked=np.nan_to_num(self.blocked, nan=0.0 if best else 1.0),
            slope_pct=np.nan_to_num(self.slope_pct, nan=0.0 if best else STEEP_PCT),
            jobs=np.nan_to_num(self.jobs, nan=AMPLE_JOBS if best else 0.0),
            people=np.nan_to_num(self.people, nan=0.0 if best else MANY_PEOPLE),
        )


def site_facts(  # noqa: PLR0913
    stack: LayerStack,
    package: DataPackage,
    delivery: Delivery,
    *,
    index: np.ndarray,
    xy: np.ndarray,
    chosen: Chosen,
    load_mw: np.ndarray,
    non_firm_mw: np.ndarray,
    hand: InHand | None = None,
) -> Facts:
    """Facts about power at some places.

    Parameters
    ----------
    stack : LayerStack
        With the layers of ``LAYERS``.
    package : DataPackage
    delivery : Delivery
    index : (n,) int
        Places of the land index.
    xy : (n, 2) float64
        Their EPSG:5070 positions, metres.
    chosen : Chosen
        The point of the grid of each, from :func:`sitefinder.layers.able.choose`.
    load_mw : (n,) float64
        Full load of each.
    non_firm_mw : (n, 3) float64
        What can be served when it may be curtailed, from :func:`sitefinder.power.flexible.non_firm`.
    hand : InHand, optional
        What the developer has or accepts; the options of the configuration where it is not given.

    Raises
    ------
    DataError
        A file of ``FILES`` is missing or damaged.
    """
    points = chosen.points
    plants, lines = _reusable(package, delivery, xy), _planned(package, delivery, xy)
    first_kv, first_km = _first_line(package, delivery, xy, load_mw)
    return Facts(
        load_mw=load_mw,
        year=np.full(len(index), month_number(delivery.start) // MONTHS_PER_YEAR),
        hand=InHand.of_options(delivery.options, len(index)) if hand is None else hand,
        headroom_mw=points.left_mw,
        before_mw=points.before_mw[:, MEDIAN],
        claimed_mw=points.claimed_mw,
        station=points.name,
        station_kv=points.kv.astype(np.float64),
        station_km=chosen.km,
        cut_in=points.cut_in,
        cut_in_kv=first_kv,
        cut_in_km=first_km,
        non_firm_mw=non_firm_mw,
        reusable_mw=plants.size,
        reusable_km=plants.km,
        reusable_months=plants.months,
        planned_kv=lines.size,
        planned_km=lines.km,
        planned_months=lines.months,
        firm_mw=np.full(len(index), np.nan),
        trunk_mw=np.full(len(index), np.nan),
        **_surroundings(stack, index),
    )


def _surroundings(stack: LayerStack, index: np.ndarray) -> dict[str, np.ndarray]:
    """Fields of :class:`Facts` that layers and zones give at places of the land index."""
    layer = {k: stack.at(k, index).astype(np.float64) for k in LAYERS}
    state = np.array([stack.zones.county_of(i)["state"] for i in index], object)
    intrastate = np.isin(state, list(INTRASTATE))
    return {
        "state": state,
        "region": np.array([stack.zones.rto_of(i) for i in index], object),
        "gas_km": np.where(intrastate, layer["gas_any_km"], layer["gas_interstate_km"]),
        "gas_pipelines": layer["gas_pipelines_10km"],
        "nonattainment": layer["nonattainment_count"],
        "blocked": layer["precedents_blocked_expected"],
        "slope_pct": layer["slope_pct"],
        "jobs": layer["employment_80km"],
        "people": layer["people_2km"],
    }


def _first_line(package: DataPackage, settings: Delivery, xy: np.ndarray, load_mw: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Voltage class and distance, km, of the line that serves the first megawatts of each site; 0 and infinite without one.

    The nearest alternating-current line of ``grid.first.smallest_kv`` and more, or of any class that carries the whole load.
    """
    first = settings.grid.first

    def serves(table: Mapping[str, np.ndarray]) -> np.ndarray:
        return (table["kv_class"] >= min(first.line_mw)) & ~table["is_dc"].astype(bool)

    lines = read_features(package, LINES, ("kv_class", "is_dc"), where=serves)
    kv, places = lines["kv_class"].astype(np.float64), shapely.points(xy)
    near_kv, near_km = np.zeros(len(xy)), np.full(len(xy), np.inf)
    carries = by_class(first.line_mw, kv)[:, 1]
    for small in (False, True):
        who = np.flatnonzero((load_mw <= carries.min()) == small) if kv.size else np.zeros(0, int)
        rows = np.flatnonzero(kv >= (min(first.line_mw) if small else first.smallest_kv))
        if who.size and rows.size:
            place, at = shapely.STRtree(lines["geometry"][rows]).query_nearest(places[who], all_matches=False)
            near_kv[who[place]] = kv[rows[at]]
            near_km[who[place]] = shapely.distance(places[who[place]], lines["geometry"][rows[at]]) / M_PER_KM
    return near_kv, near_km


def _best_within(
    xy: np.ndarray, points: dict[str, np.ndarray], within_km: float, worth: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Row of the point of largest worth within reach of each site (-1 = none), and its distance, km."""
    rows, km = np.full(len(xy), -1, np.int64), np.full(len(xy), np.nan)
    for start in range(0, len(xy), BLOCK):
        part = slice(start, start + BLOCK)
        apart = np.hypot(xy[part, :1] - points["x"], xy[part, 1:] - points["y"]) / M_PER_KM
        value = np.where(apart <= within_km, worth, 0.0)
        best = value.argmax(axis=1) if len(worth) else np.zeros(len(apart), np.int64)
        useful = value[np.arange(len(best)), best] > 0 if len(worth) else np.zeros(len(apart), bool)
        rows[part] = np.where(useful, best, -1)
        km[part] = np.where(useful, apart[np.arange(len(best)), best], np.nan) if len(worth) else np.nan
    return rows, km


def _months_from(start: str, months: np.ndarray) -> np.ndarray:
    return np.array([month_number(m) - month_number(start) for m in months], np.float64)


def _reusable(package: DataPackage, settings: Delivery, xy: np.ndarray) -> Nearby:
    """The closed or closing plant with the most megawatt-months until the end of the look-ahead, by the chance of its right."""
    plants = read_points(package, REUSABLE, ("mw", "status", "closed", "operating_mw_2km"))
    in_use = np.where(plants["status"] == "retired", plants["operating_mw_2km"], 0.0)
    free = np.maximum(plants["mw"] - in_use, 0.0)
    closes = _months_from(settings.start, plants["closed"])
    left = np.maximum(settings.months_to_end_of(LOOK_AHEAD) - np.maximum(closes, 0.0), 0.0)
    row, km = _best_within(xy, plants, settings.reuse.within_km, free * left * settings.reuse.chance(closes))
    return Nearby(np.where(row >= 0, free[row], 0.0), km, np.where(row >= 0, closes[row], np.nan))


def _planned(package: DataPackage, settings: Delivery, xy: np.ndarray) -> Nearby:
    """The planned new line that brings most megawatt-months until the end of the look-ahead."""
    lines = read_points(package, PLANNED, ("kv", "in_service", "new_line"))
    service = _months_from(settings.start, lines["in_service"])
    left = np.maximum(settings.months_to_end_of(LOOK_AHEAD) - np.maximum(service, 0.0), 0.0)
    size = planned_mw(settings, lines["kv"])
    row, km = _best_within(xy, lines, settings.planned.within_km, size * left * lines["new_line"].astype(bool))
    kv = np.where(row >= 0, lines["kv"][row].astype(np.float64), np.nan)
    return Nearby(kv, km, np.where(row >= 0, service[row], np.nan))


def planned_mw(settings: Delivery, kv: np.ndarray) -> np.ndarray:
    """Capacity of a planned line by its class, MW: the class itself or the next lower one; 0 where unknown."""
    classes = sorted(settings.planned.line_mw)
    size = np.array([0.0, *(settings.planned.line_mw[c] for c in classes)])
    return size[np.searchsorted(classes, np.nan_to_num(np.asarray(kv, np.float64)), side="right")]
