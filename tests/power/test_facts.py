"""What is known about the power of a place: stations, closed plants, planned lines, and what stays unknown."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from sitefinder.config import load_config
from sitefinder.errors import DataError
from sitefinder.layers.files import HEADROOM, PLANNED, REUSABLE
from sitefinder.layers.package import DataPackage, read_points
from sitefinder.layers.stack import open_stack
from sitefinder.power.facts import LAYERS, Stations, best_stations, planned_mw, site_facts
from tests.helpers.power import NAN, sites
from tests.helpers.sections import of_power
from tests.helpers.stacks import warm

#: built layers of the country
pytestmark = pytest.mark.stack


STATION = {"name": "HUB", "kv": 345, "n1_p10": 100.0, "n1_p50": 500.0, "n1_p90": 900.0}
PLANT = {"mw": 800.0, "status": "retired", "closed": "2025-06", "operating_mw_2km": 0.0}
LINE = {"kv": 345, "in_service": "2029-06", "new_line": True}


def written(folder: Path, **tables: list[dict]) -> DataPackage:
    """A data folder with tables of points at x and y kilometres, and their register."""
    names = {"headroom": HEADROOM, "reusable": REUSABLE, "planned": PLANNED}
    columns = {"headroom": STATION | {"sub_id": 1}, "reusable": PLANT, "planned": LINE}
    resources = []
    (folder / "grid").mkdir(parents=True, exist_ok=True)
    for key, rows in tables.items():
        full = [columns[key] | {"sub_id": i} | row if key == "headroom" else columns[key] | row for i, row in enumerate(rows)]
        points = shapely.points([[r.pop("x", 0.0) * 1000.0, r.pop("y", 0.0) * 1000.0] for r in full])
        gpd.GeoDataFrame(full, geometry=points, crs="EPSG:5070").to_parquet(folder / names[key])
        content = (folder / names[key]).read_bytes()
        resources.append({"path": names[key], "hash": "sha256:" + hashlib.sha256(content).hexdigest()})
    (folder / "datapackage.json").write_text(json.dumps({"resources": resources}))
    return DataPackage(folder)


def station_at_origin(package: DataPackage, default_path: Path, nearest_km: float = 1.0, **settings: str) -> Stations:
    """The best station of a site at the origin, in ERCOT."""
    config = load_config(default_path, {k.replace("__", "."): v for k, v in settings.items()}).config
    region = np.array(["ERCOT"], object)
    return best_stations(package, *of_power(config), region=region, xy=np.zeros((1, 2)), nearest_km=np.array([nearest_km]))


def test_the_station_that_delivers_most_is_taken_not_the_nearest(tmp_path, default_path):
    """1,500 MW 12 km away beat 50 MW next door."""
    package = written(tmp_path, headroom=[{"x": 1.0, "n1_p50": 50.0}, {"x": 12.0, "name": "FAR", "n1_p50": 1500.0}])
    found = station_at_origin(package, default_path)
    assert found.name[0] == "FAR"
    assert found.km[0] == pytest.approx(12.0)
    assert found.headroom_mw[0].tolist() == [100, 1500, 900]


def test_headroom_beyond_the_project_earns_a_station_nothing(tmp_path, default_path):
    """For 50 MW the small station next door is enough: the larger one would only be later."""
    package = written(
        tmp_path, headroom=[{"x": 1.0, "name": "NEAR", "n1_p50": 60.0}, {"x": 40.0, "name": "FAR", "n1_p50": 1500.0}]
    )
    assert station_at_origin(package, default_path, project__mw="50").name[0] == "NEAR"
    assert station_at_origin(package, default_path, project__mw="1000").name[0] == "FAR"


def test_a_deadline_makes_the_nearer_station_the_better_one(tmp_path, default_path):
    """By mid-2030 the near one is connected, the far one not; without a deadline in sight the far one delivers more."""
    package = written(
        tmp_path, headroom=[{"x": 1.0, "name": "NEAR", "n1_p50": 400.0}, {"x": 55.0, "name": "FAR", "n1_p50": 900.0}]
    )
    assert station_at_origin(package, default_path, project__energise_by="2030-06").name[0] == "NEAR"
    assert station_at_origin(package, default_path, project__energise_by="2034").name[0] == "FAR"


def test_a_station_without_an_estimate_is_the_last_choice_and_stays_unknown(tmp_path, default_path):
    """Unknown is neither 0 nor an average."""
    nothing = {"n1_p10": NAN, "n1_p50": NAN, "n1_p90": NAN}
    package = written(tmp_path / "a", headroom=[{"x": 1.0} | nothing, {"x": 30.0, "name": "KNOWN", "n1_p50": 10.0}])
    assert station_at_origin(package, default_path).name[0] == "KNOWN"
    alone = station_at_origin(written(tmp_path / "b", headroom=[{"x": 1.0} | nothing]), default_path)
    assert np.isnan(alone.headroom_mw).all()
    assert alone.km[0] == pytest.approx(1.0)


def test_without_a_station_in_reach_there_is_no_headroom(tmp_path, default_path):
    """None within 60 km is known to be none; a station that the table lacks is unknown."""
    package = written(tmp_path, headroom=[{"x": 500.0}])
    assert (station_at_origin(package, default_path, nearest_km=75.0).headroom_mw == 0).all()
    missing = station_at_origin(package, default_path, nearest_km=8.0)
    assert np.isnan(missing.headroom_mw).all()
    assert missing.km[0] == 8.0


def test_a_missing_headroom_file_is_told_in_one_line(tmp_path, default_path):
    """With its name and how to get it back."""
    package = written(tmp_path, planned=[{}])
    with pytest.raises(DataError, match=r"^Missing data file [^\n]*headroom.parquet[^\n]*$"):
        station_at_origin(package, default_path)


def test_a_file_without_a_column_is_told_in_one_line(tmp_path):
    """A table of another layout is not guessed at."""
    package = written(tmp_path, planned=[{}])
    with pytest.raises(DataError, match="lacks the column 'mw'"):
        read_points(package, PLANNED, ("kv", "mw"))


@pytest.fixture(scope="module")
def at_abilene(package, tmp_path_factory, default_path):
    """Facts at Abilene with made-up points around it; the other layers are the compiled ones on a coarse grid."""
    file = load_config(default_path, {"grid.resolution_m": "25000"})
    stack = open_stack(package, file, LAYERS, cache_folder=warm(tmp_path_factory.mktemp("cache")))
    row, col = (int(v) for v in stack.land.grid.cell_at(-349_000.0, 1_048_700.0))
    index = np.array([stack.land.position[row, col]])

    def facts(**tables: list[dict]):
        shifted = {k: [r | {"x": r.get("x", 0.0) - 349.0, "y": 1048.7} for r in rows] for k, rows in tables.items()}
        made = written(tmp_path_factory.mktemp("data"), **shifted)
        return site_facts(stack, made, *of_power(file.config), index=index, xy=np.array([[-349_000.0, 1_048_700.0]]))

    return facts


def test_facts_of_a_real_place(at_abilene):
    """Abilene lies in ERCOT, attains the standards, and has gas; nothing needed is unknown."""
    facts = at_abilene(headroom=[{"x": 3.0}], reusable=[{"x": 9.0}], planned=[{"x": 12.0}])
    assert facts.region.tolist() == ["ERCOT"]
    assert facts.station_km[0] == pytest.approx(3.0)
    assert (facts.reusable_mw[0], facts.reusable_months[0]) == (800, -18)
    assert (facts.planned_kv[0], facts.planned_months[0]) == (345, 30)
    assert facts.gas_km[0] < 60
    assert not facts.unknown().any()


def test_the_closed_plant_with_most_free_capacity_is_taken(at_abilene):
    """Capacity still running beside a retired plant is in use; plants beyond 25 km and closures far off do not count."""
    plants = [
        {"x": 2.0, "mw": 900.0, "operating_mw_2km": 850.0},
        {"x": 10.0, "mw": 500.0},
        {"x": 30.0, "mw": 2000.0},
        {"x": 1.0, "mw": 3000.0, "status": "retiring", "closed": "2045-01"},
    ]
    facts = at_abilene(headroom=[{}], reusable=plants, planned=[{}])
    assert (facts.reusable_mw[0], facts.reusable_km[0]) == (500, pytest.approx(10.0))


def test_only_new_planned_lines_nearby_count(at_abilene):
    """An upgrade brings no new circuit; a line beyond 30 km is another place's; none known is NaN, not 0."""
    lines = [{"x": 1.0, "new_line": False}, {"x": 31.0, "kv": 765}]
    facts = at_abilene(headroom=[{}], reusable=[{"x": 99.0}], planned=lines)
    assert np.isnan([facts.planned_kv[0], facts.planned_km[0], facts.planned_months[0]]).all()
    assert facts.reusable_mw[0] == 0


