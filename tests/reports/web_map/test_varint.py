"""Numbers in few bytes: the published examples of LEB128."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.reports.web_map.varint import leb128


@pytest.mark.parametrize(("number", "octets"), [(0, "00"), (127, "7f"), (128, "8001"), (624485, "e58e26")])
def test_published_examples(number, octets):
    """DWARF debugging format 5, appendix C, and its often quoted 624485."""
    assert leb128(np.array([number])).hex() == octets


def test_numbers_follow_each_other():
    """Nothing stands between them."""
    both = leb128(np.array([3, 2**34]))
    assert both == leb128(np.array([3])) + leb128(np.array([2**34]))
    assert len(both) == 6
