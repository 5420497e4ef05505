"""The page of misses: what it names is wrong by the numbers of its record, and the page in docs/ says what they say."""

from __future__ import annotations

import copy
import dataclasses
import json
import re

import numpy as np
import pytest

from sitefinder.config import load_config
from sitefinder.power.backtest import Backtest
from sitefinder.power.dated import RESULTS, Dated
from sitefinder.power.in_hand import InHand
from sitefinder.power.skill import Truth
from sitefinder.reports.misses import (
    EARLIER,
    FUSED,
    LATER,
    LEARNED,
    MEASURES,
    OVERDUE,
    RULES,
    SPLITS,
    WEIGHTED,
    DateRow,
    date_record,
    inputs,
    page,
    place_record,
    refreshed,
)
from tests.helpers.paths import DATA, ROOT

RECORD = ROOT / "docs" / "what-it-got-wrong.json"
PAGE = ROOT / "docs" / "what-it-got-wrong.md"


def scored(name, weighted, learned, fused, **more):
    """A row of the back-test."""
    return {"name": name, WEIGHTED: weighted, LEARNED: learned, FUSED: fused, **more}


def result(ours=0.9, rule=0.8):
    """A back-test in which every figure of every model is the same, and those of the plain rules differ from the others."""
    models = dict.fromkeys(RULES, rule) | dict.fromkeys((WEIGHTED, LEARNED, FUSED, "deeper trees"), ours)
    table = {m: {k: [v, v - 0.1, v + 0.1] for k in (*MEASURES, "pr_auc")} for m, v in models.items()}
    return {
        **{key: {"campuses": 24, "prevalence": 0.01, **table} for key in SPLITS},
        "named": [scored("Town A", 0.80, 0.99, 0.93, same_as=None), scored("Town B", 0.5, 0.5, 0.5, same_as="Campus B")],
        "campuses": [
            scored("Campus B", 0.75, 0.70, 0.72, mw=1200.0),
            scored("Campus C", 0.97, 0.90, 0.949, mw=500.0),
            scored("Campus D", 0.99, 0.98, 0.985, mw=400.0),
        ],
    }


def backtest(options, months, came, draws):
    """One event with these realised months, and the same draws for every campus."""
    n = len(months)
    none = np.zeros(n)
    truth = {RESULTS[0]: Truth(np.asarray(months, float), np.asarray(came))}
    hand = InHand.of_options(options, n)
    campuses = Dated([f"campus {i}" for i in range(n)], none, none, none.astype(int), none + 300.0, [None] * n, hand, truth)
    table = np.tile(np.asarray(draws, np.float32), (n, 1))
    return Backtest(campuses, ["PJM"] * n, none + 300.0, dict.fromkeys(RESULTS, table))


@pytest.fixture
def record(default_config):
    """A record of known misses: one early, one late, one overdue, two right."""
    options = default_config.config.delivery.options
    done = backtest(options, [5, 100, 90, 20, 15], [True, True, False, True, True], np.linspace(10, 60, 101))
    return {"place": place_record(result()), "dates": date_record(done, "2026-07")}


def section(text, title):
    """Rows of the table under a heading."""
    part = text.split(f"## {title}\n")[1].split("\n## ")[0]
    return [[c.strip() for c in line.strip("|").split("|")] for line in part.splitlines() if line.startswith("| ")][1:]


def test_campuses_on_low_land_are_named_once_and_worst_first(record):
    """A named place that stands for a listed campus is left out; what is in the best 5 % is no miss."""
    rows = section(page(record), "Campuses that it ranks low")
    assert [r[0] for r in rows] == ["Campus B", "Town A", "Campus C"]
    assert rows[0] == ["Campus B", "1,200", "72.0%", "75.0%", "70.0%", "the learned part"]
    assert rows[1][1] == "not said"
    assert rows[1][-1] == "the criteria"


def test_campuses_that_the_learned_part_lowers_are_named(record):
    """By more than a point, the largest loss first."""
    rows = section(page(record), "Campuses that the learned part makes worse")
    assert [(r[0], r[-1]) for r in rows] == [("Campus B", "3.0"), ("Campus C", "2.1")]


def test_the_head_counts_what_the_tables_hold(record):
    """Campuses outside the best tenth and twentieth, dates outside their ranges; what is overdue has not come."""
    text = page(record)
    assert "1 of 4 campuses stand on land outside its best 10 %, 3 outside its best 5 %" in text
    assert "2 of 4 dates that have come lie outside P10 to P90, where a fifth would be expected: 1 earlier, 1 later" in text


@pytest.mark.parametrize(("ours", "rule", "losses"), [(0.9, 0.8, 0), (0.8, 0.9, 80), (0.8, 0.8, 80)])
def test_a_rule_that_does_as_well_is_shown(record, ours, rule, losses):
    """Every rule, measure and split is compared; as good is shown, too."""
    content = {**record, "place": place_record(result(ours, rule))}
    assert len(SPLITS) * len(MEASURES) * len(RULES) == 80
    assert len(section(page(content), "Where a plain rule does as well or better")) == losses
    assert f"{losses} of 80 comparisons" in page(content)


