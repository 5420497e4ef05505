"""The job that the benchmark hands to other tools is the tool's own: they find the same scores."""

from __future__ import annotations

import importlib.util
import json
from types import ModuleType

import numpy as np
import pytest

from sitefinder.config import load_config
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import open_stack
from sitefinder.pipeline.stages import layers_needed
from sitefinder.scoring.exclusions import exclude
from sitefinder.scoring.score import score_cells, value_matrix
from tests.helpers.paths import DATA, ROOT
from tests.helpers.stacks import warm

pytestmark = pytest.mark.stack


def script(name: str) -> ModuleType:
    """A script of the repository as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_plain_script_finds_the_same_scores(tmp_path):
    """Mean of the best thousand cells to a thousandth of a point, and as many sites as asked for, on free land."""
    file, cache = load_config(ROOT / "config" / "default.yaml", {"grid.resolution_m": "25000"}), warm(tmp_path / "cache", 25_000)
    job = json.loads(script("benchmark").job_of(tmp_path, file, cache).read_text())
    theirs = script("peers").numpy_script(job)
    stack = open_stack(DataPackage(DATA), file, layers_needed(file.config), cache_folder=cache)
    excluded = exclude(stack, file.config).bits
    score = score_cells(value_matrix(stack, file.config), file.config, excluded)
    best = np.sort(score[excluded == 0])[-script("peers").BEST :]
    assert theirs["best"] == pytest.approx(float(best.mean()), abs=1e-3)
    assert theirs["sites"] == 500
    most = float(np.sort(score[excluded == 0])[-500:].mean())
    assert 0.0 < theirs["mean"] <= most + 1e-3
