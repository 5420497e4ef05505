"""All layers; importing this package registers every family."""

from sitefinder.layers import (
    climate,
    community,
    fiber,
    friction,
    gas,
    grid_capacity,
    grid_power,
    hazard,
    land,
    land_access,
    precedents,
    water,
)
from sitefinder.layers.spec import GRADES, REGISTRY, Built, Layer, LayerSpec

__all__ = [
    "GRADES",
    "REGISTRY",
    "Built",
    "Layer",
    "LayerSpec",
    "climate",
    "community",
    "fiber",
    "friction",
    "gas",
    "grid_capacity",
    "grid_power",
    "hazard",
    "land",
    "land_access",
    "precedents",
    "water",
]
