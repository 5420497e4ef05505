"""Result files written together: all of them or none."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, TypeVar

from sitefinder.errors import OutputError

#: a cell that begins so is a formula to a spreadsheet, whatever the quotes around it
FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: an object of a JSON file
Json = dict[str, Any]
T = TypeVar("T")


def is_there(path: Path) -> bool:
    """Whether a file or folder of a name that a user wrote exists; no name that cannot be one does (too long, a zero in it)."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def read_json(path: Path) -> Any:
    """Content of a JSON file.

    Raises
    ------
    OSError
        The file cannot be read.
    ValueError
        It is not JSON in UTF-8, or nested deeper than the reader goes.
    """
    return parse_json(path.read_text(encoding="utf-8"))


def parse_json(text: str | bytes) -> Any:
    """Content of a JSON text; ValueError where it is none, or nested deeper than the reader goes."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deep") from None


def guarded(value: T) -> T | str:
    """A value that no spreadsheet takes for a formula: texts that look like one begin with an apostrophe.

    >>> guarded("=1+1"), guarded("Minooka, IL"), guarded(-88.26)
    ("'=1+1", 'Minooka, IL', -88.26)
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def write_all(folder: Path, contents: Mapping[str, bytes], *, retire: Collection[str] = ()) -> None:
    """Write every file under a temporary name, then rename them all; earlier results stay if anything fails.

    Parameters
    ----------
    folder : Path
    contents : mapping
        File name -> bytes.
    retire : collection of str
        Names that an earlier run may have left and that this one did not write: removed at the end.

    Raises
    ------
    OutputError
        The folder cannot be made or written, or the disk is full.
    """
    staged: list[tuple[Path, Path]] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            tmp = folder / f".{os.getpid()}.{name}"
            staged.append((tmp, folder / name))
            with tmp.open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
        _swap(staged)
        for name in set(retire) - set(contents):
            _discard(folder / name)
    except OSError as error:
        raise OutputError(
            f"Cannot write results to {folder}: {error.strerror or error}. "
            "Free space, or choose another folder with OUT=… or --out; earlier results there are untouched."
        ) from None
    finally:
        for tmp, _ in staged:
            _discard(tmp)


def _swap(staged: list[tuple[Path, Path]]) -> None:
    """Put every staged file in its place; if one cannot go there, the earlier files come back."""
    kept: list[tuple[Path, Path]] = []
    try:
        for tmp, target in staged:
            backup = tmp.with_name(f"{tmp.name}.old")
            if target.is_file():
                target.replace(backup)
                kept.append((backup, target))
            tmp.replace(target)
    except OSError:
        for backup, target in kept:
            backup.replace(target)
        raise
    for backup, _ in kept:
        _discard(backup)


def _discard(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return
