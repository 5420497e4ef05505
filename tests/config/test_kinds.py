"""Kinds of values that the configuration is made of."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from sitefinder.config.kinds import Part, Range


class Example(Part):
    """A part with one number."""

    months: Range = (1, 2, 3)


def test_a_part_refuses_unknown_keys_and_changes():
    """A typo is an error, and a part once read stays as it is."""
    with pytest.raises(ValidationError, match="extra"):
        Example.model_validate({"month": [1, 2, 3]})
    with pytest.raises(ValidationError, match="frozen"):
        Example().months = (0, 0, 0)


@pytest.mark.parametrize("good", [[1, 2, 3], [2, 2, 2], [0, 0.5, 0.5]])
def test_a_range_rises_or_stays(good):
    """Lowest, most likely, highest; equal values are a certainty."""
    assert TypeAdapter(Range).validate_python(good) == tuple(good)


@pytest.mark.parametrize(
    ("bad", "why"),
    [([3, 2, 1], "out of order"), ([1, 3, 2], "out of order"), ([-1, 2, 3], "greater"), ([1, 2], "write"), (5, "not a range")],
)
def test_a_range_in_disorder_is_refused(bad, why):
    """Bare numbers, two values, negative ones and falling ones are not ranges."""
    with pytest.raises(ValidationError, match=why):
        TypeAdapter(Range).validate_python(bad)
