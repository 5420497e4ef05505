"""Columns of a site that say how it is connected, over which distance and at what cost."""

from __future__ import annotations

from collections.abc import Mapping

from sitefinder.columns import Column
from sitefinder.routes.legs import LEVELS, ROUTES

#: what each route of :data:`sitefinder.routes.legs.ROUTES` leads to
MEANING: Mapping[str, str] = {
    "grid": "the station chosen: one that can carry the load, unless its route is much dearer than to the nearest",
    "grid_nearest": "the station that is cheapest to reach, whatever it can carry",
    "grid_able": "the station with enough estimated headroom that is cheapest to reach",
    "gas": "the gas pipeline that is cheapest to reach",
    "gas_second": "the cheapest pipeline of another name",
    "fiber": "the fiber corridor that is cheapest to reach",
    "fiber_second": "the cheapest other corridor, on another side of the site and away from the first route",
    "water": "the river with enough flow or the wastewater plant with enough effluent that is cheapest to reach",
}


def _route_columns(name: str) -> tuple[Column, ...]:
    """Columns of one route in the list of sites."""
    return (
        Column(f"{name}_route_to", "", f"Name of {MEANING[name]}; null if unnamed or out of reach", "connection"),
        Column(f"{name}_route_km", "km", f"Length of the least-cost route to {MEANING[name]}", "connection", 1),
        Column(f"{name}_straight_km", "km", "Straight distance to the same target", "connection", 1),
        *(
            Column(f"{name}_cost_musd_{level}", "million USD", f"Cost of that route, {level}", "connection", 2)
            for level in LEVELS
        ),
        Column(f"{name}_unknown_km", "km", "Part of that route on ground of which a layer is unknown", "connection", 1),
    )


#: columns that routes add to the sites
CONNECTIONS: tuple[Column, ...] = (
    *_route_columns("grid"),
    Column("grid_route_kv", "kV", "Voltage class of the station chosen", "connection", 0),
    Column("grid_route_circuits", "", "Circuits that the load needs at that voltage", "connection", 0),
    Column("grid_route_able", "", "Whether its estimated headroom is enough for the load; null without estimates", "connection"),
    Column("grid_route_headroom_mw", "MW", "Its estimated headroom with one line out, median; null if unknown", "connection", 0),
    *(column for name in ROUTES if name != "grid" for column in _route_columns(name)),
    *(
        Column(f"gas_diameter_in_{level}", "inches", f"Diameter of the lateral for the whole load, {level}", "connection", 0)
        for level in LEVELS
    ),
    Column("water_route_source", "", "river or wastewater", "connection"),
    Column("water_route_need_mgd", "Mgd", "Water that the main is sized for", "connection", 2),
)
