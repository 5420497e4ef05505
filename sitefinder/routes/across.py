"""What lies between a site and its point of the grid: a state line, the border of a market region, a large river."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from sitefinder.layers.files import COUNTIES, RIVERS, RTO
from sitefinder.layers.package import DataPackage, read_features

#: files that this module reads itself
FILES = (COUNTIES, RIVERS, RTO)
#: mean flow from which a river between the site and the station is named, m3/s: towers stand on its banks, and permits of the
#: Army Corps and the Coast Guard come with the span (J)
LARGE_RIVER_M3S = 300.0
#: nothing of the kind
NOTHING = "nothing: same state and market region, no large river"


def across(routes: np.ndarray, package: DataPackage, places: Sequence[Mapping[str, Any]]) -> list[str | None]:
    """Words for what the route of each site to the grid crosses; None without a route.

    Parameters
    ----------
    routes : (n,) array of LineString or None, EPSG:5070
        From the site to the station or line.
    package : DataPackage
    places : sequence of mapping
        ``state`` and ``rto`` of each site; None = unknown.

    Raises
    ------
    DataError
        A file of ``FILES`` is missing or damaged.
    """
    some = np.flatnonzero(~shapely.is_missing(routes))
    ends = shapely.get_point(routes[some], -1)
    state = _holding(ends, read_features(package, COUNTIES, ("state",)), "state")
    region = _holding(ends, read_features(package, RTO, ("code",)), "code")
    rivers = read_features(package, RIVERS, ("name", "flow_m3s"), where=lambda t: t["flow_m3s"] >= LARGE_RIVER_M3S)
    route, river = shapely.STRtree(rivers["geometry"]).query(routes[some], predicate="intersects")
    words: list[str | None] = [None] * len(routes)
    for at, i in enumerate(some.tolist()):
        crossed = river[route == at]
        widest = int(crossed[np.argmax(rivers["flow_m3s"][crossed])]) if crossed.size else None
        words[i] = words_of(
            _other(state[at], places[i]["state"]),
            _other(region[at], places[i]["rto"]),
            None if widest is None else (rivers["name"][widest], float(rivers["flow_m3s"][widest])),
        )
    return words


def words_of(state: tuple[str, str] | None, region: tuple[str, str] | None, river: tuple[str | None, float] | None) -> str:
    """Words for other state and region of the station beside those of the site, and for the largest river between.

    >>> words_of(("IN", "KY"), None, ("Ohio River", 2950.0))
    'state: station in IN, site in KY; river: Ohio River, 2,950 m3/s'
    >>> words_of(None, None, None)
    'nothing: same state and market region, no large river'
    """
    parts = [
        f"{kind}: station in {pair[0]}, site in {pair[1]}" for kind, pair in (("state", state), ("market region", region)) if pair
    ]
    if river is not None:
        parts.append(f"river: {river[0] or 'unnamed'}, {river[1]:,.0f} m3/s")
    return "; ".join(parts) or NOTHING


def _holding(points: np.ndarray, areas: Mapping[str, np.ndarray], column: str) -> np.ndarray:
    """(n,) object: value of the smallest area that holds each point; None where none does."""
    shapes = areas["geometry"]
    at, row = shapely.STRtree(shapes).query(points, predicate="within")
    order = np.lexsort((-shapely.area(shapes[row]), at))
    holding = np.full(len(points), None, object)
    holding[at[order]] = areas[column][row[order]]  # the smallest comes last
    return holding


def _other(there: str | None, here: str | None) -> tuple[str, str] | None:
    """Both where they differ; None where they agree or one is unknown."""
    return (there, here) if there and here and there != here else None
