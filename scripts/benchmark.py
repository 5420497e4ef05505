"""The tool and its peers, side by side in one run: wall, processor time and peak memory, written to docs/performance.md.

Every case is a process of its own, measured from outside. Cases take turns, so that a busy minute of the machine hits all of
them, and medians are told. A peer that is not installed, or a case that needs more memory than is left, is named as skipped.
Peers: pip install 'sitefinder[benchmark]', here or in an environment of their own (--peers PYTHON).
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sitefinder.config import ConfigFile, load_config
from sitefinder.config.shipped import data_folder
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import open_stack
from sitefinder.pipeline.stages import layers_needed
from sitefinder.scoring.criteria import breakpoints
from sitefinder.scoring.exclusions import exclude

ROOT = Path(__file__).parents[1]
#: module of each peer, and the gigabytes that it needs at 1 km
PEERS = {
    "numpy": ("numpy", 8),
    "xarray": ("xarray", 11),
    "scikit-criteria": ("skcriteria", 20),
    "pymcdm": ("pymcdm", 10),
    "cerf": ("cerf", 8),
}
WORDS = {
    "warm": "this tool, the same run again",
    "changed": "this tool, one weight changed, everything written",
    "quick": "this tool, one weight changed, QUICK: scores, 500 campuses, dates",
    "dropped": "this tool, one weight changed, file cache dropped",
    "cold": "this tool, nothing built yet",
    "numpy": "plain NumPy script: score, 500 places",
    "xarray": "plain xarray script: score, 500 places",
    "scikit-criteria": "scikit-criteria, weighted sum: score, 500 places",
    "pymcdm": "pymcdm, TOPSIS of all land cells",
    "cerf": "cerf, competition for 500 places, score by NumPy",
}


class Measured(NamedTuple):
    """A process from outside: seconds by the clock and of the processor, peak megabytes, last line of its output."""

    wall: float
    cpu: float
    peak_mb: float
    answer: str


def job_of(folder: Path, file: ConfigFile, cache: Path) -> Path:
    """Layers, breakpoints and free cells for the peers; path of the job."""
    stack = open_stack(DataPackage(data_folder()), file, layers_needed(file.config), cache_folder=cache)
    weights = file.config.criterion_weights()
    criteria = []
    for layer_id, criterion in file.config.flat_criteria().items():
        points = breakpoints(criterion)
        if points is None or weights[layer_id] == 0.0:
            continue
        np.save(folder / f"{layer_id}.npy", np.asarray(stack.values(layer_id)))
        x, y = points
        criteria.append({"file": str(folder / f"{layer_id}.npy"), "x": x.tolist(), "y": y.tolist(), "weight": weights[layer_id]})
    np.save(folder / "free.npy", exclude(stack, file.config).bits == 0)
    np.save(folder / "cells.npy", stack.land.cells)
    grid = stack.land.grid
    spacing = file.config.candidates.spacing_km * 1000.0 / grid.resolution_m
    job: dict[str, Any] = {"criteria": criteria, "free": str(folder / "free.npy"), "cells": str(folder / "cells.npy")}
    job |= {"shape": grid.shape, "spacing_cells": spacing, "count": file.config.candidates.count}
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
    return folder / "job.json"


def commands(folder: Path, job: Path, turn: int, python: str) -> dict[str, list[str]]:
    """Command of each case; a weight is changed to another number in every turn."""
    rank = [sys.executable, "-m", "sitefinder", "rank", "--out", str(folder / "out")]
    fresh = (int(time.time()) % 1000) / 1e5  # a weight that no run before has had: its campuses are not in the cache
    weight = ["--set", f"weights.water={0.11 + turn / 1000.0 + fresh:.5f}"]
    quick = [*rank[:-1], str(folder / "quick"), "--quick", *weight]
    own = {"warm": rank, "changed": [*rank, *weight], "quick": quick}
    own["dropped"] = [*rank, "--set", f"weights.water={0.13 + turn / 1000.0 + fresh:.5f}"]
    return own | {name: [python, str(ROOT / "scripts" / "peers.py"), name, str(job)] for name in PEERS}


def measured(command: list[str]) -> Measured:
    """Run a process to its end."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        output = process.stdout.read() if process.stdout else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if process.returncode:
        raise RuntimeError(f"ended with code {process.returncode}")
    return Measured(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024.0, output.strip().rpartition("\n")[2])


def why_not(name: str, python: str) -> str | None:
    """Why a case is skipped; None where it can run."""
    if name == "dropped":
        return None if os.geteuid() == 0 and Path("/proc/sys/vm/drop_caches").exists() else "needs to drop the file cache as root"
    if name not in PEERS:
        return None
    module, gigabytes = PEERS[name]
    if subprocess.run([python, "-c", f"import {module}"], capture_output=True, check=False).returncode:
        return "not installed"
    left = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9 + cached_gb()
    return None if left > gigabytes else f"needs about {gigabytes} GB of memory, {left:.0f} are left"


