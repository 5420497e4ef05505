"""Shapes of whole registers, prepared once and kept: a run decodes those alone that lie near its land."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from sitefinder.cache.pieces import KeptPieces
from sitefinder.cache.store import Cache

#: columns of the table of places: number of the group, and bounds
GROUP, WEST, SOUTH, EAST, NORTH = range(5)


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
        places = self.cache.loaded(f"{self.name}-places", self._places, keep=self.keep)
        rows = np.flatnonzero(_touched(places, boxes))
        content = np.empty(rows.size, object)
        content[:] = KeptPieces(self.cache, f"{self.name}-wkb", lambda: shapely.to_wkb(self._every[1]), self.keep).at(rows)
        shapes = np.asarray(shapely.from_wkb(content), object)
        return {group: shapes[places[rows, GROUP] == number] for number, group in enumerate(self.groups)}

    def _places(self) -> np.ndarray:
        group, shapes = self._every
        return np.column_stack([group, shapely.bounds(shapes)])

    @cached_property
    def _every(self) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of the groups and all shapes, (n,) each; empty ones are left out."""
        given = self.make()
        shapes = [some[~(shapely.is_missing(some) | shapely.is_empty(some))] for some in (given[g] for g in self.groups)]
        return np.repeat(np.arange(len(shapes)), [some.size for some in shapes]), np.concatenate([np.empty(0, object), *shapes])


def _touched(places: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """(n,) bool: the bounds of a row touch a box."""
    touched = np.zeros(len(places), bool)
    west, south, east, north = (np.ascontiguousarray(places[:, c]) for c in (WEST, SOUTH, EAST, NORTH))
    for box in boxes:
        touched |= (west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1])
    return touched
