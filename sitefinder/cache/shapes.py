"""Shapes of whole registers, prepared once and kept: a run decodes those alone that lie near its land."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from sitefinder.cache.sealed import DamagedError
from sitefinder.cache.store import Cache

#: columns of the table of places: number of the group, bounds, first byte and end of the shape
GROUP, WEST, SOUTH, EAST, NORTH, FIRST, END = range(7)


@dataclass(frozen=True)
class KeptShapes:
    """Groups of shapes under one name of the cache.

    Parameters
    ----------
    cache : Cache
    name : str
        As for :meth:`sitefinder.cache.store.Cache.array`.
    groups : tuple of str
    make : callable
        Gives the shapes of each group, an (n,) array; called where nothing of this name is kept.
    keep : int
        Results of this kind that stay.
    """

    cache: Cache
    name: str
    groups: tuple[str, ...]
    make: Callable[[], Mapping[str, np.ndarray]]
    keep: int

    def near(self, boxes: np.ndarray) -> dict[str, np.ndarray]:
        """Shapes of each group, in their order, whose bounds touch one of the (n, 4) boxes: west, south, east, north.

        Raises
        ------
        OutputError
            The cache cannot be written.
        """
        places = self.cache.loaded(f"{self.name}-places", lambda: self._packed[0], keep=self.keep)
        rows = np.flatnonzero(_touched(places, boxes))
        shapes = self._decoded(places[rows, FIRST].astype(np.int64), places[rows, END].astype(np.int64))
        return {group: shapes[places[rows, GROUP] == number] for number, group in enumerate(self.groups)}

    def _decoded(self, first: np.ndarray, end: np.ndarray) -> np.ndarray:
        offset = np.concatenate([[0], np.cumsum(end - first)])
        index = np.arange(offset[-1]) + np.repeat(first - offset[:-1], end - first)
        name = f"{self.name}-wkb"
        if not self.cache.is_whole(f"{name}.npy", thorough=False):
            self._all_shapes()
        try:  # without reading all of it
            content = self.cache.at(name, index)
        except DamagedError:
            content = self._all_shapes()[index]
        self.cache.used(f"{name}.npy")
        whole = content.tobytes()
        shapes = np.empty(first.size, object)
        shapes[:] = [whole[a:b] for a, b in zip(offset[:-1].tolist(), offset[1:].tolist(), strict=True)]
        return np.asarray(shapely.from_wkb(shapes), object)

    def _all_shapes(self) -> np.ndarray:
        return self.cache.array(f"{self.name}-wkb", lambda: self._packed[1], keep=self.keep)

    @cached_property
    def _packed(self) -> tuple[np.ndarray, np.ndarray]:
        """Table of places and all shapes as well-known binary, one after the other; empty ones are left out."""
        given = self.make()
        shapes = [some[~(shapely.is_missing(some) | shapely.is_empty(some))] for some in (given[g] for g in self.groups)]
        group = np.repeat(np.arange(len(shapes)), [some.size for some in shapes])
        every = np.concatenate([np.empty(0, object), *shapes])
        content = shapely.to_wkb(every)
        end = np.cumsum([len(each) for each in content])
        first = np.concatenate([[0], end[:-1]])[: end.size]
        return np.column_stack([group, shapely.bounds(every), first, end]), np.frombuffer(b"".join(content), np.uint8)


def _touched(places: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """(n,) bool: the bounds of a row touch a box."""
    touched = np.zeros(len(places), bool)
    west, south, east, north = (np.ascontiguousarray(places[:, c]) for c in (WEST, SOUTH, EAST, NORTH))
    for box in boxes:
        touched |= (west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1])
    return touched
