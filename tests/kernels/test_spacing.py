"""Best-first selection under a spacing, against a greedy selection in plain Python."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from sitefinder.kernels.spacing import TILE, select_campuses
from tests.helpers.plain_grow import plain_grow

#: larger than a tile in both directions, and no multiple of it
SHAPE = (TILE + 13, 2 * TILE + 5)


def country(number):
    """Scores with holes, and acres of which some cells have none."""
    rng = np.random.default_rng(number)
    score = rng.uniform(0, 100, SHAPE).astype(np.float32)
    score[rng.random(SHAPE) < 0.4] = np.nan
    acres = rng.uniform(0, 250, SHAPE).astype(np.float32)
    acres[rng.random(SHAPE) < 0.3] = 0
    return score, acres


def plain_select(score, acres, growth, spacing, limit):
    """Take the best open cell, grow, keep if enough, close what is nearer than the spacing."""
    height, width = score.shape
    order = sorted((float(-s), r * width + c) for (r, c), s in np.ndenumerate(score) if not math.isnan(s))
    closed, campuses = set(), []
    for _, flat in order:
        if len(campuses) == limit:
            break
        if flat in closed:
            continue
        row, col = divmod(flat, width)
        cells, amount = plain_grow((row, col), score, acres, growth)
        if amount >= growth[0]:
            campuses.append(cells)
            closed |= {
                r * width + c for r in range(height) for c in range(width) if (r - row) ** 2 + (c - col) ** 2 < spacing * spacing
            }
    return campuses


def selected(score, acres, growth, spacing, limit):
    """Campuses as lists of cells."""
    cells, offset = select_campuses(score, acres, growth, spacing, limit)
    return [cells[a:b].tolist() for a, b in itertools.pairwise(offset)]


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize(("growth", "spacing"), [((400.0, 3, 1.0), 10.0), ((900.0, 4, 0.3), 12.0), ((150.0, 1, 5.0), 3.5)])
def test_equals_plain_python(number, growth, spacing):
    """The same seeds in the same order with the same cells; the spacing keeps campuses apart."""
    score, acres = country(number)
    expected = plain_select(score, acres, growth, spacing, 60)
    assert len(expected) > 10
    assert selected(score, acres, growth, spacing, 60) == expected


@pytest.mark.parametrize("spacing", [2.0, 5.3, 12.0])
def test_seeds_keep_their_spacing(spacing):
    """No two seeds are nearer than the spacing, over tile borders too."""
    score, acres = country(5)
    campuses = selected(score, acres, (300.0, 3, 1.0), spacing, 500)
    rows, cols = np.divmod([c[0] for c in campuses], SHAPE[1])
    metres = np.hypot(rows[:, None] - rows, cols[:, None] - cols)
    assert len(campuses) > 5
    assert metres[np.triu_indices(len(campuses), 1)].min() >= spacing


def test_seed_at_exactly_the_spacing_is_allowed():
    """The spacing is the least distance: a seed just at it counts as far enough."""
    score = np.full((1, 7), np.nan, np.float32)
    score[0, [0, 3, 6]] = [90, 80, 70]
    campuses = selected(score, np.full((1, 7), 100, np.float32), (50.0, 3, 1.0), 3.0, 10)
    assert campuses == [[0], [3], [6]]


def test_seeds_come_best_first():
    """Scores of the seeds never rise along the list."""
    score, acres = country(6)
    seeds = [c[0] for c in selected(score, acres, (300.0, 3, 1.0), 5.0, 100)]
    assert (np.diff(score.reshape(-1)[seeds]) <= 0).all()


def test_every_campus_reaches_the_target():
    """Land that falls short makes no campus."""
    score, acres = country(7)
    campuses = selected(score, acres, (800.0, 3, 1.0), 5.0, 100)
    assert min(acres.reshape(-1)[c].sum() for c in campuses) >= 800.0 - 1e-3


def test_seed_that_falls_short_closes_nothing_around_it():
    """Next to the best cell, which stands alone, the second best still makes a campus."""
    score = np.array([[90, np.nan, 80, 70]], np.float32)
    campuses = selected(score, np.full((1, 4), 100, np.float32), (150.0, 3, 1.0), 4.0, 10)
    assert campuses == [[2, 3]]


def test_list_ends_at_its_limit():
    """No more campuses than asked for, and those are the first of the longer list."""
    score, acres = country(8)
    growth = (300.0, 3, 1.0)
    assert selected(score, acres, growth, 5.0, 4) == selected(score, acres, growth, 5.0, 20)[:4]


def test_land_without_a_free_cell_gives_no_campus():
    """All excluded: an empty list, not an endless search."""
    score = np.full(SHAPE, np.nan, np.float32)
    cells, offset = select_campuses(score, np.ones(SHAPE, np.float32), (10.0, 3, 1.0), 5.0, 10)
    assert cells.size == 0
    assert offset.tolist() == [0]


def test_selection_is_deterministic():
    """Two calls give the same bytes."""
    score, acres = country(9)
    first, second = (select_campuses(score, acres, (300.0, 3, 1.0), 5.0, 100)[0] for _ in range(2))
    assert first.tobytes() == second.tobytes()


def test_selection_leaves_its_input_alone():
    """Scores are not changed: the rasters are written from them afterwards."""
    score, acres = country(10)
    before = score.copy()
    select_campuses(score, acres, (300.0, 3, 1.0), 5.0, 10)
    np.testing.assert_array_equal(score, before)


def test_no_cell_belongs_to_two_campuses():
    """Seeds closer than a campus is wide must not share land: the same acres cannot be sold twice."""
    score, acres = country(11)
    cells, offset = select_campuses(score, acres, (1500.0, 6, 1.0), 2.0, 50)
    assert len(offset) > 10
    assert np.unique(cells).size == cells.size


def test_campuses_begin_on_open_cells_only_and_grow_beyond_them():
    """Seeds lie in the marked part; the campuses there are those of plain Python without the other seeds."""
    score, acres = country(5)
    begin = np.zeros(SHAPE, bool)
    begin[10:30, 20:60] = True
    cells, offset = select_campuses(score, acres, (400.0, 3, 1.0), 10.0, 60, begin=begin)
    seeds = cells[offset[:-1]]
    assert seeds.size > 3
    assert begin.reshape(-1)[seeds].all()
    assert not begin.reshape(-1)[cells].all()
    best = np.where(begin & ~np.isnan(score), score, -1.0)
    assert score.reshape(-1)[seeds[0]] >= best.max() - 5.0