def cached_gb() -> float:
    """Gigabytes of the file cache, which the system gives up when asked."""
    lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines() if Path("/proc/meminfo").exists() else []
    return next((int(line.split()[1]) / 1e6 for line in lines if line.startswith("Cached:")), 0.0)


def bandwidth() -> float:
    """Gigabytes per second of one pass over memory, the best of five: what no kernel on one thread can beat."""
    block = np.ones(100_000_000, np.uint16)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        block.max()
        times.append(time.perf_counter() - start)
    return block.nbytes / min(times) / 1e9


def kernel() -> tuple[float, float]:
    """Seconds of the weighted sum over all cells, the best of five, and gigabytes that it reads."""
    from sitefinder.scoring.score import score_cells, value_matrix

    file = load_config()
    stack = open_stack(DataPackage(data_folder()), file, layers_needed(file.config), cache_folder=Path(".cache"))
    matrix, bits = value_matrix(stack, file.config), np.zeros(stack.land.size, np.uint32)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        score_cells(matrix, file.config, bits)
        times.append(time.perf_counter() - start)
    return min(times), (matrix.values.nbytes + 2 * bits.nbytes) / 1e9


def page(rows: dict[str, list[Measured]], skipped: dict[str, str], extra: list[str]) -> str:
    """docs/performance.md."""
    base = statistics.median(r.wall for r in rows["quick"])
    lean = statistics.median(r.peak_mb for r in rows["quick"])
    lines = [
        "# Performance",
        "",
        "Written by `make benchmark` (`scripts/benchmark.py`): every case a process of its own on the tool's layers at 1 km, "
        f"the cases taking turns, medians of {len(rows['quick'])}. {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}. Trust the ratios.",
        "",
        "| case | wall s | CPU s | peak MB | wall, QUICK = 1 | memory, QUICK = 1 |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name, words in WORDS.items():
        if name in rows:
            wall, cpu, peak = (statistics.median(part) for part in list(zip(*rows[name], strict=True))[:3])
            lines.append(f"| {words} | {wall:.1f} | {cpu:.1f} | {peak:,.0f} | {wall / base:.1f} | {peak / lean:.1f} |")
    lines += ["", *(f"Skipped: {WORDS[name]}: {why}." for name, why in skipped.items()), "", *extra]
    answers = {name: json.loads(rows[name][0].answer) for name in PEERS if name in rows}
    if len(answers) > 1:
        lines += ["", "What the peers found (mean of the best 1,000 scores; sites, and the mean of theirs):", ""]
        lines += [f"- {name}: {a['best']} points, {a['sites']} sites, {a['mean']} points" for name, a in answers.items()]
    return "\n".join(lines).rstrip() + "\n"


def main() -> None:
    """Run all cases and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=list(WORDS))
    parser.add_argument("--peers", default=sys.executable, help="Python of the environment in which the peers are installed")
    parser.add_argument("--cold", action="store_true", help="build all layers once more in an empty cache, too")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "performance.md")
    args = parser.parse_args()
    rows: dict[str, list[Measured]] = {}
    skipped: dict[str, str] = {}
    with tempfile.TemporaryDirectory(dir=ROOT / "out") as name:
        folder = Path(name)
        job = job_of(folder, load_config(), Path(".cache"))
        measured(commands(folder, job, 0, args.peers)["warm"])
        for turn in range(args.repeat):
            for case, command in commands(folder, job, turn, args.peers).items():
                if case not in args.only or case in skipped:
                    continue
                if why := why_not(case, args.peers):
                    skipped[case] = why
                    continue
                if case == "dropped":
                    os.sync()
                    Path("/proc/sys/vm/drop_caches").write_text("3", encoding="utf-8")
                try:
                    rows.setdefault(case, []).append(measured(command))
                except RuntimeError as error:  # a peer of another version, or killed for its memory
                    skipped[case] = str(error)
                    rows.pop(case)
                    continue
                sys.stdout.write(f"{turn + 1}: {WORDS[case]}: {rows[case][-1].wall:.1f} s, {rows[case][-1].peak_mb:,.0f} MB\n")
        if args.cold:
            cold = [*commands(folder, job, 0, args.peers)["warm"], "--cache", str(folder / "cache")]
            rows["cold"] = [measured(cold)]
    seconds, gigabytes = kernel()
    extra = [
        f"The weighted sum of all criteria over all cells takes {seconds:.3f} s, the best of five, for {gigabytes:.2f} GB read "
        f"and written: {gigabytes / seconds:.1f} GB/s, where one pass of one thread over memory does {bandwidth():.1f} GB/s."
    ]
    args.page.write_text(page(rows, skipped, extra), encoding="utf-8")
    sys.stdout.write(f"{args.page}; this process used {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB\n")


if __name__ == "__main__":
    main()
