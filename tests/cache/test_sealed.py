"""Sealed files: whole ones are read as written, every kind of damage is noticed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitefinder.cache.sealed import BLOCK, CheckedRows, DamagedError, content_of, seal, seal_of


def sealed(path: Path, content: bytes) -> Path:
    """A sealed file of this content."""
    with path.open("w+b") as stream:
        stream.write(content)
        seal(stream)
    return path


@pytest.mark.parametrize("size", [0, 1, 7, 8, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 5])
def test_a_whole_file_gives_its_content(tmp_path: Path, size: int) -> None:
    """Of any length, also none."""
    content = np.random.default_rng(size).bytes(size)
    path = sealed(tmp_path / "file", content)
    assert content_of(path) == content
    seal_of(path).check()


@settings(max_examples=60, deadline=None)
@given(at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_any_flipped_bit_is_noticed(tmp_path_factory: pytest.TempPathFactory, at: float, bit: int) -> None:
    """In the content and in the seal."""
    path = sealed(tmp_path_factory.mktemp("flip") / "file", bytes(range(256)) * 300)
    content = bytearray(path.read_bytes())
    content[int(at * len(content))] ^= 1 << bit
    path.write_bytes(content)
    with pytest.raises(DamagedError):
        content_of(path)


@pytest.mark.parametrize("length", [0, 5, 23, 24, 1000, BLOCK, 2 * BLOCK, 2 * BLOCK + 39])
def test_a_file_of_another_length_is_noticed(tmp_path: Path, length: int) -> None:
    """Shorter by any amount, at once; longer, too."""
    path = sealed(tmp_path / "file", bytes([1]) * 2 * BLOCK)
    whole = path.read_bytes()
    path.write_bytes(whole[:length])
    with pytest.raises(DamagedError):
        seal_of(path)
    path.write_bytes(whole + b"\0")
    with pytest.raises(DamagedError):
        seal_of(path)


def test_zeros_in_the_second_half_are_noticed_where_they_lie(tmp_path: Path) -> None:
    """The first block is still sound; the one of zeros is not, nor is the whole."""
    path = sealed(tmp_path / "file", bytes([3]) * 4 * BLOCK)
    with path.open("r+b") as stream:
        stream.seek(2 * BLOCK)
        stream.write(bytes(2 * BLOCK))
    kept = seal_of(path)
    kept.check([0, 1])
    for blocks in ([2], [0, 3], None):
        with pytest.raises(DamagedError):
            kept.check(blocks)


def test_blocks_that_changed_places_are_noticed(tmp_path: Path) -> None:
    """The sums are those of each block, in order."""
    path = sealed(tmp_path / "file", bytes([1]) * BLOCK + bytes([2]) * BLOCK)
    content = path.read_bytes()
    path.write_bytes(content[BLOCK : 2 * BLOCK] + content[:BLOCK] + content[2 * BLOCK :])
    with pytest.raises(DamagedError):
        content_of(path)


def test_numpy_reads_a_sealed_array_as_any_other(tmp_path: Path) -> None:
    """By memory map and whole."""
    path = tmp_path / "array.npy"
    with path.open("w+b") as stream:
        np.save(stream, np.arange(50_000))
        seal(stream)
    for mode in (None, "r"):
        np.testing.assert_array_equal(np.load(path, mmap_mode=mode), np.arange(50_000))


def sealed_matrix(path: Path, matrix: np.ndarray) -> Path:
    """A sealed file of a matrix."""
    with path.open("w+b") as stream:
        np.save(stream, matrix)
        seal(stream)
    return path


def test_pieces_of_rows_are_those_of_the_matrix(tmp_path: Path) -> None:
    """Wherever they begin and end: within a block, across several, at the end of the file."""
    matrix = np.random.default_rng(1).integers(0, 65535, (3, 100_001)).astype(np.uint16)
    with CheckedRows(sealed_matrix(tmp_path / "matrix.npy", matrix)) as rows:
        assert rows.shape == matrix.shape
        for row, start, stop in ((0, 0, 5), (0, 40_000, 80_000), (1, 0, 100_001), (2, 99_999, 100_001)):
            np.testing.assert_array_equal(rows[row, start:stop], matrix[row, start:stop])


def test_damage_is_noticed_in_the_piece_that_holds_it(tmp_path: Path) -> None:
    """Another piece of the same file is still read."""
    path = sealed_matrix(tmp_path / "matrix.npy", np.ones((2, 200_000), np.uint16))
    with path.open("r+b") as stream:
        stream.seek(500_000)
        stream.write(b"\7")
    with CheckedRows(path) as rows:
        assert rows[0, 0:1000].all()
        with pytest.raises(DamagedError):
            rows[1, 0:200_000]
