"""The layer stack: one memory-mapped array per layer on the land index, built once and reused by fingerprint.

A layer's fingerprint covers the cell size, the checksums of its compiled files, its parameters and the code that
builds it, so a changed file or setting rebuilds that layer and nothing else.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import hashlib
import inspect
import json
import logging
import mmap
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from sitefinder import grid as grid_module
from sitefinder import kernels
from sitefinder.config import Config, ConfigFile
from sitefinder.config.keyed_yaml import suggest
from sitefinder.errors import ConfigError, DataError, OutputError
from sitefinder.grid import Grid, Land
from sitefinder.layers import REGISTRY, Built, Layer, sources
from sitefinder.layers.files import COUNTIES, RTO
from sitefinder.layers.package import DataPackage
from sitefinder.layers.sources import Sources, read_raster
from sitefinder.layers.zones import Zones

#: files from which counties and market regions come
ZONE_FILES = (COUNTIES, RTO)
#: layers built at the same time; the kernels release the interpreter lock
WORKERS = 2
#: raised when the way land and zones are built changes
LAND_VERSION = 2
#: kernels that layers are made with: a change there builds them anew
LAYER_KERNELS = ("burn.py", "distance.py")

log = logging.getLogger(__name__)


class LayerStack:
    """Layers of one grid, opened by memory map.

    Parameters
    ----------
    land : Land
    zones : dict
        County and market-region names and the (n_land,) index arrays that point into them.
    records : dict
        Layer id -> manifest record.
    folder : Path
    """

    def __init__(self, land: Land, zones: Zones, records: Mapping[str, dict[str, Any]], folder: Path) -> None:
        self.land = land
        self.zones = zones
        self.records = records
        self.folder = folder

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

    def kept(self, name: str, make: Callable[[], np.ndarray]) -> np.ndarray:
        """An array kept beside the layers, memory-mapped; made when there is none of this name.

        Raises
        ------
        OutputError
            The cache cannot be written.
        """
        path = self.folder / f"{name}.npy"
        if not path.exists():
            try:
                _write(path, make())
            except OSError as error:
                raise OutputError(
                    f"Cannot write the cache {path}: {error.strerror or error}. Free space or name another folder with --cache."
                ) from None
        return np.asarray(np.load(path, mmap_mode="r"))

    def names(self, layer_id: str, index: np.ndarray) -> list[str | None]:
        """Names of the features that the layer found nearest to the cells at ``index``; None where it keeps none."""
        record = self.records[layer_id]
        if not record["labelled"]:
            return [None] * len(index)
        nearest = np.load(self.folder / f"{record['stem']}.nearest.npy", mmap_mode="r")[index]
        labels = json.loads((self.folder / f"{record['stem']}.labels.json").read_text(encoding="utf-8"))
        return [labels[i] if i >= 0 else None for i in nearest]


def forget(folder: Path, pattern: str, keep: int) -> None:
    """Remove all but the files of a kind that were used last."""
    used = {}
    for path in folder.glob(pattern):
        with contextlib.suppress(FileNotFoundError):  # another run was quicker
            used[path] = path.stat().st_mtime_ns
    for path in sorted(used, key=lambda p: used[p], reverse=True)[keep:]:
        path.unlink(missing_ok=True)


def open_stack(
    package: DataPackage,
    file: ConfigFile,
    layer_ids: Iterable[str],
    *,
    cache_folder: Path,
    report: Callable[[str, int, int], None] = lambda layer_id, done, total: None,
) -> LayerStack:
    """Open the stack of the layers asked for, building what is missing.

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
    ConfigError
        ``layers.replace`` names an unknown layer.
    """
    config = file.config
    grid = Grid(config.grid.resolution_m)
    folder = cache_folder / f"grid-{grid.resolution_m:g}m"
    land, zones = open_land(package, config, cache_folder=cache_folder)
    try:
        replaced = _replacements(file)
        stems = {k: f"{k}-{_fingerprint(REGISTRY[k], package, grid, config, replaced.get(k))}" for k in layer_ids}
        missing = [k for k, stem in stems.items() if not (folder / f"{stem}.json").exists()]
        if missing:
            _build(missing, stems, Sources(package, land, config), folder, replaced, report)
            _return_memory()
    except OSError as error:
        raise _unwritable(folder, error) from None
    records = {k: json.loads((folder / f"{stem}.json").read_text(encoding="utf-8")) for k, stem in stems.items()}
    return LayerStack(land, zones, records, folder)


def open_land(package: DataPackage, config: Config, *, cache_folder: Path) -> tuple[Land, Zones]:
    """Land cells (centre within a county) and the zones they lie in, from the cache or built: seconds, before any layer.

    Raises
    ------
    DataError
        The county or market-region file is missing or damaged.
    OutputError
        The cache cannot be written.
    """
    grid = Grid(config.grid.resolution_m)
    folder = cache_folder / f"grid-{grid.resolution_m:g}m"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _land(package, grid, folder, config)
    except OSError as error:
        raise _unwritable(folder, error) from None


def _unwritable(folder: Path, error: OSError) -> OutputError:
    return OutputError(
        f"Cannot write the cache {folder}: {error.strerror or error}. Free space or name another folder with --cache."
    )


def _build(
    missing: list[str],
    stems: Mapping[str, str],
    shared: Sources,
    folder: Path,
    replaced: Mapping[str, Path],
    report: Callable[[str, int, int], None],
) -> None:
    def one(layer_id: str) -> str:
        built = _make(REGISTRY[layer_id], shared, replaced.get(layer_id))
        _check_range(REGISTRY[layer_id], built.values, replaced.get(layer_id))
        _save(folder, stems[layer_id], built)
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


def _make(layer: Layer, shared: Sources, replacement: Path | None) -> Built:
    if replacement is not None:
        return Built(read_raster(replacement, shared.land, method="bilinear"))
    made = layer.build(shared)
    return made if isinstance(made, Built) else Built(made)


def _check_range(layer: Layer, values: np.ndarray, replacement: Path | None) -> None:
    low, high = layer.spec.valid
    known = values[~np.isnan(values)]
    origin = replacement or ", ".join(layer.spec.sources)
    if known.size == 0:
        raise DataError(f"Layer '{layer.spec.layer_id}' from {origin} covers no land cell. Check its extent and CRS.")
    if known.min() < low or known.max() > high:
        raise DataError(
            f"Layer '{layer.spec.layer_id}' from {origin} holds {known.min():g} to {known.max():g} {layer.spec.unit}, "
            f"outside its valid range {low:g} to {high:g}. Check the unit of the file."
        )


def _save(folder: Path, stem: str, built: Built) -> None:
    record = {
        "stem": stem,
        "known_share": float(np.isfinite(built.values).mean()),
        "labelled": built.nearest is not None and built.labels is not None,
    }
    _write(folder / f"{stem}.npy", built.values.astype(np.float32, copy=False))
    if built.nearest is not None and built.labels is not None:
        _write(folder / f"{stem}.nearest.npy", built.nearest)
        _write_text(folder / f"{stem}.labels.json", json.dumps(built.labels))
    _write_text(folder / f"{stem}.json", json.dumps(record))


def _write(path: Path, array: np.ndarray) -> None:
    tmp = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        with tmp.open("wb") as stream:
            np.save(stream, array)
        tmp.replace(path)
    finally:
        tmp.unlink(missing_ok=True)


def _write_text(path: Path, text: str) -> None:
    tmp = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        tmp.write_text(text, encoding="utf-8")
        tmp.replace(path)
    finally:
        tmp.unlink(missing_ok=True)


def _land(package: DataPackage, grid: Grid, folder: Path, config: Config) -> tuple[Land, Zones]:
    code = [_code_hash(grid_module, sources), LAND_VERSION]
    key = _digest([package.entry(COUNTIES)["hash"], package.entry(RTO)["hash"], *code])
    stem = folder / f"land-{key}"
    names_file = stem.with_suffix(".json")
    if not names_file.exists():
        everywhere = Sources(package, Land(grid, np.arange(grid.height * grid.width, dtype=np.int32)), config)
        counties, regions = everywhere.features(COUNTIES), everywhere.features(RTO)
        regions = regions.iloc[np.argsort(-regions.area.to_numpy(), kind="stable")]  # the smaller wins where they overlap
        county = everywhere.label(counties.geometry.values).reshape(-1)
        cells = np.flatnonzero(county >= 0).astype(np.int32)
        rto = everywhere.label(regions.geometry.values).reshape(-1)[cells]
        _write(stem.with_suffix(".npy"), np.stack([cells, county[cells], rto]).astype(np.int32))
        names = {"county": counties[["fips", "name", "state"]].to_dict("records"), "rto": regions["code"].tolist()}
        _write_text(names_file, json.dumps(names))
    cells, county, rto = np.load(stem.with_suffix(".npy"), mmap_mode="r")
    return Land(grid, cells), Zones(json.loads(names_file.read_text(encoding="utf-8")), county, rto)


def _replacements(file: ConfigFile) -> dict[str, Path]:
    replaced = {}
    for layer_id, path in file.config.layers.replace.items():
        if layer_id not in REGISTRY:
            place = file.where("layers", "replace", layer_id)
            raise ConfigError(f"Invalid layer '{layer_id}' in {place}. It does not exist; {suggest(layer_id, REGISTRY)}.")
        if not Path(path).exists():
            place = file.where("layers", "replace", layer_id)
            raise DataError(f"Missing file {path} named by layers.replace.{layer_id} in {place}. Correct the path.")
        replaced[layer_id] = Path(path)
    return replaced


def _fingerprint(layer: Layer, package: DataPackage, grid: Grid, config: Config, replacement: Path | None) -> str:
    if replacement is not None:
        status = replacement.stat()
        content: Any = [str(replacement), status.st_size, status.st_mtime_ns]
    else:
        content = [package.entry(name)["hash"] for name in layer.spec.sources]
    module = inspect.getmodule(layer.build)
    code = _code_hash(grid_module, sources, *([module] if module else []))
    return _digest([layer.spec.layer_id, grid.resolution_m, content, dict(layer.parameters(config)), code])


@cache
def _code_hash(*modules: ModuleType) -> str:
    files = [Path(str(m.__file__)) for m in modules] + [Path(kernels.__path__[0]) / name for name in LAYER_KERNELS]
    return hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
