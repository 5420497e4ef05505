"""Fiber: rights-of-way that long-haul routes follow, exchange points and latency."""

from __future__ import annotations

import numpy as np

from sitefinder.grid import Grid, to_lonlat
from sitefinder.layers.built import Built
from sitefinder.layers.files import CORRIDORS, EXCHANGES, PLACES
from sitefinder.layers.sources import Sources
from sitefinder.layers.spec import layer
from sitefinder.units import FIBER_US_PER_KM

#: radius within which a second corridor still counts as a diverse route
DIVERSE_KM = 10.0
#: radius of one metropolitan fiber market
METRO_KM = 80.0
#: an exchange point worth a route of its own
MIN_NETWORKS = 10
#: number of metropolitan areas whose latency is averaged, and how far apart two of them must lie
METROS, METRO_SPACING_KM = 20, 80.0
#: fiber routes are longer than the great circle by about this factor (right-of-way detours, Singla et al. 2014)
ROUTE_FACTOR = 1.5
#: cell size on which the smooth latency field is computed before interpolation
LATENCY_GRID_M = 20_000.0


@layer(
    layer_id="fiber_corridor_km",
    family="fiber",
    title="Distance to a long-haul fiber corridor (right-of-way proxy)",
    unit="km",
    meaning="Distance to the nearest freeway or railway, the rights-of-way that long-haul fiber follows.",
    better="low",
    valid=(0.0, 500.0),
    sources=(CORRIDORS,),
    grade="E5",
    caveat="A right-of-way is not a cable. Against 189,500 km of mapped long-haul routes kept for validation: 70 % of the routes "
    "lie within 5 km of a corridor, 63 % of the corridors within 5 km of a route, rank correlation of the distances 0.56.",
)
def fiber_corridor_km(sources: Sources) -> Built:
    """Distance with the kind of corridor."""
    corridors = sources.features(CORRIDORS)
    return sources.distance_km(corridors.geometry.values, corridors["kind"].tolist())


@layer(
    layer_id="fiber_corridors_10km",
    family="fiber",
    title="Distinct fiber corridors within 10 km",
    unit="corridors",
    meaning="Number of distinct freeway or railway corridors within 10 km; one corridor runs on through junctions.",
    better="high",
    valid=(0.0, 200.0),
    sources=(CORRIDORS,),
    grade="E5",
    caveat="Counts rights-of-way, not carriers; in cities it counts many short spurs.",
)
def fiber_corridors_10km(sources: Sources) -> np.ndarray:
    """Count of corridor identities."""
    corridors = sources.features(CORRIDORS)
    return sources.groups_within_km(corridors.geometry.values, corridors["corridor_id"].to_numpy(), DIVERSE_KM)


@layer(
    layer_id="exchange_km",
    family="fiber",
    title="Distance to an exchange facility",
    unit="km",
    meaning=f"Distance to the nearest interconnection facility with at least {MIN_NETWORKS} networks.",
    better="low",
    valid=(0.0, 1500.0),
    sources=(EXCHANGES,),
    grade="E2",
    caveat="Self-registered facilities only.",
)
def exchange_km(sources: Sources) -> Built:
    """Distance with the facility's name."""
    facilities = sources.features(EXCHANGES)
    chosen = facilities[facilities["networks"] >= MIN_NETWORKS]
    return sources.distance_km(chosen.geometry.values, chosen["name"].tolist())


@layer(
    layer_id="exchange_networks_80km",
    family="fiber",
    title="Networks present within 80 km",
    unit="networks",
    meaning="Sum over the interconnection facilities within 80 km of the networks present in each.",
    better="high",
    valid=(0.0, 20_000.0),
    sources=(EXCHANGES,),
    grade="E2",
    caveat="A network in two buildings counts twice; self-registered.",
)
def exchange_networks_80km(sources: Sources) -> np.ndarray:
    """Sum of network counts."""
    facilities = sources.features(EXCHANGES)
    return sources.sum_within_km(facilities.geometry.values, facilities["networks"].to_numpy(), METRO_KM)


@layer(
    layer_id="latency_ms",
    family="fiber",
    title="Round trip to the big metros",
    unit="ms",
    meaning=f"Population-weighted mean round-trip time to the {METROS} largest metropolitan centres: great circle x "
    f"{ROUTE_FACTOR} x light in glass.",
    better="low",
    valid=(5.0, 100.0),
    sources=(PLACES,),
    grade="E4",
    caveat="Geometry only: no routing, no queues; central city populations stand for metropolitan ones.",
)
def latency_ms(sources: Sources) -> np.ndarray:
    """Smooth field computed on a coarse grid and interpolated."""
    from pyproj import Geod

    centres, weight = _metros(sources)
    coarse = Grid(LATENCY_GRID_M)
    rows, cols = np.mgrid[0 : coarse.height, 0 : coarse.width]
    lon, lat = to_lonlat(*coarse.centre(rows.ravel(), cols.ravel()))
    lon_m, lat_m = to_lonlat(centres[:, 0], centres[:, 1])
    geod = Geod(ellps="GRS80")
    total = np.zeros(lon.size)
    for x, y, w in zip(lon_m, lat_m, weight, strict=True):
        _, _, metres = geod.inv(lon, lat, np.full(lon.size, x), np.full(lon.size, y))
        total += w * np.asarray(metres) / 1000.0
    round_trip_ms = total * ROUTE_FACTOR * 2.0 * FIBER_US_PER_KM / 1000.0
    return sources.interpolated(round_trip_ms.reshape(coarse.shape), coarse)


def _metros(sources: Sources) -> tuple[np.ndarray, np.ndarray]:
    """EPSG:5070 positions (n, 2) and weights (sum 1) of the largest cities that are not each other's suburbs."""
    import shapely

    places = sources.features(PLACES).sort_values("population", ascending=False, kind="stable").head(400)
    xy = shapely.get_coordinates(places.geometry.values)
    chosen: list[int] = []
    for i in range(len(xy)):
        if all(np.hypot(*(xy[i] - xy[j])) >= METRO_SPACING_KM * 1000.0 for j in chosen):
            chosen.append(i)
        if len(chosen) == METROS:
            break
    population = places["population"].to_numpy(np.float64)[chosen]
    return xy[chosen], population / population.sum()
