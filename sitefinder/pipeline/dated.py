"""Facts about power at the campuses of a dated table, for the back-test of the dates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pyproj import Transformer

from sitefinder.config import ConfigFile
from sitefinder.config.delivery import Delivery
from sitefinder.errors import SitesError
from sitefinder.grid import CRS
from sitefinder.layers.able import Chosen, choose, grid_points
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import open_stack
from sitefinder.power.backtest import of_rows
from sitefinder.power.dated import Dated
from sitefinder.power.facts import LAYERS, Facts, site_facts
from sitefinder.power.flexible import Authorities, non_firm


def dated_facts(file: ConfigFile, campuses: Dated, path: Path, *, data: Path, cache: Path) -> Facts:
    """Facts about power where the campuses stand, as of their commitment.

    The headroom is that before claims: a campus does not take from itself. Loads that the table does not say are the project's.

    Parameters
    ----------
    file : ConfigFile
    campuses : Dated
    path : Path
        The table, for messages.
    data, cache : Path

    Raises
    ------
    SitesError
        A campus lies off the land of the contiguous United States.
    ConfigError
        The configuration has no section ``delivery``.
    DataError
        A compiled file is missing or damaged.
    """
    delivery = file.config.section("delivery")
    alone = delivery.grid.claimed.model_copy(update={"share": 0.0})
    unclaimed = delivery.model_copy(update={"grid": delivery.grid.model_copy(update={"claimed": alone})})
    package = DataPackage(data)
    stack = open_stack(package, file, list(LAYERS), cache_folder=cache)
    xy = np.stack(Transformer.from_crs(4326, CRS, always_xy=True).transform(campuses.lon, campuses.lat), axis=1)
    rows, cols = stack.land.grid.cell_at(xy[:, 0], xy[:, 1])
    inside = stack.land.grid.inside(rows, cols)
    index = np.full(len(xy), -1, np.int64)
    index[inside] = stack.land.index_of((rows * stack.land.grid.width + cols)[inside])
    if (index < 0).any():
        row = int((index < 0).argmax())
        raise SitesError(
            f"Invalid table {path}, row {row + 1} ({campuses.names[row]}): it lies off the land of the contiguous United States. "
            "Correct lat and lon, or remove it."
        )
    load = np.where(np.isnan(campuses.load_mw), file.config.project.mw, campuses.load_mw)
    chosen = _chosen(package, unclaimed, load, xy)
    at = {"index": index, "xy": xy, "chosen": chosen, "load_mw": load}
    served = non_firm(
        Authorities(package),
        xy,
        chosen.points.intact_mw,
        load,
        curtailment=delivery.flexible.curtailment,
        claimed=unclaimed.grid.claimed,
    )
    facts = site_facts(stack, package, unclaimed, **at, non_firm_mw=served.mw, hand=campuses.hand)
    return of_rows(facts, campuses, delivery)


def _chosen(package: DataPackage, delivery: Delivery, load: np.ndarray, xy: np.ndarray) -> Chosen:
    """The point of the grid of each campus, by its own load."""
    parts: list[tuple[int, Chosen]] = []
    for mw in np.unique(load):
        points = grid_points(package, delivery, float(mw))
        parts += [(int(i), choose(points, delivery, float(mw), xy[i : i + 1])) for i in np.flatnonzero(load == mw)]
    return Chosen.joined([chosen for _, chosen in sorted(parts, key=lambda part: part[0])])
