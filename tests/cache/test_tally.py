"""What is counted as kept and as computed."""

from __future__ import annotations

import numpy as np

from sitefinder.cache import Cache, Tally, tally
from sitefinder.cache.tally import count


def test_a_kind_is_a_name_without_digests_and_endings(tmp_path):
    """Parts of one result, and results of one kind, count together; two tallies under way both count."""
    outer, inner = Tally(), Tally()
    with tally(outer):
        Cache(tmp_path).array("routes-gas-0123456789abcdef-own-fedcba9876543210", lambda: np.zeros(2))
        with tally(inner):
            Cache(tmp_path).json("routes-gas-0123456789abcdee-own-fedcba9876543210", lambda: {})
            count("names", kept=3)
    count("names", kept=5)
    assert outer.computed == {"routes-gas-own": 2, "names": 0}
    assert outer.kept == {"routes-gas-own": 0, "names": 3}
    assert inner.computed == {"routes-gas-own": 1, "names": 0}
