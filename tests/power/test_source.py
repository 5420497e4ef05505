"""Sources of power: events from steps, and the path to one of them."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from sitefinder.power.source import Source


class Made(Source):
    """Two events over three steps: both wait for the permit, one for the wires, one for the engines."""

    after: ClassVar = {"permit": (), "wires": ("permit",), "engines": (), "start": ("wires", "engines")}
    events: ClassVar = {"grid": ("permit", "wires", "start"), "gas": ("permit", "engines", "start")}

    def __init__(self):
        self.shape = (1, 2)
        lengths = {"permit": [[3.0, 3.0]], "wires": [[10.0, 20.0]], "engines": [[5.0, 5.0]], "start": [[1.0, 1.0]]}
        self.months = {step: np.array(months, np.float32) for step, months in lengths.items()}


def test_an_event_waits_for_its_own_steps_alone():
    """3 + 10 + 1 with the wires; the engines of 5 run beside the permit, + 1."""
    ready = Made().ready
    assert ready["grid"].tolist() == [[14, 24]]
    assert ready["gas"].tolist() == [[6, 6]]


def test_the_path_is_that_of_the_event_of_each_draw():
    """Wires bind in the first draw, engines in the second; a step that the event does not need is never critical."""
    made = Made()
    path = made.path_to(np.array([[0, 1]], np.int8), made.months)
    names = list(Made.after)
    assert [names[i] for i in path.binding[0]] == ["wires", "engines"]
    assert path.critical[:, 0].T.tolist() == [[True, True, False, True], [False, False, True, True]]


def test_lengths_are_told_whether_or_not_they_matter():
    """P10, P50 and P90 of every step."""
    made = Made()
    path = made.path_to(np.array([[1, 1]], np.int8), made.months)
    assert path.lengths.shape == (1, 4, 3)
    assert path.lengths[0, 1].tolist() == [10, 10, 20]
