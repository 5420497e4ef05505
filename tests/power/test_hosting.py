"""Headroom of a planner's network against flows solved from scratch."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sitefinder.errors import DataError
from sitefinder.power.case import UNLIMITED, Case, read_case
from sitefinder.power.hosting import HEAD, classes, hosting, rows_of
from tests.helpers.network import BRANCHES, BUSES, tables
from tests.helpers.paths import ROOT

#: the IEEE 118-bus case, flows by pandapower
REFERENCE = json.loads((ROOT / "tests" / "reference" / "case118_dc.json").read_text(encoding="utf-8"))


@pytest.fixture
def network(tmp_path: Path) -> Case:
    """Three buses of 345 kV in a ring, one of 138 kV below."""
    return read_case(tables(tmp_path / "net"))


def ieee118() -> Case:
    """Its susceptances and injections; every branch may carry half as much again as it does, and no less than 100 MW."""
    start, end = np.array(REFERENCE["start"]), np.array(REFERENCE["end"])
    injection, flow = np.array(REFERENCE["injection_mw"]), np.array(REFERENCE["flow_mw"])
    n = injection.size
    rating = np.maximum(1.5 * np.abs(flow), 100.0)
    idle = np.where(injection > 0, 200.0 + np.arange(n), 0.0)
    names = np.array([f"bus {i + 1}" for i in range(n)], object)
    load, made = np.maximum(-injection, 0.0), np.maximum(injection, 0.0)
    susceptance, shift = np.array(REFERENCE["susceptance_mw_per_rad"]), np.zeros(start.size)
    places = np.full((n, 2), np.nan)
    kv = np.where(np.arange(n) % 3 == 0, 138.0, 345.0)
    return Case(names, names, kv, load, made, idle, places, start, end, susceptance, shift, rating, 1.1 * rating)


def flows(case: Case, injection: np.ndarray, out: int | None = None) -> np.ndarray:
    """(m,) MW on every branch by least squares on the whole network, with one branch out."""
    b = case.susceptance.copy()
    shift = case.shift.copy()
    if out is not None:
        b[out] = 0.0
    incidence = np.zeros((case.start.size, case.kv.size))
    rows = np.arange(case.start.size)
    incidence[rows, case.start], incidence[rows, case.end] = 1.0, -1.0
    moved = incidence.T @ (b * shift)
    theta = np.linalg.lstsq(incidence.T @ (b[:, None] * incidence), injection + moved, rcond=None)[0]
    return b * (incidence @ theta - shift)


def base(case: Case) -> np.ndarray:
    """(n,) generation less load, the load scaled to the generation."""
    return case.generation_mw - case.load_mw * (case.generation_mw.sum() / case.load_mw.sum())


@pytest.mark.parametrize("which", ["small", "ieee118"])
def test_the_limiting_branch_is_full_at_the_headroom(network: Case, which: str) -> None:
    """With the load added and fed by what is idle, a flow from scratch reaches a rating, and none passes it."""
    case = network if which == "small" else ieee118()
    room = hosting(case)
    both = (case.kv[case.start] >= 230) & (case.kv[case.end] >= 230)
    fed = case.idle_mw / case.idle_mw.sum()
    checked = 0
    for i, bus in enumerate(room.bus):
        if room.intact[i] >= room.idle[i] or room.intact[i] <= 0:
            continue
        added = room.intact[i] * (fed - (np.arange(case.kv.size) == bus))
        share = np.abs(flows(case, base(case) + added))[both] / case.rating[both]
        moved = np.abs(flows(case, fed - (np.arange(case.kv.size) == bus)) + case.susceptance * case.shift)[both]
        counts = moved >= 0.03
        assert share[counts].max() == pytest.approx(1.0, abs=1e-4)
        checked += 1
    assert checked >= 2


def test_an_outage_never_leaves_more(network: Case) -> None:
    """One line out takes as much or more, and strengthening what limits gives as much or more back."""
    for case in (network, ieee118()):
        room = hosting(case)
        assert (room.outage <= room.intact + 1e-6).all()
        assert (room.lifted >= room.outage - 1e-6).all()
        assert (room.intact <= room.idle + 1e-6).all()


def test_the_worst_outage_is_the_one_named(network: Case) -> None:
    """With the named branch out, the flow from scratch reaches the emergency rating of the one that limits."""
    roomy = replace(network, rating=network.rating * 2, emergency=network.emergency * 2)
    room = hosting(roomy)
    names = [f"345 kV {roomy.name[a]} - {roomy.name[b]}" for a, b in zip(roomy.start, roomy.end, strict=True)]
    fed, checked = roomy.idle_mw / roomy.idle_mw.sum(), 0
    for i, bus in enumerate(room.bus):
        if room.lost[i] is None or room.outage[i] <= 0:
            continue
        out, limit = names.index(room.lost[i]), names.index(room.limit[i])
        added = room.outage[i] * (fed - (np.arange(4) == bus))
        assert abs(flows(roomy, base(roomy) + added, out)[limit]) == pytest.approx(roomy.emergency[limit], rel=1e-4)
        checked += 1
    assert checked


def test_without_ratings_idle_generation_limits(network: Case) -> None:
    """A case whose branches have no limits says what its generators could add, and that these limit."""
    free = replace(network, rating=np.full(5, UNLIMITED), emergency=np.full(5, UNLIMITED))
    room = hosting(free)
    assert room.outage.tolist() == [2000.0] * 3
    assert set(room.limit) == {"idle generation"}


def test_islands_are_fed_by_themselves(tmp_path: Path) -> None:
    """Two rings without a link: each has the idle generation of its own."""
    more = BUSES + "\n".join(
        line.replace("Alpha", "Alpha 2").replace(",2500", ",1000") for line in (
            "11,Alpha,345,41.0,-83.0,100,900,2500",
            "12,Beta 2,345,41.3,-83.2,400,0,0",
            "13,Gamma 2,345,41.1,-82.6,300,0,0",
        )
    )  # fmt: skip
    links = BRANCHES + "11,12,0.02,5000,,,\n11,13,0.03,5000,,,\n12,13,0.025,5000,,,\n"
    room = hosting(read_case(tables(tmp_path / "net", more, links)))
    assert dict(zip(room.bus.tolist(), room.idle.tolist(), strict=True)) == {0: 2000, 1: 2000, 2: 2000, 4: 100, 5: 100, 6: 100}
    assert room.intact[3:].tolist() == [100.0] * 3


def test_cases_without_an_answer_are_refused(network: Case) -> None:
    """Nothing at that voltage, nothing idle, load without generation."""
    with pytest.raises(DataError, match=r"No bus of 500 kV and more in the case: the highest is 345 kV\. Give --least-kv"):
        hosting(network, 500.0)
    with pytest.raises(DataError, match="nothing is idle"):
        hosting(replace(network, idle_mw=np.zeros(4)))
    with pytest.raises(DataError, match="load without generation"):
        hosting(replace(network, generation_mw=np.zeros(4)))


def test_rows_and_report_tell_the_same(network: Case) -> None:
    """Numbers as numbers, unknown places empty, a class a line."""
    unplaced = replace(network, lat_lon=np.where(np.arange(4)[:, None] == 1, np.nan, network.lat_lon))
    room = hosting(unplaced)
    rows = [dict(zip(HEAD, row, strict=True)) for row in rows_of(unplaced, room)]
    assert [row["bus"] for row in rows] == ["1", "2", "3"]
    assert (rows[0]["lat"], rows[0]["lon"], rows[1]["lat"]) == (40.0, -83.0, "")
    assert [row["n0_mw"] for row in rows] == [round(mw) for mw in room.intact]
    report = classes(unplaced.kv[room.bus], room.intact, room.outage)
    assert report.count("\n") == 1
    assert f"{np.median(room.intact):,.0f} (" in report
