"""Gives many inputs to a surface in a process of its own: what hangs or dies there is a failure, and the next input follows."""

from __future__ import annotations

import contextlib
import json
import os
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

from tests.helpers.fuzz_base import SHOWN
from tests.helpers.paths import ROOT

#: seconds of the processor that an input may take, how often that is looked at, and how many times as long it may wait for others
LONGEST_S, LOOK_S, WAITS = 5.0, 0.25, 12.0


class Failure(NamedTuple):
    """An input that was neither taken nor refused in a line; ``number`` and the seed make it again."""

    surface: str
    what: str
    where: str
    text: str
    number: int
    shown: str

    @property
    def kind(self) -> tuple[str, str]:
        """Failures of one kind have one cause, as far as can be seen from outside."""
        return self.what, self.where


@dataclass
class Tally:
    """Inputs of a surface by what became of them, and the smallest failure of each kind."""

    surface: str
    counts: Counter[str] = field(default_factory=Counter)
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    smallest: dict[tuple[str, str], Failure] = field(default_factory=dict)
    seconds: float = 0.0

    def add(self, failure: Failure) -> None:
        """Count a failure; the shortest of its kind is kept."""
        self.kinds[failure.kind] += 1
        if failure.kind not in self.smallest or len(failure.shown) < len(self.smallest[failure.kind].shown):
            self.smallest[failure.kind] = failure

    @property
    def line(self) -> str:
        """The counts in a line."""
        total = sum(self.counts.values())
        taken, refused, failed = (self.counts[k] for k in ("taken", "refused", "failed"))
        rate = total / self.seconds if self.seconds else 0.0
        return (
            f"{self.surface:34s} {total:9,d} inputs {taken:8,d} taken {refused:9,d} refused {failed:5,d} failed {rate:7,.0f} /s"
        )


def fuzz(surface: str, numbers: tuple[int, int], seed: str) -> Tally:
    """Give the inputs from the first of two numbers to that before the second, of a seed, to a surface."""
    tally, started = Tally(surface), time.monotonic()
    number, end = numbers
    while number < end:
        with tempfile.TemporaryDirectory(dir=_quick_folder()) as folder:
            process = _Process(surface, (number, end), seed, Path(folder))
            reason = process.watch()
            tally.counts += process.counts
            for failure in process.failures:
                tally.add(failure)
            number = process.after
            if reason:
                tally.counts["failed"] += 1
                tally.add(Failure(surface, reason, process.last_words(), "", number, ""))
                number += 1
    tally.seconds = time.monotonic() - started
    return tally


def _quick_folder() -> str | None:
    """A folder in memory where there is one."""
    shared = Path("/dev/shm")
    return str(shared) if os.access(shared, os.W_OK) else None


class _Process:
    """One process of ``fuzz_worker`` and what it says."""

    def __init__(self, surface: str, numbers: tuple[int, int], seed: str, folder: Path) -> None:
        first, end = numbers
        self.surface, self.folder, self.after = surface, folder, first
        self.counts: Counter[str] = Counter()
        self.failures: list[Failure] = []
        command = [sys.executable, "-m", "tests.helpers.fuzz_worker", surface, str(first), str(end), seed, str(folder)]
        environment = dict(os.environ) | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "GDAL_NUM_THREADS": "1"}
        self.errors = (folder / "errors").open("w+b")
        self.child = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=self.errors, text=True)

    def watch(self) -> str:
        """Wait for the end: why it came at an input, empty where all were given.

        Raises
        ------
        RuntimeError
            The process was not ready for the first input: the fault is ours.
        """
        listener = Thread(target=self._listen)
        listener.start()
        reason = ""
        while self.child.poll() is None and not reason:
            time.sleep(LOOK_S)
            number, waited, worked = self._current()
            if number >= 0 and (worked > LONGEST_S or waited > WAITS * LONGEST_S):
                reason = f"a hang of more than {LONGEST_S:g} s"
        self.child.kill()
        code = self.child.wait()
        listener.join()
        if not reason and not code:
            return ""
        number, _, _ = self._current()
        if number < 0:
            raise RuntimeError(f"{self.surface}: {self.last_words()}")
        self.counts["refused"] += max(0, number - self.after)  # or taken: the process could not say
        self.after = max(self.after, number)
        return reason or f"the process ended with {code}"

    def last_words(self) -> str:
        """Last line of its standard error."""
        self.errors.seek(max(0, self.errors.seek(0, os.SEEK_END) - 2000))
        lines = self.errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1][:200] if lines else ""

    def _current(self) -> tuple[int, float, float]:
        """Number of its input, seconds since it began and how many were its own; -2 before the first, -1 after the last."""
        with contextlib.suppress(OSError, struct.error):
            number, began, worked = SHOWN.unpack((self.folder / "number").read_bytes())
            if began:
                return number, time.monotonic() - began, self._worked() - worked
        return -2, 0.0, 0.0

    def _worked(self) -> float:
        """Seconds of the processor that the process has had; 0 where the system does not say."""
        with contextlib.suppress(OSError, IndexError, ValueError):
            fields = Path(f"/proc/{self.child.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return 0.0

    def _listen(self) -> None:
        for line in self.child.stdout or ():
            said = json.loads(line)
            if "failure" in said:
                f = said["failure"]
                self.failures.append(Failure(self.surface, f["what"], f["where"], f["text"], f["number"], f["input"]))
            else:
                self.after = said["next"]
                self.counts += Counter(said["counts"])


def report(tallies: list[Tally], write: Callable[[str], Any]) -> bool:
    """Write the counts, and the failures by kind; whether there is none."""
    for tally in tallies:
        write(tally.line)
    for tally in tallies:
        for kind, times in tally.kinds.most_common():
            f = tally.smallest[kind]
            write(f"\n{f.surface}, input {f.number}, {times} of its kind: {f.what} at {f.where}: {f.text}\n    {f.shown[:1200]}")
    total = sum(sum(t.counts.values()) for t in tallies)
    failed = sum(t.counts["failed"] for t in tallies)
    write(f"\n{total:,} inputs, {failed:,} failed in {sum(len(t.kinds) for t in tallies)} kinds")
    return failed == 0
