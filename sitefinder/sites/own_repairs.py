"""Shapes of the user's sites made plain: collections opened, outlines that cross themselves mended, and what that changes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely

from sitefinder.units import M2_PER_ACRE, M_PER_KM

#: an outline whose area is changed by less than this part was only written in an unusual way
SAME_AREA = 1e-6
#: parts farther apart than this make a site of several places, metres
FAR_M = 2_000.0
#: parts farther apart than this are no site, metres
TOO_FAR_M = 100_000.0
#: acres that a file gives and an outline has may differ by this share
ACRES_SHARE = 0.05


def opened(geometry: Any) -> Any:
    """A geometry without wrapping: the one point of a list, the polygons of a collection.

    Collections of a parcel with its label, as map programs write them, become the parcel.
    """
    if geometry.geom_type not in ("GeometryCollection", "MultiPoint"):
        return geometry
    parts = [opened(part) for part in shapely.get_parts(geometry)]
    polygons = [p for part in parts if part.geom_type in ("Polygon", "MultiPolygon") for p in shapely.get_parts(part)]
    if polygons:
        return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
    return parts[0] if len(parts) == 1 else geometry


class Repair(NamedTuple):
    """What was wrong with an outline and what mending it changes.

    Parameters
    ----------
    fault : str
        In words, with the place.
    drawn, acres : float
        Acres as drawn and as mended.
    """

    fault: str
    drawn: float
    acres: float

    @property
    def words(self) -> str:
        """For the user."""
        return f"{self.fault}; repaired, it has {self.acres:,.0f} acres instead of {self.drawn:,.0f}"


def mended(polygon: Any, projected: Any) -> tuple[Any, Repair | None]:
    """A valid polygon, and its repair; None where the land stays as it was drawn.

    Rings are made valid each by itself and joined, so that overlapping parts count once and holes stay holes.

    Parameters
    ----------
    polygon : shapely geometry
        In the file's coordinates.
    projected : shapely geometry
        The same in EPSG:5070, for acres.
    """
    if shapely.is_valid(polygon):
        return polygon, None
    what, _, where = str(shapely.is_valid_reason(polygon)).partition("[")
    near = f" near ({where.rstrip(']').replace(' ', ', ')})" if where else ""
    fault = "crosses itself" if "self-intersection" in what.lower() else f"is broken ({what.strip().lower()})"
    valid, left = _valid(polygon), _valid(projected).area
    if abs(left - projected.area) <= SAME_AREA * max(left, projected.area):
        return valid, None
    return valid, Repair(f"the polygon {fault}{near}", projected.area / M2_PER_ACRE, left / M2_PER_ACRE)


def _valid(geometry: Any) -> Any:
    return _polygons(shapely.make_valid(geometry, method="structure", keep_collapsed=False))


def _polygons(geometry: Any) -> Any:
    """The polygons of a geometry as one."""
    parts = [p for p in shapely.get_parts(geometry) if p.geom_type == "Polygon"]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def far_apart(projected: Any) -> tuple[int, float]:
    """Number of places more than ``FAR_M`` apart that a polygon lies in, and metres from the first to the farthest.

    Parameters
    ----------
    projected : shapely geometry
        EPSG:5070.
    """
    parts = shapely.get_parts(projected)
    west, south, east, north = projected.bounds
    if len(parts) < 2 or np.hypot(east - west, north - south) <= FAR_M:
        return 1, 0.0
    hulls = shapely.convex_hull(parts)
    around = shapely.get_parts(shapely.union_all(shapely.buffer(hulls, FAR_M / 2, quad_segs=4)))
    if len(around) < 2:
        return 1, 0.0
    return len(around), float(max(shapely.distance(around[0], around[1:]))) + FAR_M


def remarks_of(projected: Any, acres: float | None) -> list[str]:
    """What a user should know about a polygon that is taken as it is.

    Parameters
    ----------
    projected : shapely geometry
        EPSG:5070.
    acres : float or None
        What the file says that it has.
    """
    remarks = []
    has = projected.area / M2_PER_ACRE
    if acres is not None and abs(acres - has) > max(1.0, ACRES_SHARE * has):
        remarks.append(f"its columns say {acres:,.0f} acres, its outline has {has:,.0f}: the outline counts")
    places, metres = far_apart(projected)
    if places > 1:
        remarks.append(f"its parts lie in {places} places up to {metres / M_PER_KM:,.0f} km apart, scored as one site")
    return remarks
