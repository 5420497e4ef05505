"""What a run takes from the cache and what it computes, counted by kind."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

#: a digest within a name
DIGEST = re.compile(r"-[0-9a-f]{16}")


@dataclass(frozen=True)
class Tally:
    """How many results of each kind were taken from the cache, and how many computed, while :func:`tally` counted."""

    kept: Counter[str] = field(default_factory=Counter)
    computed: Counter[str] = field(default_factory=Counter)


#: the tallies under way; threads of one run count into the same
_TALLIES: list[Tally] = []


@contextlib.contextmanager
def tally(counts: Tally) -> Iterator[None]:
    """Add to the counts what the enclosed block takes from any cache and what it computes."""
    _TALLIES.append(counts)
    try:
        yield
    finally:
        _TALLIES[:] = [other for other in _TALLIES if other is not counts]


def count(name: str, *, kept: int = 0, computed: int = 0) -> None:
    """Add to all tallies under way; the kind is the name without digests and endings."""
    kind = DIGEST.sub("", name.split(".")[0])
    for counts in _TALLIES:
        counts.kept[kind] += kept
        counts.computed[kind] += computed
