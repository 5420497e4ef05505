"""The Word file: the words of the page in its order, real headings and tables, the same bytes each time."""

from __future__ import annotations

import io
import sys
import zipfile

import pytest

from sitefinder.errors import OutputError
from sitefinder.reports.memo.building import contents, memo, write_memo
from sitefinder.reports.memo.document import Bullets, Heading, Para, Table, Val
from sitefinder.reports.memo.word import document, text_of
from tests.helpers.financing_case import OUTLINES, ROOT, terms, tree, write_run
from tests.helpers.memo_trace import Page

ABSENT = "python-docx is not installed; the lock file has it: make test installs it"


@pytest.fixture
def read():
    """A Word file opened again."""
    docx = pytest.importorskip("docx", reason=ABSENT)
    return lambda content: docx.Document(io.BytesIO(content))


def words(file) -> str:
    """All text in the order of the file: paragraphs and cells."""
    from docx.table import Table as Grid

    parts = []
    for item in file.iter_inner_content():
        cells = [p for row in item.rows for c in row.cells for p in c.paragraphs] if isinstance(item, Grid) else [item]
        parts += [p.text for p in cells]
    return "\n".join(parts)


def test_it_says_what_the_page_says(read):
    """Every piece of text of the page that is not in a drawing, in the same order."""
    content = contents(tree(), OUTLINES, ["docx"])
    text, at = words(read(content["memo.docx"])), 0
    for piece, marks in Page(content["memo.html"].decode()).pieces:
        if "x" not in marks:
            at = text.index(piece.strip(), at)
    assert at > 0


def test_headings_lists_and_tables_are_real(read):
    """Styles of Word, so that its outline and its tables of contents work; heads of tables come again on every sheet."""
    blocks = memo(tree(), OUTLINES)
    file = read(document("A", blocks))
    headings = [p.text for p in file.paragraphs if p.style.name.startswith("Heading")]
    assert headings == [*(text_of(b.text) for b in blocks if isinstance(b, Heading)), "Words"]
    assert len(file.tables) == sum(isinstance(b, Table) for b in blocks)
    bullets = [p for p in file.paragraphs if p.style.name == "List Bullet"]
    assert len(bullets) == sum(len(b.items) for b in blocks if isinstance(b, Bullets))
    assert all("w:tblHeader" in grid.rows[0]._tr.xml for grid in file.tables)


def test_numbers_of_a_table_stand_to_the_right(read):
    """In the columns that the page puts there, head included."""
    (grid,) = read(document("A", [Table(["a", "b"], [[["x"], [Val("7", "p", "count")]]], (1, 2))])).tables
    assert [[c.paragraphs[0].alignment for c in row.cells] for row in grid.rows] == [[None, 2], [None, 2]]
    assert [c.text for c in grid.rows[1].cells] == ["x", "7"]


def test_same_memo_same_bytes():
    """No time of writing is kept."""
    pytest.importorskip("docx", reason=ABSENT)
    first, second = (contents(tree(), OUTLINES, ["docx"])["memo.docx"] for _ in range(2))
    assert first == second
    assert {e.date_time[0] for e in zipfile.ZipFile(io.BytesIO(first)).infolist()} == {1980}


def test_characters_that_no_document_holds_are_marked(read):
    """A name with a control character does not break the file."""
    assert "a\ufffdb" in words(read(document("A", [Para(["a\x01b"])])))


def test_markup_in_names_stays_text(read):
    """As in the page."""
    assert "<b>Polk & Co|</b>" in words(read(contents(tree(), OUTLINES, ["docx"])["memo.docx"]))


def test_without_the_library_it_is_one_line_and_nothing_is_written(monkeypatch, tmp_path):
    """What is missing and how to have it; the memo of before stays."""
    monkeypatch.setitem(sys.modules, "docx", None)
    write_run(tmp_path)
    with pytest.raises(OutputError, match=r"python-docx is not installed\. Install it with: .*leave out --docx") as error:
        write_memo(tmp_path, terms(), data=ROOT / "data", wanted=["docx"])
    assert "\n" not in str(error.value)
    assert not (tmp_path / "memo.html").exists()
