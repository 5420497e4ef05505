"""Network facts of the stations that sites connect to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sitefinder.config import ConfigFile
from sitefinder.layers.able import choose, grid_points
from sitefinder.layers.files import HEADROOM
from sitefinder.layers.package import DataPackage, read_features
from sitefinder.power.station_limits import station_limits
from tests.helpers.able import grid_tables, written_grid
from tests.helpers.paths import DATA

FACTS = {
    "limit": ["345 kV A - B", "idle generation"],
    "lost": ["345 kV A - C", None],
    "limit_kind": ["line", None],
    "limit_kv": [345, 0],
    "limit_km": [12.5, np.nan],
    "typical_mw": [1100.0, 1400.0],
    "lifted_mw": [1700.0, 1400.0],
    "short_circuit_mva": [9000.0, 3000.0],
}


@pytest.fixture
def package(tmp_path: Path) -> DataPackage:
    """Two stations at either end of a line, with facts."""
    stations = [{"name": "West", "x": -30.0, "mw": 1200.0}, {"name": "East", "x": 30.0, "mw": 1300.0}]
    lines = [{"from": (-30.0, 0.0), "to": (30.0, 0.0)}]
    table = grid_tables(stations)[HEADROOM].assign(**FACTS)
    return written_grid(tmp_path, stations, lines=lines, others={HEADROOM: table})


def test_each_site_has_the_facts_of_its_station(package: DataPackage, default_config: ConfigFile) -> None:
    """By row of the table; a site that is cut into the line knows none of them."""
    delivery = default_config.config.section("delivery")
    xy = np.array([[33_000.0, 0.0], [-32_000.0, 0.0], [0.0, 1000.0]])
    chosen = choose(grid_points(package, delivery, 1000.0), delivery, 1000.0, xy)
    assert chosen.points.is_line.tolist() == [False, False, True]
    found = station_limits(package, chosen)
    assert found.limit.tolist() == ["idle generation", "345 kV A - B", None]
    assert found.lost.tolist() == [None, "345 kV A - C", None]
    assert found.limit_kind.tolist() == [None, "line", None]
    np.testing.assert_array_equal(found.limit_km, [np.nan, 12.5, np.nan])
    np.testing.assert_array_equal(found.lifted_mw, [1400.0, 1700.0, np.nan])
    np.testing.assert_array_equal(found.short_circuit_ratio(1000.0), [3.0, 9.0, np.nan])


def test_rows_of_the_shipped_table_are_those_of_the_points(default_config: ConfigFile) -> None:
    """A site at a station has that station's element: points begin with the stations in the order of the file."""
    package, delivery = DataPackage(DATA), default_config.config.section("delivery")
    points = grid_points(package, delivery, 1000.0)
    table = read_features(package, HEADROOM, ("kv", "limit"))
    stations = ~points.is_line
    assert stations[: len(table["kv"])].all()
    np.testing.assert_array_equal(points.kv[: len(table["kv"])], table["kv"])
