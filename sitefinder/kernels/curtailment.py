"""Load that a system can add below its seasonal peaks when the new load stands back in the hours above them.

Method: Norris, Profeta, Patino-Echeverri and Cowie-Haskell, Rethinking Load Growth, Duke University, NI R 25-01 (2025).
The *room* of an hour is the seasonal peak less the demand of that hour, MW; a new constant load is curtailed by what exceeds it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

#: hours of a year as the method counts them, 365 days
HOURS = 8760.0
#: months whose limit is the summer peak; the winter peak is the limit of the others
WARM = frozenset(range(4, 11))
#: months whose highest demand is the peak of the season
SUMMER, WINTER = frozenset({6, 7, 8}), frozenset({12, 1, 2})


class Room(NamedTuple):
    """Room below the seasonal peaks, all hours in ascending order.

    Parameters
    ----------
    mw : (n_hours,) float64
        Negative where demand was above the peak of its season, as on a hot day of May.
    below : (n_hours + 1,) float64
        Sum of the first k of them, MW.
    years : float
    """

    mw: np.ndarray
    below: np.ndarray
    years: float


class Peaks(NamedTuple):
    """Highest demand in the months of summer and of winter, MW."""

    summer: float
    winter: float


def seasonal_peaks(
    demand: np.ndarray, month: np.ndarray, *, summer: frozenset[int] = SUMMER, winter: frozenset[int] = WINTER
) -> Peaks:
    """Highest hourly demand of each season over all years.

    Parameters
    ----------
    demand : (n_hours,) float
        MW.
    month : (n_hours,) int
        1..12, in local standard time.
    summer, winter : frozenset of int
        Months of each season, with at least one hour each.
    """
    return Peaks(float(demand[np.isin(month, list(summer))].max()), float(demand[np.isin(month, list(winter))].max()))


def room_of(demand: np.ndarray, month: np.ndarray, peaks: Peaks) -> np.ndarray:
    """(n_hours,) float64 MW in the order of the hours: the peak of the season less the demand; arguments as above."""
    return np.where(np.isin(month, list(WARM)), peaks.summer, peaks.winter) - demand.astype(np.float64)


def sorted_room(room: np.ndarray, years: float) -> Room:
    """The hours in ascending order, from :func:`room_of`."""
    mw = np.sort(room)
    return Room(mw, np.concatenate([[0.0], np.cumsum(mw)]), years)


def curtailed_share(room: Room, added_mw: np.ndarray) -> np.ndarray:
    """(n,) share of the energy of a constant new load that is curtailed: sum of what exceeds the room / (load x 8,760 h).

    >>> curtailed_share(sorted_room(np.array([50.0, *[100.0] * 8759]), 1.0), np.array([50.0, 100.0])) * HOURS
    array([0. , 0.5])
    """
    hours = np.searchsorted(room.mw, added_mw)
    return (hours * added_mw - room.below[hours]) / (room.years * HOURS * added_mw)


def headroom_mw(room: Room, share: np.ndarray) -> np.ndarray:
    """(n,) largest constant new load whose curtailed share is at most ``share`` (above 0), MW; 0 where there is none.

    Between two rooms the curtailed energy is a straight line of the load, so the answer is exact. With hours without any room the
    share falls before it rises; the larger load is meant.
    """
    energy = np.arange(room.mw.size) * room.mw - room.below[:-1]
    within = energy[None, :] <= np.asarray(share, np.float64)[:, None] * room.years * HOURS * np.maximum(room.mw, 0.0)[None, :]
    hours = np.where(within.any(axis=1), room.mw.size - within[:, ::-1].argmax(axis=1), 0)
    free = hours - np.asarray(share, np.float64) * room.years * HOURS
    return np.maximum(np.where(free > 0, room.below[hours] / np.where(free > 0, free, 1.0), 0.0), 0.0)


def curtailed_hours(room: Room, added_mw: np.ndarray, *, left: float = 0.0) -> np.ndarray:
    """(n,) hours per year in which the load is curtailed and at least the share ``left`` of it still runs."""
    below = np.searchsorted(room.mw, added_mw)
    return np.maximum(below - np.searchsorted(room.mw, left * np.asarray(added_mw)) if left else below, 0) / room.years


def events(curtailed: np.ndarray, year: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Runs of consecutive curtailed hours: their lengths in hours, and the year in which each begins.

    Parameters
    ----------
    curtailed : (n_hours,) bool
    year : (n_hours,) int

    >>> events(np.array([1, 1, 0, 1], bool), np.array([2016, 2016, 2017, 2017]))
    (array([2, 1]), array([2016, 2017]))
    """
    edge = np.flatnonzero(np.diff(np.concatenate([[False], curtailed, [False]])))
    return edge[1::2] - edge[::2], year[edge[::2]]
