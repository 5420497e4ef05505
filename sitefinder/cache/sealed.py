"""Files that know whether they are whole: sums of their blocks stand at their end.

A file that was cut short, zeroed or flipped by a full disk, a lost power or another program is told from a whole one when it is
read. Readers of NumPy's format stop before the seal, so that a sealed array is memory-mapped as before.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

#: bytes that are summed together, and those that are read at once
BLOCK, READ = 1 << 16, 1 << 22
#: the end of a sealed file: checksum of the sums, length of the content, a mark of the format
FOOTER = struct.Struct("<Q Q 8s")
MARK = b"sfwhole1"


class DamagedError(Exception):
    """A sealed file is not what was written; the caller makes it anew."""


@dataclass(frozen=True)
class Seal:
    """Length and sums of the content of a file.

    Parameters
    ----------
    path : Path
    size : int
        Bytes of the content, without the seal.
    sums : (n_blocks,) uint64
        Sum of the 64-bit words of each block, modulo 2^64; the last is filled up with zeros.
    """

    path: Path
    size: int
    sums: np.ndarray

    def check(self, blocks: Iterable[int] | None = None) -> None:
        """Compare blocks, by default all, with their sums.

        Raises
        ------
        DamagedError
            One of them differs.
        OSError
            The file cannot be read.
        """
        with self.path.open("rb", buffering=0) as stream:
            if blocks is None:
                sound = np.array_equal(_sums(stream, self.size), self.sums)
            else:
                sound = all(self._same(stream, block) for block in blocks)
        if not sound:
            raise DamagedError(self.path)

    def _same(self, stream: IO[bytes], block: int) -> bool:
        stream.seek(block * BLOCK)
        content = stream.read(min(BLOCK, self.size - block * BLOCK))
        return bool(_block_sums(content)[0] == self.sums[block])


class CheckedRows:
    """A sealed matrix of uint16 that is read piece by piece: what is read is compared with its sums, and nothing is read twice.

    Threads may share it: each piece is read at its own place of the file.

    Parameters
    ----------
    path : Path
        Of an array in NumPy's format, sealed.

    Raises
    ------
    DamagedError
        The file is no such array, or its seal is damaged.
    OSError
        The file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._seal = seal_of(path)
        mapped = np.load(path, mmap_mode="r")
        self.shape: tuple[int, int] = mapped.shape
        self._first = self._seal.size - mapped.nbytes
        self._file = path.open("rb", buffering=0)

    def __getitem__(self, place: tuple[int, slice]) -> np.ndarray:
        """Columns ``start:stop`` of a row.

        Raises
        ------
        DamagedError
            What is read differs from what was written.
        """
        row, columns = place
        begin = self._first + 2 * (row * self.shape[1] + columns.start)
        end = begin + 2 * (columns.stop - columns.start)
        first, last = begin // BLOCK, -(-end // BLOCK)
        content = np.empty(min(last * BLOCK, self._seal.size) - first * BLOCK, np.uint8)
        read = os.preadv(self._file.fileno(), [content.data], first * BLOCK)
        if read != content.size or not np.array_equal(_block_sums(content.data), self._seal.sums[first:last]):
            raise DamagedError(self._seal.path)
        return content[begin - first * BLOCK : end - first * BLOCK].view(np.uint16)

    def __enter__(self) -> CheckedRows:
        return self

    def __exit__(self, *_: Any) -> None:
        self._file.close()


def seal(stream: IO[bytes]) -> None:
    """Add the seal to a file that is open for reading and writing, after its content."""
    size = stream.seek(0, 2)
    stream.seek(0)
    sums = _sums(stream, size).tobytes()
    stream.seek(size)
    stream.write(sums + FOOTER.pack(zlib.crc32(sums), size, MARK))


def seal_of(path: Path) -> Seal:
    """The seal of a file; its length and the seal itself are checked, the content is not.

    Raises
    ------
    DamagedError
        The file has no seal, is shorter or longer than written, or the seal itself is damaged.
    OSError
        The file cannot be read.
    """
    with path.open("rb") as stream:
        length = stream.seek(0, 2)
        if length < FOOTER.size:
            raise DamagedError(path)
        stream.seek(length - FOOTER.size)
        checksum, size, mark = FOOTER.unpack(stream.read(FOOTER.size))
        wide = 8 * -(-size // BLOCK)
        if mark != MARK or size + wide + FOOTER.size != length:
            raise DamagedError(path)
        stream.seek(size)
        sums = stream.read(wide)
    if zlib.crc32(sums) != checksum:
        raise DamagedError(path)
    return Seal(path, size, np.frombuffer(sums, np.uint64))


def content_of(path: Path) -> bytes:
    """The whole content of a sealed file, checked; errors as of :func:`seal_of`."""
    kept = seal_of(path)
    with path.open("rb") as stream:
        content = stream.read(kept.size)
    if not np.array_equal(_block_sums(content), kept.sums):
        raise DamagedError(path)
    return content


def _sums(stream: IO[bytes], size: int) -> np.ndarray:
    """Sums of all blocks of the first ``size`` bytes of a file."""
    parts, left = [np.empty(0, np.uint64)], size
    while left > 0:
        content = stream.read(min(READ, left))
        if not content:
            raise DamagedError(f"{size - left} of {size} bytes")
        parts.append(_block_sums(content))
        left -= len(content)
    return np.concatenate(parts)


def _block_sums(content: bytes | memoryview) -> np.ndarray:
    """(n,) sums of the blocks of some bytes."""
    whole = len(content) // BLOCK * BLOCK
    sums = np.frombuffer(content, np.uint64, whole // 8).reshape(-1, BLOCK // 8).sum(axis=1, dtype=np.uint64)
    if whole == len(content):
        return sums
    rest = content[whole:]
    words = np.frombuffer(bytes(rest) + bytes(-len(rest) % 8), np.uint64)
    return np.append(sums, words.sum(dtype=np.uint64))
