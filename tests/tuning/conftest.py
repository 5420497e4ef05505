"""The coarse country that the tests of this folder share."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitefinder.tuning.ranking import Ranker
from tests.helpers.stacks import warm
from tests.helpers.tuning import opened


@pytest.fixture(scope="session")
def coarse_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of built layers."""
    return warm(tmp_path_factory.mktemp("tuning") / "cache", 20_000)


@pytest.fixture(scope="session")
def ranker(coarse_cache: Path) -> Ranker:
    """The country, ready to be ranked."""
    return Ranker(opened(coarse_cache))
