"""Land that exactly one gate excludes."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from sitefinder.certainty.columns import NearMiss
from sitefinder.certainty.near_misses import near_miss_csv, near_misses
from sitefinder.scoring.score import score_cells, value_matrix

#: built layers of the country
pytestmark = pytest.mark.stack


def _ungated(world):
    """Scores of the world without gates."""
    stack, config, *_ = world
    return score_cells(value_matrix(stack, config), config)


def test_near_misses_fail_exactly_one_gate_and_would_make_the_list(world):
    """They score like the list, hold the acres, name their gate and keep the distance."""
    stack, config, excluded, field, campuses = world
    rows = near_misses(stack, config, excluded, field, listed=campuses[-20:], ungated=_ungated(world))
    last = min(field.mean_score(c) for c in campuses[-20:])
    assert rows
    for row in rows:
        assert row.score >= last
        assert row.acres >= config.campus_acres
        assert row.gate in excluded.names
        assert 1 <= row.would_rank <= 20
        assert row.cure
    scores = [r.score for r in rows]
    assert scores == sorted(scores, reverse=True)


def test_without_gates_nothing_is_missed(world):
    """No gate, no near miss."""
    stack, config, excluded, field, campuses = world
    free = type(excluded)(np.zeros_like(excluded.bits), excluded.names)
    assert near_misses(stack, config, free, field, listed=campuses, ungated=_ungated(world)) == []


def test_near_misses_as_csv_have_the_registered_columns(world):
    """The same names in the same order."""
    stack, config, excluded, field, campuses = world
    rows = near_misses(stack, config, excluded, field, listed=campuses[-20:], ungated=_ungated(world))
    read = list(csv.DictReader(io.StringIO(near_miss_csv(rows).decode())))
    assert tuple(read[0]) == NearMiss.names()
    assert [r["gate"] for r in read] == [r.gate for r in rows]
