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
#: towns in a square that reaches so far, km, are looked at first: one outside is taken only where all inside count as farther
NEAR_KM = 100.0
#: nearer than this a site lies at its town, km
AT_KM = 0.5


def place_names(package: DataPackage, lon_lat: np.ndarray, states: Sequence[str | None]) -> list[str]:
    """Name of each place; parameters and errors as of :class:`Towns`."""
    return Towns(package).names(lon_lat, states)


class Towns:
    """The towns and cities that name places.

    Parameters
    ----------
    package : DataPackage

    Raises
    ------
    DataError
        The file of places is missing or damaged.
    """

    def __init__(self, package: DataPackage) -> None:
        towns = read_points(package, PLACES, ("name", "state", "population"))
        people = np.nan_to_num(towns["population"].astype(np.float64))
        known = people >= TOWN_PEOPLE
        self._towns = {k: v[known] for k, v in towns.items()}
        self._worth = CITY_WORTH_KM * (people[known] >= CITY_PEOPLE)
        self._state = self._towns["state"].astype("U2")

    def names(self, lon_lat: np.ndarray, states: Sequence[str | None]) -> list[str]:
        """Name of each place.

        Parameters
        ----------
        lon_lat : (n, 2) float64
            WGS 84 degrees.
        states : sequence of str
            Postal code of the state of each.
        """
        x, y = from_lonlat(lon_lat[:, 0], lon_lat[:, 1])
        north = np.stack(from_lonlat(lon_lat[:, 0], lon_lat[:, 1] + 0.01), axis=1)
        names, towns = [], self._towns
        for i, state in enumerate(states):
            at, km = self._town(x[i], y[i], state)
            turn = np.arctan2(x[i] - towns["x"][at], y[i] - towns["y"][at]) - np.arctan2(north[i, 0] - x[i], north[i, 1] - y[i])
            names.append(named(f"{towns['name'][at]}, {towns['state'][at]}", km, float(turn)))
        return names

    def _town(self, x: float, y: float, state: str | None) -> tuple[int, float]:
        """Row of the town that names a point, and its distance, km: sought nearby, and everywhere where none is near."""
        towns, near = self._towns, NEAR_KM * M_PER_KM
        beside = np.flatnonzero((np.abs(towns["x"] - x) < near) & (np.abs(towns["y"] - y) < near))
        for some, least in ((beside, NEAR_KM - CITY_WORTH_KM), (np.arange(len(self._worth)), np.inf)):
            km = np.hypot(towns["x"][some] - x, towns["y"][some] - y) / M_PER_KM
            far = km - self._worth[some] + OTHER_STATE_KM * (self._state[some] != state)
            if far.size and far.min() < least:
                at = int(np.argmin(far))
                return int(some[at]), float(km[at])
        raise ValueError("no town anywhere")


def named(town: str, km: float, turn: float) -> str:
    """Words for a place at a distance from a town, km, and in a direction, radians clockwise from the north.

    >>> named("Imperial, PA", 7.6, -2.4), named("Ames, IA", 0.2, 0.0)
    ('8 km SW of Imperial, PA', 'at Ames, IA')
    """
    if km < AT_KM:
        return f"at {town}"
    step = 2.0 * np.pi / len(DIRECTIONS)
    return f"{km:.0f} km {DIRECTIONS[round(turn / step) % len(DIRECTIONS)]} of {town}"