def test_dates_outside_their_range_are_named_by_how_far(record):
    """A date that has not come counts once it is later than P90, and is told apart from one that came."""
    rows = section(page(record), "Dates outside P10 to P90")
    assert [(r[0], r[4]) for r in rows] == [
        ("campus 1", "later: after 100"),
        ("campus 2", "not yet after 90"),
        ("campus 0", "earlier: after 5"),
    ]
    assert rows[0][3] == "15 / 35 / 55"
    assert rows[0][5] == "45"


@pytest.mark.parametrize(
    ("months", "came", "miss", "by"),
    [
        (9, True, EARLIER, 1),
        (10, True, None, 0),
        (30, True, None, 0),
        (31, True, LATER, 1),
        (31, False, OVERDUE, 1),
        (9, False, None, 0),
    ],
)
def test_a_miss_lies_strictly_outside_the_range(months, came, miss, by):
    """What has not come can be overdue, never early."""
    row = DateRow("a", "PJM", RESULTS[0], 10.0, 20.0, 30.0, float(months), came)
    assert (row.miss, row.by_months) == (miss, by)


def test_a_range_that_ends_in_never_is_not_missed_late():
    """Months without end have no later side."""
    row = DateRow("a", "", RESULTS[3], 10.0, None, None, 500.0, came=True)
    assert row.miss is None
    assert dataclasses.replace(row, months=5.0).miss == EARLIER


def test_the_page_follows_the_record(record):
    """Another number in the record is another page."""
    other = copy.deepcopy(record)
    other["dates"]["rows"][1]["months"] = 70.0
    assert page(other) != page(record)
    assert page(copy.deepcopy(record)) == page(record)


def test_the_shipped_page_is_the_one_of_its_record():
    """Nobody has written into it by hand."""
    assert PAGE.read_text(encoding="utf-8") == page(json.loads(RECORD.read_text(encoding="utf-8")))


def test_the_record_is_that_of_the_model_and_the_dates_that_are_shipped(default_path):
    """With another model, other campuses or another schedule, the page is out of date."""
    kept = json.loads(RECORD.read_text(encoding="utf-8"))["inputs"]
    now = inputs(load_config(default_path), DATA)
    stale = [name for name in now if kept.get(name) != now[name]]
    assert not stale, f"docs/what-it-got-wrong.md is out of date ({', '.join(stale)} changed); write it again: make misses"


def test_the_explanation_of_the_learned_score_has_the_same_figures():
    """The table of named campuses in docs/learned-score.md is that of the record."""
    text = (ROOT / "docs" / "learned-score.md").read_text(encoding="utf-8")
    table = dict(re.findall(r"^\| (.+?) \| [\d.]+% \| [\d.]+% \| ([\d.]+)% \|$", text, re.MULTILINE))
    campuses = json.loads(RECORD.read_text(encoding="utf-8"))["place"]["campuses"]
    assert len(campuses) > 25
    for row in campuses:
        name = row["name"] if row["mw"] is None else f"{row['name']} ({row['mw']:.0f} MW)"
        assert float(table[name]) == pytest.approx(100 * row["fused"], abs=0.06), name


def test_the_page_of_dates_names_the_same_misses():
    """Those of first power and of 200 MW in docs/power-dates.md."""
    lines = (ROOT / "docs" / "power-dates.md").read_text(encoding="utf-8").split("## Misses\n")[1].split("\n## ")[0]
    shown = {(name, event) for name, event in re.findall(r"^- (.+?): (first power|200 MW) after", lines, re.MULTILINE)}
    rows = [DateRow(**row) for row in json.loads(RECORD.read_text(encoding="utf-8"))["dates"]["rows"]]
    names = dict(zip(RESULTS[:2], ("first power", "200 MW"), strict=True))
    assert {(r.campus, names[r.event]) for r in rows if r.came and r.miss and r.event in names} == shown


def test_tables_of_a_page_follow_the_report():
    """Of the same head in order, whatever figures stand in brackets; prose and other tables stay."""
    report = "### A (9)\n\n| m | chance (0.2) |\n|---|---|\n| x | 2 |\n\n| m | chance (0.4) |\n|---|---|\n| y | 3 |\n| z | 4 |\n"
    text = "Told.\n\n| m | chance (0.1) |\n|---|---|\n| x | 1 |\n\n| other |\n|---|\n| 7 |\n\n| m | chance (0.1) |\n|---|---|\n"
    assert refreshed(text, report) == (
        "Told.\n\n| m | chance (0.2) |\n|---|---|\n| x | 2 |\n\n| other |\n|---|\n| 7 |\n\n"
        "| m | chance (0.4) |\n|---|---|\n| y | 3 |\n| z | 4 |\n"
    )
    assert refreshed(text, "no tables") == text
