"""Specification of a layer, the function that builds it, and the register of all layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from sitefinder.layers.built import Built

if TYPE_CHECKING:
    from sitefinder.config import Config
    from sitefinder.layers.sources import Sources

#: grades of evidence, best first
GRADES: Mapping[str, str] = {
    "E1": "law or contract",
    "E2": "measured or registered feature",
    "E3": "official statistic",
    "E4": "modelled or interpolated",
    "E5": "proxy",
}


@dataclass(frozen=True, kw_only=True)
class LayerSpec:
    """Meaning and provenance of one layer; publisher, vintage, licence and sha256 come from the files it names.

    Parameters
    ----------
    layer_id, family, title : str
    unit : str
        Unit of the stored numbers; criteria and gates must name the same one.
    meaning : str
        One sentence a siting engineer would accept as the definition.
    better : "low" or "high" or "context"
        Direction in which a campus prefers it; "context" layers are not criteria by themselves.
    valid : (float, float)
        Numbers outside this range are a fault in the data.
    sources : tuple of str
        Compiled files below ``data/``.
    grade : str
        Evidence grade of the layer as used here: never better than its worst source.
    caveat : str
        What the layer leaves out.
    """

    layer_id: str
    family: str
    title: str
    unit: str
    meaning: str
    better: Literal["low", "high", "context"]
    valid: tuple[float, float]
    sources: tuple[str, ...]
    grade: Literal["E1", "E2", "E3", "E4", "E5"]
    caveat: str


Builder = Callable[["Sources"], "Built | np.ndarray"]


@dataclass(frozen=True)
class Layer:
    """A specification with its builder.

    Parameters
    ----------
    spec : LayerSpec
    build : callable
    parameters : callable
        Names what the builder takes from the configuration.
    rests_on : tuple of str
        Layers that are part of this one: where the user replaces one, the builder takes the user's numbers.
    """

    spec: LayerSpec
    build: Builder
    parameters: Callable[[Config], Mapping[str, Any]] = field(default=lambda config: {})
    rests_on: tuple[str, ...] = ()


#: every layer, in the order of definition
REGISTRY: dict[str, Layer] = {}


def layer(
    *, parameters: Callable[[Config], Mapping[str, Any]] | None = None, rests_on: tuple[str, ...] = (), **spec: Any
) -> Callable[[Builder], Builder]:
    """Register the decorated builder as the layer described by the keywords of :class:`LayerSpec`."""

    def register(build: Builder) -> Builder:
        described = LayerSpec(**spec)
        if described.layer_id in REGISTRY:
            raise ValueError(f"Layer '{described.layer_id}' is defined twice")
        REGISTRY[described.layer_id] = Layer(described, build, parameters or (lambda config: {}), rests_on)
        return build

    return register
