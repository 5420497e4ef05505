"""Megawatts by date in the results: the two tables, and a whole run with made-up headroom."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import logging
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from sitefinder.config import load_config
from sitefinder.config.delivery import YEARS
from sitefinder.config.project import PATHWAYS
from sitefinder.errors import DataError
from sitefinder.layers.files import HEADROOM
from sitefinder.pipeline.stages import run
from sitefinder.power.columns import PowerPart
from sitefinder.power.timetable import timetable
from sitefinder.results.delivery_tables import CURVES_HEAD, STEPS_HEAD, curve_rows, keyed_csv, step_rows
from tests.helpers.paths import DATA, ROOT
from tests.helpers.power import NAN, sites
from tests.helpers.sections import of_power
from tests.helpers.stacks import used

#: built layers of the country
pytestmark = pytest.mark.stack


COARSE = {"grid.resolution_m": "25000", "candidates.count": "40", "candidates.spacing_km": "60", "delivery.draws": "200"}
NAMES = ["TX-1", "PA-2"]


@pytest.fixture(scope="module")
def config():
    """The shipped ranges with few draws."""
    return load_config(ROOT / "config" / "default.yaml", {"delivery.draws": "200"}).config


@pytest.fixture(scope="module")
def facts():
    """A good site and one of unknown headroom."""
    return sites({}, {"headroom_mw": (NAN,) * 3, "station": None})


@pytest.fixture(scope="module")
def table(facts, config):
    """Their timetable."""
    return timetable(facts, *of_power(config))


def rows_of(content: bytes) -> list[dict[str, str]]:
    """Rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_curves_hold_every_site_pathway_and_year(table):
    """One row each, in the order of the sites; the chosen pathway is marked; unknown is empty."""
    rows = rows_of(keyed_csv(CURVES_HEAD, NAMES, [curve_rows(table, i) for i in range(2)]))
    assert len(rows) == 2 * len(PATHWAYS) * len(YEARS)
    assert [r["site_id"] for r in rows[:: len(rows) // 2]] == ["TX-1", "PA-2"]
    assert sum(r["chosen"] == "1" for r in rows) == 2 * len(YEARS)
    late = next(r for r in rows if (r["site_id"], r["pathway"], r["year"]) == ("PA-2", "grid", "2030"))
    assert late["mw_p50"] == ""


def test_steps_hold_lengths_and_shares(table):
    """Binding shares of a known pathway add up to 1; steps that never matter are left out."""
    rows = [r for r in rows_of(keyed_csv(STEPS_HEAD, NAMES, [step_rows(table, i) for i in range(2)])) if r["site_id"] == "TX-1"]
    for pathway in PATHWAYS:
        mine = [r for r in rows if r["pathway"] == pathway]
        assert sum(float(r["binding_share"]) for r in mine) == pytest.approx(1.0, abs=0.01)
        assert all(float(r["months_p10"]) <= float(r["months_p50"]) <= float(r["months_p90"]) for r in mine)
        assert "plant closure" not in {r["step"] for r in mine}


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """The compiled data with made-up headroom for every station of 345 kV or more in the register."""
    folder = tmp_path_factory.mktemp("data")
    register = json.loads((DATA / "datapackage.json").read_text())
    resources = [r for r in register["resources"] if r["path"] != HEADROOM]
    for resource in resources:
        (folder / resource["path"]).parent.mkdir(parents=True, exist_ok=True)
        (folder / resource["path"]).symlink_to(DATA / resource["path"])
    for path in (DATA / "model").iterdir():
        (folder / "model").mkdir(exist_ok=True)
        (folder / "model" / path.name).symlink_to(path)
    stations = gpd.read_parquet(DATA / "grid/substations.parquet").query("kv_class >= 345")[
        ["sub_id", "name", "kv_class", "geometry"]
    ]
    stations = stations.rename(columns={"kv_class": "kv"})
    middle = 200.0 + np.arange(len(stations)) % 17 * 100.0
    stations = stations.assign(n1_p10=middle / 2, n1_p50=middle, n1_p90=middle * 1.5, near=None, junction=False)
    stations = stations.assign(n0_p10=stations.n1_p10, n0_p50=stations.n1_p50, n0_p90=stations.n1_p90)
    unknown = dict.fromkeys(("limit_kv", "limit_km", "typical_mw", "lifted_mw", "short_circuit_mva"), np.nan)
    stations = stations.assign(limit=None, lost=None, limit_kind=None, **unknown)
    stations.to_parquet(folder / HEADROOM)
    digest = hashlib.sha256((folder / HEADROOM).read_bytes()).hexdigest()
    made_up = {"publisher": "nobody", "licence": "none", "vintage": "made up", "evidence_grade": "E5"}
    entry = {"path": HEADROOM, "hash": f"sha256:{digest}", **made_up}
    (folder / "datapackage.json").write_text(json.dumps(register | {"resources": [*resources, entry]}))
    return folder


@pytest.fixture(scope="module")
def ran(data, tmp_path_factory):
    """A coarse run with an own site, and its folder."""
    folder = tmp_path_factory.mktemp("run")
    own = folder / "mine.csv"
    own.write_text("name,lat,lon\nAbilene,32.5,-99.79\nYellowstone,44.6,-110.5\n")
    file = load_config(ROOT / "config" / "default.yaml", COARSE)
    result = run(file, out=folder / "out", data=data, cache=used(folder / "cache"), sites=own)
    return folder, result


def test_a_run_writes_dates_for_every_site(ran):
    """Columns in the list, both tables, and the same for the user's sites; the inputs are in the manifest."""
    folder, result = ran
    sites_file = json.loads((folder / "out" / "sites.geojson").read_text())["features"]
    assert all(f["properties"]["pathway"] in PATHWAYS for f in sites_file)
    assert all(f["properties"]["mw_p90_2035"] > 0 for f in sites_file)
    assert len(rows_of((folder / "out" / "delivery.csv").read_bytes())) == 40 * len(PATHWAYS) * len(YEARS)
    own = rows_of((folder / "out" / "own_delivery.csv").read_bytes())
    assert [r["site_id"] for r in own[:: len(PATHWAYS) * len(YEARS)]] == [site.site_id for site in result.own]
    assert (folder / "out" / "own_critical_path.csv").exists()
    assert HEADROOM in json.loads((folder / "out" / "run.json").read_text())["inputs"]


def test_two_runs_give_the_same_tables(ran, data):
    """Byte for byte."""
    folder, _ = ran
    run(load_config(ROOT / "config" / "default.yaml", COARSE), out=folder / "again", data=data, cache=folder / "cache")
    for name in ("delivery.csv", "critical_path.csv", "sites.geojson"):
        assert (folder / "again" / name).read_bytes() == (folder / "out" / name).read_bytes()


#: a configuration of one criterion that needs no dates, without ranges of the steps to power
BARE = """\
grid: {resolution_m: 25000}
weights: {gas: 1}
criteria: {gas: {gas_any_km: {weight: 1, unit: km, ramp: {best: 2, worst: 30}}}}
exclusions: {airport: {layer: airport_km, unit: km, below: 3, reason: near an airport}}
model: {share: 0}
candidates: {count: 5, spacing_km: 60}
"""


def test_a_configuration_without_ranges_says_that_it_leaves_the_dates_out(ran, data, tmp_path, caplog):
    """The rest of the run goes on, with empty columns; earlier tables do not linger."""
    folder, _ = ran
    path = tmp_path / "my.yaml"
    path.write_text(f"extends: {ROOT / 'config/assumptions/land.yaml'}\n{BARE}")
    with caplog.at_level(logging.WARNING, logger="sitefinder"):
        result = run(load_config(path), out=folder / "out", data=data, cache=folder / "cache")
    assert "Without delivery" in caplog.text
    assert {site.power for site in result.sites} == {None}
    for feature in json.loads((folder / "out" / "sites.geojson").read_text())["features"]:
        assert {feature["properties"][name] for name in PowerPart.names()} == {None}
    assert not (folder / "out" / "delivery.csv").exists()


def test_data_without_headroom_are_refused(ran, data, tmp_path):
    """No silent default: the run stops with one line and leaves earlier results alone."""
    folder, _ = ran
    before = sorted((p.name, p.stat().st_mtime_ns) for p in (folder / "out").iterdir())
    lacking = tmp_path / "data"
    lacking.mkdir()
    for path in data.iterdir():
        if path.name not in ("datapackage.json", "grid"):
            (lacking / path.name).symlink_to(path)
    (lacking / "grid").mkdir()
    for path in (data / "grid").iterdir():
        if path.name != Path(HEADROOM).name:
            (lacking / "grid" / path.name).symlink_to(path)
    register = json.loads((data / "datapackage.json").read_text())
    kept = [r for r in register["resources"] if r["path"] != HEADROOM]
    (lacking / "datapackage.json").write_text(json.dumps(register | {"resources": kept}))
    with pytest.raises(DataError, match=r"^Missing [^\n]*headroom.parquet[^\n]*$"):
        run(load_config(ROOT / "config" / "default.yaml", COARSE), out=folder / "out", data=lacking, cache=folder / "cache")
    assert sorted((p.name, p.stat().st_mtime_ns) for p in (folder / "out").iterdir()) == before
