"""Planned transmission projects at the stations they name."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from sitefinder.compiling.base import CRS, FRAME, Compiler
from sitefinder.compiling.grid_planned import PLANNED_RAW, SUBSTATIONS_RAW, compile_planned, station_keys, year_months
from tests.helpers.paths import DATA, ROOT

RAW = ROOT.parent / "shared" / "data"
needs_raw = pytest.mark.skipif(not (RAW / PLANNED_RAW).exists(), reason="the raw downloads are not on this machine")


@pytest.fixture(scope="module")
def planned() -> gpd.GeoDataFrame:
    return gpd.read_parquet(DATA / "grid/planned_lines.parquet")


def project(**changes: object) -> dict:
    """A planned line from Alpha to Beta in Iowa."""
    first = {"pid": 1, "name": "Alpha-Beta", "proj": "", "ftype": "Line New", "kv": 345, "cost": 0, "status": "Approved"}
    rest = {"isd": "2028-06-01", "iso": "MISO", "state": "IA", "from_sub": "Alpha 345 kV", "to_sub": "Beta"}
    return first | rest | changes


@pytest.fixture
def compiled(tmp_path: Path):
    """Compile made-up projects with four stations: Alpha and Beta in Iowa, two Gammas in Iowa."""

    def compile_(*projects: dict) -> gpd.GeoDataFrame:
        raw = tmp_path / "raw"
        (raw / "grid").mkdir(parents=True)
        (raw / PLANNED_RAW).write_text(json.dumps(list(projects)))
        names = ["ALPHA", "BETA SUBSTATION", "GAMMA", "GAMMA 161KV"]
        stations = gpd.GeoDataFrame(
            {"sub_name": names, "state": "IA", "src": "hifld2020"},
            geometry=[shapely.Point(1000.0 * i, 2_000_000.0) for i in range(4)],
            crs=CRS,
        )
        stations.to_parquet(raw / SUBSTATIONS_RAW)
        compile_planned(Compiler(raw, tmp_path / "data"))
        return gpd.read_parquet(tmp_path / "data/grid/planned_lines.parquet")

    return compile_


def test_ends_stand_at_the_stations_of_their_name(compiled) -> None:
    """Voltages and filler words do not matter; both ends are placed."""
    projects = compiled(project())
    assert sorted(projects["station"]) == ["Alpha 345 kV", "Beta"]
    assert sorted(projects.geometry.x) == [0.0, 1000.0]
    assert projects["new_line"].all()


@pytest.mark.parametrize(
    "changes",
    [
        {"kv": 138},
        {"status": "In Service"},
        {"state": "MN"},
        {"from_sub": "Gamma", "to_sub": ""},
        {"from_sub": "", "to_sub": "Delta"},
    ],
)
def test_what_is_small_done_ambiguous_or_nameless_is_left_out(compiled, changes) -> None:
    """Only a name that occurs once in the state places an end; low voltage and finished work do not count."""
    assert compiled(project(**changes), project(pid=2))["project_id"].unique().tolist() == ["2"]


def test_new_lines_are_told_from_upgrades_and_stations(compiled) -> None:
    """By the plan's type, or by the words of the name where it gives none."""
    projects = compiled(
        project(),
        project(pid=2, ftype="Line Upgrade", name="Rebuild and construct line"),
        project(pid=3, ftype="", name="Construct New 345 kV Double Circuit Line"),
        project(pid=4, ftype="", name="Add new station"),
    )
    assert projects.groupby("project_id")["new_line"].first().to_dict() == {"1": True, "2": False, "3": True, "4": False}


def test_dates_in_two_notations_become_months() -> None:
    """Planners write 2028-07-01 or 12/15/2028; anything else is unknown."""
    projects = year_months(pd.Series(["2028-07-01", "12/15/2028", "TBD"]))
    assert projects.tolist()[:2] == ["2028-07", "2028-12"]
    assert pd.isna(projects[2])


def test_names_are_compared_by_their_letters() -> None:
    """St. Joe 345 kV Substation and ST JOE are one name; a name of filler words alone is none."""
    keys = station_keys(pd.Series(["St. Joe 345 kV Substation", "ST JOE", "345 kV", None]), pd.Series(["MO"] * 4))
    assert keys[0] == keys[1] == "STJOE|MO"
    assert keys[2:].isna().all()


def test_the_compiled_file_holds_high_voltage_and_dates(planned) -> None:
    """Every row is 345 kV or more, has a month and lies in the frame."""
    assert len(planned) > 100
    assert planned["kv"].min() >= 345
    assert planned["in_service"].str.fullmatch(r"20\d\d-\d\d").all()
    west, south, east, north = planned.total_bounds
    assert FRAME[0] < west < east < FRAME[2]
    assert FRAME[1] < south < north < FRAME[3]


def test_every_end_stands_at_a_registered_station(planned) -> None:
    """No position is a placeholder: each is that of a station in the compiled register."""
    stations = gpd.read_parquet(DATA / "grid/substations.parquet")
    near = stations.sindex.nearest(planned.geometry.values, return_all=False, return_distance=True)[1]
    assert near.max() < 5.0


@needs_raw
def test_the_file_is_reproduced_from_the_raw_plans(tmp_path: Path) -> None:
    """Compiling again gives the committed bytes."""
    compile_planned(Compiler(RAW, tmp_path))
    name = "grid/planned_lines.parquet"
    assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes()
