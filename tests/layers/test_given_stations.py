"""Stations with the megawatts that the user states."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sitefinder.config import ConfigFile
from sitefinder.config.added import GivenStations
from sitefinder.config.delivery import Delivery
from sitefinder.errors import DataError
from sitefinder.grid import to_lonlat
from sitefinder.layers.able import choice_settings, choose, grid_points
from sitefinder.layers.given_stations import matches, read_given
from tests.helpers.able import written_grid

STATIONS = [{"name": "West", "x": -30.0, "mw": 1600.0}, {"name": "Near", "x": 10.0, "mw": 300.0}]
CAMPUS = [{"x": 10.0, "mw": 1000.0}]


def table(folder: Path, *rows: tuple[float, float, str]) -> Path:
    """Stations at kilometres east and north of the origin, with the text of their other columns."""
    lines = ["name,lat,lon,kV,MW,n0_mw"]
    for x, y, rest in rows:
        lon, lat = (float(v) for v in to_lonlat(x * 1000.0, y * 1000.0))
        lines.append(f"S{len(lines)},{lat:.7f},{lon:.7f},{rest}")
    path = folder / "stations.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def with_stations(file: ConfigFile, path: Path, **more: object) -> Delivery:
    """The shipped section with a table of stations."""
    delivery = file.config.section("delivery")
    given = GivenStations(file=str(path), **more)
    return delivery.model_copy(update={"grid": delivery.grid.model_copy(update={"stations": given})})


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made-up stations lie around the origin of the projection, in the Gulf."""
    monkeypatch.setattr("sitefinder.layers.vectors.LAT", (20.0, 55.0))


def test_a_stated_station_goes_before_the_estimate(tmp_path: Path, default_config: ConfigFile) -> None:
    """The row within two kilometres has its megawatts whole, without what others plan; another class is a new station."""
    package = written_grid(tmp_path / "data", STATIONS, campuses=CAMPUS)
    path = table(tmp_path, (11.0, 0.5, "345,1200,1500"), (11.0, 0.5, "230,400,"))
    points = grid_points(package, with_stations(default_config, path), 1000.0)
    assert points.name.tolist() == ["West", "S1, as stated", "S2, as stated"]
    assert points.kv.tolist() == [345, 345, 230]
    assert points.left_mw[:, 1].tolist() == [1600.0, 1200.0, 400.0]
    assert points.intact_mw[1:, 1].tolist() == [1500.0, 400.0]
    chosen = choose(points, with_stations(default_config, path), 1000.0, np.zeros((1, 2)))
    assert (chosen.points.name[0], chosen.able[0]) == ("S1, as stated", True)


def test_only_those_leaves_the_others_unknown(tmp_path: Path, default_config: ConfigFile) -> None:
    """A planner's network is all that counts then: a mapped station beside it carries nothing."""
    package = written_grid(tmp_path / "data", STATIONS)
    path = table(tmp_path, (11.0, 0.5, "345,1200,"))
    points = grid_points(package, with_stations(default_config, path, only=True), 1000.0)
    assert points.able(1.0).tolist() == [False, True]
    assert np.isnan(points.left_mw[0]).all()


def test_lines_between_stated_stations_carry_what_these_have(tmp_path: Path, default_config: ConfigFile) -> None:
    """A line is cut into by what its ends have, stated or estimated."""
    ends = [{"name": "West", "x": -30.0, "y": 3.0, "mw": 100.0}, {"name": "East", "x": 30.0, "y": 3.0, "mw": 100.0}]
    package = written_grid(tmp_path / "data", ends, lines=[{"from": (-30.0, 3.0), "to": (30.0, 3.0)}])
    assert not grid_points(package, default_config.config.section("delivery"), 500.0).is_line.any()
    path = table(tmp_path, (-30.0, 3.0, "345,900,"), (30.0, 3.0, "345,900,"))
    assert grid_points(package, with_stations(default_config, path), 500.0).is_line.any()


def test_the_choice_follows_the_file(tmp_path: Path, default_config: ConfigFile) -> None:
    """Another table, or the same one written again, is another choice; without one nothing changes."""
    path = table(tmp_path, (11.0, 0.5, "345,1200,"))
    before = choice_settings(with_stations(default_config, path), 1000.0)
    table(tmp_path, (11.0, 0.5, "345,1250.5,"))
    assert choice_settings(with_stations(default_config, path), 1000.0) != before
    assert "stations" not in choice_settings(default_config.config.section("delivery"), 1000.0)


def test_the_nearest_of_the_class_is_matched(tmp_path: Path) -> None:
    """Of two the nearer one, of another class none, beyond the distance none."""
    import shapely

    given = read_given(
        GivenStations(file=str(table(tmp_path, (0.0, 0.0, "345,1,"), (0.0, 0.0, "500,1,"), (90.0, 0.0, "345,1,"))))
    )
    mapped, kv = shapely.points([[1500.0, 0.0], [800.0, 0.0], [0.0, 0.0]]), np.array([345, 345, 230])
    assert matches(given, mapped, kv, 2.0).tolist() == [1, -1, -1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name,lat,lon,mw\na,31,-99,5\n", "No column 'kv'"),
        ("name,lat,lon,kv\na,31,-99,345\n", "No column 'mw'"),
        ("name,lat,lon,kv,mw\na,31,-99,345,-5\n", "mw -5 in row 1"),
        ("name,lat,lon,kv,mw\na,31,-99,0,5\n", "kv 0 in row 1"),
        ("name,lat,lon,kv,mw\n", "No station in"),
        ("name,lat,lon,kv,mw\na,31,-99,high,5\n", "'high' in column 'kv'"),
    ],
)
def test_a_wrong_table_is_refused(tmp_path: Path, text: str, expected: str) -> None:
    """One line with file, key and remedy."""
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=expected) as caught:
        read_given(GivenStations(file=str(path)))
    assert "\n" not in str(caught.value)
    assert "delivery.grid.stations" in str(caught.value)
