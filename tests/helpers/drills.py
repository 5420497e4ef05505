"""Faults on purpose, one method per kind; ``scripts/fault_drill.py`` carries many of them out, the tests a few."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.helpers.paths import ROOT

#: cells that make a run of seconds, and the results that must be the same bytes again
RESOLUTION, SAME = "25000", ("sites.geojson", "suitability.tif", "weighted.tif", "ml.tif", "exclusions.tif", "delivery.csv")
#: exit codes that are answers: done, and refused in a line; killed by us besides
DONE, REFUSED, KILLED = 0, 2, -signal.SIGKILL
#: seconds within which a run must end
LONGEST_S = 240.0

#: a configuration of few layers: runs take a second, caches ten; with the shipped one two and three times as long
SMALL = f"""
extends: [{ROOT}/config/assumptions/land.yaml, {ROOT}/config/assumptions/needs.yaml]
project: {{mw: 300}}
grid: {{resolution_m: {RESOLUTION}}}
weights: {{gas: 0.6, water: 0.4}}
criteria:
  gas:
    gas_any_km: {{weight: 1, unit: km, ramp: {{best: 2, worst: 30}}}}
  water:
    river_km: {{weight: 1, unit: km, logistic: {{midpoint: 20, ninety: 5}}}}
exclusions:
  steep: {{layer: slope_pct, unit: "%", above: 12, reason: steep}}
