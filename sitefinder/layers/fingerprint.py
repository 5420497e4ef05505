"""Fingerprints of layers and land: sixteen digits that change with their files, settings and code.

A changed file, setting or program rebuilds the layers that depend on it, and no other.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sitefinder.cache import code_of, digest
from sitefinder.layers.files import COUNTIES, RTO
from sitefinder.layers.package import DataPackage
from sitefinder.layers.spec import Layer

if TYPE_CHECKING:
    from sitefinder.config import Config

#: files from which counties and market regions come
ZONE_FILES = (COUNTIES, RTO)
#: module by which every layer is measured, and a raster of the user is read
MEASURING = "sitefinder.layers.sources"


def layer_fingerprint(layer: Layer, package: DataPackage, config: Config, replacement: Path | None) -> str:
    """Fingerprint of a layer: cell size, its compiled files or the file that replaces it, its parameters, and the code.

    Parameters
    ----------
    layer : Layer
    package : DataPackage
    config : Config
    replacement : Path or None
        The user's raster in place of the layer.

    Raises
    ------
    DataError
        The register of compiled files lacks one.
    """
    if replacement is not None:
        status = replacement.stat()
        content: Any = [str(replacement), status.st_size, status.st_mtime_ns]
        code = code_of(MEASURING)
    else:
        content = [package.entry(name)["hash"] for name in layer.spec.sources]
        code = code_of(layer.build.__module__, MEASURING)
    return digest([layer.spec.layer_id, config.grid.resolution_m, content, dict(layer.parameters(config)), code])


def land_fingerprint(package: DataPackage) -> str:
    """Fingerprint of the land cells and their zones.

    Raises
    ------
    DataError
        The register of compiled files lacks one.
    """
    return digest([[package.entry(name)["hash"] for name in ZONE_FILES], code_of("sitefinder.layers.zones")])
