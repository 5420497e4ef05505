"""What a run changed in its folder: sites that are new, gone, or at another rank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sitefinder.errors import SitefinderError
from sitefinder.results.run import SITES, read_features
from sitefinder.results.site import Site

#: sites named of each kind
NAMED = 3


def ranks_of(folder: Path) -> dict[str, int] | None:
    """Rank by key of the list that a folder holds; None where it holds none that can be read."""
    try:
        rows = [feature["properties"] for feature in read_features(folder / SITES)]
        return {str(row["site_id"]): int(row["rank"]) for row in rows}
    except (SitefinderError, OSError, ValueError, KeyError, TypeError):
        return None


def since(before: Mapping[str, int], sites: Sequence[Site]) -> str:
    """The change of a list in a line.

    Parameters
    ----------
    before : mapping
        Key -> rank in the former list.
    sites : sequence of Site
        The new list.
    """
    after = {site.site_id: site.identity.rank for site in sites}
    new = sorted((rank, key) for key, rank in after.items() if key not in before)
    gone = sorted((rank, key) for key, rank in before.items() if key not in after)
    moves = sorted(((abs(before[k] - r), k) for k, r in after.items() if before.get(k, r) != r), key=lambda m: (-m[0], m[1]))
    if not (new or gone or moves):
        return "the same sites at the same ranks"
    both = (("new", new), ("gone", gone)) if new or gone else ()
    parts = [f"{len(rows)} {word}" + (f" ({_named(rows)})" if rows else "") for word, rows in both]
    largest = ", ".join(f"{key} {before[key]} -> {after[key]}" for _, key in moves[:NAMED])
    parts.append(f"{len(moves)} at another rank{f' (most: {largest})' if moves else ''}")
    return "; ".join(parts)


def _named(rows: Sequence[tuple[int, str]]) -> str:
    """The first few keys with their ranks."""
    more = ", ..." if len(rows) > NAMED else ""
    return ", ".join(f"{key} at {rank}" for rank, key in rows[:NAMED]) + more
