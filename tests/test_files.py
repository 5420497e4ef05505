"""Writing a set of files: all or none, whatever fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sitefinder.errors import OutputError
from sitefinder.files import is_there, parse_json, read_json, write_all
from tests.helpers.paths import ROOT

OLD = {"a.txt": b"old a", "b.txt": b"old b"}
NEW = {"a.txt": b"new a", "b.txt": b"new b", "c.txt": b"new c"}
FULL_DISK = """
import resource, sys
from pathlib import Path
from sitefinder.errors import OutputError
from sitefinder.files import is_there, parse_json, read_json, write_all
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    write_all(Path(sys.argv[1]), {"a.txt": b"new a", "b.txt": bytes(200_000)})
except OutputError as error:
    sys.exit(str(error))
"""


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, hidden ones too."""
    return {p.name: p.read_bytes() for p in folder.iterdir()}


@pytest.fixture
def folder(tmp_path):
    """A folder with earlier results."""
    write_all(tmp_path / "out", OLD)
    return tmp_path / "out"


def test_files_are_written_with_their_content(folder):
    """What is given is what lies there, and nothing besides."""
    assert content(folder) == OLD


def test_folder_is_made_with_its_parents(tmp_path):
    """A path that does not exist is made."""
    write_all(tmp_path / "x" / "y", {"a.txt": b"1"})
    assert content(tmp_path / "x" / "y") == {"a.txt": b"1"}


def test_later_results_replace_earlier_ones(folder):
    """A second run overwrites; files of other names stay."""
    write_all(folder, {"b.txt": b"new b", "c.txt": b"new c"})
    assert content(folder) == {"a.txt": b"old a", "b.txt": b"new b", "c.txt": b"new c"}


def test_failing_write_leaves_earlier_results(folder, monkeypatch):
    """If the second file cannot be flushed to disk, the first is not replaced either."""
    calls = []

    def failing(descriptor):
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(OutputError, match="No space left on device"):
        write_all(folder, NEW)
    assert content(folder) == OLD


def test_full_disk_leaves_earlier_results(folder):
    """A size limit of the system stops the second file: nothing changes, no temporary file is left."""
    root = ROOT
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(folder)], capture_output=True, text=True, cwd=root, timeout=60, check=False
    )
    assert done.returncode == 1, done.stderr
    assert f"Cannot write results to {folder}" in done.stderr
    assert content(folder) == OLD


def test_target_that_cannot_be_replaced_leaves_earlier_results(folder):
    """If a folder stands where the second file should go, the first is not replaced either."""
    (folder / "b.txt").unlink()
    (folder / "b.txt").mkdir()
    with pytest.raises(OutputError, match="Cannot write results"):
        write_all(folder, NEW)
    assert (folder / "a.txt").read_bytes() == b"old a"
    assert sorted(p.name for p in folder.iterdir()) == ["a.txt", "b.txt"]


def test_interrupted_writing_leaves_no_temporary_file(folder, monkeypatch):
    """Ctrl-C between two files: earlier results whole, nothing hidden beside them."""

    def interrupted(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_all(folder, NEW)
    assert content(folder) == OLD


def test_file_in_place_of_the_folder_is_told(tmp_path):
    """An output folder that is a file is the user's mistake, with the remedy."""
    (tmp_path / "out").write_text("x")
    with pytest.raises(OutputError, match=r"Cannot write results to .*out: .* --out"):
        write_all(tmp_path / "out", NEW)


def test_no_file_is_no_error(tmp_path):
    """Nothing to write leaves an empty folder."""
    write_all(tmp_path / "out", {})
    assert content(tmp_path / "out") == {}


@pytest.mark.parametrize(
    "content", [b"[" * 100_000 + b"]" * 100_000, b"{", b"", b"\xff", b'{"a": ' * 5_000 + b"1" + b"}" * 5_000]
)
def test_json_that_cannot_be_read_is_a_wrong_value(tmp_path, content):
    """Nested without end as well: callers know one error for all of it."""
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(ValueError, match=r"."):
        read_json(tmp_path / "a.json")


def test_json_is_read(tmp_path):
    """As it is, of a file, of a text and of bytes."""
    (tmp_path / "a.json").write_text('{"a": [1, "é"]}', encoding="utf-8")
    assert read_json(tmp_path / "a.json") == {"a": [1, "é"]}
    assert parse_json("[1]") == parse_json(b"[1]") == [1]
    with pytest.raises(FileNotFoundError):
        read_json(tmp_path / "none.json")


@pytest.mark.parametrize("name", ["x" * 5_000, "a\0b", "none", "a/" * 3_000, "a.txt/b"])
def test_a_name_that_cannot_be_one_is_not_there(folder, name):
    """What a user writes may be too long for the system, or hold a zero: the answer is no, not an error."""
    assert not is_there(folder / name)
    assert is_there(folder)
    assert is_there(folder / "a.txt")
