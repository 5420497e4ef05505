"""Names around a place, on the real data."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.grid import from_lonlat
from sitefinder.layers.package import DataPackage
from sitefinder.sites.around import LEAST_PLANT_MW, around_parts
from tests.helpers.paths import DATA


@pytest.fixture(scope="module")
def parts():
    """Around Minooka IL, Abilene TX and the Nevada desert."""
    places = np.array([from_lonlat(lon, lat) for lat, lon in ((41.486, -88.263), (32.50, -99.79), (40.95, -118.9))])
    return around_parts(DataPackage(DATA), places)


def test_the_nearest_plant_is_large_and_near(parts):
    """Kendall County's gas plant stands a kilometre from Minooka's site; no plant below the least size is named."""
    assert parts[0].plant.startswith("Kendall County")
    assert parts[0].plant_mw == pytest.approx(1250, abs=150)
    assert parts[0].plant_km < 3
    assert all(part.plant_mw >= LEAST_PLANT_MW for part in parts)


def test_the_nearest_known_campus_has_its_power(parts):
    """Abilene: the campus of 1.2 GW and more that is built there."""
    assert "Abilene" in parts[1].campus
    assert parts[1].campus_mw > 1000
    assert parts[1].campus_km < 25


def test_the_utility_is_the_one_of_the_place(parts):
    """Commonwealth Edison serves Minooka, a company of wires serves Abilene."""
    assert parts[0].utility == "Commonwealth Edison Co"
    assert parts[1].utility is not None


def test_places_keep_their_order():
    """The same places the other way round get the same names the other way round."""
    places = np.array([from_lonlat(lon, lat) for lat, lon in ((41.486, -88.263), (32.50, -99.79), (45.0, -93.0))])
    package = DataPackage(DATA)
    one, other = around_parts(package, places)[::-1], around_parts(package, places[::-1])
    assert [repr(part) for part in one] == [repr(part) for part in other]


def test_a_large_campus_of_unknown_power_is_named():
    """Meta at Altoona IA: its buildings are mapped, its power is not published there; unknown stays unknown."""
    (part,) = around_parts(DataPackage(DATA), np.array([from_lonlat(-93.43, 41.665)]))
    assert part.campus == "Altoona Meta Data Center"
    assert part.campus_km < 10
    assert np.isnan(part.campus_mw)


def test_the_nearest_large_lake_is_told_with_its_shore():
    """Portage IN lies by Lake Michigan (57,800 km2), Oak Harbor OH by Lake Erie; a place on the water is 0 km from it."""
    places = np.array([from_lonlat(lon, lat) for lat, lon in ((41.58, -87.18), (41.507, -83.147), (43.5, -87.0))])
    shore, erie, water = around_parts(DataPackage(DATA), places)
    assert (shore.lake, erie.lake, water.lake) == ("Lake Michigan", "Lake Erie", "Lake Michigan")
    assert shore.lake_km2 == pytest.approx(57_800, rel=0.03)
    assert 2 < shore.lake_km < 8
    assert water.lake_km == 0.0


def test_a_frontier_campus_of_unknown_power_is_named():
    """Lordstown OH: followed by Epoch AI, no power published; the nearest of known power is 80 km away."""
    (part,) = around_parts(DataPackage(DATA), np.array([from_lonlat(-80.86, 41.20)]))
    assert "Lordstown" in part.campus
    assert part.campus_km < 8
