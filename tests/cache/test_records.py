"""Records of places: found again by what they rest on, forgotten by age, and never the cause of a failure."""

from __future__ import annotations

import pytest

from sitefinder.cache import records
from sitefinder.cache.records import KEPT_BASES, RECORDS, Records


def test_records_are_read_by_kind_basis_and_place(tmp_path):
    """Nothing else comes back, and another basis knows nothing."""
    store = Records(tmp_path)
    assert store.read("kind", "basis", ["a"]) == {}
    store.write("kind", "basis", {"a": b"1", "b": b"2"})
    assert store.read("kind", "basis", ["a", "c"]) == {"a": b"1"}
    assert store.read("kind", "other", ["a"]) == {}
    assert store.read("other", "basis", ["a"]) == {}
    many = {f"p{i}": str(i).encode() for i in range(1234)}
    store.write("kind", "basis", many)
    assert store.read("kind", "basis", list(many)) == many


def test_records_of_old_bases_are_forgotten(tmp_path):
    """The last ones stay."""
    store = Records(tmp_path)
    for i in range(KEPT_BASES + 2):
        store.write("kind", str(i), {"a": b"x"})
    known = [bool(store.read("kind", str(i), ["a"])) for i in range(KEPT_BASES + 2)]
    assert known == [False] * 2 + [True] * KEPT_BASES


def test_too_many_records_make_room(tmp_path, monkeypatch):
    """A basis that would grow without end starts again."""
    monkeypatch.setattr(records, "MOST_PLACES", 10)
    store = Records(tmp_path)
    store.write("kind", "basis", {str(i): b"x" for i in range(8)})
    store.write("kind", "basis", {f"new {i}": b"x" for i in range(5)})
    assert set(store.read("kind", "basis", [*map(str, range(8)), *(f"new {i}" for i in range(5))])) == {
        f"new {i}" for i in range(5)
    }


def test_records_that_cannot_be_kept_cost_no_result(tmp_path):
    """In a folder that does not exist nothing is kept, and nothing fails."""
    store = Records(tmp_path / "nowhere")
    store.write("kind", "basis", {"a": b"1"})
    assert store.read("kind", "basis", ["a"]) == {}


@pytest.mark.parametrize("damage", [b"", b"no database at all, but longer than its header would be" * 40])
def test_damaged_records_are_made_anew(tmp_path, damage):
    """They count as none, and the next ones are kept."""
    store = Records(tmp_path)
    store.write("kind", "basis", {"a": b"1"})
    (tmp_path / RECORDS).write_bytes(damage)
    assert store.read("kind", "basis", ["a"]) == {}
    store.write("kind", "basis", {"a": b"2"})
    assert store.read("kind", "basis", ["a"]) == {"a": b"2"}


def test_a_flipped_bit_in_the_records_changes_no_record(tmp_path):
    """Wherever it lies: what comes back is right, or nothing comes back."""
    store, contents = Records(tmp_path), {str(i): bytes(range(i, i + 40)) * 5 for i in range(20)}
    store.write("kind", "basis", contents)
    whole = (tmp_path / RECORDS).read_bytes()
    for at in range(0, len(whole), 97):
        content = bytearray(whole)
        content[at] ^= 1 << at % 8
        (tmp_path / RECORDS).write_bytes(content)
        known = store.read("kind", "basis", list(contents))
        assert all(contents[key] == found for key, found in known.items()), at
