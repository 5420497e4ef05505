"""Built layers for the tests: made once per session and cell size, then linked into the caches that tests own."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path

from sitefinder.config import load_config
from sitefinder.layers import REGISTRY
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import open_stack
from tests.helpers.paths import DATA, ROOT, STACKS


def warm(cache: Path, resolution_m: int = 25_000) -> Path:
    """The cache folder with every layer of the shipped configuration in it; what a test adds or removes is its own."""
    store = Path(os.environ[STACKS])
    made = store / str(resolution_m)
    with (store / f"{resolution_m}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            making = store / f"{resolution_m}-making"
            config = load_config(ROOT / "config" / "default.yaml", {"grid.resolution_m": str(resolution_m)})
            open_stack(DataPackage(DATA), config, REGISTRY, cache_folder=making)
            making.rename(made)
    shutil.copytree(made, cache, copy_function=_link, dirs_exist_ok=True)
    return cache


def _link(source: str, target: str) -> None:
    """A second name for a file, or a copy on another file system."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
