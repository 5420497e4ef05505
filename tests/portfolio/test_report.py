"""The best set as files and words."""

from __future__ import annotations

import csv
import io
import json

import pytest

from sitefinder.config.delivery import YEARS
from sitefinder.portfolio.choice import choose
from sitefinder.portfolio.report import FILES, contents, summary, words
from tests.helpers.portfolio_cases import FREE, campus, config_with, curve, pool_with, random_pool
from tests.helpers.rfc7946 import problems


@pytest.fixture(scope="module")
def config(default_config):
    """Three campuses under the shipped limits."""
    terms = default_config.config.portfolio.model_dump() | {"campuses": 3, "floor": None}
    return config_with(default_config.config, terms)


@pytest.fixture(scope="module")
def choice(config):
    """Three of twenty."""
    return choose(random_pool(20, 5), config)


def test_the_same_input_gives_the_same_bytes(choice, config):
    """Chosen twice, written twice."""
    again = contents(choose(random_pool(20, 5), config), fingerprint="x")
    assert contents(choice, fingerprint="x") == again
    assert tuple(again) == FILES


def test_the_summary_names_pool_with_the_list(choice):
    """Every site in it is one that could be chosen, and counts add up."""
    report, ids = summary(choice), set(choice.problem.pool.ids)
    assert {m["site_id"] for m in report["members"]} == set(report["set"]["sites"]) <= ids
    assert set(report["robust"]["share_of_single_draws"]) <= ids
    for name in ("rto", "state", "gas_pipeline", "pathway"):
        assert sum(report["set"][f"by_{name}"].values()) == 3
    assert report["set"]["objective_busd"] == pytest.approx(choice.best.objective, abs=1e-3)
    assert report["runner_up"]["loss_busd"] >= 0


def test_megawatts_of_a_set_by_year(default_config):
    """Certain campuses: quantiles are sums; the expected part that is built is not more."""
    value = {"busd_per_gw_year": [10, 11, 12], "realised": [[50, 0.4], [90, 0.8]]}
    pool = pool_with([campus(i, score=70.0, **curve(2030 + i)) for i in range(3)])
    report = summary(choose(pool, config_with(default_config.config, FREE | {"value": value})))
    rows = {r["year"]: r for r in report["set"]["mw_by_year"]}
    assert tuple(rows) == YEARS
    assert [rows[y]["p50"] for y in (2029, 2030, 2031, 2032)] == [0.0, 1000.0, 2000.0, 3000.0]
    assert rows[2032]["p10"] == rows[2032]["p90"] == 3000.0
    assert rows[2032]["expected_built"] == pytest.approx(1800.0)


def test_megawatts_that_wait_are_missing_until_the_upgrades(default_config):
    """Two campuses on one station: 700 MW are not there in 2031, and are in 2035."""
    station = {"pathway": "grid", "grid_station": "A", "grid_headroom_mw_p50": 700}
    pool = pool_with([campus(0, lon=-100.0, **station), campus(1, lon=-100.05, **station)])
    report = summary(choose(pool, config_with(default_config.config, FREE | {"campuses": 2, "headroom": {}})))
    rows = {r["year"]: r["p50"] for r in report["set"]["mw_by_year"]}
    assert report["set"]["mw_waiting"] == 700.0
    assert (rows[2031], rows[2035]) == (1300.0, 2000.0)


def test_the_table_has_a_line_for_each_campus(choice):
    """Columns as in the tree."""
    rows = list(csv.DictReader(io.StringIO(contents(choice)["portfolio.csv"].decode())))
    assert [r["site_id"] for r in rows] == summary(choice)["set"]["sites"]
    assert float(rows[0]["value_mean_busd"]) > 0


def test_the_map_file_is_rfc_7946_and_holds_both_sets(choice):
    """Outlines of the chosen, then of what the runner-up has besides."""
    content = contents(choice)["portfolio.geojson"]
    assert problems(content) == []
    features = json.loads(content)["features"]
    kinds = [f["properties"]["set"] for f in features]
    assert kinds.count("chosen") == 3
    assert kinds.count("runner_up") == len(summary(choice)["runner_up"]["enters"])


def test_words_tell_the_set_and_the_rules(choice):
    """One line per campus, the proof, and the comparison with simple rules."""
    text = words(choice)
    assert all(name in text for name in summary(choice)["set"]["sites"])
    assert "proven best within" in text
    assert "against 'first of the list'" in text
