"""Whole numbers in as few bytes as they need."""

from __future__ import annotations

import numpy as np

#: seven bits to a byte: numbers below 2^35
MOST_BYTES = 5


def leb128(numbers: np.ndarray) -> bytes:
    """Unsigned numbers below 2^35, seven bits to a byte, low bits first; the highest bit says that more follow.

    >>> leb128(np.array([1, 300])).hex()
    '01ac02'
    """
    place = np.arange(MOST_BYTES)
    shifted = numbers.astype(np.uint64)[:, None] >> (place.astype(np.uint64) * np.uint64(7))
    length = np.maximum(1, (shifted > 0).sum(axis=1))
    more = place[None, :] < length[:, None] - 1
    octets = (shifted & np.uint64(127)).astype(np.uint8) | np.where(more, 128, 0).astype(np.uint8)
    return octets[place[None, :] < length[:, None]].tobytes()
