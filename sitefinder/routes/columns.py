"""Columns of the connections of a site: target, length and cost of each route."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sitefinder.columns import Part, Range, column
from sitefinder.config.connections import Connections
from sitefinder.routes import costs
from sitefinder.routes.legs import ROUTES, Leg

#: target of each route of :data:`sitefinder.routes.legs.ROUTES`
MEANING: Mapping[str, str] = {
    "grid": "the station or line of grid_station",
    "gas": "the gas pipeline that is cheapest to reach",
    "gas_second": "the cheapest pipeline of another name",
    "gas_trunk": "the pipeline of a company that moves enough for the load, where the site needs a pipeline of its own",
    "fiber": "the fiber corridor that is cheapest to reach",
    "fiber_second": "the cheapest other corridor, on another side of the site and away from the first route",
    "water": "the river with enough flow or the wastewater plant with enough effluent that is cheapest to reach",
}


@dataclass(frozen=True)
class Route(Part):
    """Target, length and cost of one least-cost route."""

    source: ClassVar[str] = "connection"
    heading: ClassVar[str] = "Connections"

    to: str | None = column("Name of {key}; null if unnamed or out of reach", name="{key}_route_to")
    km: float = column("Length of the least-cost route to {key}", name="{key}_route_km", unit="km", decimals=1)
    straight_km: float = column("Straight distance to the same target", name="{key}_straight_km", unit="km", decimals=1)
    cost_musd: Range = column(
        "Cost of that route, {end}", name="{key}_cost_musd", unit="million USD", decimals=2, ends=Range._fields
    )
    unknown_km: float = column(
        "Part of that route on ground of which a layer is unknown", name="{key}_unknown_km", unit="km", decimals=1
    )


@dataclass(frozen=True)
class RoutePart(Part):
    """Least-cost routes to grid, gas, fiber and water."""

    source: ClassVar[str] = "connection"
    heading: ClassVar[str] = "Connections"

    grid: Route = column(MEANING["grid"])
    grid_route_kv: float = column("Voltage class of the station chosen", unit="kV", decimals=0)
    grid_route_circuits: float = column("Circuits that the load needs at that voltage", decimals=0)
    grid_route_able: bool | None = column("Whether the estimated headroom left at that station is enough for the load")
    grid_route_headroom_mw: float = column(
        "Estimated headroom left at that station with one line out, median; null if unknown", unit="MW", decimals=0
    )
    grid_across: str | None = column(
        "What lies between the site and that station: another state, another market region, a river of 300 m3/s or more"
    )
    others: Mapping[str, Route] = column("", keys={name: MEANING[name] for name in ROUTES if name != "grid"})
    gas_diameter_in: Range = column(
        "Diameter of the lateral for the whole load, {end}", unit="inches", decimals=0, ends=Range._fields
    )
    water_route_source: str | None = column("Source of the water of that route: river or wastewater")
    water_route_need_mgd: float = column("Water that the main is sized for", unit="Mgd", decimals=2)

    def route(self, name: str) -> Route:
        """One of :data:`sitefinder.routes.legs.ROUTES`."""
        return self.grid if name == "grid" else self.others[name]


def route_parts(legs: Mapping[str, Leg], connections: Connections, *, mw: float, water_mgd: float) -> list[RoutePart]:
    """Routes of every site.

    Parameters
    ----------
    legs : mapping
        Of :func:`sitefinder.routes.legs.connect`.
    connections : Connections
    mw : float
        Load of the campus.
    water_mgd : float
        Water that the main is sized for.
    """
    facts, gas, size = legs["grid"].facts, legs["gas"], legs["water"].km.size
    kv = np.array([v or 0 for v in facts["kv"]], np.int64)
    circuits = np.where(kv > 0, costs.circuits(connections.grid, kv, mw), np.nan)
    inches = costs.diameter_in(connections.gas, gas.km, connections.gas.burns.mmcfd(mw))
    return [
        RoutePart(
            grid=_route(legs["grid"], i),
            grid_route_kv=_number(facts["kv"][i]),
            grid_route_circuits=float(circuits[i]),
            grid_route_able=facts["able"][i],
            grid_route_headroom_mw=_number(facts["headroom_mw"][i]),
            grid_across=facts["across"][i],
            others={name: _route(legs.get(name), i) for name in ROUTES if name != "grid"},
            gas_diameter_in=Range(*inches[i]),
            water_route_source=legs["water"].facts["source"][i],
            water_route_need_mgd=water_mgd,
        )
        for i in range(size)
    ]


def _route(leg: Leg | None, i: int) -> Route:
    if leg is None:  # no feature of this class in the whole country
        return Route(None, np.nan, np.nan, Range(np.nan, np.nan, np.nan), np.nan)
    return Route(leg.facts["to"][i], leg.km[i], leg.straight_km[i], Range(*leg.musd[i]), leg.over_km["unknown"][i])


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)
