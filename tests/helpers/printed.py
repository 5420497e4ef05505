"""Tests that need a Chromium: what they need, and what a machine without it is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sitefinder.reports.dossier.printing import BROWSERS, browser

MISSING = f"there is no Chromium: none of {', '.join(BROWSERS)} is on the path"


def needs_printer(test: Callable[..., None]) -> Callable[..., None]:
    """Mark a test that prints; it is skipped where there is no Chromium."""
    return pytest.mark.browser(pytest.mark.skipif(browser() is None, reason=MISSING)(test))
