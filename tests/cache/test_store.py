"""Results kept between runs: made once, whole or not at all, forgotten by age, renewed when their code changes."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from sitefinder.cache import (
    Cache,
)
from sitefinder.cache.sealed import DamagedError
from sitefinder.errors import OutputError
from sitefinder.grid import Grid

A, B, C = ("0" * 15 + end for end in "abc")


def counted(result):
    """A maker of a result, and the list that grows with each call."""
    calls = []

    def make():
        calls.append(1)
        return result

    return make, calls


def test_results_are_made_once(tmp_path):
    """The second asker gets the first one's array, text and bytes."""
    kept = Cache(tmp_path)
    for result, ask, name in (
        (np.arange(3), kept.array, "three"),
        ({"a": [1, None, "x"]}, kept.json, "facts"),
        (b"tif", kept.content, "picture.tif"),
    ):
        make, calls = counted(result)
        first, second = ask(name, make), ask(name, make)
        assert len(calls) == 1
        assert np.array_equal(first, result)
        assert np.array_equal(second, result)
    assert isinstance(kept.array("three", lambda: np.zeros(1)).base, np.memmap)


def test_an_array_can_be_read_into_memory(tmp_path):
    """Equal to the mapped one, whoever kept it; a damaged one is made anew."""
    kept, array = Cache(tmp_path), np.arange(12, dtype=np.float32).reshape(3, 4)
    np.testing.assert_array_equal(kept.loaded("three", lambda: array), array)
    np.testing.assert_array_equal(kept.array("three", lambda: np.zeros(1)), array)
    np.testing.assert_array_equal(kept.loaded("three", lambda: np.zeros(1)), array)
    path = tmp_path / "three.npy"
    path.write_bytes(path.read_bytes().replace(np.float32(7).tobytes(), np.float32(8).tobytes()))
    np.testing.assert_array_equal(kept.loaded("three", lambda: array + 1), array + 1)


def test_a_matrix_is_written_row_by_row(tmp_path):
    """Rows in their order, memory-mapped."""
    rows = np.arange(6, dtype=np.uint16).reshape(2, 3)
    np.testing.assert_array_equal(Cache(tmp_path).rows("matrix", (2, 3), lambda: iter(rows)), rows)


def test_a_failure_leaves_nothing_behind(tmp_path):
    """A maker that fails leaves no file, whole or partial."""

    def failing():
        yield np.zeros(3, np.uint16)
        raise ValueError("no second row")

    with pytest.raises(ValueError, match="no second row"):
        Cache(tmp_path).rows("matrix", (2, 3), failing)
    assert list(tmp_path.iterdir()) == []


def test_a_cache_that_cannot_be_written_is_refused(tmp_path):
    """One line with the place and the remedy: a folder that is gone, and one whose name is taken by a file."""
    with pytest.raises(OutputError, match=r"Cannot write the cache .*gone.*--cache"):
        Cache(tmp_path / "gone").array("three", lambda: np.arange(3))
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"Cannot write the cache .*file.*--cache"):
        Cache.of(tmp_path / "file", Grid(25_000.0))


def test_each_cell_size_has_its_own_folder(tmp_path):
    """The folder is there at once."""
    assert Cache.of(tmp_path, Grid(2500.0)).folder == tmp_path / "grid-2500m"
    assert (tmp_path / "grid-2500m").is_dir()


def aged(folder: Path, *names: str) -> None:
    """Files in order of age, the oldest first, an hour apart."""
    for hours, name in enumerate(reversed(names)):
        (folder / name).touch()
        os.utime(folder / name, times=(0, time.time() - 3600 * (hours + 1)))


def test_old_results_are_forgotten_with_all_their_parts(tmp_path):
    """The last used stay; other kinds, even of a longer name, are left alone."""
    aged(
        tmp_path, f"way-{A}.npy", f"way-{A}-cost.npy", f"way-{A}-other-{C}.npy", f"way-{B}.npy", f"way-{C}.npy", f"way-on-{A}.npy"
    )
    Cache(tmp_path).forget("way", 2)
    assert {p.name for p in tmp_path.iterdir()} == {f"way-{B}.npy", f"way-{C}.npy", f"way-on-{A}.npy"}


