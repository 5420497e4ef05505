"""Manifest ``run.json``: everything needed to repeat a run and to compare two."""

from __future__ import annotations

import hashlib
import json
import platform
import resource
import subprocess
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from sitefinder import __version__
from sitefinder.cache import code_of
from sitefinder.files import read_json
from sitefinder.results.changes import changes

#: parts of a manifest that hold a text, or null, by name
TEXTS_BY_NAME = ("inputs", "replaced_layers", "given", "results", "versions")
#: key of the checksum of the manifest itself, and the modules that a run begins with
CHECKSUM, RUN_CODE = "checksum", ("sitefinder.pipeline.stages",)
PACKAGES = ("numpy", "numba", "scipy", "shapely", "geopandas", "rasterio", "pyproj", "pydantic")


def manifest(parts: Mapping[str, Any], *, earlier: Mapping[str, Any] | None = None) -> bytes:
    """The manifest's bytes: the parts given, plus versions, commit, peak memory of this process, and what changed since.

    Parameters
    ----------
    parts : mapping
    earlier : mapping, optional
        The manifest that this one takes the place of.
    """
    content = {
        **parts,
        "versions": versions(),
        "code": code_checksum(),
        "commit": commit(),
        "peak_memory_mb": round(peak_memory_mb(), 1),
    }
    content["changed_since_the_last_run"] = changes(earlier, content)
    return sealed_manifest(content)


def sealed_manifest(content: Mapping[str, Any]) -> bytes:
    """The manifest's bytes, the checksum of its content last."""
    plain = json.loads(json.dumps({k: v for k, v in content.items() if k != CHECKSUM}))
    return (json.dumps(plain | {CHECKSUM: manifest_checksum(plain)}, indent=1, ensure_ascii=False) + "\n").encode()


def manifest_checksum(content: Mapping[str, Any]) -> str:
    """Checksum of all that a manifest says besides it."""
    return checksum_of(json.dumps({k: v for k, v in content.items() if k != CHECKSUM}).encode())


def code_checksum() -> str:
    """Checksum of the modules that a run consists of."""
    return f"sha256:{code_of(*RUN_CODE)}"


def checksum_of(content: bytes) -> str:
    """``sha256:`` and the digits of some bytes."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def file_checksum(path: Path) -> str | None:
    """``sha256:`` and the digits of a file; None where it cannot be read."""
    try:
        with path.open("rb") as stream:
            return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"
    except OSError:
        return None


def earlier_manifest(folder: Path) -> Mapping[str, Any] | None:
    """The manifest that lies in a folder of results; None where there is none that can be read."""
    try:
        content = read_json(folder / "run.json")
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) and misshapen(content) is None else None


def misshapen(content: Mapping[str, Any]) -> str | None:
    """The first part of a manifest that is of another kind than any version writes; None where all can be read."""
    for name in TEXTS_BY_NAME:
        part = content.get(name)
        if part is not None and not (isinstance(part, dict) and all(isinstance(v, str | None) for v in part.values())):
            return name
    return None


def versions() -> dict[str, str]:
    """Versions of Python, this package and the libraries that decide the numbers."""
    return {"python": platform.python_version(), "sitefinder": __version__} | {name: _version(name) for name in PACKAGES}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def commit() -> str | None:
    """Commit of the source tree; None where the code is not under version control, as in an installed package.

    An environment may lie inside the repository of another project, whose commit says nothing about this code.
    """
    if _git("ls-files", Path(__file__).name) is None:
        return None
    return _git("describe", "--always", "--dirty", "--abbrev=12")


def _git(*arguments: str) -> str | None:
    """Answer of git in the folder of this module; None where there is no git, no repository or no answer."""
    folder = Path(__file__).resolve().parent
    try:
        answer = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() or None


def peak_memory_mb() -> float:
    """Largest resident size of this process so far, MB.

    Linux counts it per process as ``VmHWM`` (proc_pid_status(5)); ``ru_maxrss`` there keeps the peak of the process
    that started this one, so it serves only where ``/proc`` is missing.
    """
    status = Path("/proc/self/status")
    for line in status.read_text(encoding="utf-8").splitlines() if status.exists() else ():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1024.0
