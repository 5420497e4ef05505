"""The ``needs`` and ``costs`` sections of the configuration: needs of a campus and unit costs, as ranges.

Every range is [low, most likely, high]. The numbers and their sources stand in ``config/assumptions/needs.yaml`` and
``costs.yaml``; ``docs/costs.md`` has the formulas.
"""

from __future__ import annotations

from typing import Annotated, Generic, Literal, Self, TypeVar

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from sitefinder.config.delivery import REGIONS
from sitefinder.config.kinds import Part, Positive, Range, Share, SignedRange, Weight
from sitefinder.units import HOURS_PER_DAY

Cooling = Literal["evaporative", "hybrid", "dry"]
Technology = Literal["combined_cycle", "engines"]
T = TypeVar("T")


def _above_zero(values: tuple[float, float, float]) -> tuple[float, float, float]:
    if values[0] <= 0:
        raise ValueError(f"[{values[0]:g}, ...] must be above 0")
    return values


def _shares(values: tuple[float, float, float]) -> tuple[float, float, float]:
    if values[2] > 1:
        raise ValueError(f"[..., {values[2]:g}] must be at most 1")
    return values


def _at_least_one(values: tuple[float, float, float]) -> tuple[float, float, float]:
    if values[0] < 1:
        raise ValueError(f"[{values[0]:g}, ...] must be at least 1: IT is part of the load")
    return values


def _hold_one(limits: tuple[float, float]) -> tuple[float, float]:
    if not limits[0] <= 1 <= limits[1]:
        raise ValueError(f"[{limits[0]:g}, {limits[1]:g}] must hold 1, the factor of the reference climate")
    return limits


def _known_regions(names: T) -> T:
    for name in names:  # type: ignore[attr-defined]
        if name not in REGIONS:
            raise ValueError(f"unknown region '{name}'; use one of {', '.join(REGIONS)}")
    return names


PositiveRange = Annotated[Range, AfterValidator(_above_zero)]
#: a range of fractions of a whole
ShareRange = Annotated[Range, AfterValidator(_shares)]
#: least and largest factor
Limits = Annotated[tuple[Positive, Positive], AfterValidator(_hold_one)]
#: power usage effectiveness: load of the campus per load of its computers
PueRange = Annotated[Range, AfterValidator(_at_least_one)]


class ByTechnology(Part):
    """One range for each kind of generation on the site."""

    combined_cycle: PositiveRange
    engines: PositiveRange

    def of(self, technology: Technology) -> tuple[float, float, float]:
        """The range of one kind."""
        return self.combined_cycle if technology == "combined_cycle" else self.engines


class ByCooling(Part, Generic[T]):
    """One entry for each cooling option."""

    evaporative: T
    hybrid: T
    dry: T

    def of(self, cooling: Cooling) -> T:
        """The entry of one option."""
        return {"evaporative": self.evaporative, "hybrid": self.hybrid, "dry": self.dry}[cooling]


class GasNeed(Part):
    """Gas burnt by generation on the site, and thresholds of pipeline capacity."""

    technology: Technology = "combined_cycle"
    heat_rate: ByTechnology
    heating_value: PositiveRange
    expansion_share: Share
    own_share: Share
    own_above_mmcfd: Positive

    def mmcfd(self, mw: float) -> np.ndarray:
        """Gas burnt at full load, million cubic feet per day: MW x heat rate x 24 h / heating value, (3,).

        Notes
        -----
        MMBtu / (Btu per cubic foot) = million cubic feet: 1 GW x 6.5 MMBtu/MWh x 24 h / 1037 Btu/cf = 150 MMcf/d.
        """
        rate = np.array(self.heat_rate.of(self.technology))
        return mw * rate * HOURS_PER_DAY / np.array(self.heating_value)[::-1]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.own_share < self.expansion_share:
            raise ValueError("give an own_share of at least expansion_share; an expansion comes before a pipeline of one's own")
        return self


class WaterNeed(Part):
    """Water for cooling, its response to the climate, and the supply of a dry year."""

    wue: ByCooling[Range]
    peak_wue: ByCooling[Range]
    pue: ByCooling[PueRange]
    climate_response: ByCooling[Weight]
    reference_free_hours: Annotated[float, Field(ge=0, lt=8760, strict=True)]
    factor_limits: Limits
    pue_per_degree: ByCooling[Weight]
    reference_wetbulb_c: Positive
    reach_km: Positive
    reclaimed: ShareRange
    low_flow: ShareRange
    take: ShareRange


class Needs(Part):
    """Gas and water needs of a campus."""

    load_factor: Annotated[ShareRange, AfterValidator(_above_zero)]
    gas: GasNeed
    water: WaterNeed


class Land(Part):
    """Price of the land, from the value of residential land in the county."""

    share_of_residential: Range
    floor_usd_acre: Range


class Sitework(Part):
    """Making the ground ready to build on."""

    base_usd_acre: Range
    pad_m: Range
    earthwork_usd_m3: Range


class Substation(Part):
    """The campus's own high-voltage stations; the utility's side belongs to the connection."""

    stations_per_gw: Range
    station_musd_2019: Range
    mva_per_mw: Range
    transformer_usd_mva: Range


class Generation(Part):
    """Generation on the site."""

    usd_kw: ByTechnology
    reserve: Range
    hybrid_share: ShareRange
    om_usd_mwh: ByTechnology
    capital_charge: ShareRange


class Facility(Part):
    """The buildings with their power and cooling, without computers; they cost the same everywhere here."""

    kind: Literal["standard", "ai"] = "ai"
    standard_musd_mw: Range
    ai_musd_mw: Range

    @property
    def musd_mw(self) -> tuple[float, float, float]:
        """Million dollars per MW of the kind chosen."""
        return self.ai_musd_mw if self.kind == "ai" else self.standard_musd_mw


class GasHub(Part):
    """A point where gas is traded, and its price less that at Henry Hub: below 0 where gas is produced."""

    lon: Annotated[float, Field(ge=-180, le=180)]
    lat: Annotated[float, Field(ge=-90, le=90)]
    basis_usd_mmbtu: SignedRange


class Power(Part):
    """Energy by the year."""

    grid_price_ratio: PositiveRange
    capacity_usd_mw_day: Annotated[dict[str, Range], AfterValidator(_known_regions)]
    capacity_in_price_usd_mw_day: dict[str, Range]
    no_capacity_market: Annotated[tuple[str, ...], AfterValidator(_known_regions)]
    gas_usd_mmbtu: PositiveRange
    gas_hubs: Annotated[dict[str, GasHub], Field(min_length=1)]
    gas_transport_usd_mmbtu: Range

    @model_validator(mode="after")
    def _same_regions(self) -> Self:
        if set(self.capacity_usd_mw_day) != set(self.capacity_in_price_usd_mw_day):
            raise ValueError("give capacity_in_price_usd_mw_day for the same regions as capacity_usd_mw_day")
        return self


class Costs(Part):
    """Unit costs, US dollars of ``year``."""

    year: Annotated[int, Field(ge=2020, le=2100)]
    escalation_since_2019: PositiveRange
    land: Land
    sitework: Sitework
    substation: Substation
    generation: Generation
    water_supply_musd_mgd: Range
    facility: Facility
    equipment_musd_mw: Range
    power: Power
    value_musd_gw_yr: PositiveRange
