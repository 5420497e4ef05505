"""Whether points, power, route and cost of every site rest on one station, and whether it can carry the load."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from sitefinder.grid import great_circle_km
from sitefinder.results.site import Site

#: distances of one station differ by rounding and by the cell's centre alone, km
SAME_KM = 0.1
#: a station is no point: two sites of one lie at most so much farther apart than both distances to it, km
APART_KM = 2.0
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


def sharing_a_station(sites: Sequence[Site]) -> list[list[int]]:
    """Rows of the other sites that rest on the same station, for each site, in the order of the list.

    Stations are the same where name, class and the three quantiles of headroom agree and the distances allow it.
    """
    groups: dict[tuple[object, ...], list[tuple[int, float]]] = {}
    for i, site in enumerate(sites):
        if site.power is not None and site.power.grid_station is not None:
            power = site.power
            key = (power.grid_station, *(str(x) for x in (power.grid_station_kv, *power.grid_headroom_mw)))
            groups.setdefault(key, []).append((i, power.grid_station_km))
    others: list[list[int]] = [[] for _ in sites]
    for members in groups.values():
        for i, km in members:
            others[i] = [j for j, far in members if j != i and _apart_km(sites[i], sites[j]) <= APART_KM + km + far]
    return others


def with_shared_stations(sites: Sequence[Site]) -> list[Site]:
    """The same sites; each says which others of the list would draw on its station."""
    named = []
    for site, others in zip(sites, sharing_a_station(sites), strict=True):
        keys = ", ".join(sites[j].site_id for j in others)
        named.append(replace(site, power=replace(site.power, grid_station_sites=keys)) if site.power and keys else site)
    return named


def _apart_km(one: Site, other: Site) -> float:
    return float(great_circle_km(one.place.lat, one.place.lon, other.place.lat, other.place.lon))


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
