"""Values of layers as people say them."""

from __future__ import annotations

#: parts in a whole, in percent
PERCENT = 100.0


def for_reading(x: float, unit: str) -> tuple[float, str]:
    """Value and unit of a layer as people say them: shares as percent, C as degrees.

    >>> for_reading(0.68, "share"), for_reading(25.5, "C"), for_reading(3.0, "km")
    ((68.0, '%'), (25.5, '\u00b0C'), (3.0, 'km'))
    """
    return (PERCENT * x, "%") if unit == "share" else (x, {"C": "\u00b0C"}.get(unit, unit))
