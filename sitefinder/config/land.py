"""The ``land`` section of the configuration: how much land stands already built on, by cause.

The numbers and their sources stand in ``config/assumptions/land.yaml``.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from sitefinder.config.kinds import Part, Positive, Weight


def _from_zero(entries: dict[int, float]) -> dict[int, float]:
    if 0 not in entries:
        raise ValueError("the entry 0 is missing; it stands for features whose voltage is unknown or lower than the others")
    return dict(sorted(entries.items()))


ByVoltage = Annotated[dict[int, Positive], AfterValidator(_from_zero)]


class PlantLand(Part):
    """Acres of a power plant per MW, by what drives it."""

    gas: Weight
    coal: Weight
    nuclear: Weight
    hydro: Weight
    wind: Weight
    solar: Weight
    battery: Weight
    other: Weight


class CampusLand(Part):
    """Land of a known data center campus, from its mapped footprint or its megawatts."""

    acres_per_mw: Positive
    land_per_building: Annotated[float, Field(ge=1)]
    least_acres: Positive
    clearance_m: Weight


class WastewaterLand(Part):
    """Land of a wastewater plant, from its design flow."""

    acres_per_mgd: Positive
    least_acres: Positive


class TakenLand(Part):
    """What is taken: areas of points, widths of strips along lines."""

    plant_acres_per_mw: PlantLand
    plant_least_acres: Positive
    reactor_exclusion_km: Positive
    station_acres: ByVoltage
    campus: CampusLand
    wastewater: WastewaterLand
    airport_margin_ft: Weight
    airfield_margin_m: Weight
    line_feet: ByVoltage
    pipeline_feet: Positive
    freeway_feet: Positive
    freeway_error_m: Positive
    military_clearance_m: Positive
    highway_feet: Positive
    railway_feet: Positive
    river_m_per_root_m3s: Positive
    large_river_m3s: Positive
