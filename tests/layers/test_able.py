"""Where a campus joins the grid: which stations and lines carry the load, and which of them a place takes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from sitefinder.config import ConfigFile
from sitefinder.config.delivery import Delivery
from sitefinder.layers.able import REACH_KM, Chosen, GridPoints, choose, grid_points
from sitefinder.layers.files import CAMPUS_LABELS, HEADROOM, LINES
from sitefinder.layers.package import DataPackage
from tests.helpers.able import written_grid

NAN = float("nan")


@pytest.fixture(scope="module")
def delivery(default_config: ConfigFile) -> Delivery:
    """The shipped section."""
    return default_config.config.section("delivery")


def chosen(package: DataPackage, delivery: Delivery, mw: float = 1000.0) -> Chosen:
    """The choice of a place at the origin."""
    return choose(grid_points(package, delivery, mw), delivery, mw, np.zeros((1, 2)))


def test_the_nearest_station_that_carries_the_load_is_taken(tmp_path: Path, delivery: Delivery) -> None:
    """Not the yard next door, and not the largest one: that is only farther."""
    stations = [
        {"name": "Yard", "x": 1.0, "mw": 300.0},
        {"name": "Able", "x": 12.0, "mw": 1100.0},
        {"name": "Large", "x": 40.0, "mw": 5000.0},
    ]
    package = written_grid(tmp_path, stations)
    found = chosen(package, delivery)
    assert (found.points.name[0], found.km[0], found.able[0]) == ("Able", pytest.approx(12.0), True)
    assert chosen(package, delivery, mw=200.0).points.name[0] == "Yard"


def test_several_circuits_make_a_yard_of_230_kv_able(tmp_path: Path, delivery: Delivery) -> None:
    """Megawatts with one line out count, not the class."""
    stations = [{"name": "Weak 500", "kv": 500, "x": 2.0, "mw": 400.0}, {"name": "Strong 230", "kv": 230, "x": 9.0, "mw": 1200.0}]
    assert chosen(written_grid(tmp_path, stations), delivery).points.name[0] == "Strong 230"


def test_of_two_classes_at_one_station_the_lower_one_that_is_able_is_used(tmp_path: Path, delivery: Delivery) -> None:
    """Its line is cheaper and sooner; the higher one where the lower is too weak."""
    for weak, kv in ((1200.0, 345), (800.0, 500)):
        stations = [{"x": 4.0, "kv": 500, "mw": 2000.0}, {"x": 4.0, "kv": 345, "mw": weak}, {"x": 4.0, "kv": 765, "mw": 3000.0}]
        assert chosen(written_grid(tmp_path / str(kv), stations), delivery).points.kv.tolist() == [kv]


def test_half_of_what_campuses_nearby_plan_is_subtracted(tmp_path: Path, delivery: Delivery) -> None:
    """1,500 MW less half of 1,200 within 25 km of the station; one 30 km off and one of unknown power take nothing."""
    stations = [{"name": "Claimed", "x": 5.0, "mw": 1500.0, "p90": 1900.0}, {"name": "Free", "x": 45.0, "mw": 1100.0}]
    campuses = [{"x": 5.0, "y": 20.0, "mw": 1200.0}, {"x": 5.0, "y": -30.0, "mw": 800.0}, {"x": 6.0, "mw": NAN}]
    package = written_grid(tmp_path, stations, campuses=campuses)
    points = grid_points(package, delivery, 1000.0)
    assert points.claimed_mw.tolist() == [1200.0, 0.0]
    assert points.left_mw[0].tolist() == [900.0, 900.0, 1300.0]
    assert points.before_mw[0, 1] == 1500.0
    assert chosen(package, delivery).points.name[0] == "Free"


def test_headroom_never_falls_below_nothing(tmp_path: Path, delivery: Delivery) -> None:
    """Campuses that plan more than there is leave nothing, not less."""
    package = written_grid(tmp_path, [{"x": 5.0, "mw": 500.0}], campuses=[{"x": 5.0, "mw": 4000.0}])
    assert grid_points(package, delivery, 1000.0).left_mw.tolist() == [[0.0, 0.0, 0.0]]


ENDS = [{"name": "West", "x": -30.0, "y": 3.0, "mw": 1600.0}, {"name": "East", "x": 30.0, "y": 3.0, "mw": 1300.0}]
ACROSS = {"from": (-30.0, 3.0), "to": (30.0, 3.0)}


def test_a_passing_line_between_able_stations_is_cut_into(tmp_path: Path, delivery: Delivery) -> None:
    """3 km to the line beat 30 km to a station; it carries at most one circuit of its class."""
    found = chosen(written_grid(tmp_path, ENDS, lines=[ACROSS]), delivery)
    assert found.points.is_line[0]
    assert found.points.name[0] == "345 kV line West - East"
    assert found.km[0] == pytest.approx(3.0)
    assert found.points.left_mw[0, 1] == delivery.grid.cut_in.circuit_mw[345] == 1200.0


@pytest.mark.parametrize(
    ("west", "east", "mw"),
    [
        ({"mw": 700.0, "intact": 1100.0}, {"mw": 900.0, "intact": 1150.0}, 1100.0),  # one side out: the other end, all in service
        ({"mw": 510.0, "intact": 1600.0}, {"mw": 900.0, "intact": 1600.0}, 1020.0),  # another line out: twice the weaker end
        ({"mw": 490.0, "intact": 1600.0}, {"mw": 900.0, "intact": 1600.0}, None),  # 980 MW are too few
        ({"mw": 900.0, "intact": 950.0}, {"mw": 900.0, "intact": 1600.0}, None),  # and so are 950
    ],
)
def test_a_line_carries_what_its_ends_can(tmp_path: Path, delivery: Delivery, west: dict, east: dict, mw: float | None) -> None:
    """By hand, for the two outages that matter."""
    points = grid_points(written_grid(tmp_path, [ENDS[0] | west, ENDS[1] | east], lines=[ACROSS]), delivery, 1000.0)
    assert points.left_mw[points.is_line, 1].max(initial=0.0) == pytest.approx(mw or 0.0)


def test_load_that_stands_back_counts_on_all_lines(tmp_path: Path, delivery: Delivery) -> None:
    """A station's headroom with all in service less half of what is planned; of a line the weaker end, at most one circuit."""
    ends = [ENDS[0] | {"intact": 1900.0}, ENDS[1] | {"intact": 1700.0}]
    campuses = [{"x": 30.0, "y": 3.0, "mw": 1200.0}]
    points = grid_points(written_grid(tmp_path, ends, lines=[ACROSS], campuses=campuses), delivery, 600.0)
    assert points.intact_mw[:2, 1].tolist() == [1900.0, 1100.0]
    assert set(points.intact_mw[2:, 1]) == {1100.0}
    assert (points.intact_mw >= points.left_mw).all()