def test_planned_capacity_goes_by_class(default_config):
    """A class without an entry takes the next lower one; below the lowest and unknown bring nothing."""
    found = planned_mw(default_config.config.delivery, np.array([345.0, 500.0, 735.0, 765.0, 230.0, 138.0, NAN]))
    assert found.tolist() == [750, 1500, 1500, 4500, 400, 0, 0]


def test_unknowns_are_told_and_can_be_assumed_either_way():
    """Headroom, distances and counts at their worst and best; what is known stays."""
    facts = sites({"headroom_mw": (NAN,) * 3}, {"gas_km": NAN}, {})
    assert facts.unknown().tolist() == [True, True, False]
    worst, best = facts.assume(best=False), facts.assume(best=True)
    assert worst.headroom_mw[0].tolist() == [0, 0, 0]
    assert best.headroom_mw[0].min() > 20_000
    assert worst.gas_km[1] > 10_000
    assert best.gas_km[1] == 0
    assert not worst.unknown().any()
    assert (best.headroom_mw[2] == facts.headroom_mw[2]).all()


def test_some_sites_can_be_taken():
    """The facts of a subset, in its order."""
    facts = sites({"region": "PJM"}, {"region": "SPP"}, {"region": "MISO"})
    assert facts.take(np.array([2, 0])).region.tolist() == ["MISO", "PJM"]
    assert facts.size == 3
