"""Built layers for the tests, and what a run keeps besides: made once per session, then linked into the caches that tests own."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from sitefinder.cache.records import RECORDS
from sitefinder.config import load_config
from sitefinder.layers import REGISTRY
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import open_stack
from sitefinder.pipeline.stages import run
from sitefinder.power.facts import LAYERS
from tests.helpers.paths import DATA, ROOT, STACKS

#: the run whose cache others start from: coarse cells and few sites
COARSE = {"grid.resolution_m": "25000", "candidates.count": "40", "candidates.spacing_km": "60"}


def warm(cache: Path, resolution_m: int = 25_000) -> Path:
    """The cache folder with every layer of the shipped configuration in it; what a test adds or removes is its own."""

    def build(folder: Path) -> None:
        config = load_config(ROOT / "config" / "default.yaml", {"grid.resolution_m": str(resolution_m)})
        open_stack(DataPackage(DATA), config, REGISTRY, cache_folder=folder)

    return linked(once(str(resolution_m), build), cache)


def used(cache: Path) -> Path:
    """The cache folder as a run of :data:`COARSE` leaves it: a further run finds there what weights do not change.

    For tests whose subject is not what a cold run computes; that it gives the same list is the subject of
    ``tests/pipeline/test_stages.py``.
    """

    def build(folder: Path) -> None:
        config = load_config(ROOT / "config" / "default.yaml", COARSE)
        run(config, out=folder / "out", data=DATA, cache=warm(folder / "cache"))

    return linked(once("used", build) / "cache", cache)


def warm_power(cache: Path, resolution_m: int = 10_000) -> Path:
    """The cache folder with the layers that megawatts by date rest on, and no other."""

    def build(folder: Path) -> None:
        config = load_config(ROOT / "config" / "default.yaml", {"grid.resolution_m": str(resolution_m)})
        open_stack(DataPackage(DATA), config, list(LAYERS), cache_folder=folder)

    return linked(once(f"power-{resolution_m}", build), cache)


def once(name: str, build: Callable[[Path], None]) -> Path:
    """A folder that the first process of the session that asks for it fills, and that the others wait for."""
    store = Path(os.environ[STACKS])
    finished, making = store / name, store / f"{name}-making"
    with (store / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not finished.exists():
            shutil.rmtree(making, ignore_errors=True)
            build(making)
            making.rename(finished)
    return finished


def linked(source: Path, target: Path) -> Path:
    """The target folder with the files of the source under second names: one may be removed or replaced, not changed."""
    shutil.copytree(source, target, copy_function=_link, dirs_exist_ok=True)
    return target


def _link(source: str, target: str) -> None:
    """A second name for a file, or a copy on another file system, and of the records, which are written in place."""
    try:
        if Path(source).name == RECORDS:
            shutil.copyfile(source, target)
            return
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
