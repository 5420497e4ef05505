"""Terms of curtailable service."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from sitefinder.config.flexible import Flexible

TERMS = {
    "agreement": (1.0, 3.0, 8.0),
    "station": {69: (4.0, 8.0, 15.0)},
    "curtailment": 0.005,
    "emergency_engines": {"test": 100.0, "other": 50.0},
}


def test_usual_terms_are_read() -> None:
    """Hours and share as given."""
    terms = Flexible(**TERMS)
    assert (terms.curtailment, terms.emergency_engines.other) == (0.005, 50.0)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"curtailment": 0.5}, "less than or equal to 0.2"),
        ({"curtailment": 0.0}, "greater than or equal to 0.0001"),
        ({"emergency_engines": {"test": 40.0, "other": 50.0}}, "other 50 is above test 40"),
        ({"hours": 3.0}, "Extra inputs"),
    ],
)
def test_impossible_terms_are_refused(change: dict, says: str) -> None:
    """Shares outside the compiled table, more other hours than hours, unknown keys."""
    with pytest.raises(ValidationError, match=says):
        Flexible(**TERMS | change)
