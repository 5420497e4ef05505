"""What lies between a site and its station, on the shipped data."""

from __future__ import annotations

import numpy as np
import shapely

from sitefinder.grid import from_lonlat
from sitefinder.layers.package import DataPackage
from sitefinder.routes.across import NOTHING, across


def route(*lon_lat: tuple[float, float]) -> shapely.LineString:
    """A route through places in degrees, the site first."""
    return shapely.LineString(np.stack(from_lonlat(*zip(*lon_lat, strict=True)), axis=1))


def test_the_ohio_the_state_line_and_the_market_border_are_named(package: DataPackage) -> None:
    """From Boone County KY to Lawrenceburg IN: another state, MISO instead of PJM, the Ohio; within Ohio nothing."""
    routes = np.array([route((-84.80, 39.09), (-84.87, 39.11)), route((-83.0, 40.1), (-83.05, 40.12)), None], object)
    places = [{"state": "KY", "rto": "PJM"}, {"state": "OH", "rto": "PJM"}, {"state": "OH", "rto": "PJM"}]
    ohio, nothing, none = across(routes, package, places)
    assert ohio.startswith(
        "state: station in IN, site in KY; market region: station in MISO, site in PJM; river: Ohio River, 2,9"
    )
    assert (nothing, none) == (NOTHING, None)


def test_an_unknown_region_is_no_other_one(package: DataPackage) -> None:
    """A site whose region is not known is not said to lie in another."""
    routes = np.array([route((-83.0, 40.1), (-83.05, 40.12))], object)
    assert across(routes, package, [{"state": "OH", "rto": None}]) == [NOTHING]
