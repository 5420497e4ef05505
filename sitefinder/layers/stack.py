"""The layer stack: one memory-mapped array per layer on the land index, built once and reused by fingerprint."""

from __future__ import annotations

import ctypes
import gc
import json
import logging
import mmap
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypedDict

import numpy as np

from sitefinder.cache import Cache
from sitefinder.config import Config, ConfigFile
from sitefinder.config.keyed_yaml import suggest
from sitefinder.config.project import Replacement
from sitefinder.errors import ConfigError, DataError
from sitefinder.grid import Grid, Land
from sitefinder.layers import REGISTRY, Built, Layer
from sitefinder.layers.fingerprint import layer_fingerprint
from sitefinder.layers.package import DataPackage
from sitefinder.layers.replaced import read_replacement
from sitefinder.layers.sources import Sources
from sitefinder.layers.zones import Zones, open_land

#: layers built at the same time; the kernels release the interpreter lock
WORKERS = 2
#: builds of each layer that stay in the cache: of the settings used last
KEPT_BUILDS = 4

log = logging.getLogger(__name__)


class LayerRecord(TypedDict):
    """Record of a built layer: stem of its files, share of the land with a value, whether its features have names."""

    stem: str
    known_share: float
    labelled: bool


class LayerStack:
    """Layers of one grid, opened by memory map.

    Parameters
    ----------
    land : Land
    zones : Zones
        County and market-region names and the (n_land,) index arrays that point into them.
    records : mapping
        Layer id -> its record in the cache.
    folder : Path
    """

    def __init__(self, land: Land, zones: Zones, records: Mapping[str, LayerRecord], folder: Path) -> None:
        self.land = land
        self.zones = zones
        self.records = records
        self.folder = folder
        self.cache = Cache(folder)

    def values(self, layer_id: str) -> np.ndarray:
        """(n_land,) float32 in the layer's unit, NaN = unknown; read whole."""
        return np.load(self._file(layer_id))

    def at(self, layer_id: str, index: np.ndarray) -> np.ndarray:
        """(n,) float32 values at a few places of the land index, without reading the rest."""
        mapped = np.load(self._file(layer_id), mmap_mode="r")
        if isinstance(mapped.base, mmap.mmap) and hasattr(mmap, "MADV_RANDOM"):  # not on every platform
            mapped.base.madvise(mmap.MADV_RANDOM)
        return np.asarray(mapped[index])

    def _file(self, layer_id: str) -> Path:
        return self.folder / f"{self.records[layer_id]['stem']}.npy"

    def has_unknown(self, layer_id: str) -> bool:
        """True when some land cell lacks this layer."""
        return self.records[layer_id]["known_share"] < 1.0

    def nearest(self, layer_id: str, index: np.ndarray) -> np.ndarray | None:
        """(n,) int32 row of the feature that each value refers to, -1 = none; None where the layer keeps none."""
        record = self.records[layer_id]
        if not record["labelled"]:
            return None
        return np.asarray(np.load(self.folder / f"{record['stem']}.nearest.npy", mmap_mode="r")[index])

    def names(self, layer_id: str, index: np.ndarray) -> list[str | None]:
        """Names of the features nearest to the cells at ``index``; None where the layer keeps none."""
        nearest = self.nearest(layer_id, index)
        if nearest is None:
            return [None] * len(index)
        record = self.records[layer_id]
        labels = json.loads((self.folder / f"{record['stem']}.labels.json").read_text(encoding="utf-8"))
        return [labels[i] if i >= 0 else None for i in nearest]


