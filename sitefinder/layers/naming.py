"""Layers as a configuration names them: refusing an unknown name or another unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sitefinder.config.keyed_yaml import suggest
from sitefinder.layers.spec import REGISTRY

if TYPE_CHECKING:
    from sitefinder.config import ConfigFile


def layer_problems(file: ConfigFile, layer_id: str, unit: str, *, at: tuple[str, ...], unit_at: tuple[str, ...]) -> list[str]:
    """Problems of an entry that names a layer and its unit: none, or one line with file, line, key and remedy.

    Parameters
    ----------
    file : ConfigFile
    layer_id, unit : str
        As written in the configuration.
    at, unit_at : tuple of str
        Keys of the name and of the unit.
    """
    if layer_id not in REGISTRY:
        return [f"Invalid layer '{layer_id}' in {file.where(*at)}. It does not exist; {suggest(layer_id, REGISTRY)}."]
    expected = REGISTRY[layer_id].spec.unit
    if unit != expected:
        return [f"Invalid unit '{unit}' in {file.where(*unit_at)}. The layer is in '{expected}'; convert the thresholds."]
    return []


def range_problems(file: ConfigFile, layer_id: str, thresholds: Mapping[str, float], *, at: tuple[str, ...]) -> list[str]:
    """Problems of numbers that a layer never reaches, one line each: a wrong unit or a slip of the pen.

    Parameters
    ----------
    file : ConfigFile
    layer_id : str
    thresholds : mapping
        Key, and a word after it, -> number in the unit of the layer.
    at : tuple of str
        Keys of the entry.
    """
    if layer_id not in REGISTRY:
        return []
    spec = REGISTRY[layer_id].spec
    low, high = spec.valid
    return [
        f"Invalid breakpoint {number:g} ({name}) in {file.where(*at, name.split()[0])}. Layer '{layer_id}' lies between "
        f"{low:g} and {high:g} {spec.unit}; write a number that it can reach."
        for name, number in thresholds.items()
        if not low <= number <= high
    ]
