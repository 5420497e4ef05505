"""All layers; importing this package registers every family."""

from sitefinder.layers import climate, community, fiber, gas, grid_capacity, hazard, land, land_access, water
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
    "gas",
    "grid_capacity",
    "hazard",
    "land",
    "land_access",
    "water",
]
