"""Results kept between runs: each under a name that changes with everything it depends on, written whole or not at all.

Each file is sealed (:mod:`sitefinder.cache.sealed`): one that was damaged since is told from a whole one and made anew.

A name is ``<kind>-<digest>``, sixteen hexadecimal digits of :func:`sitefinder.cache.code.digest`; parts of one result add
``-<part>``. The code that makes a result belongs to what it depends on: :func:`sitefinder.cache.code.code_of`.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import mmap
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np

from sitefinder.cache.sealed import BLOCK, CheckedRows, DamagedError, content_of, seal, seal_of
from sitefinder.cache.tally import count
from sitefinder.errors import OutputError
from sitefinder.grid import Grid

#: kind of a result, from the name of one of its files: all before the last digest
KIND = re.compile(r"(.*)-[0-9a-f]{16}")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Cache:
    """A folder of results that a later run takes up again.

    Parameters
    ----------
    folder : Path
    """

    folder: Path

    @classmethod
    def of(cls, folder: Path, grid: Grid) -> Cache:
        """What is kept for one cell size: a folder of its own below that of all caches, made where it was missing.

        Raises
        ------
        OutputError
            The folder cannot be made.
        """
        place = folder / f"grid-{grid.resolution_m:g}m"
        with _writing(place):
            place.mkdir(parents=True, exist_ok=True)
        return cls(place)

    def array(self, name: str, make: Callable[[], np.ndarray], *, keep: int | None = None) -> np.ndarray:
        """An array, memory-mapped; computed and kept where there is none of this name.

        Parameters
        ----------
        name : str
        make : callable
        keep : int, optional
            Results of this kind that stay, the last used ones; all of them if not given.

        Raises
        ------
        OutputError
            The cache cannot be written.
        """
        path = self._kept(f"{name}.npy", lambda stream: np.save(stream, make()), keep)
        return np.asarray(np.load(path, mmap_mode="r"))

    def loaded(self, name: str, make: Callable[[], np.ndarray], *, keep: int | None = None) -> np.ndarray:
        """The same as :meth:`array`, read into memory: checked and read at once, where a mapped file is read twice."""
        file = f"{name}.npy"
        content = self.known(file)
        count(file, kept=content is not None, computed=content is None)
        if content is None:
            self._make(file, lambda stream: np.save(stream, make()), keep)
            content = content_of(self.folder / file)
        self.used(file)
        stream = io.BytesIO(content)
        np.lib.format.read_magic(stream)
        shape, _, kind = np.lib.format.read_array_header_1_0(stream)
        return np.frombuffer(content, kind, offset=stream.tell()).reshape(shape)

    def rows(
        self,
        name: str,
        shape: tuple[int, int],
        rows: Callable[[], Iterable[np.ndarray]],
        *,
        keep: int | None = None,
        thorough: bool = True,
    ) -> np.ndarray:
        """A uint16 matrix, memory-mapped, of which only one row at a time is in memory while it is computed.

        Parameters
        ----------
        name : str
        shape : (int, int)
        rows : callable
            Gives the (columns,) uint16 rows in order.
        keep : int, optional
            As for :meth:`array`.
        thorough : bool
            Compare all of it with what was written; otherwise that is left to :meth:`checked_rows`.

        Raises
        ------
        OutputError
            The cache cannot be written.
        """

        def write(stream: IO[bytes]) -> None:
            np.lib.format.write_array_header_1_0(stream, {"descr": "<u2", "fortran_order": False, "shape": shape})
            for row in rows():
                stream.write(row.data)

        return np.asarray(np.load(self._kept(f"{name}.npy", write, keep, thorough=thorough), mmap_mode="r"))

    def checked_rows(self, name: str) -> CheckedRows:
        """A matrix of :meth:`rows`, to be read once, piece by piece.

        Raises
        ------
        DamagedError
            It is not there, or not what was written.
        OutputError
            The file cannot be read.
        """
        try:
            with _reading(self.folder / name):
                return CheckedRows(self.folder / f"{name}.npy")
        except (FileNotFoundError, ValueError):  # NumPy's for a header that is none
            raise DamagedError(name) from None

    def json(self, name: str, make: Callable[[], Any], *, keep: int | None = None) -> Any:
        """Numbers, texts, lists and dictionaries; parameters and errors as for :meth:`array`."""
        return json.loads(self.content(f"{name}.json", lambda: json.dumps(make()).encode(), keep=keep))

    def content(self, name: str, make: Callable[[], bytes], *, keep: int | None = None) -> bytes:
        """Bytes of a file, whose ``name`` has its ending; parameters and errors as for :meth:`array`."""
        content = self.known(name)
        count(name, kept=content is not None, computed=content is None)
        if content is None:
            content = make()
            self._make(name, partial(_put, content), keep)
        self.used(name)
        return content

    def known(self, name: str) -> bytes | None:
        """Bytes of a file that is kept; None where there is none, or a damaged one.

        Raises
        ------
        OutputError
            The file cannot be read.
        """
        try:
            with _reading(self.folder / name):
                return content_of(self.folder / name)
        except FileNotFoundError:
            return None
        except DamagedError:
            _discard(self.folder / name)
            return None

    def _kept(self, name: str, write: Callable[[IO[bytes]], Any], keep: int | None, *, thorough: bool = True) -> Path:
        missing = not self.is_whole(name, thorough=thorough)
        count(name, kept=not missing, computed=missing)
        if missing:
            self._make(name, write, keep)
        return self.used(name)

    def is_whole(self, name: str, *, thorough: bool = True) -> bool:
        """Whether a file of this name is kept and is what was written; else it is as if it were not there.

        Parameters
        ----------
        name : str
        thorough : bool
            Compare all of it; otherwise only its length and the seal itself.

        Raises
        ------
        OutputError
            The file cannot be read.
        """
        path = self.folder / name
        try:
            with _reading(path):
                kept = seal_of(path)
                if thorough:
                    kept.check()
        except FileNotFoundError:
            return False
        except DamagedError:
            _discard(path)
            return False
        return True

    def whole(self, name: str) -> np.ndarray:
        """An array that is kept, read into memory and checked.

        Raises
        ------
        DamagedError
            It is not there, or not what was written.
        OutputError
            The file cannot be read.
        """
        if not self.is_whole(f"{name}.npy"):
            raise DamagedError(name)
        return np.load(self.folder / f"{name}.npy")

    def at(self, name: str, index: np.ndarray) -> np.ndarray:
        """(n,) elements of a one-dimensional array that is kept, without reading the rest; errors as of :meth:`whole`."""
        path = self.folder / f"{name}.npy"
        try:
            with _reading(path):
                mapped = np.load(path, mmap_mode="r")
                kept = seal_of(path)
                first = kept.size - mapped.nbytes
                kept.check(np.unique((first + np.asarray(index, np.int64) * mapped.itemsize) // BLOCK))
        except (FileNotFoundError, ValueError, DamagedError):  # NumPy's for a header that is none, or another length
            _discard(path)
            raise DamagedError(name) from None
        if isinstance(mapped.base, mmap.mmap) and hasattr(mmap, "MADV_RANDOM"):  # not on every platform
            mapped.base.madvise(mmap.MADV_RANDOM)
        return np.asarray(mapped[index])

    def _make(self, name: str, write: Callable[[IO[bytes]], Any], keep: int | None) -> None:
        path = self.folder / name
        with _writing(path):
            self._write(path, write)
        kind = KIND.match(name)
        if keep is not None and kind:
            self.forget(kind.group(1), keep)

    def _write(self, path: Path, write: Callable[[IO[bytes]], Any]) -> None:
        unfinished = path.with_name(f".{os.getpid()}.{path.name}")
        try:
            with unfinished.open("w+b") as stream:
                write(stream)
                seal(stream)
            unfinished.replace(path)
        finally:
            with contextlib.suppress(OSError):
                unfinished.unlink(missing_ok=True)

    def used(self, name: str) -> Path:
        """Path of a file that is kept, marked as used now: the last of its kind to be forgotten."""
        path = self.folder / name
        with contextlib.suppress(OSError):  # a folder of somebody else may be read
            os.utime(path)
        return path

    def forget(self, kind: str, keep: int) -> None:
        """Remove all but the last used results of a kind, each with all its parts.

        Parameters
        ----------
        kind : str
            Name before the digest.
        keep : int
        """
        used: dict[str, int] = {}
        parts: dict[str, list[Path]] = {}
        for path in self.folder.glob(f"{kind}-{'[0-9a-f]' * 16}*"):
            key = path.name[len(kind) + 1 :][:16]
            with contextlib.suppress(FileNotFoundError):  # another run was quicker
                used[key] = max(used.get(key, 0), path.stat().st_mtime_ns)
                parts.setdefault(key, []).append(path)
        for key in sorted(used, key=lambda k: used[k], reverse=True)[keep:]:
            for path in parts[key]:
                with contextlib.suppress(OSError):  # used by another program, or somebody else's: it stays
                    path.unlink(missing_ok=True)


def _put(content: bytes, stream: IO[bytes]) -> None:
    stream.write(content)


def let_go(array: np.ndarray) -> None:
    """Release the memory of a mapped file to the system; the file is read again when needed."""
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):  # not on every platform
        base.madvise(mmap.MADV_DONTNEED)


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Failures of the file system as an error that names the file and the remedy."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"Cannot write the cache {path}: {error.strerror or error}. Free space or name another folder with --cache."
        ) from None


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Failures of reading as an error that names the file and the remedy; a file that is not there is no failure."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise OutputError(
            f"Cannot read the cache {path}: {error.strerror or error}. Allow it, or name another folder with --cache."
        ) from None


def _discard(path: Path) -> None:
    """Say that a file is not what was written, and remove it."""
    log.warning("Damaged file of the cache %s: it is made anew.", path)
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
