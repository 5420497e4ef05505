"""Built layers for the tests: made once per session and cell size, then linked into the caches that tests own."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from sitefinder.config import load_config
from sitefinder.layers import REGISTRY
from sitefinder.layers.sources import DataPackage
from sitefinder.stack import open_stack
from tests.conftest import DATA, ROOT

#: workers of one session share it
STORE = Path(tempfile.gettempdir()) / f"sitefinder-stacks-{os.environ.get('PYTEST_XDIST_TESTRUNUID', os.getpid())}"


def warm(cache: Path, resolution_m: int = 25_000) -> Path:
    """The cache folder with every layer of the shipped configuration in it; what a test adds or removes is its own."""
    made = STORE / str(resolution_m)
    made.mkdir(parents=True, exist_ok=True)
    with (STORE / f"{resolution_m}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (done := STORE / f"{resolution_m}.done").exists():
            config = load_config(ROOT / "config" / "default.yaml", {"grid.resolution_m": str(resolution_m)})
            open_stack(DataPackage(DATA), config, REGISTRY, cache_folder=made)
            done.touch()
    shutil.copytree(made, cache, copy_function=os.link, dirs_exist_ok=True)
    return cache


def forget() -> None:
    """Remove what the session made."""
    shutil.rmtree(STORE, ignore_errors=True)
