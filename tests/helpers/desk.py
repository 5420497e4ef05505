"""The desk of a user of the command ``rank``: a configuration to edit, earlier results, and what a run says."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from sitefinder.cli.main import main
from tests.helpers.paths import DATA, ROOT

#: coarse cells, few campuses and few draws: every stage takes part, in seconds
COARSE = {
    "resolution_m: 1000": "resolution_m: 25000",
    "count: 500": "count: 60",
    "draws: 1000 ": "draws: 200 ",
    "campuses: 2000 ": "campuses: 60 ",
    "draws: 10000 ": "draws: 200 ",
}


def edit(config: Path, old: str, new: str) -> None:
    """Replace a piece of the configuration that must be in one of its files."""
    for path in (config, config.with_name("criteria.yaml"), *sorted((config.parent / "assumptions").iterdir())):
        text = path.read_text(encoding="utf-8")
        if old in text:
            path.write_text(text.replace(old, new, 1), encoding="utf-8")
            return
    raise AssertionError(f"{old} stands nowhere")


def coarse(folder: Path) -> Path:
    """A copy of the configuration in a folder, on the coarsest grid."""
    shutil.copytree(ROOT / "config", folder / "config")
    config = folder / "config" / "default.yaml"
    for old, new in COARSE.items():
        edit(config, old, new)
    return config


class Desk:
    """A user's desk: a copy of the configuration, an output folder with earlier results, a warm cache."""

    def __init__(self, folder: Path, cache: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.config = coarse(folder)
        self.out = folder / "out"
        self.cache = self.warm = cache
        self.data = DATA
        self.capture = capture

    def edit(self, old: str, new: str) -> None:
        """Replace a piece of the configuration that must be in one of its files."""
        edit(self.config, old, new)

    def rank(self, *arguments: str) -> tuple[int, list[str]]:
        """Exit code and the lines on stderr that start with the program's name."""
        where = ["--config", self.config, "--out", self.out, "--cache", self.cache, "--data", self.data]
        with pytest.raises(SystemExit) as stop:
            main(["rank", *map(str, where), *arguments])
        errors = self.capture.readouterr().err.splitlines()
        assert not any("Traceback" in line for line in errors)
        return stop.value.code, [line for line in errors if line.startswith("sitefinder: ")]

    def refused(self, *arguments: str) -> str:
        """The single line of a run that must end with code 2 and leave the earlier output as it was."""
        before = self.results()
        code, lines = self.rank(*arguments)
        assert code == 2
        assert len(lines) == 1
        assert self.results() == before
        return lines[0]

    def of_a_quick_run(self) -> None:
        """Let the earlier results be those of a quick run, which another quick run may replace."""
        path = self.out / "run.json"
        if path.exists():
            path.unlink()

    def results(self) -> dict[str, str]:
        """Hash of every file in the output folder."""
        if not self.out.is_dir():
            return {}
        return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in self.out.iterdir()}
