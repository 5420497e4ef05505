"""Routes of each site, as its columns tell them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sitefinder.columns import Range
from sitefinder.routes import costs
from sitefinder.routes.columns import MEANING, RoutePart, route_parts
from sitefinder.routes.legs import ROUTES, Leg

UNKNOWN = math.nan


@pytest.fixture(scope="module")
def settings(default_config):
    """The shipped section."""
    return default_config.config.connections


def leg(km, **facts):
    """A leg of sites at these lengths of route; a route of k km costs k, 2 k and 3 k million dollars."""
    km = np.array(km, np.float64)
    return Leg(
        lines=np.full(km.size, None, object),
        km=km,
        straight_km=km / 2,
        cost_km=km * 3,
        ground=np.stack([km] * 3, axis=1),
        over_km={"unknown": km / 10},
        crossings={},
        facts={name: np.array(values, object) for name, values in facts.items()},
        musd=np.stack([km, 2 * km, 3 * km], axis=1),
    )


@pytest.fixture(scope="module")
def legs():
    """All routes of two sites; the second has no second pipeline, no known station and a site of water without a name."""
    station = {
        "kv": [345, None],
        "able": [True, None],
        "headroom_mw": [1200.0, None],
        "cut_in": [False, None],
        "across": ["river: Ohio River, 2,950 m3/s", None],
    }
    legs = {name: leg([10.0 + k, 20.0 + k], to=[f"{name} one", f"{name} two"]) for k, name in enumerate(ROUTES)}
    return legs | {
        "grid": leg([5.0, 9.0], to=["HUB", None], **station),
        "gas_second": leg([7.0, UNKNOWN], to=["second", None]),
        "water": leg([1.0, 2.0], to=["Brazos River", None], source=["river", "wastewater"]),
    }


@pytest.fixture(scope="module")
def parts(legs, settings):
    """What the columns of both say."""
    return route_parts(legs, settings, mw=1000.0, water_mgd=8.5)


@pytest.mark.parametrize("name", ROUTES)
def test_every_route_has_its_leg(parts, legs, name):
    """Target, length, straight distance, cost and unknown ground are those of the leg of the same name, site by site."""
    for i, part in enumerate(parts):
        route, own = part.route(name), legs[name]
        assert route.to == own.facts["to"][i]
        numbers = (route.km, route.straight_km, *route.cost_musd, route.unknown_km)
        expected = (own.km[i], own.straight_km[i], *own.musd[i], own.over_km["unknown"][i])
        np.testing.assert_array_equal(numbers, expected)


def test_no_route_is_unknown(parts):
    """Neither of length 0 nor free of cost."""
    route = parts[1].route("gas_second")
    assert route.to is None
    assert all(math.isnan(number) for number in (route.km, route.straight_km, *route.cost_musd))


def test_the_station_chosen_has_voltage_circuits_and_headroom(parts, settings):
    """As many circuits as the load needs at that voltage."""
    assert (parts[0].grid_route_kv, parts[0].grid_route_able, parts[0].grid_route_headroom_mw) == (345.0, True, 1200.0)
    assert parts[0].grid_route_circuits == costs.circuits(settings.grid, np.array([345]), 1000.0)[0]


def test_a_station_of_unknown_voltage_has_no_circuits(parts):
    """Unknown, not none."""
    assert math.isnan(parts[1].grid_route_kv)
    assert math.isnan(parts[1].grid_route_circuits)
    assert math.isnan(parts[1].grid_route_headroom_mw)
    assert parts[1].grid_route_able is None


def test_the_lateral_and_the_main_are_sized_for_the_load(parts, legs, settings):
    """A wider lateral for more gas over the same way; the main for the water asked for."""
    twice = route_parts(legs, settings, mw=2000.0, water_mgd=17.0)
    for small, large in zip(parts, twice, strict=True):
        assert small.gas_diameter_in.low <= small.gas_diameter_in.mid <= small.gas_diameter_in.high
        assert all(a < b for a, b in zip(small.gas_diameter_in, large.gas_diameter_in, strict=True))
        assert (small.water_route_need_mgd, large.water_route_need_mgd) == (8.5, 17.0)


def test_the_source_of_water_is_told(parts):
    """A river or a plant."""
    assert [part.water_route_source for part in parts] == ["river", "wastewater"]


def test_every_route_and_level_has_a_column():
    """Named after the route; the meaning says what it leads to."""
    columns = {c.name: c for c in RoutePart.columns()}
    for route in ROUTES:
        assert [f"{route}_cost_musd_{level}" for level in Range._fields] == [
            n for n in columns if n.startswith(f"{route}_cost_musd")
        ]
        assert columns[f"{route}_route_km"].meaning == f"Length of the least-cost route to {MEANING[route]}"


def test_the_grid_comes_first_and_the_sizes_last():
    """In the order of the files: the station chosen with its facts, the other routes, the lateral and the main."""
    names = RoutePart.names()
    assert names[0] == "grid_route_to"
    assert names[-5:] == (*(f"gas_diameter_in_{end}" for end in Range._fields), "water_route_source", "water_route_need_mgd")
    assert names.index("grid_route_headroom_mw") < names.index("gas_route_to")


def test_what_lies_between_is_told_as_it_was_found(parts):
    """Words of the leg, unknown without a route."""
    assert [part.grid_across for part in parts] == ["river: Ohio River, 2,950 m3/s", None]
