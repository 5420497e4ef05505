"""Undoing what the map packs."""

from __future__ import annotations

import zlib

import numpy as np


def undone(content, free):
    """Values of the free cells as the page rebuilds them from differences, 0 elsewhere."""
    steps, raster, above = iter(content), np.zeros(free.shape, np.uint8), [0] * free.shape[1]
    for r in range(free.shape[0]):
        left = 0
        for c in range(free.shape[1]):
            if free[r, c]:
                raster[r, c] = left = (above[c] + next(steps)) & 255
            above[c] = left
    assert next(steps, None) is None
    return raster


def numbers(blob):
    """The numbers of :func:`leb128`, read back one by one."""
    varints, value, shift = [], 0, 0
    for octet in zlib.decompress(blob):
        value |= (octet & 127) << shift
        shift += 7
        if octet < 128:
            varints.append(value)
            value = shift = 0
    return varints
