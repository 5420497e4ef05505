"""The browser and the map of the coarse run that the tests of a module share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.map_browser import browser, visit
from tests.helpers.map_run import map_run


@pytest.fixture(scope="module")
def chromium():
    """One browser for all tests."""
    with browser() as engine:
        yield engine


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    """The map of the coarse run as a file."""
    path = tmp_path_factory.mktemp("map") / "map.html"
    path.write_bytes(map_run().page)
    return path


@pytest.fixture(scope="module")
def opened(chromium, path):
    """The map at 1400 x 900, loaded once."""
    seen = visit(chromium, path)
    yield seen
    seen.page.context.close()


@pytest.fixture
def wide(opened):
    """The map at 1400 x 900 as it starts."""
    opened.fresh()
    return opened