@pytest.mark.parametrize(
    ("end_mw", "other_mw", "km_from_end", "able"),
    [
        (891.0, 2000.0, 2.0, False),  # Pruntytown: 1,782 MW beside a station of 891 would be a switch of the meter
        (744.0, 1600.0, 4.0, False),  # Red Lion
        (980.0, 2000.0, 0.9, False),  # Ostrander
        (891.0, 2000.0, 12.0, True),  # 12 of 60 km away four fifths go to the near end: 1,114 MW
        (1300.0, 600.0, 2.0, True),  # beside a strong end the weak one is far; twice 600 MW remain the most
    ],
)
def test_a_new_station_beside_an_end_has_what_that_end_has(
    tmp_path: Path, delivery: Delivery, end_mw: float, other_mw: float, km_from_end: float, able: bool
) -> None:
    """Some kilometres from the end of a line of 60 km, on it; all lines in service carry more than enough."""
    west, east = (ENDS[i] | {"mw": mw, "intact": 5000.0} for i, mw in enumerate((end_mw, other_mw)))
    points = grid_points(written_grid(tmp_path, [west, east], lines=[ACROSS]), delivery, 1000.0)
    here = shapely.Point((-30.0 + km_from_end) * 1000.0, 3000.0)
    near = points.take(np.flatnonzero(points.is_line & (shapely.distance(points.geometry, here) < 1.0)))
    assert bool(near.able(1000.0).any()) is able
    reach = delivery.grid.cut_in.beside_km
    if km_from_end <= reach:
        assert (near.left_mw <= end_mw).all()


def test_a_new_station_beside_another_one_of_its_class_has_no_more(tmp_path: Path, delivery: Delivery) -> None:
    """A line passes a yard of 982 MW at 300 m: no cut-in there; another class, or a tap, does not count."""
    for change, able in (({}, False), ({"kv": 230}, True), ({"junction": True}, True), ({"mw": NAN}, True)):
        yard = {"name": "Lemoyne", "x": 0.0, "y": 3.3, "mw": 982.0} | change
        ends = [e | {"intact": 5000.0} for e in ENDS]
        points = grid_points(written_grid(tmp_path / str(change), [*ends, yard], lines=[ACROSS]), delivery, 1000.0)
        near = points.is_line & (shapely.distance(points.geometry, shapely.Point(0.0, 3000.0)) < 1.0)
        assert bool(near.any()) is able
        assert points.is_line.any()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"kv_class": 230}, "one circuit of 230 kV is too weak"),
        ({"is_dc": True}, "a direct-current line has no taps"),
        ({"to": (22.0, 3.0)}, "it ends at no known station"),
    ],
)
def test_other_lines_are_not_cut_into(tmp_path: Path, delivery: Delivery, change: dict, why: str) -> None:
    """Each of them leaves the stations."""
    stations = [e | {"kv": change.get("kv_class", 345)} for e in ENDS]
    found = chosen(written_grid(tmp_path, stations, lines=[ACROSS | change]), delivery)
    assert not found.points.is_line[0], why


def test_a_line_to_a_power_plant_alone_is_not_cut_into(tmp_path: Path, delivery: Delivery) -> None:
    """The yard at its end has one line: with it out, nothing is left."""
    stations = [ENDS[0], ENDS[1] | {"name": "Plant", "mw": 0.0}]
    assert not chosen(written_grid(tmp_path, stations, lines=[ACROSS]), delivery).points.is_line[0]


