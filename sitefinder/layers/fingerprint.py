"""Fingerprints of layers and land: sixteen digits that change with their files, settings and code.

A changed file, setting or program rebuilds the layers that depend on it, and no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sitefinder.cache import code_of, digest
from sitefinder.layers.files import COUNTIES, RTO
from sitefinder.layers.package import DataPackage
from sitefinder.layers.replaced import raster_files
from sitefinder.layers.spec import Layer

if TYPE_CHECKING:
    from sitefinder.config import Config
    from sitefinder.config.project import Replacement

#: files from which counties and market regions come
ZONE_FILES = (COUNTIES, RTO)
#: module by which every layer is measured, and the one that reads a raster of the user
MEASURING, REPLACING = "sitefinder.layers.sources", "sitefinder.layers.replaced"


def layer_fingerprint(
    layer: Layer, package: DataPackage, config: Config, replaced: Mapping[str, Replacement] | None = None
) -> str:
    """Fingerprint of a layer: cell size, its compiled files or the raster that replaces it, its parameters, and the code.

    Rasters in place of layers that this one rests on belong to it.

    Parameters
    ----------
    layer : Layer
    package : DataPackage
    config : Config
    replaced : mapping, optional
        Layer id -> the user's raster in its place.

    Raises
    ------
    DataError
        The register of compiled files lacks one.
    """
    replaced = replaced or {}
    if layer.spec.layer_id in replaced:
        content: Any = _stamp(replaced[layer.spec.layer_id])
        code = code_of(REPLACING)
    else:
        content = [package.entry(name)["hash"] for name in layer.spec.sources]
        content += [[k, _stamp(replaced[k]), code_of(REPLACING)] for k in layer.rests_on if k in replaced]
        code = code_of(layer.build.__module__, MEASURING)
    return digest([layer.spec.layer_id, config.grid.resolution_m, content, dict(layer.parameters(config)), code])


def _stamp(replacement: Replacement) -> list[Any]:
    """What a raster of the user is, and size and time of every file that it is read from."""
    stamps = [[str(f), f.stat().st_size, f.stat().st_mtime_ns] for f in raster_files(Path(replacement.file)) if f.exists()]
    return [replacement.model_dump(mode="json"), stamps]


def land_fingerprint(package: DataPackage) -> str:
    """Fingerprint of the land cells and their zones.

    Raises
    ------
    DataError
        The register of compiled files lacks one.
    """
    return digest([[package.entry(name)["hash"] for name in ZONE_FILES], code_of("sitefinder.layers.zones")])
