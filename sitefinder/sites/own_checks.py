"""Problems of one of the user's sites: shape, coordinates, place."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from sitefinder.units import M2_PER_ACRE

#: longitude and latitude box of the contiguous United States, with a margin
LON, LAT = (-125.5, -66.0), (24.0, 50.0)
#: largest degree; larger coordinates are metres or feet
LARGEST_DEGREE = 360.0
#: least area of a parcel, m2: a smaller one is a drawing error
LEAST_M2 = 100.0
#: a ring whose hull is this flat, as area over squared length, is a line drawn there and back
STRAIGHT = 1e-9
#: largest area of a parcel: the largest ranch of the country has 0.9 million acres (K)
MOST_ACRES = 1_000_000.0
KINDS = ("Point", "Polygon", "MultiPolygon")


def shape_problem(geometry: Any, most_vertices: int) -> str | None:
    """Problem of a geometry in any coordinate system, with the remedy; None if it has none.

    Parameters
    ----------
    geometry : shapely geometry
    most_vertices : int
    """
    if geometry.geom_type not in KINDS:
        return f"{geometry.geom_type} is not a point or polygon. Correct it."
    if geometry.is_empty:
        return "the geometry is empty. Draw it or remove the site."
    vertices = int(shapely.get_num_coordinates(geometry))
    if vertices > most_vertices:
        return f"the geometry has {vertices:,} vertices, the limit is {most_vertices:,}. Simplify it."
    if not np.isfinite(shapely.get_coordinates(geometry)).all():
        return "a coordinate is not a number. Correct it."
    return None


def line_problem(geometry: Any) -> str | None:
    """Problem of a polygon, as given, that is a line drawn there and back; None if it is none. Points pass."""
    if geometry.geom_type != "Point" and geometry.convex_hull.area <= STRAIGHT * geometry.length**2:
        return "the polygon covers no area. Draw it or give a point."
    return None


def size_problem(projected: Any) -> str | None:
    """Problem of the size of a valid polygon in EPSG:5070, metres, with the remedy; None if it has none. Points pass."""
    if projected.geom_type == "Point":
        return None
    if projected.area < LEAST_M2:
        return f"the polygon covers less than {LEAST_M2:g} m2. Draw it or give a point."
    if projected.area > MOST_ACRES * M2_PER_ACRE:
        return f"the polygon covers more than {MOST_ACRES:,.0f} acres. Give parcels, not a region."
    return None


def degrees_problem(geometry: Any) -> str | None:
    """Problem of coordinates that should be degrees but are not, with the remedy; None if they are."""
    west, south, east, north = geometry.bounds
    if max(abs(v) for v in (west, south, east, north)) > LARGEST_DEGREE:
        return (
            f"({west:g}, {south:g}) are not degrees but look like metres or feet of a projection. "
            "Declare the coordinate reference system of the file, or convert it to WGS 84."
        )
    if LAT[0] <= south and north <= LAT[1] and LON[0] + 360 <= west and east <= LON[1] + 360:
        return "longitudes count from 0 to 360. Subtract 360: west longitudes are negative."
    return None


def place_problem(geometry: Any) -> str | None:
    """Problem of a WGS 84 geometry outside the contiguous United States, with the remedy; None if inside."""
    west, south, east, north = geometry.bounds
    if LON[0] <= west and east <= LON[1] and LAT[0] <= south and north <= LAT[1]:
        return None
    if LON[0] <= south and north <= LON[1] and LAT[0] <= west and east <= LAT[1]:
        return "latitude and longitude are swapped. Put latitude under lat (GeoJSON: lon first)."
    return (
        f"({south:g}, {west:g}) lies outside the contiguous United States. "
        "Use WGS 84 degrees, west longitudes negative, or remove the site."
    )
