"""One property of a site: what every writer, the docs and the tests know about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One property of a site.

    Parameters
    ----------
    name : str
    unit : str
        Empty for text and counts without a unit.
    meaning : str
    source : str
        The stage or the layer that the number comes from.
    decimals : int or None
        Digits kept in the output; None for text.
    """

    name: str
    unit: str
    meaning: str
    source: str
    decimals: int | None = None
