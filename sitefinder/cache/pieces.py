"""Many small pieces of content kept in one file, of which a run reads those alone that it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sitefinder.cache.sealed import DamagedError
from sitefinder.cache.store import Cache


@dataclass(frozen=True)
class KeptPieces:
    """Pieces of content under one name of the cache.

    Parameters
    ----------
    cache : Cache
    name : str
        As for :meth:`sitefinder.cache.store.Cache.array`.
    make : callable
        Gives all pieces; called where nothing of this name is kept.
    keep : int
        Results of this kind that stay.
    """

    cache: Cache
    name: str
    make: Callable[[], Sequence[bytes]]
    keep: int

    def at(self, rows: np.ndarray) -> list[bytes]:
        """Pieces of some rows, (n,) int, in the order given.

        Raises
        ------
        OutputError
            The cache cannot be written.
        """
        ends = self.cache.loaded(f"{self.name}-ends", self._ends, keep=self.keep)
        first, end = ends[rows], ends[rows + 1]
        offset = np.concatenate([[0], np.cumsum(end - first)])
        whole = self._bytes(np.arange(offset[-1]) + np.repeat(first - offset[:-1], end - first))
        return [whole[a:b] for a, b in zip(offset[:-1].tolist(), offset[1:].tolist(), strict=True)]

    def _bytes(self, index: np.ndarray) -> bytes:
        name = f"{self.name}-bytes"
        if not self.cache.is_whole(f"{name}.npy", thorough=False):
            self._all()
        try:  # without reading all of it
            content = self.cache.at(name, index)
        except DamagedError:
            content = self._all()[index]
        self.cache.used(f"{name}.npy")
        return content.tobytes()

    def _all(self) -> np.ndarray:
        return self.cache.array(f"{self.name}-bytes", lambda: np.frombuffer(b"".join(self._pieces), np.uint8), keep=self.keep)

    def _ends(self) -> np.ndarray:
        return np.cumsum([0, *(len(piece) for piece in self._pieces)])

    @cached_property
    def _pieces(self) -> Sequence[bytes]:
        return self.make()
