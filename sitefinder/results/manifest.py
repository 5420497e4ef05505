"""run.json: everything needed to repeat a run and to compare two."""

from __future__ import annotations

import json
import platform
import resource
import subprocess
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGES = ("numpy", "numba", "scipy", "shapely", "geopandas", "rasterio", "pyproj", "pydantic")


def manifest(parts: Mapping[str, Any]) -> bytes:
    """The manifest's bytes: the parts given, plus versions, commit and peak memory of this process."""
    content = {
        **parts,
        "versions": versions(),
        "commit": commit(),
        "peak_memory_mb": round(peak_memory_mb(), 1),
    }
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


def versions() -> dict[str, str]:
    """Versions of Python, this package and the libraries that decide the numbers."""
    found = {"python": platform.python_version(), "sitefinder": _version("sitefinder")}
    return found | {name: _version(name) for name in PACKAGES}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def commit() -> str | None:
    """Commit of the source tree; None outside a git checkout."""
    folder = Path(__file__).resolve().parent
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None


def peak_memory_mb() -> float:
    """Largest resident size of this process so far, MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1024.0
