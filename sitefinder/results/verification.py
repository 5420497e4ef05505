"""Whether a finished run is still what was computed, and whether this program and these data would compute it again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sitefinder.errors import DataError
from sitefinder.layers.package import DataPackage
from sitefinder.results.derived import outdated
from sitefinder.results.manifest import checksum_of, code_checksum, file_checksum, manifest_checksum, sealed_manifest, versions
from sitefinder.results.run import MANIFEST, Run, read_run

#: parts of a record that are compared, and what they are in words
COMPARED = {"results": "checksums of its results", "inputs": "checksums of its data", "versions": "versions of its libraries"}


class Verified(NamedTuple):
    """What was compared.

    Parameters
    ----------
    counts : dict
        Kind -> number of things compared.
    differences : list of str
        One line for each that differs: what, and how.
    """

    counts: dict[str, int]
    differences: list[str]


def verify(folder: Path, data: DataPackage) -> Verified:
    """Compare a run with its own record: compiled files, configuration, code and libraries, files of the user, results.

    Parameters
    ----------
    folder : Path
        Results of a run.
    data : DataPackage
        The compiled layers of this installation.

    Raises
    ------
    DataError
        The folder holds no run, or one of a version without checksums.
    """
    run = read_run(folder)
    for part, of in COMPARED.items():
        if not isinstance(run.manifest.get(part), dict):
            raise DataError(f"Invalid {folder / MANIFEST}: it has no {of}. Rank again to have them.")
    parts = {
        "record": list(_record(run)),
        "data files": list(_inputs(run.manifest, data)),
        "program": list(_program(run.manifest)),
        "your files": list(_given(run.manifest)),
        "results": list(_results(run)),
        "folders made of the run": list(_made_of(folder)),
    }
    differences = [f"{kind}: {line}" for kind, lines in parts.items() for line in lines if line]
    return Verified({kind: len(lines) for kind, lines in parts.items()}, differences)


def _record(run: Run) -> Iterator[str | None]:
    """The record itself, and the fingerprint of its configuration; each a line where it differs, else None."""
    whole = run.manifest.get("checksum") == manifest_checksum(run.manifest)
    yield None if whole else f"{MANIFEST} was changed after the run"
    try:
        same = run.config.fingerprint() == run.manifest.get("config_fingerprint")
        yield None if same else f"the configuration in {MANIFEST} is not that of its fingerprint"
    except DataError as error:
        yield str(error)


def _inputs(manifest: Mapping[str, Any], data: DataPackage) -> Iterator[str | None]:
    for name, checksum in manifest["inputs"].items():
        yield _difference(str(data.root / name), checksum, file_checksum(data.root / name))


def _program(manifest: Mapping[str, Any]) -> Iterator[str | None]:
    yield None if manifest.get("code") == code_checksum() else "its code is not that of the run"
    here = versions()
    for name, version in manifest["versions"].items():
        installed = here.get(name, "not installed")
        yield None if installed == version else f"{name} is {installed}, in the run {version}"


def _given(manifest: Mapping[str, Any]) -> Iterator[str | None]:
    """Rasters in place of layers, and the user's own list."""
    for path, checksum in (manifest.get("given") or {}).items():
        yield _difference(path, checksum, file_checksum(Path(path)))


def _results(run: Run) -> Iterator[str | None]:
    for name, checksum in run.manifest["results"].items():
        path = run.folder / Path(name).name
        yield _difference(str(path), checksum, file_checksum(path))


def _made_of(folder: Path) -> Iterator[str | None]:
    for name, stale in outdated(folder).items():
        yield f"{folder / name} was made of another run" if stale else None


def _difference(name: str, expected: str, actual: str | None) -> str | None:
    if actual is None:
        return f"{name} is missing"
    return None if actual == expected else f"{name} differs"


def lines_of(verified: Verified) -> str:
    """What was compared, in a sentence."""
    counted = ", ".join(f"{kind} {count}" for kind, count in verified.counts.items() if count)
    return f"Compared {sum(verified.counts.values())}: {counted}."


def recorded(folder: Path, contents: Mapping[str, bytes]) -> bytes:
    """The record of a run with the checksums of files that are written into its folder again; errors as of :func:`read_run`."""
    content = dict(read_run(folder).manifest)
    if isinstance(content.get("results"), dict):
        content["results"] = content["results"] | {name: checksum_of(new) for name, new in contents.items()}
        return sealed_manifest(content)
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()
