"""Names of places: the town by which a local would name a site, with distance and direction."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sitefinder.grid import from_lonlat
from sitefinder.layers.files import PLACES
from sitefinder.layers.package import DataPackage, read_points
from sitefinder.units import M_PER_KM

#: least population of a place that names a site, and of a city that is known farther away (J)
TOWN_PEOPLE, CITY_PEOPLE = 500, 20_000
#: a city this much farther than a town is named instead, km (J)
CITY_WORTH_KM = 8.0
#: a place in another state must be this much nearer than one of the site's own, km (J): state lines follow rivers
OTHER_STATE_KM = 10.0
#: directions in which a site lies as seen from its town, clockwise from the north
DIRECTIONS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")
#: nearer than this a site lies at its town, km
AT_KM = 0.5


def place_names(package: DataPackage, lon_lat: np.ndarray, states: Sequence[str | None]) -> list[str]:
    """Name of each place.

    Parameters
    ----------
    package : DataPackage
    lon_lat : (n, 2) float64
        WGS 84 degrees.
    states : sequence of str
        Postal code of the state of each.

    Raises
    ------
    DataError
        The file of places is missing or damaged.
    """
    towns = read_points(package, PLACES, ("name", "state", "population"))
    people = np.nan_to_num(towns["population"].astype(np.float64))
    known = people >= TOWN_PEOPLE
    towns, worth = {k: v[known] for k, v in towns.items()}, CITY_WORTH_KM * (people[known] >= CITY_PEOPLE)
    x, y = from_lonlat(lon_lat[:, 0], lon_lat[:, 1])
    north = np.stack(from_lonlat(lon_lat[:, 0], lon_lat[:, 1] + 0.01), axis=1)
    names, state_of = [], towns["state"].astype("U2")
    for i, state in enumerate(states):
        km = np.hypot(towns["x"] - x[i], towns["y"] - y[i]) / M_PER_KM
        at = int(np.argmin(km - worth + OTHER_STATE_KM * (state_of != state)))
        turn = np.arctan2(x[i] - towns["x"][at], y[i] - towns["y"][at]) - np.arctan2(north[i, 0] - x[i], north[i, 1] - y[i])
        names.append(named(f"{towns['name'][at]}, {towns['state'][at]}", float(km[at]), float(turn)))
    return names


def named(town: str, km: float, turn: float) -> str:
    """Words for a place at a distance from a town, km, and in a direction, radians clockwise from the north.

    >>> named("Imperial, PA", 7.6, -2.4), named("Ames, IA", 0.2, 0.0)
    ('8 km SW of Imperial, PA', 'at Ames, IA')
    """
    if km < AT_KM:
        return f"at {town}"
    step = 2.0 * np.pi / len(DIRECTIONS)
    return f"{km:.0f} km {DIRECTIONS[round(turn / step) % len(DIRECTIONS)]} of {town}"
