"""Layers, one value per cell: their register, the compiled files they come from, and the stack of built layers."""

from sitefinder.layers import families
from sitefinder.layers.built import Built
from sitefinder.layers.spec import GRADES, REGISTRY, Layer, LayerSpec

__all__ = ["GRADES", "REGISTRY", "Built", "Layer", "LayerSpec", "families"]
