"""Reading a result folder for the dossiers."""

from __future__ import annotations

import json

import pytest

from sitefinder.errors import DataError
from sitefinder.reports.dossier.reading import BENCHMARKS, distance_km, read_folder, read_own
from tests.helpers.dossier_run import OWN, write_run


def test_sites_come_with_curves_steps_and_routes(tmp_path):
    """Each site has its rows of the schedule, by pathway, and its routes."""
    found = read_folder(write_run(tmp_path / "run"))
    site = found.sites[0]
    assert (len(found.sites), len(found.own)) == (3, 2)
    assert [r["year"] for r in site.curves["grid"]][:2] == [2026.0, 2027.0]
    assert site.steps["hybrid"][0]["months_p10"] == 4.5
    assert [r["properties"]["route"] for r in site.routes] == ["grid"]
    assert found.own[0].own
    assert [s.site_id for s in read_own(tmp_path / "run")] == [s.site_id for s in found.own]


def test_benchmarks_are_found_by_place_among_the_users_sites(tmp_path):
    """A row near a named campus stands for it, whatever it is called; without one there is none."""
    found = dict(read_folder(write_run(tmp_path / "run")).benchmarks())
    assert {k: s.row["name"] for k, s in found.items() if s} == dict(zip(BENCHMARKS, (name for name, _, _ in OWN), strict=True))
    assert set(dict(read_folder(write_run(tmp_path / "bare", own=False)).benchmarks()).values()) == {None}


def test_values_come_from_the_configuration_of_the_run(tmp_path):
    """A criterion's value is that of the run; unknown numbers and other layers have none."""
    found = read_folder(write_run(tmp_path / "run"))
    assert found.value("nonattainment_count", 0.0) == 1.0
    assert found.value("nonattainment_count", None) is None
    assert found.value("no_such_layer", 1.0) is None


def test_distance_is_that_of_the_great_circle():
    """One degree of latitude is about 111.2 km."""
    assert distance_km(40.0, -90.0, 41.0, -90.0) == pytest.approx(111.19, abs=0.02)


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("run.json", None, "Cannot read"),
        ("run.json", "{", "it is not JSON"),
        ("run.json", "{}", "'config.project' is missing"),
        ("sites.geojson", '{"features": []}', "it holds no sites"),
        ("sites.geojson", '{"features": [{"properties": {}}]}', "'site_id'"),
    ],
)
def test_a_damaged_folder_is_refused_with_file_and_remedy(tmp_path, name, content, complaint):
    """One line says which file is wrong, how, and what to do."""
    folder = write_run(tmp_path / "run")
    (folder / name).unlink() if content is None else (folder / name).write_text(content)
    with pytest.raises(DataError, match="make rank") as refused:
        read_folder(folder)
    assert name in str(refused.value)
    assert complaint in str(refused.value)
    assert "\n" not in str(refused.value)


def test_empty_cells_of_a_table_are_unknown(tmp_path):
    """A schedule that is unknown has no numbers, and stays readable."""
    folder = write_run(tmp_path / "run")
    (folder / "delivery.csv").write_text("site_id,pathway,chosen,year,mw_p10,mw_p50,mw_p90\nIL-600220,grid,0,2026,0,,1000\n")
    site = read_folder(folder).sites[0]
    assert site.curves["grid"][0]["mw_p50"] is None
    assert json.loads((folder / "run.json").read_text())["inputs"] == {}
