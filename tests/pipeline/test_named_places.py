"""Named utilities lie in their market regions, and enough of them are named."""

from __future__ import annotations

from sitefinder.config.delivery import REGIONS
from sitefinder.pipeline.checks import wrong_regions
from sitefinder.pipeline.named_places import NAMED_UTILITIES


def test_named_utilities_lie_in_their_regions(package):
    """In the compiled data."""
    assert wrong_regions(package) == []


def test_every_region_is_named_and_no_utility_twice():
    """At least 30 utilities."""
    names = [name for name, *_ in NAMED_UTILITIES]
    assert len(set(names)) == len(names) >= 30
    assert {code for _, code, *_ in NAMED_UTILITIES} == set(REGIONS)
