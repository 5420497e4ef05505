"""Curtailed share, headroom, hours and runs against sums by hand and against plain search."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitefinder.kernels.curtailment import (
    HOURS,
    Peaks,
    Room,
    curtailed_hours,
    curtailed_share,
    events,
    headroom_mw,
    room_of,
    seasonal_peaks,
    sorted_room,
)

ROOM = np.array([0.0, 10.0, 40.0, 40.0, 100.0])


def year_of(room: np.ndarray) -> Room:
    """One year of which only these hours have little room."""
    return sorted_room(np.concatenate([room, np.full(int(HOURS) - room.size, 1e4)]), 1.0)


def test_the_share_is_what_exceeds_the_room_over_the_year() -> None:
    """A load of 50 MW loses 50 + 40 + 10 + 10 = 110 MWh of 438,000."""
    assert curtailed_share(year_of(ROOM), np.array([50.0]))[0] == pytest.approx(110.0 / (50.0 * 8760.0))


def test_hours_are_those_with_less_room_than_load() -> None:
    """Four of 50 MW; at least half of it runs in two of them, three quarters in those, too, nine tenths in none."""
    found = [curtailed_hours(year_of(ROOM), np.array([50.0]), left=left)[0] for left in (0.0, 0.5, 0.75, 0.9)]
    assert found == [4.0, 2.0, 2.0, 0.0]


@given(st.lists(st.floats(1.0, 500.0), min_size=1, max_size=40), st.floats(1e-4, 0.3))
def test_the_headroom_has_the_share_asked_for(room: list[float], share: float) -> None:
    """Exactly, and a load one per cent larger has more."""
    year = sorted_room(np.concatenate([room, np.linspace(500.0, 900.0, int(HOURS) - len(room))]), 1.0)
    load = headroom_mw(year, np.array([share]))
    assert load[0] > 0
    np.testing.assert_allclose(curtailed_share(year, load), share, rtol=1e-9)
    assert curtailed_share(year, 1.01 * load)[0] > share


def test_no_headroom_where_demand_is_above_the_peak_too_often() -> None:
    """A hundred hours 50 MW above the peak of their season, and hardly any room: nothing can be added."""
    assert headroom_mw(sorted_room(np.array([*[-50.0] * 100, *[1.0] * 8660]), 1.0), np.array([0.0025])).tolist() == [0.0]


def test_the_larger_load_is_meant_where_hours_have_no_room() -> None:
    """One hour 1 MW above the peak alone is 1.1 % of a load of 10 kW; a load of 100 MW has the share of a quarter per cent."""
    year = sorted_room(np.array([-1.0, *np.linspace(50.0, 150.0, 8759)]), 1.0)
    load = headroom_mw(year, np.array([0.0025]))
    assert load[0] > 50.0
    np.testing.assert_allclose(curtailed_share(year, load), 0.0025, rtol=1e-9)


def test_each_season_has_its_own_limit() -> None:
    """The summer peak from April to October, the winter peak in the other months; a hot May has no room."""
    month = np.array([1, 5, 7, 8, 11, 12])
    demand = np.array([60.0, 120.0, 100.0, 90.0, 50.0, 80.0])
    peaks = seasonal_peaks(demand, month)
    assert peaks == Peaks(100.0, 80.0)
    assert room_of(demand, month, peaks).tolist() == [20.0, -20.0, 0.0, 10.0, 30.0, 0.0]
    assert seasonal_peaks(demand, month, summer=frozenset({5, 6, 7, 8, 9})).summer == 120.0


def test_runs_end_where_an_hour_is_not_curtailed() -> None:
    """Three runs; one over the turn of the year counts in the year in which it begins."""
    curtailed = np.array([1, 1, 0, 1, 1, 1, 0, 1], bool)
    lengths, year = events(curtailed, np.array([1, 1, 1, 1, 2, 2, 2, 2]))
    assert (lengths.tolist(), year.tolist()) == ([2, 3, 1], [1, 1, 2])
    assert events(np.zeros(3, bool), np.zeros(3, int))[0].size == 0
