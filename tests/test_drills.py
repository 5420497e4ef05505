"""Faults on purpose: each kind once, on a few layers; ``scripts/fault_drill.py`` carries out many of them."""

from __future__ import annotations

import random

import pytest

from tests.helpers.drills import KINDS, SAME, Drill, read

pytestmark = [pytest.mark.slow, pytest.mark.stack]


@pytest.fixture(scope="module")
def drill(tmp_path_factory):
    """A folder with a clean run."""
    return Drill(tmp_path_factory.mktemp("drill"), random.Random(1))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_lost_and_the_next_run_is_right(drill, kind):
    """Earlier results stay as they were or are replaced by the same; no traceback; the run after it gives the same bytes."""
    assert drill.carry_out(kind) == ""


def test_a_drill_that_loses_something_says_so(drill, monkeypatch):
    """Another file in the place of a result, and a traceback."""

    def spoil(own: Drill) -> tuple[int, str]:
        (own.out / SAME[0]).write_bytes(b"{}")
        return 1, "Traceback (most recent call last):\nValueError: x"

    monkeypatch.setitem(KINDS, "spoiled", spoil)
    problem = drill.carry_out("spoiled")
    assert "exit code 1" in problem
    assert "a traceback: ValueError: x" in problem
    assert f"earlier results changed: ['{SAME[0]}']" in problem
    assert read(drill.out) == drill.clean
