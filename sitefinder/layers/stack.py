"""The layer stack: one memory-mapped array per layer on the land index, built once and reused by fingerprint."""

from __future__ import annotations

import ctypes
import gc
import json
import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypedDict, TypeVar

import numpy as np

from sitefinder.cache import Cache, digest
from sitefinder.cache.records import Records
from sitefinder.cache.sealed import DamagedError
from sitefinder.config import Config, ConfigFile
from sitefinder.config.keyed_yaml import suggest
from sitefinder.config.project import Replacement
from sitefinder.errors import ConfigError, DataError, OutputError
from sitefinder.files import is_there
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
#: kind of the records of places that are held in memory
HELD = "cells"

T = TypeVar("T")

log = logging.getLogger(__name__)


class LayerRecord(TypedDict):
    """Record of a built layer: stem of its files, share of the land with a value, whether its features have names."""

    stem: str
    known_share: float
    labelled: bool


@dataclass(frozen=True)
class Held:
    """Values of all layers at some places, in memory.

    Parameters
    ----------
    cells : (n,) int
        Places of the land index, ascending.
    matrix : (rows, n) int32
        Bits of float32 values, and rows of the nearest features.
    row, pointed : mapping
        Layer id -> row of its values, and of its nearest features.
    """

    cells: np.ndarray
    matrix: np.ndarray
    row: Mapping[str, int]
    pointed: Mapping[str, int]

    def find(self, index: np.ndarray) -> np.ndarray | None:
        """(n,) columns of some places; None where one of them is not held."""
        at = np.minimum(np.searchsorted(self.cells, index), len(self.cells) - 1)
        return at if (self.cells[at] == index).all() else None


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
    held : Held, optional
        Values of some places, in memory.
    mend : callable, optional
        Builds a layer again whose file is damaged.
    """

    def __init__(
        self,
        land: Land,
        zones: Zones,
        records: Mapping[str, LayerRecord],
        folder: Path,
        *,
        held: Held | None = None,
        mend: Callable[[str], None] | None = None,
    ) -> None:
        self.land = land
        self.zones = zones
        self.records = records
        self.folder = folder
        self.cache = Cache(folder)
        self._held = held
        self._mend = mend

    def holding(self, groups: Mapping[str, np.ndarray]) -> LayerStack:
        """The same stack with all layers of some places in memory: a whole layer need not be paged in for a few of its cells.

        Parameters
        ----------
        groups : mapping
            Key of a group of places, the same in every run -> their (n,) places of the land index. Groups that an earlier run
            held are read from the records beside the stack.
        """
        names = sorted(self.records)
        pointed = [k for k in names if self.records[k]["labelled"]]
        places = list(groups.values())

        def make(new: list[int]) -> list[bytes]:
            index = np.concatenate([places[i] for i in new])
            rows = [*(self.at(k, index).view(np.int32) for k in names), *(self._pointed(k, index) for k in pointed)]
            parts = np.split(np.stack(rows), np.cumsum([places[i].size for i in new])[:-1], axis=1)
            return [part.tobytes() for part in parts]

        basis = digest([self.records[k]["stem"] for k in names])
        contents = Records(self.folder).kept(HELD, basis, list(groups), make)
        size = len(names) + len(pointed)
        matrix = np.concatenate([np.frombuffer(contents[key], np.int32).reshape(size, -1) for key in groups], axis=1)
        cells, first = np.unique(np.concatenate(places), return_index=True)
        row = {k: i for i, k in enumerate(names)}
        held = Held(cells, matrix[:, first], row, {k: len(names) + i for i, k in enumerate(pointed)})
        return LayerStack(self.land, self.zones, self.records, self.folder, held=held, mend=self._mend)

    @property
    def inside(self) -> np.ndarray | None:
        """(n_land,) bool: cells of the area that a run is about; None = all."""
        return None

    @property
    def whole(self) -> LayerStack:
        """The stack of the whole country: itself."""
        return self

    def shown(self, values: np.ndarray, fill: float | np.generic) -> np.ndarray:  # noqa: ARG002 - for parts of the country
        """(n_land,) values with ``fill`` at the cells that a run is not about: all are shown."""
        return values

    def inner(self, values: np.ndarray) -> np.ndarray:
        """Values of the cells that a run is about, without the others."""
        return values if self.inside is None else values[self.inside]

    def values(self, layer_id: str) -> np.ndarray:
        """(n_land,) float32 in the layer's unit, NaN = unknown; read whole."""
        return self._read(layer_id, lambda: self.cache.whole(self.records[layer_id]["stem"]))

    def at(self, layer_id: str, index: np.ndarray) -> np.ndarray:
        """(n,) float32 values at a few places of the land index, without reading the rest."""
        if self._held is not None and (at := self._held.find(index)) is not None:
            return self._held.matrix[self._held.row[layer_id], at].view(np.float32)
        return self._read(layer_id, lambda: self.cache.at(self.records[layer_id]["stem"], index))

    def _labels(self, layer_id: str) -> list[str]:
        """Names of the features of a layer."""
        name = f"{self.records[layer_id]['stem']}.labels.json"
        content = self.cache.known(name)
        if content is None:
            raise DamagedError(name)
        return json.loads(content)

    def _read(self, layer_id: str, read: Callable[[], T]) -> T:
        """What is read of a layer; a damaged one is built again first.

        Raises
        ------
        OutputError
            It cannot be built here, or is damaged again.
        """
        try:
            return read()
        except DamagedError:
            if self._mend is not None:
                self._mend(layer_id)
        try:
            return read()
        except DamagedError as error:
            raise OutputError(
                f"Damaged layer '{layer_id}' in the cache {self.folder} ({error}). Run again, or remove that folder."
            ) from None

    def has_unknown(self, layer_id: str) -> bool:
        """True when some land cell lacks this layer."""
        return self.records[layer_id]["known_share"] < 1.0

    def nearest(self, layer_id: str, index: np.ndarray) -> np.ndarray | None:
        """(n,) int32 row of the feature that each value refers to, -1 = none; None where the layer keeps none."""
        return self._pointed(layer_id, index) if self.records[layer_id]["labelled"] else None

    def _pointed(self, layer_id: str, index: np.ndarray) -> np.ndarray:
        if self._held is not None and (at := self._held.find(index)) is not None:
            return self._held.matrix[self._held.pointed[layer_id], at]
        return self._read(layer_id, lambda: self.cache.at(f"{self.records[layer_id]['stem']}.nearest", index))

    def names(self, layer_id: str, index: np.ndarray) -> list[str | None]:
        """Names of the features nearest to the cells at ``index``; None where the layer keeps none."""
        nearest = self.nearest(layer_id, index)
        if nearest is None:
            return [None] * len(index)
        labels = self._read(layer_id, lambda: self._labels(layer_id))
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
    records = {k: record for k, stem in stems.items() if (record := _record(cache, stem))}
    missing = [k for k in stems if k not in records]

    def build(layers: Sequence[str], report: Callable[[str, int, int], None]) -> None:
        readers = {k: partial(read_replacement, r, REGISTRY[k].spec, land) for k, r in replaced.items()}
        _build(layers, stems, Sources(package, land, config, readers), cache, report)

    if missing:
        build(missing, report)
        _return_memory()
        records |= {k: json.loads(cache.known(f"{stems[k]}.json") or b"{}") for k in missing}
    ordered = {k: records[k] for k in stems}
    return LayerStack(land, zones, ordered, cache.folder, mend=lambda layer_id: build([layer_id], report))


def _record(cache: Cache, stem: str) -> LayerRecord | None:
    """Record of a layer that is kept with all its files; None where one is missing or of another length."""
    content = cache.known(f"{stem}.json")
    if content is None:
        return None
    cache.used(f"{stem}.json")
    record: LayerRecord = json.loads(content)
    names = [f"{stem}.npy", *([f"{stem}.nearest.npy", f"{stem}.labels.json"] if record["labelled"] else [])]
    return record if all(cache.is_whole(name, thorough=name.endswith(".json")) for name in names) else None


def _build(
    missing: Sequence[str],
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
    origin = replacement.file if replacement else ", ".join(layer.spec.sources) or "a file of yours"
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
        if not is_there(Path(path)):
            place = file.where("layers", "replace", layer_id)
            raise DataError(f"Missing file {path} named by layers.replace.{layer_id} in {place}. Correct the path.")
    return file.config.layers.replacements