model: {{share: 0}}
candidates: {{count: 30, spacing_km: 60}}
"""
#: years by which a clock is set back
BACK_YEARS = 10

Files = dict[str, bytes]


class Drill:
    """A folder with a clean run, and the faults that are tried on copies of its cache.

    Parameters
    ----------
    folder : Path
        Empty; everything happens in it.
    rng : random.Random
    shipped : bool
        With the shipped configuration instead of :data:`SMALL`.
    """

    def __init__(self, folder: Path, rng: random.Random, *, shipped: bool = False) -> None:
        self.folder, self.rng = folder, rng
        self.config = ROOT / "config" / "default.yaml" if shipped else folder / "drill.yaml"
        if not shipped:
            self.config.write_text(SMALL, encoding="utf-8")
        self.cache, self.out = folder / "cache", folder / "out"
        started = time.monotonic()
        done = self.run(self.folder / "clean")
        if done.returncode != DONE:
            raise RuntimeError(f"The clean run failed: {done.stderr}")
        self.clean, self.cold_s = read(self.folder / "clean"), time.monotonic() - started
        started = time.monotonic()
        self.run(self.out)
        self.warm_s = time.monotonic() - started

    def carry_out(self, kind: str) -> str:
        """Try a fault, then run again: what went wrong in words, empty where nothing did."""
        before = read(self.out)
        code, error = KINDS[kind](self)
        problems = []
        if code not in (DONE, REFUSED, KILLED):
            problems.append(f"exit code {code}: {error.strip().splitlines()[-1:]}")
        if "Traceback" in error:
            problems.append(f"a traceback: {error.strip().splitlines()[-1]}")
        after = read(self.out)
        if after not in (before, self.clean):
            problems.append(f"earlier results changed: {[name for name in before if after.get(name) != before[name]]}")
        again = self.run(self.out)
        if again.returncode != DONE or read(self.out) != self.clean:
            changed = [name for name in self.clean if read(self.out).get(name) != self.clean[name]]
            problems.append(f"the next run differs ({again.returncode}): {changed} {again.stderr.strip().splitlines()[-1:]}")
            shutil.rmtree(self.cache)
            self.run(self.out)
        left = [p.name for p in self.out.iterdir() if p.name.startswith(".") and kind not in ("killed", "killed cold")]
        return "; ".join([*problems, *([f"left behind: {left}"] if left else [])])

    def run(
        self, out: Path, *more: str, env: dict[str, str] | None = None, limit: Callable[[], object] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """A quick run into a folder, in an environment, under a limit that it is given before it begins."""
        command = self.command(out, *more)
        return subprocess.run(
            command, cwd=ROOT, env=env, preexec_fn=limit, capture_output=True, text=True, timeout=LONGEST_S, check=False
        )

    def command(self, out: Path, *more: str) -> list[str]:
        """Command line of a quick run."""
        folders = ["--config", str(self.config), "--cache", str(self.cache), "--out", str(out)]
        return [sys.executable, "-m", "sitefinder", "rank", "--quick", "--resolution", RESOLUTION, *folders, *more]

    def killed(self) -> tuple[int, str]:
        """Killed at a random moment, its cache warm or lacking some files."""
        for path in self.rng.sample(sorted(self.cache.rglob("*.*")), 5):
            path.unlink()
        return self._kill(self.warm_s)

    def killed_cold(self) -> tuple[int, str]:
        """Killed at a random moment while the cache is built."""
        shutil.rmtree(self.cache)
        return self._kill(self.cold_s)

    def _kill(self, within_s: float) -> tuple[int, str]:
        child = subprocess.Popen(self.command(self.out), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        time.sleep(self.rng.uniform(0.0, within_s))
        child.kill()
        _, error = child.communicate()
        return child.returncode, error

    def full_disk(self) -> tuple[int, str]:
        """No file may grow over a random size, as on a disk that is full; half of the time the cache must be written, too."""
        if self.rng.random() < 0.5:
            shutil.rmtree(self.cache)
        most = int(10 ** self.rng.uniform(2, 6.5))

        def limit() -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

        done = self.run(self.out, limit=limit)
        return done.returncode, done.stderr

    def too_little_memory(self) -> tuple[int, str]:
        """An address space of less than a run needs, at random."""
        most = int(self.rng.uniform(1.2, 4.0) * 2**30)
        done = self.run(self.out, limit=lambda: resource.setrlimit(resource.RLIMIT_AS, (most, most)))
        return done.returncode, done.stderr

    def damaged_cache(self) -> tuple[int, str]:
        """Some files of the cache cut short, zeroed or with one byte flipped."""
        for path in self.rng.sample([p for p in sorted(self.cache.rglob("*.*")) if p.is_file()], 8):
            content = bytearray(path.read_bytes())
            if not content:
                continue
            at = self.rng.randrange(len(content))
            how = self.rng.choice(["cut", "zeroed", "flipped"])
            if how == "flipped":
                content[at] ^= 1 << self.rng.randrange(8)
            changed = {"cut": content[:at], "zeroed": content[:at] + bytes(len(content) - at), "flipped": content}
            path.write_bytes(changed[how])
        done = self.run(self.out)
        return done.returncode, done.stderr

    def two_at_once(self) -> tuple[int, str]:
        """Two runs into one folder, the second a random moment after the first; half of the time without a cache."""
        if self.rng.random() < 0.5:
            shutil.rmtree(self.cache)
        first = subprocess.Popen(self.command(self.out), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        time.sleep(self.rng.uniform(0.0, self.warm_s))
        second = self.run(self.out)
        _, error = first.communicate(timeout=LONGEST_S)
        return first.returncode or second.returncode, error + second.stderr

    def read_only(self) -> tuple[int, str]:
        """A folder that cannot be made, for results or cache: a file stands in its place, because root may write anywhere."""
        barrier = self.folder / "barrier"
        barrier.touch()
        done = self.run(barrier / "out") if self.rng.random() < 0.5 else self.run(self.out, "--cache", str(barrier / "cache"))
        return done.returncode, done.stderr

    def clock_back(self) -> tuple[int, str]:
        """Cache and results come from the future: the clock was set back since they were written."""
        future = time.time() + BACK_YEARS * 365 * 86_400
        for path in (*self.cache.rglob("*"), *self.out.iterdir()):
            os.utime(path, (future, future))
        done = self.run(self.out)
        return done.returncode, done.stderr

    def no_home(self) -> tuple[int, str]:
        """Neither a home nor a folder for temporary files."""
        environment = {k: v for k, v in os.environ.items() if k not in ("HOME", "TMPDIR", "XDG_CACHE_HOME")}
        done = self.run(self.out, env=environment | {"HOME": "/nonexistent", "TMPDIR": "/nonexistent"})
        return done.returncode, done.stderr


def read(folder: Path) -> Files:
    """The results of a run that do not hold times."""
    return {name: (folder / name).read_bytes() for name in SAME if (folder / name).is_file()}


#: kind -> its method
KINDS: Mapping[str, Callable[[Drill], tuple[int, str]]] = {
    "killed": Drill.killed,
    "full disk": Drill.full_disk,
    "damaged cache": Drill.damaged_cache,
    "two at once": Drill.two_at_once,
    "killed cold": Drill.killed_cold,
    "too little memory": Drill.too_little_memory,
    "read only": Drill.read_only,
    "no home": Drill.no_home,
    "clock back": Drill.clock_back,
}
