"""How drawn lines become a network: ends tied to stations, taps, crossings, transformers, islands."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from sitefinder.compiling.powerflow.topology import MEET_M, REACH_M, SNAP_M, TOUCH_M, YARD_M, Network, Stations, build_network

#: a station so far away that nothing is tied to it
NOWHERE = (1e6, 1e6, 345)


def network(lines, stations=(NOWHERE,)) -> Network:
    """Lines as (class, point, point, ...), stations as (x, y, class), metres."""
    shapes = np.array([shapely.LineString(points) for _, *points in lines])
    xy, kv = np.array([s[:2] for s in stations], float), np.array([s[2] for s in stations])
    return build_network(shapes, np.array([kv for kv, *_ in lines]), Stations(xy, kv))


def links(net):
    """Branches as sorted (place, place, km), places rounded to whole metres."""
    at = [tuple(int(v) for v in np.round(p)) for p in net.xy]
    return sorted((*sorted((at[a], at[b])), round(float(km), 3)) for a, b, km in zip(net.start, net.end, net.km, strict=True))


def islands(net) -> int:
    """Number of parts that have a branch."""
    return int(np.unique(net.islands()[1][net.start]).size)


def test_lines_meet_at_a_station_within_reach():
    """Three ends 99 m around a station become one bus there, and the lengths stay those of the lines."""
    net = network(
        [(345, (SNAP_M - 1, 0), (10_000, 0)), (345, (0, SNAP_M - 1), (0, 5000)), (345, (-SNAP_M + 1, 0), (-7000, 0))],
        [(0, 0, 345)],
    )
    assert links(net) == [((-7000, 0), (0, 0), 6.901), ((0, 0), (0, 5000), 4.901), ((0, 0), (10_000, 0), 9.901)]
    assert islands(net) == 1
    assert net.station.tolist().count(0) == 1


def test_pieces_cut_at_a_tile_edge_are_joined():
    """Two pieces whose ends differ by rounding and thinning are one path, without any station."""
    net = network([(230, (0, 0), (5000, 0)), (230, (5000 + MEET_M - 1, 0), (9000, 0))])
    assert islands(net) == 1
    assert net.kv.size == 3
    assert net.km.sum() == pytest.approx(5.0 + 3.986)


def test_pieces_of_two_classes_are_not_joined():
    """A 138 kV line that ends where a 230 kV line ends is another line: without a station nothing ties the two."""
    assert islands(network([(230, (0, 0), (5000, 0)), (138, (5000, 0), (9000, 0))])) == 2


def test_tap_splits_the_line_that_it_touches():
    """A branch line that ends on a 10 km line at 3 km cuts it into 3 and 7."""
    net = network([(138, (0, 0), (10_000, 0)), (138, (3000, TOUCH_M - 1), (3000, 4059))])
    assert net.kv.size == 4
    assert sorted(np.round(net.km, 3)) == [3.0, 4.0, 7.0]
    assert islands(net) == 1
    assert np.bincount(np.concatenate([net.start, net.end])).max() == 3


def test_two_taps_split_a_line_in_their_order():
    """Taps at 7 and 2 km, named in the wrong order and on a bent line, leave 2, 5 and 3 km between them."""
    lines = [
        (138, (0, 0), (4000, 0), (4000, 6000)),
        (138, (4000, 3000), (9000, 3000)),
        (138, (2000, 0), (2000, -5000)),
    ]
    net = network(lines)
    assert sorted(np.round(net.km, 3)) == [2.0, 3.0, 5.0, 5.0, 5.0]
    assert islands(net) == 1


@pytest.mark.parametrize(("kv", "away_m", "parts"), [(138, TOUCH_M + 1, 2), (138, TOUCH_M - 1, 1), (230, 0.0, 2)])
def test_tap_needs_nearness_and_the_same_class(kv, away_m, parts):
    """An end 61 m from a line, or right on a line of another class, is no tap."""
    assert islands(network([(138, (0, 0), (10_000, 0)), (kv, (3000, away_m), (3000, 4000))])) == parts


def test_crossing_lines_are_not_connected():
    """Lines of one class that cross without an end at the crossing stay apart and whole."""
    net = network([(345, (0, 0), (10_000, 0)), (345, (5000, -5000), (5000, 5000))])
    assert islands(net) == 2
    assert net.km.tolist() == [10.0, 10.0]


def test_two_classes_at_one_yard_get_a_transformer():
    """A 345 and a 138 kV line that end at a station are two buses with one transformer between them."""
    net = network([(345, (0, 0), (9000, 0)), (138, (0, 50), (0, 4050))], [(0, 0, 345)])
    bank = np.flatnonzero(net.is_transformer)
    assert bank.size == 1
    ends = [net.start[bank[0]], net.end[bank[0]]]
    assert sorted(net.kv[ends]) == [138, 345]
    assert net.station[ends].tolist() == [0, 0]
    assert (net.km[bank[0]], net.branch_kv[bank[0]]) == (0.0, 345)
    assert islands(net) == 1


def test_three_classes_at_one_yard_are_joined_in_a_row():
    """765, 345 and 138 kV at a station are joined by two transformers between neighbouring classes."""
    net = network([(765, (0, 0), (9000, 0)), (138, (0, 0), (0, 4000)), (345, (0, 0), (-9000, 0))], [(0, 0, 765)])
    pairs = {tuple(sorted((net.kv[a], net.kv[b]))) for a, b in zip(net.start, net.end, strict=True) if net.kv[a] != net.kv[b]}
    assert pairs == {(138, 345), (345, 765)}
    assert net.is_transformer.sum() == 2


def test_switchyards_close_to_each_other_are_one():
    """Two entries of the register 290 m apart are one yard, entries 310 m apart are two."""
    lines = [(345, (0, 0), (-9000, 0)), (138, (YARD_M - 10, 0), (9000, 0))]
    assert network(lines, [(0, 0, 345), (YARD_M - 10, 0, 138)]).is_transformer.sum() == 1
    lines[1] = (138, (YARD_M + 10, 0), (9000, 0))
    assert network(lines, [(0, 0, 345), (YARD_M + 10, 0, 138)]).is_transformer.sum() == 0


@pytest.mark.parametrize(
    ("away_m", "station_kv", "tied"), [(REACH_M - 1, 345, True), (REACH_M + 1, 345, False), (REACH_M - 1, 138, False)]
)
def test_open_end_reaches_a_station_of_its_class(away_m, station_kv, tied):
    """An end that leads nowhere is tied to a station up to 1 km away, if that has the end's class."""
    net = network([(345, (0, 0), (9000, 0))], [(-away_m, 0, station_kv)])
    assert (net.station >= 0).any() == tied


