"""What is known of single places, kept between runs by what it rests on."""

from __future__ import annotations

import contextlib
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sitefinder.cache.tally import count

#: file of the records of places, bases of each kind of record that stay, and places of one basis
RECORDS, KEPT_BASES, MOST_PLACES = "places.sqlite", 4, 20_000
#: places asked for in one query, and seconds that a run waits for another one's writing
ASKED_AT_ONCE, LOCKED_S = 500, 5.0


@dataclass(frozen=True)
class Records:
    """What is known of single places, kept between runs in one SQLite file: a run computes only the places that are new.

    A record stands under its kind, its basis (a :func:`sitefinder.cache.code.digest` of all that it depends on, the code as well)
    and the key of its place. A file that cannot be read or written counts as empty: it costs time, never a result.

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
        count(kind, kept=len(places) - len(new), computed=len(new))
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
                known |= {place: record for place, content in rows if (record := _unpacked(place, content)) is not None}
        return known

    def write(self, kind: str, basis: str, contents: Mapping[str, bytes]) -> None:
        """Keep records; of each kind those of the last :data:`KEPT_BASES` bases stay, and not too many of one."""
        rows = [(kind, basis, place, _packed(place, content), time.time()) for place, content in contents.items()]
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


def _packed(place: str, content: bytes) -> bytes:
    """A record as it is kept: with the key of its place, so that a damaged key is noticed as damaged content is."""
    return zlib.compress(place.encode() + b"\0" + content, 1)


def _unpacked(place: str, kept: bytes) -> bytes | None:
    """The record; None where it is that of another place.

    Raises
    ------
    zlib.error
        It is not what was kept.
    """
    key, _, content = zlib.decompress(kept).partition(b"\0")
    return content if key == place.encode() else None
