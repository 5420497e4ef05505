"""The script that feeds inputs at random: it sees what goes wrong, a seed makes the same inputs again, a few of them pass."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.helpers.fuzz_base import Surface
from tests.helpers.fuzz_changes import bytes_changed, tree_changed
from tests.helpers.fuzz_surfaces import SURFACES
from tests.helpers.fuzz_watch import Failure, Tally, fuzz
from tests.helpers.fuzz_worker import Guard, OutsideError, verdict_of
from tests.helpers.paths import ROOT


class Fake(Surface):
    """Raises what it is given."""

    def take(self, content, rng):
        if isinstance(content, Exception):
            raise content


def test_everything_but_a_refusal_is_a_failure(tmp_path):
    """An empty message too: the user would learn nothing."""
    from sitefinder.errors import ConfigError, DataError

    fake, rng = Fake(tmp_path), random.Random(0)
    assert verdict_of(fake, b"", rng) == ("taken", None)
    assert verdict_of(fake, DataError("Damaged a.tif. Copy it again."), rng) == ("refused", None)
    assert verdict_of(fake, ConfigError(" "), rng)[0] == "failed"
    for error in (ValueError("x"), RecursionError(), MemoryError(), AssertionError("y")):
        verdict, problem = verdict_of(fake, error, rng)
        assert verdict == "failed"
        assert problem["what"] == type(error).__name__
        assert "test_fuzz.py" in problem["where"]


def test_writes_outside_of_the_folder_are_refused(tmp_path):
    """By any call of the interpreter; within it, and reading, all is allowed."""
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (outside / "there").touch()
    guard = Guard(inside)
    guard.on = True
    try:
        (inside / "a").write_text("x")
        (outside / "there").read_text()
        writes = (
            lambda: (outside / "b").write_text("x"),
            lambda: (inside / ".." / "out" / "c").open("a"),
            lambda: os.open(outside / "d", os.O_CREAT | os.O_WRONLY),
            lambda: (outside / "e").mkdir(),
            lambda: (outside / "there").unlink(),
            lambda: (inside / "a").rename(outside / "a"),
        )
        for write in writes:
            with pytest.raises(OutsideError):
                write()
    finally:
        guard.on = False
    assert len(guard.outside) == len(writes)
    assert [p.name for p in outside.iterdir()] == ["there"]


@pytest.mark.parametrize("name", ["yaml", "configuration, tree", "configuration, text", "settings", "model"])
def test_a_seed_makes_the_same_inputs_again(tmp_path, name):
    """Another process, another folder: what failed once can be looked at."""
    shown = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
        surface = SURFACES[name](folder)
        surface.warm_up()
        shown.append([repr(surface.input(random.Random(str(n)))).replace(str(folder), "") for n in range(30)])
    assert shown[0] == shown[1]
    assert len(set(shown[0])) > 20


def test_changes_leave_the_given_content_as_it_is():
    """A seed is used many times."""
    tree = {"a": {"b": [1, 2, {"c": "d"}]}, "e": None}
    content, text = repr(tree), b"a: [1, 2]\n"
    changed = [repr(tree_changed(random.Random(n), tree)) for n in range(200)]
    assert repr(tree) == content
    assert sum(c != content for c in changed) > 150
    assert len({bytes_changed(random.Random(n), text) for n in range(200)}) > 150


def test_the_smallest_failure_of_a_kind_is_kept():
    """Kinds are counted by error and place."""
    tally = Tally("yaml")
    for number, shown in enumerate(("long input", "short", "longer input")):
        tally.add(Failure("yaml", "ValueError", "a.py:1", "text", number, shown))
    tally.add(Failure("yaml", "ValueError", "a.py:2", "text", 9, "other"))
    assert list(tally.kinds.values()) == [3, 1]
    assert tally.smallest["ValueError", "a.py:1"].number == 1


def test_a_process_that_hangs_or_dies_is_a_failure_and_the_next_input_follows(monkeypatch):
    """The numbers go on behind the input that stopped the process."""
    monkeypatch.setattr("tests.helpers.fuzz_watch.LONGEST_S", 1.0)
    tally = fuzz("drill", (0, 8), "s")
    assert tally.counts["failed"] == 3
    assert sum(tally.counts.values()) == 8
    assert sorted(f.what.split(" of ")[0] for f in tally.smallest.values()) == [
        "MemoryError",
        "a hang",
        "the process ended with 7",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(SURFACES))
def test_some_inputs_of_every_surface_pass(name):
    """Taken, or refused in a line; ``scripts/fuzz.py`` gives more."""
    tally = fuzz(name, (0, 150), "tests")
    assert tally.kinds == {}
    assert sum(tally.counts.values()) == 150
    assert tally.counts["refused"] > 0


def test_every_surface_has_its_part_of_the_inputs():
    """None is left out by the script."""
    text = Path(ROOT / "scripts" / "fuzz.py").read_text(encoding="utf-8")
    assert [name for name in SURFACES if f'"{name}": ' not in text] == []
