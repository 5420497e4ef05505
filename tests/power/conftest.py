"""Configurations that the tests of sources of power share."""

from __future__ import annotations

import pytest

from sitefinder.config import Config, load_config
from tests.helpers.power import CERTAIN


@pytest.fixture(scope="module")
def config(default_path) -> Config:
    """The shipped ranges with few draws."""
    return load_config(default_path, {"delivery.draws": "200"}).config


@pytest.fixture(scope="module")
def certain(default_path) -> Config:
    """Every range a certainty: chance in the headroom and in the right to a closed plant's connection alone."""
    return load_config(default_path, CERTAIN).config
