"""Friction of the ground: cost of crossing each cell, and cost multipliers of building there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sitefinder.cache import code_of, digest
from sitefinder.columns import MID
from sitefinder.config.connections import Avoid, Connections, Kind, Terrain
from sitefinder.errors import ConfigError
from sitefinder.layers.naming import layer_problems

if TYPE_CHECKING:
    from sitefinder.config import ConfigFile
    from sitefinder.layers.stack import LayerStack

#: rasters of each kind that stay in the cache: the latest and those before
KEPT = 2


def check_layers(file: ConfigFile) -> None:
    """Refuse entries of ``connections`` that name an unknown layer or the wrong unit.

    Raises
    ------
    ConfigError
        One line per problem with file, line, key and remedy.
    """
    settings = file.config.connections
    problems = []
    for part in ("terrain", "avoid") if settings else ():
        for name, term in getattr(settings, part).items():
            at = ("connections", part, name)
            problems += layer_problems(file, term.layer, term.unit, at=(*at, "layer"), unit_at=(*at, "unit"))
    if problems:
        raise ConfigError("\n".join(problems))


def multiplier(term: Terrain, values: np.ndarray) -> np.ndarray:
    """Cost multipliers of a terrain layer.

    Parameters
    ----------
    term : Terrain
    values : (n,) float
        In the layer's unit; NaN = unknown, taken as easy ground.

    Returns
    -------
    (n, 3) float64
        Low, most likely and high.
    """
    table = np.array([(1.0, 1.0, 1.0), *term.steps.values()])
    return table[np.searchsorted(list(term.steps), np.where(np.isnan(values), -np.inf, values), side="right")]


def avoided(term: Avoid, values: np.ndarray) -> np.ndarray:
    """(n,) bool: cells that routes avoid because of a layer; unknown cells are not avoided."""
    with np.errstate(invalid="ignore"):
        return values > term.above if term.above is not None else values < term.below


def friction(stack: LayerStack, settings: Connections, kind: Kind) -> np.ndarray:
    """Friction of each cell: cost of crossing it relative to easy ground.

    Parameters
    ----------
    stack : LayerStack
        With the layers of the settings.
    settings : Connections
    kind : "line" or "pipe"

    Returns
    -------
    (n_land,) float32
        1 on easy ground: most likely cost multipliers times factors of avoidance; infinite where no route may enter.
    """
    product = np.ones(stack.land.size, np.float32)
    for layer_id in settings.layers():
        values = stack.values(layer_id)
        for term in (t for t in settings.terrain.values() if t.layer == layer_id):
            factor = np.ones_like(product)
            for threshold, likely in term.steps.items():
                factor[values >= threshold] = likely[MID]
            product *= factor
        for avoid in (a for a in settings.avoid.values() if a.layer == layer_id):
            product[avoided(avoid, values)] *= np.float32(avoid.factor(kind))
    return product


def terrain_at(stack: LayerStack, settings: Connections, index: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Cost multipliers and avoided or difficult ground at some places.

    Parameters
    ----------
    stack : LayerStack
    settings : Connections
    index : (n,) int
        Places of the land index.

    Returns
    -------
    multipliers : (n, 3) float64
        Low, most likely and high, all terrain layers together.
    crossed : dict
        Name of each entry of ``terrain`` and ``avoid`` -> (n,) bool, and ``unknown``: a layer is unknown there.
    """
    values = {k: stack.at(k, index).astype(np.float64) for k in settings.layers()}
    product = np.ones((len(index), 3))
    crossed = {}
    for name, term in settings.terrain.items():
        factor = multiplier(term, values[term.layer])
        product *= factor
        crossed[name] = values[term.layer] >= min(term.steps)
    for name, avoid in settings.avoid.items():
        crossed[name] = avoided(avoid, values[avoid.layer])
    crossed["unknown"] = np.any([np.isnan(v) for v in values.values()], axis=0)
    return product, crossed


def raster(stack: LayerStack, settings: Connections, kind: Kind) -> tuple[np.ndarray, str]:
    """The friction as a raster, kept beside the stack.

    Returns
    -------
    friction : (rows, columns) float32, memory-mapped
        Infinite off land and where no route may enter.
    key : str
        Changes with everything that the friction depends on.
    """
    terms = [t.model_dump(mode="json") for t in (*settings.terrain.values(), *settings.avoid.values())]
    stems = [stack.records[k]["stem"] for k in settings.layers()]
    key = digest([kind, terms, stems, code_of(__name__)])
    name = f"friction-{kind}-{key}"
    return stack.cache.array(name, lambda: stack.land.expand(friction(stack, settings, kind), np.inf), keep=KEPT), key
