"""Names of places."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.layers.package import DataPackage
from sitefinder.sites import naming
from sitefinder.sites.naming import place_names


@pytest.mark.parametrize(
    ("lon", "lat", "state", "words"),
    [
        (-95.8138, 41.1830, "IA", "10 km SE of Council Bluffs, IA"),  # not Bellevue NE across the Missouri
        (-84.9017, 32.6037, "GA", "18 km NE of Columbus, GA"),  # not Bibb City, which gave up its charter
        (-84.7994, 39.0990, "KY", "6 km W of Francisville, KY"),  # not Lawrenceburg IN across the Ohio
        (-80.3102, 40.4992, "PA", "8 km NW of Imperial, PA"),
        (-117.43, 47.95, "WA", "4 km E of Deer Park, WA"),  # where the projection turns by 14 degrees
    ],
)
def test_a_site_is_named_after_a_town_that_a_local_would_name(
    package: DataPackage, lon: float, lat: float, state: str, words: str
) -> None:
    """A city a little farther before a hamlet, a place of the own state before one across the line; directions are true."""
    assert place_names(package, np.array([[lon, lat]]), [state]) == [words]


def test_towns_nearby_name_what_all_towns_name(package: DataPackage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looked for in a square first, or among all: the same names, in the desert and beyond the coast too."""
    rng = np.random.default_rng(3)
    lon_lat = np.column_stack([rng.uniform(-130, -60, 300), rng.uniform(22, 52, 300)])
    states = rng.choice(["TX", "NV", "ME", "OH"], 300).tolist()
    nearby = place_names(package, lon_lat, states)
    monkeypatch.setattr(naming, "NEAR_KM", 0.0)
    assert place_names(package, lon_lat, states) == nearby