def test_joint_of_two_lines_does_not_reach_for_a_station():
    """Two lines that meet 500 m from a station pass it by."""
    net = network([(345, (0, 0), (9000, 0)), (345, (0, 0), (-9000, 0))], [(0, 500, 345)])
    assert (net.station == -1).all()
    assert islands(net) == 1


def test_open_end_at_a_lower_station_is_tied_if_it_is_very_near():
    """Within 100 m the class of the register does not matter: it is often wrong."""
    assert (network([(345, (0, 0), (9000, 0))], [(-50, 0, 138)]).station >= 0).any()


def test_line_from_a_yard_to_itself_is_dropped():
    """A loop inside a switchyard is no branch."""
    net = network([(345, (0, 50), (500, 500), (50, 0)), (345, (0, 0), (9000, 0))], [(0, 0, 345)])
    assert links(net) == [((0, 0), (9000, 0), 9.0)]


def test_parallel_lines_stay_two_branches():
    """Two shapes between the same stations are two branches."""
    lines = [(345, (0, 0), (9000, 0)), (345, (0, 20), (4500, 900), (9000, 20))]
    net = network(lines, [(0, 0, 345), (9000, 0, 345)])
    assert net.start.size == 2
    assert {tuple(sorted(p)) for p in zip(net.start.tolist(), net.end.tolist(), strict=True)} == {(0, 1)}


def test_islands_are_numbered_by_falling_size():
    """A chain of three buses and a larger one of four: the larger is island 0."""
    small = [(138, (0, 0), (5000, 0)), (138, (5000, 0), (9000, 0))]
    large = [(138, (k * 5000.0, 50_000), ((k + 1) * 5000.0, 50_000)) for k in range(3)]
    net = network(small + large)
    count, part = net.islands()
    assert count == 2
    assert set(part[net.xy[:, 1] > 1000]) == {0}
    assert set(part[net.xy[:, 1] < 1000]) == {1}


def test_keep_leaves_the_chosen_branches_and_all_buses():
    """Opening one branch parts a chain without renumbering its buses."""
    net = network([(138, (0, 0), (5000, 0)), (138, (5000, 0), (9000, 0))])
    opened = net.keep(np.array([True, False]))
    assert (net.islands()[0], opened.islands()[0]) == (1, 2)
    assert (opened.kv.size, opened.km.tolist()) == (3, [5.0])


@given(seed=st.integers(0, 10_000))
def test_no_mileage_is_lost_and_the_order_of_lines_does_not_matter(seed):
    """On random lines between far-apart places the length stays, and so does every link when the lines are shuffled."""
    rng = np.random.default_rng(seed)
    places = np.stack(np.meshgrid(np.arange(4), np.arange(3)), axis=-1).reshape(-1, 2) * 10_000.0
    places = places + rng.uniform(-2000, 2000, places.shape)
    pairs = [rng.choice(len(places), 2, replace=False) for _ in range(15)]
    lines = [(int(rng.choice([138, 345])), *places[pair]) for pair in pairs]
    stations = [(*p, 345) for p in places[::2]]
    net = network(lines, stations)
    assert net.km[~net.is_transformer].sum() == pytest.approx(sum(np.hypot(*(b - a)) for _, a, b in lines) / 1000.0)
    assert (net.km[~net.is_transformer] > 0.0).all()
    shuffled = network([lines[i] for i in rng.permutation(len(lines))], stations)
    assert links(shuffled) == links(net)
