"""One property of a site."""

from __future__ import annotations

from sitefinder.columns import Column


def test_text_is_the_default():
    """A column without digits is text; all else must be told."""
    column = Column("place", "", "Where it is", "candidates")
    assert column.decimals is None
    assert column == Column("place", "", "Where it is", "candidates", None)