def open_stack(
    package: DataPackage,
    file: ConfigFile,
    layer_ids: Iterable[str],
    *,
    cache_folder: Path,
    report: Callable[[str, int, int], None] = lambda layer_id, done, total: None,
) -> LayerStack:
    """Open the stack of some layers, building those that are missing.

    Parameters
    ----------
    package : DataPackage
    file : ConfigFile
        Gives the cell size, the project and the files that replace a layer.
    layer_ids : iterable of str
    cache_folder : Path
    report : callable
        Called with (layer id, layers done, layers to build) as layers finish.

    Raises
    ------
    DataError
        A compiled or replacing file is missing, damaged or outside its valid range.
    OutputError
        The cache cannot be written.
    ConfigError
        ``layers.replace`` names an unknown layer.
    """
    config = file.config
    land, zones = open_land(package, config, cache_folder=cache_folder)
    cache = Cache.of(cache_folder, Grid(config.grid.resolution_m))
    replaced = _replacements(file)
    stems = {k: f"{k}-{layer_fingerprint(REGISTRY[k], package, config, replaced)}" for k in layer_ids}
    missing = [k for k, stem in stems.items() if not cache.has(f"{stem}.json")]
    if missing:
        readers = {k: partial(read_replacement, r, REGISTRY[k].spec, land) for k, r in replaced.items()}
        _build(missing, stems, Sources(package, land, config, readers), cache, report)
        _return_memory()
    records = {k: json.loads(cache.used(f"{stem}.json").read_text(encoding="utf-8")) for k, stem in stems.items()}
    return LayerStack(land, zones, records, cache.folder)


def _build(
    missing: list[str],
    stems: Mapping[str, str],
    shared: Sources,
    cache: Cache,
    report: Callable[[str, int, int], None],
) -> None:
    def one(layer_id: str) -> str:
        built = _make(REGISTRY[layer_id], shared)
        _check_range(REGISTRY[layer_id], built.values, shared.config)
        _save(cache, stems[layer_id], built)
        return layer_id

    with ThreadPoolExecutor(WORKERS) as pool:
        for done, layer_id in enumerate(pool.map(one, missing), start=1):
            report(layer_id, done, len(missing))


def _return_memory() -> None:
    """Hand freed memory back to the system where the C library can (half a gigabyte after a full build)."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim is not None:
        trim(0)


def _make(layer: Layer, shared: Sources) -> Built:
    if layer.spec.layer_id in shared.replaced:
        return Built(shared.given(layer.spec.layer_id))
    built = layer.build(shared)
    return built if isinstance(built, Built) else Built(built)


def _check_range(layer: Layer, values: np.ndarray, config: Config) -> None:
    low, high = layer.spec.valid
    known = values[~np.isnan(values)]
    replacement = config.layers.replacements.get(layer.spec.layer_id)
    origin = replacement.file if replacement else ", ".join(layer.spec.sources)
    if known.size == 0:
        raise DataError(f"Layer '{layer.spec.layer_id}' from {origin} covers no land cell. Check its extent and CRS.")
    if known.min() < low or known.max() > high:
        raise DataError(
            f"Layer '{layer.spec.layer_id}' from {origin} holds {known.min():g} to {known.max():g} {layer.spec.unit}, "
            f"outside its valid range {low:g} to {high:g}. Check the unit of the file."
        )


def _save(cache: Cache, stem: str, built: Built) -> None:
    """Keep a layer; its record comes last, so that a layer with a record is whole."""
    labelled = built.nearest is not None and built.labels is not None
    cache.array(stem, lambda: built.values.astype(np.float32, copy=False))
    if built.nearest is not None and labelled:
        nearest = built.nearest
        cache.array(f"{stem}.nearest", lambda: nearest)
        cache.json(f"{stem}.labels", lambda: built.labels)
    known_share = float(np.isfinite(built.values).mean())
    cache.json(stem, lambda: {"stem": stem, "known_share": known_share, "labelled": labelled}, keep=KEPT_BUILDS)


def _replacements(file: ConfigFile) -> dict[str, Replacement]:
    for layer_id, replacement in file.config.layers.replacements.items():
        path = replacement.file
        if layer_id not in REGISTRY:
            place = file.where("layers", "replace", layer_id)
            raise ConfigError(f"Invalid layer '{layer_id}' in {place}. It does not exist; {suggest(layer_id, REGISTRY)}.")
        if not Path(path).exists():
            place = file.where("layers", "replace", layer_id)
            raise DataError(f"Missing file {path} named by layers.replace.{layer_id} in {place}. Correct the path.")
    return file.config.layers.replacements