def test_a_new_switching_station_counts_as_some_kilometres(tmp_path: Path, delivery: Delivery) -> None:
    """A station 7 km away beats a line 3 km away by the default of 5 km, one 9 km away does not."""
    for km, line in ((7.0, False), (9.0, True)):
        near = {"name": "Near", "y": -km, "mw": 1500.0}
        found = chosen(written_grid(tmp_path / str(km), [*ENDS, near], lines=[ACROSS]), delivery)
        assert found.points.is_line[0] == line


def test_a_junction_of_lines_needs_a_new_switching_station_too(tmp_path: Path, delivery: Delivery) -> None:
    """A tap is no yard: a station 4 km farther is preferred, one 6 km farther is not."""
    for km, cut_in in ((7.0, False), (9.0, True)):
        tap = {"name": None, "near": "Ada OH, 2 km", "x": 3.0, "mw": 2000.0, "junction": True}
        found = chosen(written_grid(tmp_path / str(km), [tap, {"name": "Yard", "y": km, "mw": 1500.0}]), delivery)
        assert found.points.cut_in[0] == cut_in
        assert found.points.name[0] == ("unnamed 345 kV junction near Ada OH, 2 km" if cut_in else "Yard")


def test_where_nothing_carries_the_load_the_roomiest_stands_in(tmp_path: Path, delivery: Delivery) -> None:
    """Within 25 km the one with most headroom, beyond it the nearest; both are told to be too weak."""
    near = [{"name": "A", "x": 5.0, "mw": 200.0}, {"name": "B", "x": 20.0, "mw": 700.0}, {"name": "C", "x": 30.0, "mw": 900.0}]
    found = chosen(written_grid(tmp_path / "near", near), delivery)
    assert (found.points.name[0], found.able[0]) == ("B", False)
    far = [{"name": "D", "x": 90.0, "mw": 200.0}, {"name": "E", "x": 80.0, "mw": 100.0}, {"name": "F", "x": 61.0, "mw": 1.0}]
    found = chosen(written_grid(tmp_path / "far", [*far, {"name": "G", "x": 99.0, "mw": 9000.0}]), delivery)
    assert (found.points.name[0], found.able[0]) == ("F", False)


def test_an_unknown_headroom_does_not_carry_the_load(tmp_path: Path, delivery: Delivery) -> None:
    """It stays unknown where nothing else is in reach."""
    package = written_grid(tmp_path, [{"name": "?", "x": 1.0, "mw": NAN}, {"name": "Known", "x": 50.0, "mw": 1000.0}])
    assert chosen(package, delivery).points.name[0] == "Known"
    alone = chosen(written_grid(tmp_path / "b", [{"name": "?", "x": 1.0, "mw": NAN}]), delivery)
    assert np.isnan(alone.points.left_mw).all()
    assert not alone.able[0]


def test_a_station_without_a_name_is_told_by_its_town(tmp_path: Path, delivery: Delivery) -> None:
    """And a line by the towns at its ends."""
    ends = [e | {"name": None, "near": f"{town}, 4 km"} for e, town in zip(ENDS, ("Ada OH", "Lima OH"), strict=True)]
    points = grid_points(written_grid(tmp_path, ends, lines=[ACROSS]), delivery, 1000.0)
    assert list(dict.fromkeys(points.name)) == [
        "unnamed 345 kV station near Ada OH, 4 km",
        "unnamed 345 kV station near Lima OH, 4 km",
        "345 kV line near Ada OH - near Lima OH",
    ]


@pytest.fixture(scope="module")
def real(package: DataPackage, delivery: Delivery) -> GridPoints:
    """The points of the shipped data for a gigawatt."""
    return grid_points(package, delivery, 1000.0)


def test_a_gigawatt_needs_345_kv_or_several_circuits(real: GridPoints) -> None:
    """Of the shipped stations few of 230 kV are able and most of 765 kV; every line has 345 kV or more."""
    able = real.able(1000.0)
    share = [able[(real.kv == kv) & ~real.is_line].mean() for kv in (230, 345, 500, 765)]
    assert share[0] < 0.1 < 0.4 < min(share[1:])
    assert real.is_line.sum() > 500
    assert real.kv[real.is_line].min() == 345


def test_most_planned_power_lies_near_some_station(real: GridPoints) -> None:
    """Abilene and the others are counted: some stations lose more than a gigawatt."""
    lost = real.before_mw[:, 1] - real.left_mw[:, 1]
    assert (real.claimed_mw > 0).mean() < 0.2
    assert lost.max() > 1000.0
    at = ~real.is_line
    np.testing.assert_allclose(lost[at], np.minimum(0.5 * real.claimed_mw, real.before_mw[:, 1])[at], atol=1e-6)


def test_files_are_those_that_are_read(tmp_path: Path, delivery: Delivery) -> None:
    """A campus file that is gone is told, not passed over."""
    package = written_grid(tmp_path, [{"x": 1.0, "mw": 1.0}])
    assert delivery.grid.claimed.within_km == REACH_KM
    assert set(package.resources) == {HEADROOM, LINES, CAMPUS_LABELS}
