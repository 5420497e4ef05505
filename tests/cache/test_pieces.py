"""Pieces of content: those asked for are those that were given, and a damaged file is made anew."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sitefinder.cache.pieces import KeptPieces
from sitefinder.cache.store import Cache

#: long ones and an empty one: the file has several blocks that are checked by themselves
PIECES = [b"", *(bytes([i % 251]) * (i * 7) for i in range(200))]


def kept(folder: Path, calls: list[int]) -> KeptPieces:
    """The pieces, kept below a folder; ``calls`` grows when they are made."""

    def make() -> list[bytes]:
        calls.append(1)
        return PIECES

    return KeptPieces(Cache(folder), "pieces-0123456789abcdef", make, 2)


def test_pieces_come_in_the_order_asked_for_and_are_made_once(tmp_path, caplog):
    """Repeated, backwards, empty, none; without a word of damage where nothing was kept."""
    calls: list[int] = []
    for rows in ([150, 3, 3, 0, 200], [], list(range(len(PIECES)))):
        assert kept(tmp_path, calls).at(np.array(rows, np.int64)) == [PIECES[i] for i in rows]
    assert calls == [1]
    assert not caplog.records


@pytest.mark.parametrize("part", ["ends", "bytes"])
def test_a_damaged_file_is_made_anew(tmp_path, part):
    """A byte that is read."""
    calls: list[int] = []
    kept(tmp_path, calls).at(np.arange(3))
    path = tmp_path / f"pieces-0123456789abcdef-{part}.npy"
    content = bytearray(path.read_bytes())
    content[130] ^= 255
    path.write_bytes(content)
    assert kept(tmp_path, calls).at(np.arange(len(PIECES))) == PIECES
    assert calls == [1, 1]
