"""Reference systems that coordinates without a declaration may be in: those whose area contains the places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

#: box of the contiguous United States: longitudes and latitudes, degrees
WEST, SOUTH, EAST, NORTH = -125.5, 24.0, -66.0, 50.0
#: systems looked at: state planes and UTM of these
FAMILIES = ("NAD83 / ", "NAD27 / ", "WGS 84 / UTM")
#: words in names of systems that counties and surveyors do not use for a whole file
NOT_MEANT = ("EEZ", "EPSG Arctic", "Albers", "Equal Earth", "BLM", "Statistics", "Lambert", "offshore", "Great Lakes")
#: candidates named
SHOWN = 8


def candidates(bounds: Sequence[float]) -> list[tuple[str, str]]:
    """Code and name of the systems in which places would lie within the system's own area, likeliest first.

    State planes of NAD83 come before those of NAD27 and before UTM; among them those whose area is centred nearest.

    Parameters
    ----------
    bounds : (4,) sequence of float
        West, south, east, north in the unknown system.
    """
    from pyproj.database import query_crs_info
    from pyproj.enums import PJType

    ranked = []
    for info in query_crs_info(auth_name="EPSG", pj_types=[PJType.PROJECTED_CRS]):
        area = info.area_of_use
        if area is None or not info.name.startswith(FAMILIES) or any(word in info.name for word in NOT_MEANT):
            continue
        if area.east < WEST or area.west > EAST or area.north < SOUTH or area.south > NORTH or area.west > area.east:
            continue
        apart = _apart(f"EPSG:{info.code}", bounds, area)
        if apart is not None:
            family = next(i for i, f in enumerate(FAMILIES) if info.name.startswith(f)) + 3 * ("UTM" in info.name)
            ranked.append((family, apart, f"EPSG:{info.code}", info.name))
    return [(code, name) for _, _, code, name in sorted(ranked)]


def _apart(code: str, bounds: Sequence[float], area: Any) -> float | None:
    """Degrees between the middle of the places and that of a system's area; None where they leave the area.

    On the system's own datum: a way to another one is looked up for 15 ms, which hundreds of systems would add up to seconds,
    and moves a place by a hundred metres at most.
    """
    from pyproj import CRS, Transformer
    from pyproj.exceptions import ProjError

    x, y = np.array([bounds[0], bounds[2]]), np.array([bounds[1], bounds[3]])
    try:
        system = CRS.from_user_input(code)
        lon, lat = Transformer.from_crs(system, system.geodetic_crs, always_xy=True).transform(x, y)
    except ProjError:
        return None
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        return None
    inside = area.west <= lon.min() and lon.max() <= area.east and area.south <= lat.min() and lat.max() <= area.north
    return (
        float(np.hypot(lon.mean() - (area.west + area.east) / 2, lat.mean() - (area.south + area.north) / 2)) if inside else None
    )


def in_words(bounds: Sequence[float]) -> str:
    """The candidates for a message; that coordinates look like degrees where they do."""
    west, south, east, north = bounds
    if west >= WEST and east <= EAST and south >= SOUTH and north <= NORTH:
        return "Its coordinates look like degrees: EPSG:4326 (WGS 84) or EPSG:4269 (NAD83)"
    options = candidates(bounds)
    if not options:
        return "No state plane or UTM zone contains these coordinates"
    named = ", ".join(f"{code} ({name})" for code, name in options[:SHOWN])
    more = f" and {len(options) - SHOWN} more" if len(options) > SHOWN else ""
    return f"Its places would lie in the area of {named}{more}"
