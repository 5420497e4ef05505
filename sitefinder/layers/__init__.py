"""Facts of every cell: the register of layers, the compiled files they come from, and the stack that holds them built."""

from sitefinder.layers import families
from sitefinder.layers.built import Built
from sitefinder.layers.spec import GRADES, REGISTRY, Layer, LayerSpec

__all__ = ["GRADES", "REGISTRY", "Built", "Layer", "LayerSpec", "families"]
