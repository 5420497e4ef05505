"""Results kept between runs: each under a name that changes with everything it depends on, written whole or not at all.

A name is ``<kind>-<digest>``, sixteen hexadecimal digits of :func:`digest`; parts of one result add ``-<part>``. The code that
makes a result belongs to what it depends on: :func:`code_of` follows the imports of the modules named.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import mmap
import os
import re
import sqlite3
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Any

import numpy as np

from sitefinder.errors import OutputError
from sitefinder.grid import Grid

PACKAGE = "sitefinder"
#: folder in which the package lies
ROOT = Path(__file__).parents[1]
#: an import of a module of the package, anywhere in a source
IMPORT = re.compile(
    rf"^[ \t]*(?:from[ \t]+({PACKAGE}[\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n#]+)|import[ \t]+({PACKAGE}[\w.]*))", re.MULTILINE
)
#: imports for annotations alone
TYPES_ONLY = re.compile(r"^if TYPE_CHECKING:\n(?:[ \t]+\S.*\n|\n)+", re.MULTILINE)
#: file of the records of places, bases of each kind of record that stay, and places of one basis
RECORDS, KEPT_BASES, MOST_PLACES = "places.sqlite", 4, 20_000
#: places asked for in one query, and seconds that a run waits for another one's writing
ASKED_AT_ONCE, LOCKED_S = 500, 5.0
#: kind of a result, from the name of one of its files: all before the last digest
KIND = re.compile(r"(.*)-[0-9a-f]{16}")
#: a digest within a name
DIGEST = re.compile(r"-[0-9a-f]{16}")


@dataclass(frozen=True)
class Tally:
    """How many results of each kind were taken from the cache, and how many computed, while :func:`tally` counted."""

    kept: Counter[str] = field(default_factory=Counter)
    computed: Counter[str] = field(default_factory=Counter)


#: the tallies under way; threads of one run count into the same
_TALLIES: list[Tally] = []


@contextlib.contextmanager
def tally(counts: Tally) -> Iterator[None]:
    """Add to the counts what the enclosed block takes from any cache and what it computes."""
    _TALLIES.append(counts)
    try:
        yield
    finally:
        _TALLIES[:] = [other for other in _TALLIES if other is not counts]


def _count(name: str, *, kept: int = 0, computed: int = 0) -> None:
    kind = DIGEST.sub("", name.split(".")[0])
    for counts in _TALLIES:
        counts.kept[kind] += kept
        counts.computed[kind] += computed


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

    def rows(
        self, name: str, shape: tuple[int, int], rows: Callable[[], Iterable[np.ndarray]], *, keep: int | None = None
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

        Raises
        ------
        OutputError
            The cache cannot be written.
        """

        def write(stream: IO[bytes]) -> None:
            np.lib.format.write_array_header_1_0(stream, {"descr": "<u2", "fortran_order": False, "shape": shape})
            for row in rows():
                stream.write(row.data)

        return np.asarray(np.load(self._kept(f"{name}.npy", write, keep), mmap_mode="r"))

    def json(self, name: str, make: Callable[[], Any], *, keep: int | None = None) -> Any:
        """Numbers, texts, lists and dictionaries; parameters and errors as for :meth:`array`."""
        path = self._kept(f"{name}.json", lambda stream: stream.write(json.dumps(make()).encode()), keep)
        return json.loads(path.read_text(encoding="utf-8"))

    def content(self, name: str, make: Callable[[], bytes], *, keep: int | None = None) -> bytes:
        """Bytes of a file, whose ``name`` has its ending; parameters and errors as for :meth:`array`."""
        return self._kept(name, lambda stream: stream.write(make()), keep).read_bytes()

    def _kept(self, name: str, write: Callable[[IO[bytes]], Any], keep: int | None) -> Path:
        path = self.folder / name
        kind = KIND.match(name)
        missing = not path.exists()
        _count(name, kept=not missing, computed=missing)
        if missing:
            with _writing(path):
                self._write(path, write)
            if keep is not None and kind:
                self.forget(kind.group(1), keep)
        return self.used(name)

    def _write(self, path: Path, write: Callable[[IO[bytes]], Any]) -> None:
        partial = path.with_name(f".{os.getpid()}.{path.name}")
        try:
            with partial.open("wb") as stream:
                write(stream)
            partial.replace(path)
        finally:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)

    def has(self, name: str) -> bool:
        """True where a file of this name is kept."""
        return (self.folder / name).exists()

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


