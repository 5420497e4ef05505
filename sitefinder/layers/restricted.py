"""The layers of a part of the country: its cells, and those around it that a campus may reach."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np

from sitefinder.cache import Cache
from sitefinder.errors import OutputError
from sitefinder.grid import Land
from sitefinder.layers.stack import LayerStack
from sitefinder.layers.zones import Zones

#: results of so many parts of the country stay in the cache: of those used last
KEPT_AREAS = 6
#: bits of a cell that is not shown: that of land elsewhere, and one besides, so that no single gate explains it
HIDDEN = np.uint32((1 << 31) | 1)


class RestrictedStack(LayerStack):
    """Layers of some cells of a stack, on a land index of their own.

    Parameters
    ----------
    whole : LayerStack
    index : (n,) int
        Places of the cells in the land index of ``whole``, ascending.
    inside : (n,) bool
        Cells of the area itself; the others only surround it.
    folder : Path
        Where results of this area are kept.
    """

    def __init__(self, whole: LayerStack, index: np.ndarray, inside: np.ndarray, folder: Path) -> None:
        zones = Zones(whole.zones.names, whole.zones.county[index], whole.zones.rto[index])
        super().__init__(Land(whole.land.grid, whole.land.cells[index]), zones, whole.records, folder)
        self._whole = whole
        self._index = index
        self._inside = inside

    @property
    def inside(self) -> np.ndarray:
        """(n,) bool: cells of the area itself."""
        return self._inside

    @property
    def whole(self) -> LayerStack:
        """The stack of the whole country."""
        return self._whole

    def values(self, layer_id: str) -> np.ndarray:
        """(n,) float32 in the layer's unit, NaN = unknown."""
        return self._whole.at(layer_id, self._index)

    def at(self, layer_id: str, index: np.ndarray) -> np.ndarray:
        """Values at a few places of the own land index."""
        return self._whole.at(layer_id, self._index[index])

    def nearest(self, layer_id: str, index: np.ndarray) -> np.ndarray | None:
        """Rows of the features that the values refer to; as of :meth:`LayerStack.nearest`."""
        return self._whole.nearest(layer_id, self._index[index])

    def names(self, layer_id: str, index: np.ndarray) -> list[str | None]:
        """Names of the features nearest to the cells at ``index``."""
        return self._whole.names(layer_id, self._index[index])

    def shown(self, values: np.ndarray, fill: float | np.generic) -> np.ndarray:
        """(n,) values with ``fill`` at the cells outside the area."""
        return np.where(self._inside, values, np.asarray(fill, values.dtype))

    def holding(self, groups: Mapping[str, np.ndarray]) -> RestrictedStack:
        """The same with all layers of some places in memory; what is held of a group is that of a run of the country."""
        held = self._whole.holding({key: self._index[places] for key, places in groups.items()})
        return RestrictedStack(held, self._index, self._inside, self.folder)


def restricted(whole: LayerStack, inside: np.ndarray, *, also: np.ndarray, margin: int, block: int) -> RestrictedStack:
    """Layers of an area and of what surrounds it.

    Parameters
    ----------
    whole : LayerStack
    inside : (n_land,) bool
        Cells of the area.
    also : (m,) int
        Flat cells besides, such as the land of the user's own sites.
    margin : int
        Cells around all of these that are needed, too.
    block : int
        Side in cells of the squares that are taken whole, because something is computed once for each.

    Raises
    ------
    OutputError
        The cache cannot be written.
    """
    grid = whole.land.grid
    rows, cols = np.divmod(np.concatenate([whole.land.cells[inside], np.asarray(also, np.int32)]), grid.width)
    squares = np.zeros((grid.height // block + 1, grid.width // block + 1), bool)
    squares[rows // block, cols // block] = True
    squares = _grown(squares, -(-margin // block))
    marked = squares.repeat(block, axis=0)[: grid.height].repeat(block, axis=1)[:, : grid.width]
    index = np.flatnonzero(whole.land.compact(marked))
    mark = hashlib.sha256(np.packbits(inside).tobytes() + np.packbits(squares).tobytes()).hexdigest()[:16]
    folder = whole.folder / f"area-{mark}"
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        problem = error.strerror or error
        raise OutputError(
            f"Cannot write the cache {folder}: {problem}. Free space or name another folder with --cache."
        ) from None
    _forget(whole.folder, folder)
    return RestrictedStack(whole, index, inside[index], folder)


def _grown(squares: np.ndarray, steps: int) -> np.ndarray:
    """Marked squares and those within some steps of them, diagonally too."""
    for _ in range(steps):
        wide = squares.copy()
        wide[1:] |= squares[:-1]
        wide[:-1] |= squares[1:]
        grown = wide.copy()
        grown[:, 1:] |= wide[:, :-1]
        grown[:, :-1] |= wide[:, 1:]
        squares = grown
    return squares


def _forget(home: Path, used: Path) -> None:
    """Remove the results of all areas but those used last."""
    Cache(home).used(used.name)
    folders = sorted(home.glob("area-*"), key=lambda p: p.stat().st_mtime_ns, reverse=True)
    for folder in folders[KEPT_AREAS:]:
        with suppress(OSError):
            shutil.rmtree(folder)
