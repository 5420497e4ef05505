"""Words of the memo."""

from __future__ import annotations

import re

from sitefinder.financing.outcome import GROUPS
from sitefinder.reports.memo import words


def test_every_group_has_words():
    """No group of inputs is shown by its key."""
    assert set(words.WORSE) == set(GROUPS)


def test_no_number_stands_in_the_words():
    """Numbers come from fields only."""
    assert not re.search(r"\d", " ".join((*words.WORSE.values(), *words.LIMITS.values(), *words.NOT_KNOWN)))


def test_limits_by_name():
    """Groups keep their name, unknown limits stay readable."""
    assert words.limit("caps.rto.PJM") == "campuses per market region, PJM"
    assert words.limit("spacing_km") == "distance between campuses"
    assert words.limit("new.kind_of_limit") == "new, kind of limit"
