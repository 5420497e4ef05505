"""The layers that a run is about: of the whole country, or of the area that the configuration asks for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely

from sitefinder.config import Config, ConfigFile
from sitefinder.errors import ConfigError
from sitefinder.grid import Land, to_lonlat
from sitefinder.layers.area import resolved
from sitefinder.layers.package import DataPackage
from sitefinder.layers.restricted import HIDDEN, restricted
from sitefinder.layers.stack import LayerStack
from sitefinder.ml.predict import stride_of
from sitefinder.scoring.exclusions import Exclusions
from sitefinder.sites.campuses import growth
from sitefinder.sites.shape import MULTIPLES, reach_cells

#: lattice squares of the learned score along the side of the squares that are taken whole
SQUARES = 4


def of_area(
    whole: LayerStack, file: ConfigFile, package: DataPackage, own: Sequence[shapely.Geometry] = (), *, acres: float = 0.0
) -> LayerStack:
    """The stack itself, or that of the area with what campuses there may reach beyond its border.

    A campus begins in the area and may grow over its border, as in a run of the whole country: the same place has the same score.

    Parameters
    ----------
    whole : LayerStack
    file : ConfigFile
    package : DataPackage
    own : sequence of shapely geometry
        The user's own sites, EPSG:5070: they are scored wherever they lie.
    acres : float
        The most buildable acres that one of them asks for.

    Raises
    ------
    ConfigError
        A name of the area is unknown, no cell lies in it, or ``candidates.keep`` is set, too.
    """
    config = file.config
    if not config.area:
        return whole
    if config.candidates.keep:
        raise ConfigError(
            f"Invalid area in {file.where('area')}. candidates.keep ranks campuses wherever they lie; leave out one of both."
        )
    area = resolved(config.area, package, lambda key: file.where("area", key), whole.zones)
    inside = area.cells(whole.land, whole.zones)
    if not inside.any():
        raise ConfigError(
            f"Invalid area in {file.where('area')}. No land cell lies in it; name another place or more kilometres."
        )
    wanted = max(config.campus_acres, acres)
    margin = max(growth(config, whole.land, wanted)[1], reach_cells(config, whole.land.grid, max(MULTIPLES), wanted))
    block = SQUARES * stride_of(whole.land.grid)
    return restricted(whole, inside, also=_cells_of(own, whole.land), margin=margin, block=block)


def _cells_of(shapes: Sequence[shapely.Geometry], land: Land) -> np.ndarray:
    """Flat cells of the corners and edges of the rectangles around some shapes, close enough to mark all squares they touch."""
    grid, cells = land.grid, [np.empty(0, np.int64)]
    for west, south, east, north in shapely.bounds(np.array(shapes, object)).reshape(-1, 4):
        (top, bottom), (left, right) = grid.cell_at(np.array([west, east]), np.array([north, south]))
        rows, cols = np.mgrid[max(0, top) : min(grid.height, bottom + 1), max(0, left) : min(grid.width, right + 1)]
        cells.append((rows * grid.width + cols).ravel())
    return np.concatenate(cells)


def shown_only(excluded: Exclusions, stack: LayerStack) -> Exclusions:
    """The same reasons, but of the cells that only surround the area no gate alone is the reason."""
    return replace(excluded, bits=stack.shown(excluded.bits, HIDDEN))


def bounds_of(stack: LayerStack, config: Config) -> tuple[float, float, float, float] | None:
    """West, south, east and north of the area in degrees, rounded outwards to tenths; None for the whole country."""
    if not config.area:
        return None
    index = stack.inner(np.arange(stack.land.size))
    lon, lat = to_lonlat(*stack.land.grid.centre(*stack.land.rows_cols(index)))
    west, south = (math.floor(10.0 * v.min()) / 10.0 for v in (lon, lat))
    east, north = (math.ceil(10.0 * v.max()) / 10.0 for v in (lon, lat))
    return west, south, east, north
