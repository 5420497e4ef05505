"""A finished run read again: what it computed, what its files lack, and runs of other versions."""

from __future__ import annotations

import csv
import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sitefinder.certainty.columns import NearMiss
from sitefinder.columns import Quantiles
from sitefinder.config.delivery import YEARS
from sitefinder.config.project import PATHWAYS
from sitefinder.errors import DataError
from sitefinder.power.timetable import STEPS
from sitefinder.results.run import CURVES, MANIFEST, NEAR_MISSES, OWN, ROUTES, SITES, read_features, read_run
from sitefinder.results.run import STEPS as STEPS_FILE
from sitefinder.results.site import PARTS
from tests.helpers.records import site, write_run

#: a finished run of the country
pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def again(finished):
    """The run of the folder, read again."""
    return read_run(finished.folder)


@pytest.fixture
def folder(finished, tmp_path) -> Path:
    """A copy of its files, to be damaged."""
    folder = tmp_path / "run"
    folder.mkdir()
    for name in (MANIFEST, *(f"{prefix}{name}" for prefix in ("", OWN) for name in (SITES, CURVES, STEPS_FILE, ROUTES))):
        shutil.copy(finished.folder / name, folder / name)
    return folder


def changed(path: Path, change: Callable) -> None:
    """Change a JSON file in place."""
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def test_sites_are_those_that_the_run_computed(again, finished):
    """Every value of every site, in both lists."""
    assert [entry.site.values for entry in again.sites] == [each.values for each in finished.result.sites]
    assert [entry.site.values for entry in again.own] == [each.values for each in finished.result.own]
    assert [entry.site_id for entry in again.own] == [each.site_id for each in finished.result.own]


def test_sites_are_found_by_their_key(again):
    """As records, and as the columns of the file."""
    for entry in again.sites:
        assert again.by_id[entry.site_id] is entry
        assert again.rows[entry.site_id] == entry.site.values


def test_configuration_is_that_of_the_run(again, finished):
    """Read and validated again, criteria and weights included."""
    config = finished.file.config
    assert again.config == config
    assert again.config.fingerprint() == again.manifest["config_fingerprint"]
    assert again.criteria == config.flat_criteria()
    assert again.weights == config.criterion_weights()


def test_outlines_are_those_of_the_file(again):
    """GeoJSON geometries."""
    assert [entry.outline for entry in again.sites] == [f["geometry"] for f in read_features(again.folder / SITES)]


def test_curves_belong_to_the_columns_of_their_site(again):
    """Every pathway has every year; the chosen one says what the columns say."""
    for entry in (*again.sites, *again.own):
        assert list(entry.curves) == list(PATHWAYS)
        assert [point.year for point in entry.curves["grid"]] == list(YEARS)
        power = entry.site.power
        for point in entry.curves[power.pathway]:
            np.testing.assert_array_equal(point.mw, power.mw[point.year])


def test_steps_are_those_of_the_pathway(again):
    """In its order, with lengths in order and shares of the draws."""
    for entry in again.sites:
        for pathway, steps in entry.steps.items():
            names = [step.step for step in steps]
            assert names == [name for name in STEPS[pathway] if name in names]
            known = [step for step in steps if not math.isnan(step.critical_share)]
            assert all(0.0 <= step.binding_share <= step.critical_share <= 1.0 for step in known)
            assert all(step.months.p10 <= step.months.p50 <= step.months.p90 for step in steps if not math.isnan(step.months.p50))
        assert entry.steps


def test_routes_start_at_their_site(again):
    """Each under the key of its site."""
    for entry in (*again.sites, *again.own):
        assert {route["properties"]["site_id"] for route in entry.routes} == {entry.site_id}
        assert entry.routes[0]["properties"]["route"] == "grid"


def test_values_are_those_that_the_score_counts(again):
    """A layer's number goes through the value function of the run; unknown numbers and other layers have no value."""
    layer = next(iter(again.criteria))
    table = again.criteria[layer]
    assert table.weight >= 0
    for x in (entry.site.layer(layer) for entry in again.sites):
        assert x is None or 0.0 <= again.value(layer, x) <= 1.0
    assert again.value(layer, None) is again.value(layer, math.nan) is again.value("no_criterion", 1.0) is None


def test_weighted_values_add_up_to_the_score_of_a_single_cell(again):
    """Values times weights are the weighted score, where a campus is one cell."""
    single = [entry.site for entry in again.sites if entry.site.place.footprint_acres < 1.01 * 25_000**2 / 4046.8564224]
    assert single
    for each in single:
        points = sum(100.0 * w * (again.value(k, each.layer(k)) or 0.0) for k, w in again.weights.items())
        assert points == pytest.approx(each.identity.weighted_score, abs=0.05)


