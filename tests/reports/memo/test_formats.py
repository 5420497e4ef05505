"""Formats on request: only those asked for, and no file of an earlier state beside a new page."""

from __future__ import annotations

import pytest

from sitefinder.reports.memo import formats
from sitefinder.reports.memo.building import write_memo
from sitefinder.reports.memo.document import Para
from sitefinder.reports.memo.formats import more, names
from tests.helpers.financing_case import ROOT, terms, write_run


@pytest.fixture
def stubs(monkeypatch):
    """A printer and a writer that tell what they were given."""
    monkeypatch.setattr(formats, "print_pdf", lambda pages: [b"pdf of " + p[:5] for p in pages])
    monkeypatch.setattr(formats.word, "document", lambda title, blocks: f"{title}, {len(blocks)} block".encode())


@pytest.mark.parametrize(
    ("wanted", "files"),
    [
        ((), {}),
        (("pdf",), {"memo.pdf": b"pdf of <html"}),
        (("docx", "pdf"), {"memo.docx": b"T, 1 block", "memo.pdf": b"pdf of <html"}),
    ],
)
def test_only_what_is_wanted_is_made(stubs, wanted, files):
    """By file name."""
    assert more("memo", "T", [Para(["a"])], b"<html>", wanted) == files


def test_files_of_an_earlier_state_are_removed(stubs, tmp_path):
    """A memo that is written again without them leaves none that says something else."""
    write_run(tmp_path)
    write_memo(tmp_path, terms(), data=ROOT / "data", wanted=["docx", "pdf"])
    assert all((tmp_path / name).is_file() for name in names("memo"))
    write_memo(tmp_path, terms(), data=ROOT / "data")
    assert not any((tmp_path / name).exists() for name in names("memo"))
