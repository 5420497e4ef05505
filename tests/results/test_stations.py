"""Whether a list rests on one station per site."""

from __future__ import annotations

import dataclasses
import math

import pytest

from sitefinder.columns import Quantiles
from sitefinder.results.stations import one_station, sharing_a_station, station_checks, with_shared_stations
from tests.helpers.records import site

GOOD = {
    "grid_station": "Hub",
    "grid_station_kv": 345.0,
    "grid_station_km": 5.04,
    "grid_headroom_mw_p50": 1500.0,
    "scored_station": "Hub (345 kV)",
    "grid_route_to": "Hub",
    "grid_route_kv": 345.0,
    "grid_straight_km": 5.0,
    "grid_route_headroom_mw": 1500.0,
}


def test_a_site_of_one_station_breaks_no_rule():
    """Rounding aside; and a line with a new switching station is one too."""
    line = GOOD | dict.fromkeys(("grid_station", "grid_route_to"), "345 kV line A - B")
    cut_in = line | {"scored_station": "new switching station at 345 kV line A - B"}
    assert station_checks([site(**GOOD), site(**cut_in)], 1000.0) == {"two_stations": [], "station_too_weak": []}


@pytest.mark.parametrize(
    "change",
    [
        {"grid_route_to": "Yard"},
        {"grid_route_kv": 230.0},
        {"grid_straight_km": 7.0},
        {"grid_route_headroom_mw": 900.0},
        {"scored_station": "Yard (345 kV)"},
    ],
)
def test_what_rests_on_another_station_is_told(change):
    """Route, its class, distance or headroom, and the points."""
    assert station_checks([site(**GOOD), site(**GOOD | change)], 800.0)["two_stations"] == [1]


def test_a_station_that_cannot_carry_the_load_is_told():
    """By its row; one of unknown headroom is unknown, not weak."""
    weak = GOOD | {"grid_headroom_mw_p50": 800.0, "grid_route_headroom_mw": 800.0}
    unknown = GOOD | {"grid_headroom_mw_p50": None, "grid_route_headroom_mw": None}
    assert station_checks([site(**GOOD), site(**weak), site(**unknown)], 1000.0)["station_too_weak"] == [1]


def test_a_quick_run_has_the_station_of_its_dates_alone():
    """Without routes, points and dates are compared; without dates nothing is."""
    quick = dataclasses.replace(site(**GOOD), routes=None)
    assert one_station(quick)
    other = dataclasses.replace(quick, nearest=dataclasses.replace(quick.nearest, grid="Yard (345 kV)"))
    assert not one_station(other)
    assert one_station(dataclasses.replace(other, power=None))
    assert quick.power is not None
    weak = dataclasses.replace(quick.power, grid_headroom_mw=Quantiles(math.nan, 10.0, math.nan))
    assert station_checks([dataclasses.replace(quick, power=weak)], 1000.0)["station_too_weak"] == [0]


def test_sites_on_one_station_name_each_other():
    """The same name, class and headroom within reach; a namesake far off, another class or headroom is another station."""
    there = {"lat": 40.0, "lon": -88.0}
    sites = [
        site(**GOOD | there | {"site_id": "A"}),
        site(**GOOD | {"lat": 40.08, "lon": -88.0, "site_id": "B"}),
        site(**GOOD | {"lat": 41.0, "lon": -88.0, "site_id": "far"}),
        site(**GOOD | there | {"grid_station_kv": 230.0, "site_id": "class"}),
        site(**GOOD | there | {"grid_headroom_mw_p50": 1400.0, "site_id": "headroom"}),
        site(**GOOD | there | {"grid_station": None, "site_id": "none"}),
    ]
    assert sharing_a_station(sites) == [[1], [0], [], [], [], []]
    told = [each.power.grid_station_sites for each in with_shared_stations(sites)]
    assert told == ["B", "A", None, None, None, None]
    quick = dataclasses.replace(sites[0], power=None)
    assert with_shared_stations([quick, sites[1]]) == [quick, sites[1]]