# -- what its files lack ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [CURVES, STEPS_FILE, ROUTES])
def test_a_list_without_a_file_beside_it_is_read(folder, name):
    """A run that computed no dates or routes: its entries have none, all else stays."""
    (folder / name).unlink()
    run = read_run(folder)
    lacking = {CURVES: "curves", STEPS_FILE: "steps", ROUTES: "routes"}[name]
    for entry in run.sites:
        assert [key for key in ("curves", "steps", "routes") if not getattr(entry, key)] == [lacking]
    assert all(getattr(entry, lacking) for entry in run.own)


def test_a_run_without_own_sites_has_none(tmp_path):
    """No file, no sites; and no part that the run did not compute."""
    run = read_run(write_run(tmp_path, [site()]))
    assert run.own == []
    (entry,) = run.sites
    assert (entry.curves, entry.steps, list(entry.routes)) == ({}, {}, [])
    assert [name for name in PARTS if getattr(entry.site, name) is None] == [
        "certainty", "own", "power", "routes", "needs", "costs"
    ]  # fmt: skip


def test_empty_cells_of_a_table_are_unknown(tmp_path):
    """NaN, not zero."""
    folder = write_run(tmp_path, [site()])
    head = "site_id,pathway,chosen,year,mw_p10,mw_p50,mw_p90"
    (folder / CURVES).write_text(f"{head}\nTX-1,grid,1,2030,0,,1000\n", encoding="utf-8")
    ((point,),) = read_run(folder).sites[0].curves.values()
    assert (point.year, point.mw.p10, point.mw.p90) == (2030, 0.0, 1000.0)
    assert math.isnan(point.mw.p50)
    assert point.mw._fields == Quantiles._fields


# -- damage ----------------------------------------------------------------------------------------------------------------


def refused(folder: Path, read: Callable) -> str:
    """The message of the error, which is one line that names the folder and what to do."""
    with pytest.raises(DataError) as caught:
        read(read_run(folder))
    message = str(caught.value)
    assert str(folder) in message
    assert "make rank" in message
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (MANIFEST, None, "Missing {path}. Run 'make rank' first, or name the folder of a finished run."),
        (MANIFEST, "{", "Damaged {path}: it is not JSON."),
        (MANIFEST, "[" * 100_000, "Damaged {path}: it is not JSON."),
        (SITES, '{"features": ' + "[" * 100_000, "Damaged {path}: it is not JSON."),
        (MANIFEST, "[]", "Damaged {path}: it holds no configuration."),
        (MANIFEST, "{}", "Damaged {path}: it holds no configuration."),
        (MANIFEST, '{"config": 3}', "Damaged {path}: it holds no configuration."),
        (SITES, None, "Missing {path}."),
        (SITES, "{", "Damaged {path}: it is not JSON."),
        (SITES, b'{"features":[],"name":"Ca\xf1on"}', "Damaged {path}: it is not JSON."),
        (SITES, "[]", "Damaged list of sites {path}."),
        (SITES, "{}", "Damaged list of sites {path}."),
        (SITES, '{"features": null}', "Damaged list of sites {path}."),
        (SITES, '{"features": []}', "Damaged list of sites {path}."),
        (SITES, '{"features": [{"properties": {}}]}', "Damaged list of sites {path}."),
        (SITES, '{"features": [{"geometry": null, "properties": {}}]}', "Damaged list of sites {path}."),
        (SITES, '{"features": [{"geometry": {"coordinates": [1]}, "properties": {"lat": 1}}]}', "Damaged list of sites {path}."),
        (f"{OWN}{SITES}", "{}", "Damaged list of sites {path}."),
    ],
)  # fmt: skip
def test_damaged_files_are_refused_at_once(folder, name, content, words):
    """Manifest and lists are looked at when the run is opened."""
    path = folder / name
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert words.format(path=path) in refused(folder, lambda run: None)


def test_a_folder_that_is_none_is_refused(tmp_path):
    """The remedy is to rank, or to name another."""
    assert "Missing" in refused(tmp_path / "nowhere", lambda run: None)


