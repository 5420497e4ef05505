"""Columns about certainty are those that the stages fill."""

from __future__ import annotations

import numpy as np
from sitefinder.results.columns import columns

from sitefinder.certainty import study as certainty
from sitefinder.certainty.columns import EVIDENCE, NEAR_MISS, REASONS, UNCERTAINTY
from sitefinder.certainty.evidence import evidence_columns
from sitefinder.certainty.ranks import RankUncertainty, uncertainty_columns
from sitefinder.certainty.reasons import TARGETS
from sitefinder.kernels.acceptability import Tally


def test_columns_of_the_ranks_are_those_filled():
    """Same names, same order."""
    tally = Tally(np.array([[3, 0], [0, 3]], np.int32), np.array([[3.0], [0.0]]), np.zeros((0, 0), np.int32))
    rows = uncertainty_columns(RankUncertainty(tally, 3, ("water",)), 2)
    assert [c.name for c in UNCERTAINTY] == list(rows[0])
    assert rows[0]["wins_under"] == "water 100 %"
    assert rows[1]["wins_under"] is None


def test_columns_of_the_evidence_are_those_filled():
    """Whatever the order."""
    rows = evidence_columns(["river_km"], np.ones((1, 1)), np.array([1.0]))
    assert {c.name for c in EVIDENCE} == set(rows[0])


def test_columns_of_the_reasons_are_the_targets():
    """One per rank."""
    assert [c.name for c in REASONS] == [f"to_rank_{t}" for t in TARGETS]


def test_columns_of_the_near_misses_are_those_of_the_file():
    """Same names, same order."""
    assert tuple(c.name for c in NEAR_MISS) == certainty.NEAR_MISS


def test_no_column_takes_a_name_that_is_taken(default_config):
    """They stand beside the others."""
    taken = {c.name for c in columns(tuple(default_config.config.flat_criteria()))}
    new = [c.name for c in (*UNCERTAINTY, *EVIDENCE, *REASONS)]
    # columns() may list them itself once they are wired
    assert len(new) == len(set(new))
    assert not (taken & set(new)) or set(new) <= taken
