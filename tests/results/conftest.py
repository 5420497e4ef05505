"""A finished run that the tests of this folder share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from sitefinder.config import ConfigFile, load_config
from sitefinder.pipeline.stages import Result, run
from tests.helpers.paths import DATA, ROOT
from tests.helpers.stacks import used

#: coarse cells and few draws: every stage takes part, in seconds
COARSE = {
    "grid.resolution_m": "25000",
    "candidates.count": "12",
    "candidates.spacing_km": "60",
    "delivery.draws": "200",
    "uncertainty.draws": "200",
    "uncertainty.campuses": "20",
}


@dataclass(frozen=True)
class Finished:
    """A run: what it was asked, what it computed, and the folder that it wrote."""

    file: ConfigFile
    result: Result
    folder: Path


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A run of the shipped configuration on the coarsest grid, with a free and an excluded site of the user's own."""
    folder = tmp_path_factory.mktemp("finished")
    own = folder / "mine.csv"
    own.write_text("name,lat,lon\nAbilene,32.5,-99.79\nYellowstone,44.6,-110.5\n", encoding="utf-8")
    file, cache = load_config(ROOT / "config" / "default.yaml", COARSE), used(folder / "cache")
    result = run(file, out=folder / "out", data=DATA, cache=cache, sites=own, with_map=False)
    return Finished(file, result, folder / "out")
