"""Files made of a finished run, in folders below it: which run they were made of, and what becomes of them after the next."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path

from sitefinder.files import read_json, write_all
from sitefinder.results.run import CURVES, MANIFEST, OWN, ROUTES, SITES, STEPS

#: folders below that of a run, and the command that fills each
FOLDERS: Mapping[str, str] = {"dossiers": "make dossiers", "exports": "make export"}
#: what was made, and of which run
RECORD = "made_of.json"
#: files of a run that everything below rests on
BASIS = tuple(f"{prefix}{name}" for prefix in ("", OWN) for name in (SITES, CURVES, STEPS, ROUTES))
#: sections of a configuration that a quick run leaves out
FULL = ("connections", "costs", "uncertainty")

log = logging.getLogger(__name__)


def mark_of(folder: Path) -> str:
    """Checksum of the lists of a run."""
    total = hashlib.sha256()
    for name in BASIS:
        path = folder / name
        total.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else '-'}\n".encode())
    return total.hexdigest()


def write_derived(out: Path, contents: Mapping[str, bytes], *, run: Path, retire: Collection[str] = ()) -> None:
    """Write files that were made of a run, with a record of it; what was made there before and is not made now is removed.

    Parameters
    ----------
    out : Path
    contents : mapping
        File name -> bytes.
    run : Path
        Folder of the run.
    retire : collection of str
        Further names that may have been left there.

    Raises
    ------
    OutputError
        The folder cannot be written.
    """
    record = {"run": mark_of(run), "files": sorted(contents)}
    text = json.dumps(record, indent=1) + "\n"
    write_all(out, {**contents, RECORD: text.encode()}, retire={*retire, *_files(_record(out))})


def outdated(folder: Path) -> dict[str, bool]:
    """Folder made of a run -> whether it was made of another one; those without a record are left out."""
    records = {name: _record(folder / name) for name in FOLDERS}
    return {name: record.get("run") != mark_of(folder) for name, record in records.items() if record is not None}


def retire_outdated(folder: Path) -> list[str]:
    """Remove what was made of an earlier run, and say so; names of the folders that were emptied.

    Only files that the record names go; a folder without a record is left as it is.
    """
    emptied = []
    for name, command in FOLDERS.items():
        place = folder / name
        record = _record(place)
        if record is None or record.get("run") == mark_of(folder):
            continue
        files = [file for file in _files(record) if (place / file).is_file()]
        for file in (*files, RECORD):
            with suppress(OSError):  # open in another program: it stays, and so does nothing else
                (place / file).unlink(missing_ok=True)
        with suppress(OSError):  # something of the user's own lies there
            place.rmdir()
        log.warning("Removed %d files of an earlier run from %s; '%s' writes them again.", len(files), place, command)
        emptied.append(name)
    return emptied


def holds_full_run(folder: Path) -> bool:
    """Whether a folder holds the results of a run with routes, costs or certainty."""
    try:
        config = read_json(folder / MANIFEST)["config"]
        return any(config.get(section) is not None for section in FULL)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _record(folder: Path) -> dict | None:
    """What the record of a folder says; None without one that can be read."""
    try:
        record = read_json(folder / RECORD)
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) else None


def _files(record: Mapping | None) -> list[str]:
    """Plain names of files that a record lists; a name with a folder in it is none of ours."""
    names = (record or {}).get("files", [])
    return [n for n in names if isinstance(n, str) and n == Path(n).name] if isinstance(names, list) else []
