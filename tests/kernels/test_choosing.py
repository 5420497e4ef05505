"""The compiled selection of campuses, against the plain one: the same seeds, the same cells."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from sitefinder.kernels.choosing import Frame, select
from sitefinder.kernels.spacing import TILE, select_campuses

#: larger than a tile in both directions, and no multiple of it
SHAPE = (2 * TILE + 13, 3 * TILE + 5)


def country(number, *, steps=None):
    """Free cells, their acres, of which some have none, and scores; with ``steps`` many scores are equal."""
    rng = np.random.default_rng(number)
    cells = np.flatnonzero(rng.random(SHAPE) < 0.6).astype(np.int32)
    acres = rng.uniform(0, 250, cells.size).astype(np.float32)
    acres[rng.random(cells.size) < 0.3] = 0
    score = rng.uniform(0, 100, cells.size).astype(np.float32)
    return cells, acres, score if steps is None else np.round(score * steps / 100) * np.float32(100 / steps)


def raster(cells, values, fill):
    """Values of some cells on the map."""
    whole = np.full(SHAPE, fill, np.float32)
    whole.reshape(-1)[cells] = values
    return whole


def plain(cells, acres, score, begin, terms):
    """Campuses of the selection of a run, as lists of cells: the seed, then the others in the order of the map."""
    growth, spacing, limit = terms
    marks = np.zeros(SHAPE, bool)
    marks.reshape(-1)[cells[begin]] = True
    flat, offset = select_campuses(raster(cells, score, np.nan), raster(cells, acres, 0.0), growth, spacing, limit, begin=marks)
    return [[int(flat[a]), *sorted(flat[a + 1 : b].tolist())] for a, b in itertools.pairwise(offset)]


def chosen(frame, score, terms):
    """Campuses of the compiled selection."""
    cells, offset = select(frame, score, *terms)
    return [cells[a:b].tolist() for a, b in itertools.pairwise(offset)]


TERMS = [((400.0, 3, 1.0), 10.0, 200), ((900.0, 4, 0.3), 2.0, 500), ((150.0, 1, 5.0), 3.5, 40), ((3000.0, 9, 0.0), 5.0, 300)]


@pytest.mark.parametrize("steps", [None, 7], ids=["all differ", "many ties"])
@pytest.mark.parametrize("terms", TERMS)
def test_campuses_are_those_of_a_run(terms, steps):
    """Large and small campuses, far apart and side by side, with and without ties and drift."""
    cells, acres, score = country(3, steps=steps)
    begin = np.ones(cells.size, bool)
    expected = plain(cells, acres, score, begin, terms)
    assert len(expected) > 10
    assert max(map(len, expected)) > 2
    assert chosen(Frame(SHAPE, cells, begin, acres), score, terms) == expected


def test_a_frame_can_be_used_again_and_again():
    """Nothing of an earlier selection is left: other scores give what a fresh frame gives, the first ones the same again."""
    cells, acres, first = country(4)
    second, begin = country(4, steps=11)[2], np.ones(cells.size, bool)
    frame = Frame(SHAPE, cells, begin, acres)
    before = chosen(frame, first, TERMS[0])
    assert chosen(frame, second, TERMS[0]) == plain(cells, acres, second, begin, TERMS[0])
    assert chosen(frame, first, TERMS[0]) == before


def test_campuses_begin_where_they_may():
    """As in a run of a part of the country: they grow beyond it."""
    cells, acres, score = country(5)
    begin = (cells // SHAPE[1] > 20) & (cells % SHAPE[1] < 60)
    campuses = chosen(Frame(SHAPE, cells, begin, acres), score, TERMS[0])
    assert campuses == plain(cells, acres, score, begin, TERMS[0])
    assert not np.isin(np.concatenate(campuses), cells[begin]).all()


def test_land_without_a_cell_to_begin_gives_no_campus():
    """An empty list, not an endless search."""
    cells, acres, score = country(6)
    assert chosen(Frame(SHAPE, cells, np.zeros(cells.size, bool), acres), score, TERMS[0]) == []
