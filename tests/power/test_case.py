"""Networks of planners: MATPOWER cases and tables, read alike or refused in one line."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from sitefinder.errors import DataError
from sitefinder.power import case
from sitefinder.power.case import UNLIMITED, read_case
from tests.helpers.network import BRANCHES, BUSES, tables

#: the parser is in the lock file; an environment of before has to be made again
needs_parser = pytest.mark.skipif(importlib.util.find_spec("matpowercaseframes") is None, reason="no matpowercaseframes")

MATPOWER = """function mpc = case4
%% a case whose numbers are those of the tables
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [
 1 3 100 0 0 0 1 1 0 345 1 1.1 0.9;
 2 1 400 0 0 0 1 1 0 345 1 1.1 0.9;
 3 2 300 0 0 0 1 1 0 345 1 1.1 0.9;
 4 1 100 0 0 0 1 1 0 138 1 1.1 0.9;
];
mpc.gen = [
 1 600 0 0 0 1 100 1 2000 0;
 1 300 0 0 0 1 100 1 500 0;
 3 0 0 0 0 1 100 1 400 0;
 3 50 0 0 0 1 100 0 400 0;
];
mpc.branch = [
 1 2 0 0.02 0 800 900 0 0 0 1 -360 360;
 1 3 0 0.03 0 700 0 0 0 0 1 -360 360;
 2 3 0 0.025 0 0 0 0 0.98 5 1 -360 360;
 2 4 0 0.05 0 300 0 0 0 0 1 -360 360;
 3 4 0 0.05 0 300 0 200 0 0 1 -360 360;
 3 4 0 0.01 0 300 0 0 1 0 0 -360 360;
];
mpc.bus_name = {
 'Alpha';
 'Beta';
 'Gamma';
 'Delta';
};
"""


def matpower(path: Path, text: str = MATPOWER) -> Path:
    """A case."""
    path.write_text(text, encoding="utf-8")
    return path


def test_tables_are_read_with_their_units(tmp_path: Path) -> None:
    """MW per radian from per unit at 100 MVA, off-nominal ratio, radians, no rating = no limit, emergency never below normal."""
    network = read_case(tables(tmp_path / "net"))
    assert network.name.tolist() == ["Alpha", "Beta", "Gamma", "Delta"]
    np.testing.assert_allclose(network.susceptance, [5000, 100 / 0.03, 4000 / 0.98, 2000, 2000])
    np.testing.assert_allclose(network.shift, [0, 0, np.radians(5), 0, 0])
    assert network.rating.tolist() == [800, 700, UNLIMITED, 300, 300]
    np.testing.assert_allclose(network.emergency, [900, 770, UNLIMITED, 330, 300])
    assert network.idle_mw.tolist() == [1600, 0, 400, 0]
    np.testing.assert_allclose(network.lat_lon[2], [40.1, -82.6])


@needs_parser
def test_a_matpower_case_is_the_same_network(tmp_path: Path) -> None:
    """Generators of a bus are added, those and branches out of service left out; places come from a table."""
    places = tmp_path / "places.csv"
    places.write_text("Bus Number;Latitude;Longitude\n4;40.2;-82.9\n1;40.0;-83.0\n99;1;1\n", encoding="utf-8")
    first, second = read_case(tables(tmp_path / "net")), read_case(matpower(tmp_path / "case4.m"), places)
    for key in ("number", "name", "start", "end"):
        assert getattr(first, key).tolist() == getattr(second, key).tolist()
    for key in ("kv", "load_mw", "generation_mw", "idle_mw", "susceptance", "shift", "rating", "emergency"):
        np.testing.assert_allclose(getattr(first, key), getattr(second, key))
    np.testing.assert_array_equal(np.isnan(second.lat_lon[:, 0]), [False, True, True, False])


@needs_parser
@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("];\nmpc.bus_name", "];\nmpc.branch(:, 4) = mpc.branch(:, 4) / 100;\nmpc.bus_name", "would have to be run"),
        (" 2 3 0 0.025", " 2 9 0 0.025", "a branch ends at bus 9"),
        (" 3 0 0 0 0 1 100 1 400", " 8 0 0 0 0 1 100 1 400", "a generator stands at bus 8"),
        ("mpc.branch = [", "mpc.brunch = [", "it is no MATPOWER case"),
    ],
)
def test_wrong_cases_are_refused(tmp_path: Path, old: str, new: str, expected: str) -> None:
    """What cannot be read, and what would only be right after running it."""
    with pytest.raises(DataError, match=expected) as caught:
        read_case(matpower(tmp_path / "a.m", MATPOWER.replace(old, new)))
    assert "\n" not in str(caught.value)


@needs_parser
def test_an_isolated_bus_takes_its_branches_with_it(tmp_path: Path) -> None:
    """Type 4 of MATPOWER is out of service."""
    network = read_case(matpower(tmp_path / "a.m", MATPOWER.replace(" 4 1 100", " 4 4 100")))
    assert network.start.tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("buses", "branches", "expected"),
    [
        (BUSES.replace("gen_max_mw", "limit"), BRANCHES, "No column 'generationmaxmw'"),
        (BUSES.replace("4,Delta", "3,Delta"), BRANCHES, "bus 3 stands twice"),
        (BUSES.replace("2,Beta,345", "2,Beta,"), BRANCHES, "bus 2 has no kv"),
        (BUSES, BRANCHES.replace("2,4,", "2,7,"), "a branch ends at bus 7"),
        (BUSES, BRANCHES.replace("1,2,0.02", "1,2,0"), "the branch 1 - 2 has no reactance"),
        (BUSES, BRANCHES.replace("1,2,0.02,800", "1,2,0.02,many"), "'many' in column 'rate_mw', row 1"),
        (BUSES.replace("40.3", "north"), BRANCHES, "Write latitude and longitude in degrees"),
    ],
)
def test_wrong_tables_are_refused(tmp_path: Path, buses: str, branches: str, expected: str) -> None:
    """One line with the file, what is wrong and the remedy."""
    with pytest.raises(DataError, match=expected) as caught:
        read_case(tables(tmp_path / "net", buses, branches))
    assert "\n" not in str(caught.value)


def test_other_files_are_refused_with_a_way_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """RAW, an unknown kind, a missing file, a folder without tables, a missing library."""
    with pytest.raises(DataError, match="psse2mpc"):
        read_case(tmp_path / "a.RAW")
    with pytest.raises(DataError, match="Missing file"):
        read_case(tmp_path / "a.m")
    (tmp_path / "a.xyz").write_text("x", encoding="utf-8")
    with pytest.raises(DataError, match=r"give a MATPOWER case \(\.m\) or a folder"):
        read_case(tmp_path / "a.xyz")
    with pytest.raises(DataError, match=r"Missing file .*buses\.csv"):
        read_case(tmp_path)
    monkeypatch.setitem(__import__("sys").modules, "matpowercaseframes", None)
    with pytest.raises(DataError, match="the library matpowercaseframes is missing"):
        read_case(matpower(tmp_path / "b.m"))


def test_places_of_other_buses_are_refused(tmp_path: Path) -> None:
    """A table that knows none of them is the wrong one."""
    places = tmp_path / "places.csv"
    places.write_text("bus,lat,lon\n77,40,-83\n", encoding="utf-8")
    with pytest.raises(DataError, match="none of its buses is in"):
        read_case(tables(tmp_path / "net"), places)
    places.write_text("bus,where\n1,here\n", encoding="utf-8")
    with pytest.raises(DataError, match="Give the columns bus, lat and lon"):
        read_case(tables(tmp_path / "net"), places)


def test_what_was_read_is_counted(tmp_path: Path) -> None:
    """Buses, branches and load, and the examples of the docstrings."""
    import doctest

    assert case.summary_of(read_case(tables(tmp_path / "net"))) == {"buses": 4, "branches": 5, "load_mw": 900.0}
    assert doctest.testmod(case).failed == 0
