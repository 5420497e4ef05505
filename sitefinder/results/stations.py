"""Whether points, power, route and cost of every site rest on one station, and whether it can carry the load."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sitefinder.results.site import Site

#: distances of one station differ by rounding and by the cell's centre alone, km
SAME_KM = 0.1
#: megawatts of one station differ by rounding alone
SAME_MW = 1.0


def station_checks(sites: Sequence[Site], mw: float) -> dict[str, list[int]]:
    """Rows of the sites that break each rule; both lists are empty where the list holds together.

    Parameters
    ----------
    sites : sequence of Site
        Sites without power by date or without routes, as in a quick run, break no rule that needs them.
    mw : float
        Load.

    Returns
    -------
    dict
        ``two_stations``: points or dates rest on another station than the route and its cost. ``station_too_weak``: the median
        headroom left at the station that the route leads to is known to be less than the load.
    """
    return {
        "two_stations": [i for i, site in enumerate(sites) if not one_station(site)],
        "station_too_weak": [i for i, site in enumerate(sites) if _too_weak(site, mw)],
    }


def one_station(site: Site) -> bool:
    """Whether name, class, distance and headroom agree wherever a site tells them."""
    power, routes, scored = site.power, site.routes, site.nearest.grid
    if power is None:
        return True
    if scored is not None and power.grid_station is not None and power.grid_station not in scored:
        return False
    if routes is None:
        return True
    return (
        power.grid_station == routes.grid.to
        and _same(power.grid_station_kv, routes.grid_route_kv, 0.0)
        and _same(power.grid_station_km, routes.grid.straight_km, SAME_KM)
        and _same(power.grid_headroom_mw.p50, routes.grid_route_headroom_mw, SAME_MW)
    )


def _same(a: float, b: float, within: float) -> bool:
    return abs(a - b) <= within or (math.isnan(a) and math.isnan(b))


def _too_weak(site: Site, mw: float) -> bool:
    """Whether the station of the route, else of the dates, is known to carry less than the load."""
    if site.routes is not None:
        return site.routes.grid_route_headroom_mw < mw
    return site.power is not None and site.power.grid_headroom_mw.p50 < mw
