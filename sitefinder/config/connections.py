"""The ``connections`` section of the configuration: detours, cost multipliers and costs per kilometre of routes.

Every range is [low, most likely, high]. The numbers and their sources stand in
``config/assumptions/connections.yaml``; ``docs/connections.md`` has the formulas.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from sitefinder.config.costs import GasNeed
from sitefinder.config.kinds import Finite, Part, Positive, Range, Share

#: entry that stands for market regions without one of their own
ELSEWHERE = "elsewhere"
#: kinds of routes with multipliers of their own
Kind = Literal["line", "pipe"]
KINDS: tuple[Kind, ...] = ("line", "pipe")
#: names of factors that routes already report under another meaning
RESERVED = frozenset({"route", "straight", "unknown"})


def _at_least_one(values: tuple[float, float, float]) -> tuple[float, float, float]:
    if values[0] < 1:
        raise ValueError(f"[{values[0]:g}, ...] must be at least 1: it multiplies the cost of easy ground")
    return values


def _some(entries: dict) -> dict:
    if not entries:
        raise ValueError("give at least one entry")
    return dict(sorted(entries.items()))


def _with_elsewhere(entries: dict) -> dict:
    if ELSEWHERE not in entries:
        raise ValueError(f"the entry '{ELSEWHERE}' is missing; it stands for regions without one of their own")
    return entries


Multiplier = Annotated[Range, AfterValidator(_at_least_one)]
Steps = Annotated[dict[Finite, Multiplier], AfterValidator(_some)]
Factor = Literal["impassable"] | Annotated[float, Field(ge=1, le=1000)]
ByVoltage = Annotated[dict[int, Range], AfterValidator(_some)]
Circuits = Annotated[dict[int, Positive], AfterValidator(_some)]


class Terrain(Part):
    """A layer that makes building dearer: from each threshold on, cost is multiplied by the range beside it."""

    layer: str
    unit: str
    steps: Steps


class Avoid(Part):
    """A layer that routes go around: it weighs in the choice of the route, not in its cost."""

    layer: str
    unit: str
    above: Finite | None = None
    below: Finite | None = None
    line: Factor
    pipe: Factor

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        if (self.above is None) == (self.below is None):
            raise ValueError("give exactly one of above, below")
        return self

    def factor(self, kind: Kind) -> float:
        """Factor for lines or pipes; infinite where they may not pass."""
        value = self.line if kind == "line" else self.pipe
        return float("inf") if value == "impassable" else float(value)


class GridRoute(Part):
    """A line to the transmission grid, without the campus's own station."""

    circuit_mw: Circuits
    least_circuits: Annotated[int, Field(ge=1, le=10)]
    double_circuit: Multiplier
    tables: dict[str, str]
    musd_per_mile_2019: dict[str, ByVoltage]
    bay_musd_2019: dict[str, ByVoltage]
    switching_station_musd_2019: dict[str, ByVoltage]
    contingency: Range
    afudc: Share
    overhead: Share
    escalation_since_2019: Range

    @model_validator(mode="after")
    def _tables_exist(self) -> Self:
        _with_elsewhere(self.tables)
        for region, table in self.tables.items():
            for name in ("musd_per_mile_2019", "bay_musd_2019", "switching_station_musd_2019"):
                if table not in getattr(self, name):
                    raise ValueError(f"tables.{region} names '{table}', which {name} lacks; add it or name another")
        return self


class GasRoute(Part):
    """A lateral from a gas pipeline."""

    burns: GasNeed
    inlet_psi: Positive
    outlet_psi: Positive
    least_miles: Positive
    sizes_in: Annotated[list[Positive], Field(min_length=1)]
    musd_per_inch_mile: Range
    tap_musd: Range

    @model_validator(mode="after")
    def _pressure_falls(self) -> Self:
        if self.outlet_psi >= self.inlet_psi:
            raise ValueError("outlet_psi must be below inlet_psi; gas flows from high to low pressure")
        return self


class FiberRoute(Part):
    """A cable to a long-haul corridor."""

    musd_per_mile: Range
    apart_deg: Annotated[float, Field(ge=0, le=180)]
    apart_km: Positive


class WaterRoute(Part):
    """A main from a river or a wastewater plant."""

    reclaimed_share: Annotated[float, Field(gt=0, le=1)]
    velocity_m_s: Positive
    musd_per_inch_mile: Range
    intake_musd_per_mgd: Range


class Connections(Part):
    """Search and costs of routes, US dollars of ``year``."""

    year: Annotated[int, Field(ge=2020, le=2100)]
    search_km: Annotated[float, Field(gt=0, le=500)]
    routing_factor: Multiplier
    cell_factor: Annotated[float, Field(ge=1, le=2)]
    terrain: dict[str, Terrain]
    avoid: dict[str, Avoid]
    grid: GridRoute
    gas: GasRoute
    fiber: FiberRoute
    water: WaterRoute

    @property
    def detour(self) -> tuple[float, float, float]:
        """Built length / length of a route over cells, at least 1: what the routing factor adds to what cells already see."""
        low, mid, high = (max(factor / self.cell_factor, 1.0) for factor in self.routing_factor)
        return low, mid, high

    @model_validator(mode="after")
    def _names_once(self) -> Self:
        for name in sorted((self.terrain.keys() & self.avoid.keys()) | (RESERVED & {*self.terrain, *self.avoid})):
            raise ValueError(f"avoid.{name}: the name is taken; every entry of terrain and avoid needs a name of its own")
        return self

    def layers(self) -> tuple[str, ...]:
        """Layers that routes depend on, without repeats."""
        layer_ids = [t.layer for t in self.terrain.values()] + [a.layer for a in self.avoid.values()]
        return tuple(dict.fromkeys(layer_ids))
