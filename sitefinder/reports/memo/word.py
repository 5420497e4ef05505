"""The memo, or a page beside it, as a Word file with real headings, lists and tables; pictures stay in the page."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

from sitefinder.errors import OutputError
from sitefinder.reports.html.markup import clean
from sitefinder.reports.memo.document import Block, Bullets, Drawing, Heading, Inline, Para, Table, Val, words_at_the_end

#: file names carry this month instead of the clock, so that the same memo is the same bytes
_EPOCH = (1980, 1, 1, 0, 0, 0)
#: sizes in points, and the margin of the sheet in millimetres
BODY_PT, SMALL_PT, TABLE_PT, MARGIN_MM = 10.0, 8.0, 8.0, 18.0
#: what stands before the caption of a picture that the file does not hold
PICTURE = "Picture, see the page: "
REMEDY = "Install it with: python -m pip install python-docx. Or leave out --docx"


def text_of(part: Inline) -> str:
    """Text and values as plain text."""
    if isinstance(part, Val):
        return clean(part.text)
    if isinstance(part, list | tuple):
        return "".join(text_of(p) for p in part)
    return clean(part)


def document(title: str, blocks: Iterable[Block]) -> bytes:
    """Word file (Office Open XML).

    Parameters
    ----------
    title : str
        Of the properties of the file.
    blocks : iterable of Block

    Raises
    ------
    OutputError
        python-docx is not installed.
    """
    try:
        import docx
        from docx.shared import Mm, Pt
    except ImportError:
        raise OutputError(f"Cannot write a Word file: python-docx is not installed. {REMEDY}.") from None
    file = docx.Document()
    file.core_properties.title, file.core_properties.author, file.core_properties.comments = title, "", ""
    file.core_properties.language = "en-US"
    for section in file.sections:
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(MARGIN_MM)
    file.styles["Normal"].font.size = Pt(BODY_PT)
    file.styles["Normal"].paragraph_format.space_after = Pt(BODY_PT / 2.0)
    listed = list(blocks)
    for item in [*listed, *words_at_the_end(listed)]:
        _add(file, item)
    stream = io.BytesIO()
    file.save(stream)
    return _timeless(stream.getvalue())


def _add(file: Any, item: Block) -> None:
    """Put a block at the end of the document."""
    from docx.shared import Pt

    if isinstance(item, Heading):
        file.add_heading(text_of(item.text), level=item.level)
    elif isinstance(item, Para):
        run = file.add_paragraph().add_run(text_of(item.parts).strip())
        run.bold = item.lead or None
        if item.small:
            run.font.size = Pt(SMALL_PT)
    elif isinstance(item, Bullets):
        for entry in item.items:
            file.add_paragraph(text_of(entry), style="List Bullet")
    elif isinstance(item, Drawing):
        file.add_paragraph().add_run(PICTURE + text_of(item.words)).italic = True
    else:
        _table(file, item)


def _table(file: Any, table: Table) -> None:
    """A table whose first row is a head that stands on every sheet."""
    from docx.oxml import OxmlElement
    from docx.shared import Pt

    grid = file.add_table(rows=0, cols=len(table.head), style="Light List")
    _row(grid, [text_of(h) for h in table.head], table.right)
    for row in table.rows:
        _row(grid, [text_of(cell) for cell in row], table.right)
    head = OxmlElement("w:tblHeader")
    grid.rows[0]._tr.get_or_add_trPr().append(head)
    note = file.add_paragraph()
    if table.note:
        note.add_run(text_of(table.note).strip()).font.size = Pt(SMALL_PT)


def _row(grid: Any, texts: Sequence[str], right: tuple[int, int]) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    for i, (cell, words) in enumerate(zip(grid.add_row().cells, texts, strict=True)):
        paragraph = cell.paragraphs[0]
        paragraph.add_run(words).font.size = Pt(TABLE_PT)
        paragraph.paragraph_format.space_after = Pt(0)
        if right[0] <= i < right[1]:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _timeless(content: bytes) -> bytes:
    """The same archive without the time at which it was written."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return stream.getvalue()
