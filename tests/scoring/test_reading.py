"""Values of layers as people say them."""

from __future__ import annotations

import doctest

from sitefinder.scoring import reading


def test_examples_in_the_docstrings_hold():
    """The examples a reader sees are true."""
    assert doctest.testmod(reading).failed == 0
    assert doctest.testmod(reading).attempted > 0
