"""Value functions as they are written in a configuration."""

from __future__ import annotations

import pytest

from sitefinder.config import load_config
from tests.helpers.config_text import GOOD, saved


def test_logistic_steepness_gives_nine_tenths(tmp_path):
    """The steepness makes ten to ninety percent of the S-curve out of the two breakpoints."""
    shape = load_config(saved(tmp_path, GOOD)).config.criteria["water"]["river_km"].logistic
    assert 1 / (1 + 2.718281828459045 ** (-shape.steepness * (5 - 20))) == pytest.approx(0.9)