def test_parts_without_their_main_file_are_forgotten_too(tmp_path):
    """What an earlier program has left does not stay for ever."""
    aged(tmp_path, f"way-{A}-other-{C}.npy", f"way-{B}.npy")
    Cache(tmp_path).forget("way", 1)
    assert {p.name for p in tmp_path.iterdir()} == {f"way-{B}.npy"}


def test_a_new_result_pushes_out_the_oldest_of_its_kind(tmp_path):
    """One that was read again counts as used; parts of parts are a kind of their own."""
    kept = Cache(tmp_path)
    kept.json(f"way-{A}", lambda: 1)
    aged(tmp_path, f"way-{A}.json", f"way-{B}.json")
    assert kept.json(f"way-{A}", lambda: 2) == 1
    kept.json(f"way-{C}", lambda: 3, keep=2)
    assert {p.name for p in tmp_path.iterdir()} == {f"way-{A}.json", f"way-{C}.json"}
    aged(tmp_path, f"way-{A}-other-{B}.json")
    kept.json(f"way-{A}-other-{C}", lambda: 4, keep=1)
    assert {p.name for p in tmp_path.iterdir()} == {f"way-{A}.json", f"way-{C}.json", f"way-{A}-other-{C}.json"}


def damaged(path: Path, kind: str) -> None:
    """A file cut short, emptied, zeroed in its second half at its old length, or with one bit of its content flipped."""
    content = bytearray(path.read_bytes())
    half = len(content) // 2
    if kind == "flipped":
        content[half] ^= 16
    changed = {"cut": content[:-100], "emptied": b"", "zeroed": content[:half] + bytes(len(content) - half), "flipped": content}
    path.write_bytes(changed[kind])


@pytest.mark.parametrize("kind", ["cut", "emptied", "zeroed", "flipped"])
def test_a_damaged_file_is_made_anew(tmp_path, kind, caplog):
    """Of every kind of result and damage; the log names the file."""
    kept, rows = Cache(tmp_path), np.arange(1, 1 + 2 * 50_000, dtype=np.uint16).reshape(2, -1)
    results = {
        "array.npy": (lambda: kept.array("array", lambda: rows), rows),
        "rows.npy": (lambda: kept.rows("rows", rows.shape, lambda: iter(rows)), rows),
        "facts.json": (lambda: kept.json("facts", lambda: ["x" * 500]), ["x" * 500]),
        "raster.tif": (lambda: kept.content("raster.tif", lambda: b"tif" * 100), b"tif" * 100),
    }
    for name, (ask, right) in results.items():
        ask()
        damaged(tmp_path / name, kind)
        caplog.clear()
        assert np.array_equal(ask(), right)
        assert str(tmp_path / name) in caplog.text
        caplog.clear()
        assert np.array_equal(ask(), right)
        assert caplog.text == ""


def test_single_elements_are_checked_where_they_lie(tmp_path):
    """An element beside the damage is read as ever; one within it is not."""
    kept, values = Cache(tmp_path), np.arange(200_000, dtype=np.float32)
    kept.array("values", lambda: values)
    with (tmp_path / "values.npy").open("r+b") as stream:
        stream.seek(600_000)
        stream.write(b"\xff")
    np.testing.assert_array_equal(kept.at("values", np.array([5, 3])), [5, 3])
    with pytest.raises(DamagedError):
        kept.at("values", np.array([5, 149_990]))
    assert not (tmp_path / "values.npy").exists()
    with pytest.raises(DamagedError):
        kept.whole("values")


def test_a_cache_that_cannot_be_read_is_refused(tmp_path):
    """One line with the place and the remedy, where a folder has the name of the file."""
    (tmp_path / "three.npy").mkdir()
    with pytest.raises(OutputError, match=r"Cannot read the cache .*three\.npy.*--cache"):
        Cache(tmp_path).array("three", lambda: np.arange(3))
