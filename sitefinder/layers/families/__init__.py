"""The layers themselves, one module per family; importing this package registers all of them."""

from sitefinder.layers.families import (
    climate,
    community,
    fiber,
    friction,
    gas,
    grid_able,
    grid_capacity,
    grid_power,
    hazard,
    land,
    land_access,
    land_taken,
    precedents,
    water,
)

__all__ = [
    "climate",
    "community",
    "fiber",
    "friction",
    "gas",
    "grid_able",
    "grid_capacity",
    "grid_power",
    "hazard",
    "land",
    "land_access",
    "land_taken",
    "precedents",
    "water",
]
