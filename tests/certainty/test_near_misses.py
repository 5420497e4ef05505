"""Land that exactly one gate excludes."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from sitefinder.certainty.columns import NearMiss
from sitefinder.certainty.near_misses import Ungated, near_miss_csv, near_misses
from sitefinder.scoring.score import score_cells, value_matrix

#: built layers of the country
pytestmark = pytest.mark.stack


def test_near_misses_fail_exactly_one_gate_and_would_make_the_list(world):
    """They score like the list, hold the acres, name their gate and keep the distance."""
    stack, config, excluded, field, campuses = world
    rows = near_misses(stack, config, excluded, field, listed=campuses[-20:])
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


def test_scores_without_gates_are_those_of_the_whole_country(world):
    """To the last bit, for the cells asked for; with a bar, cells that cannot reach it may be left, and no others."""
    stack, config, _, _, _ = world
    everywhere = score_cells(value_matrix(stack, config), config, np.zeros(stack.land.size, np.uint32))
    chosen = np.flatnonzero(np.arange(stack.land.size) % 3 == 0)
    ungated = Ungated.of(stack, config, None)
    np.testing.assert_array_equal(ungated.scores(chosen), everywhere[chosen])
    bar = float(np.quantile(everywhere[chosen], 0.98))
    high = ungated.scores(chosen, least=bar)
    good = everywhere[chosen] >= bar
    np.testing.assert_array_equal(high[good], everywhere[chosen][good])
    assert np.isnan(high[~good]).mean() > 0.5


def test_without_gates_nothing_is_missed(world):
    """No gate, no near miss."""
    stack, config, excluded, field, campuses = world
    free = type(excluded)(np.zeros_like(excluded.bits), excluded.names)
    assert near_misses(stack, config, free, field, listed=campuses) == []


def test_near_misses_as_csv_have_the_registered_columns(world):
    """The same names in the same order."""
    stack, config, excluded, field, campuses = world
    rows = near_misses(stack, config, excluded, field, listed=campuses[-20:])
    read = list(csv.DictReader(io.StringIO(near_miss_csv(rows).decode())))
    assert tuple(read[0]) == NearMiss.names()
    assert [r["gate"] for r in read] == [r.gate for r in rows]