TABLES = [
    (CURVES, "site_id,pathway,year,mw_p10,mw_p50\nTX-1,grid,2030,1,2\n", "Invalid {path}: no column mw_p90 in every row."),
    (CURVES, "site_id,pathway,year,mw_p10,mw_p50,mw_p90\nTX-1,grid,2030,1\n", "Invalid {path}: no column mw_p50 in every row."),
    (CURVES, "pathway,year,mw_p10,mw_p50,mw_p90\ngrid,2030,1,2,3\n", "Invalid {path}: no column site_id in every row."),
    (CURVES, "site_id,pathway,year,mw_p10,mw_p50,mw_p90\nTX-1,grid,2030,1,x,3\n", "Damaged {path}: a number cannot be read."),
    (CURVES, "site_id,pathway,year,mw_p10,mw_p50,mw_p90\nTX-1,grid,soon,1,2,3\n", "Damaged {path}: a number cannot be read."),
    (CURVES, b"site_id,pathway,year,mw_p10,mw_p50,mw_p90\nCa\xf1on,grid,2030,1,2,3\n", "Damaged {path}: it is not UTF-8."),
    (STEPS_FILE, "site_id,step\nTX-1,permit\n", "Invalid {path}: no column pathway in every row."),
    (ROUTES, "{", "Damaged {path}: it is not JSON."),
    (ROUTES, "[]", "Damaged {path}: it holds no routes of sites."),
    (ROUTES, "{}", "Damaged {path}: it holds no routes of sites."),
    (ROUTES, '{"features": [{"properties": {}}]}', "Damaged {path}: it holds no routes of sites."),
    (
        ROUTES,
        '{"features": [{"geometry": null, "properties": {"site_id": "a"}}]}',
        "Damaged {path}: it holds no routes of sites.",
    ),
]


@pytest.mark.parametrize("kind", ["Polygon", [1, 2]])
@pytest.mark.parametrize("ring", [[[0, 1], [1, 1]], [[1e9, 1], [1, 1], [1, 0], [1e9, 1]], [[0, 1], [1, 91], [1, 0], [0, 1]]])
def test_an_outline_that_cannot_be_drawn_is_refused(folder, kind, ring):
    """A kind that is no word, a ring of two points, places off the earth."""
    changed(folder / SITES, lambda content: content["features"][0].update(geometry={"type": kind, "coordinates": [ring]}))
    assert "the outline of" in refused(folder, lambda run: run.sites)


def test_a_route_of_one_point_is_refused(folder):
    """It is no line."""
    line = '{"features": [{"geometry": {"type": "LineString", "coordinates": [[-88, 41]]}, "properties": {"site_id": "a"}}]}'
    (folder / ROUTES).write_text(line)
    assert "it holds no routes of sites" in refused(folder, lambda run: run.sites)


@pytest.mark.parametrize("prefix", ["", OWN])
@pytest.mark.parametrize(("name", "content", "words"), TABLES)
def test_damaged_tables_are_refused_when_they_are_read(folder, name, prefix, content, words):
    """Of either list; the file is named."""
    path = folder / f"{prefix}{name}"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert words.format(path=path) in refused(folder, lambda run: run.own if prefix else run.sites)


def test_an_empty_table_says_nothing(folder):
    """Only its head: no curves."""
    path = folder / CURVES
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    assert [entry.curves for entry in read_run(folder).sites] == [{}] * 12


# -- other versions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["capex_musd_mid", "people_5km", "rank_p50", "ml_score"])
def test_a_list_without_a_column_of_this_version_is_refused(folder, column):
    """File, column and remedy are named; what needs no records still works."""
    changed(folder / SITES, lambda content: [f["properties"].pop(column) for f in content["features"]])
    run = read_run(folder)
    assert f"Invalid list of sites {folder / SITES}: no column {column}." in refused(folder, lambda run: run.sites)
    assert len(run.rows) == 12
    assert len(run.own) == 2


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("capex_musd_mid", "a few"),
        ("score", [1]),
        ("rank", "first"),
        ("state", 48),
        ("grid_route_able", "yes"),
        ("slope_pct", "x"),
    ],
)
def test_a_value_of_another_kind_is_refused(folder, column, value):
    """Text where a number is due, or the other way round; the site is named."""
    changed(folder / SITES, lambda content: content["features"][0]["properties"].update({column: value}))
    key = json.loads((folder / SITES).read_text(encoding="utf-8"))["features"][0]["properties"]["site_id"]
    expected = f"Invalid list of sites {folder / SITES}: a value of {key} is not of the kind of its column."
    assert expected in refused(folder, lambda run: run.sites)


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": [[[1.0, 2.0]]]},
        {"type": "GeometryCollection", "coordinates": [1]},
        {"type": "Polygon", "coordinates": [[1.0, 2.0]]},
        {"type": "Polygon", "coordinates": [[[1.0, None], [1.0, 2.0], [2.0, 2.0], [1.0, 2.0]]]},
        {"type": "MultiPolygon", "coordinates": [[[[1.0, float("nan")]]]]},
        {"type": "MultiPolygon", "coordinates": [[[1.0, 2.0], [2.0, 3.0]]]},
        {"type": 3, "coordinates": [[[1.0, 2.0]]]},
    ],
)
def test_an_outline_that_is_none_is_refused(folder, geometry):
    """Other kinds, other nesting, positions without numbers: maps would fail on them, or draw nothing."""
    changed(folder / SITES, lambda content: content["features"][3].update(geometry=geometry))
    key = json.loads((folder / SITES).read_text(encoding="utf-8"))["features"][3]["properties"]["site_id"]
    expected = f"Damaged list of sites {folder / SITES}: the outline of {key} is none."
    assert expected in refused(folder, lambda run: run.sites)


