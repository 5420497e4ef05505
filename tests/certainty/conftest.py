"""A run on the coarsest grid, for whatever is said of its campuses."""

from __future__ import annotations

import pytest

from sitefinder.config import load_config
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import open_stack
from sitefinder.pipeline.stages import layers_needed
from sitefinder.scoring.exclusions import exclude
from sitefinder.scoring.score import score_cells, value_matrix
from sitefinder.sites.campuses import Field, national_campuses
from tests.helpers.paths import DATA
from tests.helpers.stacks import warm

COARSE = {"grid.resolution_m": "25000", "candidates.spacing_km": "50", "candidates.count": "120", "model.share": "0"}


@pytest.fixture(scope="session")
def world(tmp_path_factory, default_path):
    """A run on the coarsest grid without a model."""
    config = load_config(default_path, COARSE)
    needed = layers_needed(config.config)
    stack = open_stack(DataPackage(DATA), config, needed, cache_folder=warm(tmp_path_factory.mktemp("cache")))
    excluded = exclude(stack, config.config)
    score = score_cells(value_matrix(stack, config.config), config.config, excluded.bits)
    field = Field.of(stack.land, score, stack.values("buildable_pct"))
    return stack, config.config, excluded, field, national_campuses(field, config.config)
