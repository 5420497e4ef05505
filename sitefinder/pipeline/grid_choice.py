"""The points of the grid, kept between runs: a run reads those alone that its campuses join."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import shapely

from sitefinder.cache import Cache, code_of, digest
from sitefinder.cache.pieces import KeptPieces
from sitefinder.config.delivery import Delivery
from sitefinder.layers.able import FILES, Chosen, GridPoints, choice_settings, chosen_at, grid_points
from sitefinder.layers.package import DataPackage

#: kind of the points in the cache, and how many of them stay
KIND, KEPT = "grid-points", 3
#: fields of numbers, and how many each has for a point
NUMBERS = {"kv": 1, "cut_in": 1, "before_mw": 3, "claimed_mw": 1, "left_mw": 3, "intact_mw": 3}
WIDTH = sum(NUMBERS.values())


@dataclass(frozen=True)
class KeptPoints:
    """All points of the grid, of :func:`sitefinder.layers.able.grid_points`, in the cache.

    Parameters
    ----------
    cache : Cache
    package : DataPackage
    delivery : Delivery
    mw : float
        Load.
    """

    cache: Cache
    package: DataPackage
    delivery: Delivery
    mw: float

    def take(self, rows: np.ndarray) -> GridPoints:
        """Some of them, (n,) int, in the order given.

        Raises
        ------
        DataError
            A compiled file is missing or damaged.
        OutputError
            The cache cannot be written.
        """
        numbers = np.frombuffer(b"".join(self._pieces("numbers").at(rows)), np.float64).reshape(-1, WIDTH)
        width = np.cumsum([0, *NUMBERS.values()])
        column = {name: numbers[:, a:b] for name, a, b in zip(NUMBERS, width[:-1], width[1:], strict=True)}
        shapes, names = np.empty(rows.size, object), np.empty(rows.size, object)
        shapes[:] = self._pieces("wkb").at(rows)
        names[:] = [name.decode() for name in self._pieces("names").at(rows)]
        return GridPoints(
            np.asarray(shapely.from_wkb(shapes), object),
            names,
            column["kv"][:, 0].astype(np.int64),
            column["cut_in"][:, 0].astype(bool),
            column["before_mw"],
            column["claimed_mw"][:, 0],
            column["left_mw"],
            column["intact_mw"],
        )

    def chosen(self, xy: np.ndarray, row: np.ndarray) -> Chosen:
        """As :func:`sitefinder.layers.able.chosen_at` of all points; errors as of :meth:`take`."""
        rows = row.astype(np.int64)
        some = chosen_at(self.take(rows), self.delivery, self.mw, xy, np.arange(rows.size))
        return replace(some, row=rows)

    @cached_property
    def _name(self) -> str:
        data = [self.package.entry(name)["hash"] for name in FILES]
        return f"{KIND}-{digest([data, choice_settings(self.delivery, self.mw), code_of(__name__)])}"

    @cached_property
    def _points(self) -> GridPoints:
        return grid_points(self.package, self.delivery, self.mw)

    @property
    def _table(self) -> np.ndarray:
        """(n_points, WIDTH) float64 fields of numbers, side by side."""
        columns = [np.asarray(getattr(self._points, field), np.float64) for field in NUMBERS]
        return np.concatenate([c.reshape(len(c), -1) for c in columns], axis=1)

    def _pieces(self, part: str) -> KeptPieces:
        make = {
            "wkb": lambda: shapely.to_wkb(self._points.geometry),
            "names": lambda: [name.encode() for name in self._points.name],
            "numbers": lambda: [row.tobytes() for row in self._table],
        }
        return KeptPieces(self.cache, f"{self._name}-{part}", make[part], KEPT)
