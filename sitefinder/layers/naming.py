"""Layers as a configuration names them: refusing an unknown name or another unit."""

from __future__ import annotations

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