@pytest.mark.parametrize("part", ["inputs", "results", "versions", "given", "replaced_layers"])
@pytest.mark.parametrize("value", [[[]], "text", 3, {"a.tif": []}, {"a.tif": 4}])
def test_a_record_whose_parts_are_none_is_refused(folder, part, value):
    """They are compared with files and with the next run; without a part, as of an older version, the run can be read."""
    changed(folder / MANIFEST, lambda content: content.update({part: value}))
    assert f"Damaged {folder / MANIFEST}: its '{part}' are none." in refused(folder, lambda run: None)
    changed(folder / MANIFEST, lambda content: content.pop(part))
    assert len(read_run(folder).sites) == 12


def test_a_configuration_of_another_version_is_refused(folder):
    """The key that does not fit is named, and the file."""
    changed(folder / MANIFEST, lambda content: content["config"]["delivery"].update(unheard_of=1))
    message = refused(folder, lambda run: run.config)
    assert f"Invalid {folder / MANIFEST}: 'delivery.unheard_of' of its configuration does not fit this version." in message


def test_scores_of_another_version_can_be_explained(folder, again):
    """Sections that scores do not depend on may be of another version, or lacking: sites, criteria and weights are read."""
    changed(folder / MANIFEST, lambda content: content["config"]["delivery"].update(unheard_of=1))
    changed(folder / MANIFEST, lambda content: [content["config"].pop(k) for k in ("costs", "portfolio", "exclusions")])
    run = read_run(folder)
    assert run.criteria == again.criteria
    assert run.weights == again.weights
    assert len(run.sites) == 12


@pytest.mark.parametrize("key", ["weights", "criteria"])
def test_scores_of_a_strange_configuration_are_refused(folder, key):
    """What scores depend on must be understood."""
    changed(folder / MANIFEST, lambda content: content["config"].update({key: 3}))
    message = refused(folder, lambda run: run.weights)
    assert f"'{key}' of its configuration does not fit this version" in message


# -- the portfolio ---------------------------------------------------------------------------------------------------------


def test_portfolio_of_the_run_is_read(folder, again):
    """The set that was chosen from it."""
    ids = [entry.site_id for entry in again.sites[:2]]
    content = {"set": {"sites": ids}, "config_fingerprint": again.manifest["config_fingerprint"]}
    (folder / "portfolio.json").write_text(json.dumps(content), encoding="utf-8")
    assert read_run(folder).chosen().best == tuple(ids)


def test_portfolio_of_another_run_is_refused(folder):
    """Its fingerprint is not that of the run."""
    content = {"set": {"sites": ["TX-1"]}, "config_fingerprint": "other"}
    (folder / "portfolio.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(DataError, match="another run"):
        read_run(folder).chosen()


def test_tables_of_a_run_have_the_columns_that_are_read(finished):
    """Writer and reader agree on the heads."""
    for name, needed in ((CURVES, {"year", "mw_p10"}), (STEPS_FILE, {"step", "months_p10", "critical_share"})):
        with (finished.folder / name).open(encoding="utf-8", newline="") as stream:
            head = set(next(csv.reader(stream)))
        assert {"site_id", "pathway"} | needed <= head


def test_near_misses_are_read_with_their_numbers(tmp_path):
    """Typed as declared; none without the file."""
    folder = write_run(tmp_path, [site()])
    assert read_run(folder).near_misses == []
    row = '9,82.38,41.66,-87.51,IN,Lake,urban,"inside, built up",88.9 %,a brownfield,1368.83'
    (folder / NEAR_MISSES).write_text(",".join(NearMiss.names()) + f"\n{row}\n", encoding="utf-8")
    (miss,) = read_run(folder).near_misses
    assert (miss.would_rank, miss.lon, miss.reason, miss.acres) == (9, -87.51, "inside, built up", 1368.83)


@pytest.mark.parametrize("damage", ["nine,1,1,1,IN,Lake,a,b,c,d,1", "9,1,1"])
def test_damaged_near_misses_are_refused(tmp_path, damage):
    """One line with the file and the remedy."""
    folder = write_run(tmp_path, [site()])
    (folder / NEAR_MISSES).write_text(",".join(NearMiss.names()) + f"\n{damage}\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"near_misses\.csv.*make rank"):
        read_run(folder).near_misses  # noqa: B018 - reading it is what is tested
