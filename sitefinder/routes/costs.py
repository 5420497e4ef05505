"""Costs of lines, laterals, cables and mains, million US dollars: low, most likely and high.

A low cost combines the low ends of its inputs and a high cost the high ends: the range is wider than under independence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sitefinder.config.connections import ELSEWHERE, FiberRoute, GasRoute, GridRoute, WaterRoute
from sitefinder.units import FAHRENHEIT_ABSOLUTE, M3S_PER_MGD, M_PER_INCH, M_PER_KM, M_PER_MILE, USD_PER_MUSD

#: general flow equation of Weymouth in US units, ft3/day, psi, degrees Rankine, miles, inches (Menon 2005, K)
WEYMOUTH = 433.5
#: base and flowing temperature 60 F; base and atmospheric pressure, psi
RANKINE, ATMOSPHERE_PSI = 60.0 + FAHRENHEIT_ABSOLUTE, 14.7
#: pipeline efficiency, specific gravity and compressibility of pipeline gas (K)
EFFICIENCY, GRAVITY, COMPRESSIBILITY = 0.92, 0.6, 0.9
FT3_PER_MMCF = 1.0e6


def miles(km: np.ndarray) -> np.ndarray:
    """Statute miles."""
    return np.asarray(km, np.float64) * (M_PER_KM / M_PER_MILE)


def circuits(terms: GridRoute, kv: np.ndarray, mw: float) -> np.ndarray:
    """(n,) int64 circuits that carry the load at a voltage, kV; a class without an entry takes the next lower one."""
    classes, capacity = np.array(list(terms.circuit_mw)), np.array(list(terms.circuit_mw.values()))
    row = np.maximum(np.searchsorted(classes, kv, side="right") - 1, 0)
    return np.maximum(np.ceil(mw / capacity[row]), terms.least_circuits).astype(np.int64)


class GridEnd(NamedTuple):
    """Far end of the line of each site.

    Parameters
    ----------
    kv : (n,) int64
        Voltage class of the station.
    cut_in : (n,) bool
        A new switching station on a passing line instead of bays at a station.
    region : (n,) sequence of str or None
        Market region.
    """

    kv: np.ndarray
    cut_in: np.ndarray
    region: Sequence[str | None]


def line_musd(terms: GridRoute, km: np.ndarray, ground: np.ndarray, *, at: GridEnd, mw: float) -> np.ndarray:
    """Cost of a line to the grid with the bays or the new switching station at its far end, without the campus's own station.

    Parameters
    ----------
    terms : GridRoute
    km : (n,) float64
        Length of the route; NaN = no route.
    ground : (n, 3) float64
        Multipliers of the ground along it.
    at : GridEnd
    mw : float
        Load.

    Returns
    -------
    (n, 3) float64
        Low, most likely and high; NaN where there is no route.
    """
    number = circuits(terms, at.kv, mw)[:, None]
    pairs, single = number // 2, number % 2
    tables = [terms.tables.get(r or ELSEWHERE, terms.tables[ELSEWHERE]) for r in at.region]
    per_mile = _of_class([terms.musd_per_mile_2019[t] for t in tables], at.kv)
    bay = _of_class([terms.bay_musd_2019[t] for t in tables], at.kv)
    switching = _of_class([terms.switching_station_musd_2019[t] for t in tables], at.kv)
    end = number * bay + np.where(at.cut_in[:, None], switching - bay, 0.0)
    line = miles(km)[:, None] * ground * per_mile * (pairs * np.array(terms.double_circuit) + single)
    adders = (1.0 + np.array(terms.contingency)) * (1.0 + terms.afudc + terms.overhead)
    return (line + end) * adders * np.array(terms.escalation_since_2019)


class Element(NamedTuple):
    """Element that limits the headroom of each station, as in ``grid/headroom.parquet``.

    Parameters
    ----------
    kind : (n,) sequence of str or None
        ``line``, ``transformer``, ``feeder``; None = none.
    kv : (n,) int64
    km : (n,) float64
    added_mw : (n,) float64
        What strengthening it brings.
    region : (n,) sequence of str or None
        Market region.
    """

    kind: Sequence[str | None]
    kv: np.ndarray
    km: np.ndarray
    added_mw: np.ndarray
    region: Sequence[str | None]


def lift_musd(terms: GridRoute, element: Element, bank_usd_mva: tuple[float, float, float]) -> np.ndarray:
    """Cost of strengthening the element that limits a station: a second circuit along the line, or one more transformer.

    A line or feeder: one circuit of its class for its length on easy ground, and a bay at each end. A transformer: a bay on its
    high side, and a bank for what it brings.

    Parameters
    ----------
    terms : GridRoute
    element : Element
    bank_usd_mva : (low, mid, high)
        Dollars per MVA of a transformer: ``costs.substation.transformer_usd_mva``, of today.

    Returns
    -------
    (n, 3) float64
        Low, most likely and high; NaN where no element limits.
    """
    tables = [terms.tables.get(r or ELSEWHERE, terms.tables[ELSEWHERE]) for r in element.region]
    per_mile = _of_class([terms.musd_per_mile_2019[t] for t in tables], element.kv)
    bay = _of_class([terms.bay_musd_2019[t] for t in tables], element.kv)
    bank_limits, unlimited = (np.array([k == wanted for k in element.kind])[:, None] for wanted in ("transformer", None))
    escalation = np.array(terms.escalation_since_2019)
    way = (miles(element.km)[:, None] * per_mile + 2.0 * bay) * escalation
    bank = bay * escalation + np.asarray(element.added_mw)[:, None] * np.array(bank_usd_mva) / USD_PER_MUSD
    adders = (1.0 + np.array(terms.contingency)) * (1.0 + terms.afudc + terms.overhead)
    return np.where(unlimited, np.nan, np.where(bank_limits, bank, way) * adders)


def _of_class(tables: Sequence[dict[int, tuple[float, float, float]]], kv: np.ndarray) -> np.ndarray:
    """(n, 3) entries of the voltage class of each row: its own or the next lower one, the lowest where there is none."""
    amounts = [t[max([c for c in t if c <= v] or [min(t)])] for t, v in zip(tables, kv, strict=True)]
    return np.array(amounts, np.float64).reshape(-1, 3)


def diameter_in(terms: GasRoute, km: np.ndarray, mmcfd: np.ndarray) -> np.ndarray:
    """Nominal diameter of a lateral by the Weymouth equation, inches; above the largest size, pipes are laid side by side.

    Parameters
    ----------
    terms : GasRoute
        Pressures and sizes.
    km : (n,) float64
        Length.
    mmcfd : (m,) float64
        Flow.

    Returns
    -------
    (n, m) float64
        Sum of the diameters of parallel pipes; NaN where there is no route.
    """
    length = np.maximum(miles(km), terms.least_miles)[:, None]
    fall = (terms.inlet_psi + ATMOSPHERE_PSI) ** 2 - (terms.outlet_psi + ATMOSPHERE_PSI) ** 2
    per_inch = (
        WEYMOUTH
        * EFFICIENCY
        * (RANKINE / ATMOSPHERE_PSI)
        * np.sqrt(fall / (GRAVITY * RANKINE * length * COMPRESSIBILITY))
        / FT3_PER_MMCF
    )
    flow = np.asarray(mmcfd, np.float64)[None, :]
    sizes = np.sort(terms.sizes_in)
    pipes = np.ceil(flow / (per_inch * sizes[-1] ** (8 / 3)))
    exact = np.nan_to_num((flow / np.maximum(pipes, 1.0) / per_inch) ** (3 / 8))
    size = sizes[np.minimum(np.searchsorted(sizes, exact - 1e-9), sizes.size - 1)]
    return np.where(np.isnan(length), np.nan, size * np.maximum(pipes, 1.0))


def lateral_musd(terms: GasRoute, km: np.ndarray, ground: np.ndarray, *, mw: float) -> np.ndarray:
    """(n, 3) cost of a gas lateral that feeds the whole load, with tap and meter; arguments as for lines."""
    inches = diameter_in(terms, km, terms.burns.mmcfd(mw))
    return miles(km)[:, None] * ground * inches * np.array(terms.musd_per_inch_mile) + np.array(terms.tap_musd)


def cable_musd(terms: FiberRoute, km: np.ndarray, ground: np.ndarray) -> np.ndarray:
    """(n, 3) cost of a fiber cable; arguments as for lines."""
    return miles(km)[:, None] * ground * np.array(terms.musd_per_mile)


def main_musd(terms: WaterRoute, km: np.ndarray, ground: np.ndarray, *, need_m3s: float) -> np.ndarray:
    """(n, 3) cost of a water main with intake and pumps, without treatment; ``need_m3s`` is the water it carries."""
    inches = 2.0 * np.sqrt(need_m3s / (np.pi * terms.velocity_m_s)) / M_PER_INCH
    pipe = miles(km)[:, None] * ground * inches * np.array(terms.musd_per_inch_mile)
    return pipe + need_m3s / M3S_PER_MGD * np.array(terms.intake_musd_per_mgd)