@dataclass(frozen=True)
class Records:
    """What is known of single places, kept between runs in one SQLite file: a run computes only the places that are new.

    A record stands under its kind, its basis (a :func:`digest` of all that it depends on, the code as well) and the key of its
    place. A cache that cannot be read or written counts as empty: it costs time, never a result.

    Parameters
    ----------
    folder : Path
    """

    folder: Path

    def kept(
        self, kind: str, basis: str, places: Sequence[str], make: Callable[[list[int]], Iterable[bytes]]
    ) -> dict[str, bytes]:
        """Records of all places; ``make`` gives those of the places, by their rows, that have none yet, and they are kept."""
        known = self.read(kind, basis, places)
        new = [i for i, place in enumerate(places) if place not in known]
        _count(kind, kept=len(places) - len(new), computed=len(new))
        if new:
            added = dict(zip([places[i] for i in new], make(new), strict=True))
            self.write(kind, basis, added)
            known |= added
        return known

    def read(self, kind: str, basis: str, places: Sequence[str]) -> dict[str, bytes]:
        """Records of those of the places that have one."""
        known: dict[str, bytes] = {}
        with contextlib.suppress(sqlite3.Error, zlib.error), contextlib.closing(self._open()) as store:
            for start in range(0, len(places), ASKED_AT_ONCE):
                some = places[start : start + ASKED_AT_ONCE]
                rows = store.execute(
                    f"SELECT place, content FROM record WHERE kind = ? AND basis = ? AND place IN ({','.join('?' * len(some))})",  # noqa: S608 - question marks alone
                    (kind, basis, *some),
                )
                known |= {place: zlib.decompress(content) for place, content in rows}
        return known

    def write(self, kind: str, basis: str, contents: Mapping[str, bytes]) -> None:
        """Keep records; of each kind those of the last :data:`KEPT_BASES` bases stay, and not too many of one."""
        rows = [(kind, basis, place, zlib.compress(content, 1), time.time()) for place, content in contents.items()]
        try:
            self._add(kind, basis, rows)
        except sqlite3.OperationalError:
            return  # locked by another run, on a full disk or in a folder of somebody else
        except sqlite3.DatabaseError:  # damaged: made anew
            with contextlib.suppress(OSError, sqlite3.Error):
                self._path.unlink(missing_ok=True)
                self._add(kind, basis, rows)

    def _add(self, kind: str, basis: str, rows: Sequence[tuple[str, str, str, bytes, float]]) -> None:
        with contextlib.closing(self._open()) as store, store:
            store.execute(
                "CREATE TABLE IF NOT EXISTS record (kind TEXT, basis TEXT, place TEXT, content BLOB, written REAL, "
                "PRIMARY KEY (kind, basis, place)) WITHOUT ROWID"
            )
            (count,) = store.execute("SELECT count(*) FROM record WHERE kind = ? AND basis = ?", (kind, basis)).fetchone()
            if count + len(rows) > MOST_PLACES:
                store.execute("DELETE FROM record WHERE kind = ? AND basis = ?", (kind, basis))
            store.executemany("INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?)", rows)
            bases = "SELECT basis FROM record WHERE kind = ? GROUP BY basis ORDER BY basis = ? DESC, max(written) DESC"
            for (old,) in store.execute(bases, (kind, basis)).fetchall()[KEPT_BASES:]:
                store.execute("DELETE FROM record WHERE kind = ? AND basis = ?", (kind, old))

    @property
    def _path(self) -> Path:
        return self.folder / RECORDS

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=LOCKED_S)


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


def digest(content: Any) -> str:
    """Sixteen hexadecimal digits that change with the content, which JSON can hold."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:16]


@cache
def code_of(*modules: str, root: Path = ROOT) -> str:
    """Checksum of the source of modules and of all that they import within the package, without importing any.

    A name taken from the face of a package counts as an import of the module that defines it. Imports for annotations alone
    (``if TYPE_CHECKING``) do not count. Modules outside the package are left out.

    Parameters
    ----------
    *modules : str
        Dotted names.
    root : Path
        Folder in which the package lies.
    """
    total = hashlib.sha256()
    for module in sorted(closure(*modules, root=root)):
        total.update(f"{module} {_source(module, root)[1]}\n".encode())
    return total.hexdigest()


def closure(*modules: str, root: Path = ROOT) -> set[str]:
    """The modules, and those of the package that they import, themselves or through others; parameters of :func:`code_of`."""
    reached: set[str] = set()
    waiting = [m for m in modules if m.split(".")[0] == PACKAGE]
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting += imports_of(module, root)
    return reached


@cache
def imports_of(module: str, root: Path = ROOT) -> tuple[str, ...]:
    """Modules of the package that a module imports itself, at its head or within functions."""
    imported: list[str] = []
    for origin, names in import_statements(_source(module, root)[0]):
        imported += [_home(origin, name, root) for name in names] or [origin]
    return tuple(dict.fromkeys(imported))


def import_statements(text: str) -> list[tuple[str, list[str]]]:
    """Import statements of a source: the module, and the names taken from it."""
    statements = []
    for origin, names, plain in IMPORT.findall(TYPES_ONLY.sub("", text)):
        taken = [part.split("#")[0].strip() for line in names.strip("()").splitlines() for part in line.split(",")]
        statements.append((origin or plain, [name.split(" as ")[0].strip() for name in taken if name]))
    return statements


@cache
def _home(origin: str, name: str, root: Path) -> str:
    """Module that an imported name comes from: one of a package, what the face of a package takes it from, or the origin."""
    if _path(f"{origin}.{name}", root):
        return f"{origin}.{name}"
    if (_path(origin, root) or "").endswith("__init__.py"):
        for source, names in import_statements(_source(origin, root)[0]):
            if name in names:
                return _home(source, name, root)
    return origin


@cache
def _path(module: str, root: Path) -> str | None:
    """File of a module or of the face of a package; None where the name is neither."""
    place = os.path.join(root, *module.split("."))  # noqa: PTH118 - asked for hundreds of names in a run
    return next((p for p in (f"{place}.py", f"{place}/__init__.py") if os.path.isfile(p)), None)  # noqa: PTH113


@cache
def _source(module: str, root: Path) -> tuple[str, str]:
    """Text of a module and its checksum; nothing for one that has no source here."""
    path = _path(module, root)
    content = Path(path).read_bytes() if path else b""
    return content.decode(), hashlib.sha256(content).hexdigest()
