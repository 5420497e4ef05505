"""Formulas of gas need against pipeline capacity, and of water need against the supply of a dry year.

Formulas over arrays; ``(n, 3)`` and ``(3,)`` arrays hold [low, most likely, high]. NaN is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sitefinder.columns import HIGH, LOW, MID
from sitefinder.config.costs import Cooling, GasNeed, Needs, WaterNeed
from sitefinder.units import (
    HOURS_PER_YEAR,
    KW_PER_MW,
    L_PER_M3,
    M3S_PER_MGD,
    S_PER_HOUR,
)

COOLINGS: tuple[Cooling, ...] = ("evaporative", "hybrid", "dry")
#: verdicts on the pipeline, best first
SMALL_SHARE, EXPANSION, OWN_PIPELINE, UNKNOWN = "small_share", "expansion", "own_pipeline", "unknown"


# -- gas ---------------------------------------------------------------------------------------------------------------


def gas_share(need: np.ndarray, capacity: np.ndarray) -> np.ndarray:
    """Need over the capacity of the company, (n, 3); unknown where the capacity is.

    Parameters
    ----------
    need : (3,) MMcf/d
    capacity : (n,) MMcf/d
    """
    return need[None, :] / np.asarray(capacity, np.float64)[:, None]


def gas_verdict(need: np.ndarray, capacity: np.ndarray, gas: GasNeed) -> np.ndarray:
    """Pipeline that the gas need requires, (n,) object: small_share, expansion, own_pipeline, unknown.

    The most likely need decides. A need above ``own_above_mmcfd`` requires a pipeline of its own, whatever the company moves.
    """
    share = gas_share(need, capacity)[:, MID]
    verdict = np.select(
        [np.full(share.shape, need[MID] > gas.own_above_mmcfd), np.isnan(share), share > gas.own_share],
        [OWN_PIPELINE, UNKNOWN, OWN_PIPELINE],
        np.where(share > gas.expansion_share, EXPANSION, SMALL_SHARE),
    )
    return verdict.astype(object)


def trunk_mw(capacity: np.ndarray, gas: GasNeed) -> np.ndarray:
    """Megawatts that the company's pipeline can feed before a pipeline of one's own is required, (n,) float64.

    As :func:`gas_verdict` has it: a share ``own_share`` of what the company moves, and never more than ``own_above_mmcfd``, which
    is the limit where that is unknown.

    Parameters
    ----------
    capacity : (n,) MMcf/d
    gas : GasNeed
    """
    mmcfd = np.fmin(np.asarray(capacity, np.float64) * gas.own_share, gas.own_above_mmcfd)
    return mmcfd / gas.mmcfd(1.0)[MID]


def firm_mw(capacity: np.ndarray, gas: GasNeed) -> np.ndarray:
    """Megawatts that it can feed before the company has to expand it: the share ``expansion_share``, (n,) float64; NaN = unknown.

    Parameters
    ----------
    capacity : (n,) MMcf/d
    gas : GasNeed
    """
    return np.asarray(capacity, np.float64) * gas.expansion_share / gas.mmcfd(1.0)[MID]


# -- water -------------------------------------------------------------------------------------------------------------


def climate_factor(free_hours: np.ndarray, response: float, water: WaterNeed) -> np.ndarray:
    """Water use in the climate of the place over that in the reference climate, (n, 3).

    ((8766 - free cooling hours) / (8766 - reference))^response within ``factor_limits``. Where the hours are unknown, the limits
    are the range and the middle is unknown, unless the option does not respond to climate.
    """
    low, high = water.factor_limits
    warm = np.maximum(HOURS_PER_YEAR - np.asarray(free_hours, np.float64), 0.0) / (HOURS_PER_YEAR - water.reference_free_hours)
    factor = np.clip(warm**response, low, high) if response > 0 else np.ones(warm.shape)
    known = ~np.isnan(factor)
    return np.stack([np.where(known, factor, low), factor, np.where(known, factor, high)], axis=1)


def it_mw(mw: float, cooling: Cooling, water: WaterNeed) -> np.ndarray:
    """Load of the computers of a campus of this many MW, (3,): load / PUE."""
    return mw / np.array(water.pue.of(cooling))[::-1]


def litres_to_mgd(it: np.ndarray, litres_per_kwh: np.ndarray) -> np.ndarray:
    """Million gallons per day of computers of this many MW at so many litres per kWh."""
    return it * KW_PER_MW * litres_per_kwh / L_PER_M3 / S_PER_HOUR / M3S_PER_MGD


def water_mgd(mw: float, cooling: Cooling, needs: Needs, free_hours: np.ndarray) -> np.ndarray:
    """Mean water use over the year, Mgd, (n, 3): computers x load factor x litres per kWh x climate factor."""
    water = needs.water
    mean = litres_to_mgd(it_mw(mw, cooling, water), np.array(water.wue.of(cooling))) * np.array(needs.load_factor)
    return mean * climate_factor(free_hours, water.climate_response.of(cooling), water)


def peak_mgd(mw: float, cooling: Cooling, water: WaterNeed) -> np.ndarray:
    """Water use on the hottest day at full load, Mgd, (3,): what the supply is built for."""
    return litres_to_mgd(it_mw(mw, cooling, water), np.array(water.peak_wue.of(cooling)))


def pue(cooling: Cooling, water: WaterNeed, wetbulb_c: np.ndarray) -> np.ndarray:
    """Power usage effectiveness in the climate of the place, (n, 3): at least 1."""
    warmer = np.asarray(wetbulb_c, np.float64)[:, None] - water.reference_wetbulb_c
    return np.maximum(np.array(water.pue.of(cooling)) + water.pue_per_degree.of(cooling) * warmer, 1.0)


def dry_penalty(water: WaterNeed, wetbulb_c: np.ndarray) -> np.ndarray:
    """Energy that dry cooling takes above evaporative cooling for the same computers, fraction of the load, (n, 3).

    Both are taken at the same end of their ranges.
    """
    return pue("dry", water, wetbulb_c) / pue("evaporative", water, wetbulb_c) - 1.0


@dataclass(frozen=True)
class Supply:
    """Water supply of the place in a dry year, Mgd, (n, 3) each; NaN = unknown."""

    river: np.ndarray
    reclaimed: np.ndarray

    @property
    def total(self) -> np.ndarray:
        """River and reclaimed water together: an unknown source counts 0 at the low end and is open at the high end."""
        both = np.stack([self.river, self.reclaimed])
        total = both.sum(axis=0)
        total[:, LOW] = np.nansum(both[:, :, LOW], axis=0)
        return total


def dry_year_supply(flow_m3s: np.ndarray, drought: np.ndarray, reclaimed_mgd: np.ndarray, water: WaterNeed) -> Supply:
    """Water supply of a dry year from river and reclaimed water.

    river = mean flow x low-flow share x (1 - share of the county's weeks in severe drought) x share that may be taken;
    reclaimed = design flow x share that could be had. An unknown drought share leaves the middle unknown and the range between
    a share of a half, the most of any county, and none.

    Parameters
    ----------
    flow_m3s : (n,) mean flow of the river, m3/s; 0 where there is none
    drought : (n,) share
    reclaimed_mgd : (n,) design flow of plants in reach
    """
    spared = 1.0 - np.asarray(drought, np.float64)
    spared3 = np.stack([np.nan_to_num(spared, nan=0.5), spared, np.nan_to_num(spared, nan=1.0)], axis=1)
    share = np.array(water.low_flow) * np.array(water.take)
    flow_mgd = np.asarray(flow_m3s, np.float64)[:, None] / M3S_PER_MGD
    river = np.where(flow_mgd == 0.0, 0.0, flow_mgd * share * spared3)
    return Supply(river, np.asarray(reclaimed_mgd, np.float64)[:, None] * np.array(water.reclaimed))


def drought_verdict(peak: float, supply: Supply) -> np.ndarray:
    """Whether river and reclaimed water cover the hottest day of a dry year, (n,) object: yes, no, unknown.

    Yes when the low end of the supply does, no when even the high end does not.
    """
    total = supply.total
    return np.where(total[:, LOW] >= peak, "yes", np.where(total[:, HIGH] < peak, "no", UNKNOWN)).astype(object)
