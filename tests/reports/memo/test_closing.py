"""Second half of the memo."""

from __future__ import annotations

import copy

from sitefinder.reports.memo.closing import closing
from sitefinder.reports.memo.document import Fields, Table
from sitefinder.reports.memo.markdown import text
from sitefinder.reports.memo.words import NOT_KNOWN
from tests.helpers.financing_case import tree


def said(content):
    """The second half as text."""
    return text(closing(Fields(content))).decode()


def test_the_sections_come_in_order():
    """Ready, runner-up, risks, change, unknown; words of the glossary last."""
    heads = [line[3:] for line in said(tree()).splitlines() if line.startswith("## ")]
    assert heads == [
        "Ready enough?",
        "The runner-up",
        "Risks and what helps",
        "What would change the recommendation",
        "What is not known",
        "Words",
    ]


def test_gates_count_every_campus():
    """Met, open and not met add up to the set wherever the gate applies."""
    content = tree()
    assert all(g["met"] + g["open"] + g["not met"] == 3 for g in content["set"]["gates"].values())


def test_every_risk_has_what_helps():
    """No cell is empty."""
    tables = [b for b in closing(Fields(tree())) if isinstance(b, Table)]
    assert tables
    assert all(t.rows for t in tables)
    assert all(cell for t in tables for r in t.rows for cell in r)


def test_the_campus_missed_least_is_named():
    """The smallest loss without it."""
    assert "Without County of OH-2, OH the best set loses only $250 million" in said(tree())


def test_a_lender_that_would_prefer_the_runner_up_is_not_hidden():
    """The words follow the two covers."""
    assert "would prefer the runner-up" in said(tree())
    other = copy.deepcopy(tree())
    other["runner_up"]["money"]["dscr"]["mid"] = 0.1
    assert "would prefer the set" in said(other)


def test_the_clock_belongs_to_the_programme():
    """Business days to fund are told with the programme only."""
    assert "business days" in said(tree())
    assert "business days" not in said(tree(programme__on="false"))


def test_what_is_not_known_is_told_in_full():
    """Nothing of the list is dropped."""
    assert all(line in said(tree()) for line in NOT_KNOWN)
