"""Excel workbooks: the sheet that names places in one of its first lines."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from sitefinder.errors import SitesError
from sitefinder.sites.reading.entry import Limits, too_large
from sitefinder.sites.reading.headers import HEAD_LINES
from sitefinder.sites.reading.table import Table
from sitefinder.sites.reading.tabular import HEADER, head_of, table_of

#: what openpyxl lets through of a workbook that it cannot read: of the zip, of XML, and of its own objects
UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, OSError, EOFError, SyntaxError),
    *(ValueError, TypeError, LookupError, AttributeError, ArithmeticError, NotImplementedError, RecursionError),
)
#: lines looked at for the header: a title and blank lines may stand above it
LOOKED_AT = 3 * HEAD_LINES


def read_sheet(path: Path, content: bytes, limits: Limits, sheet: str | None = None) -> Table:
    """The table of a workbook: of the sheet named, or of the only one that holds places.

    Raises
    ------
    SitesError
        It is no workbook, too large when unpacked, or which sheet is meant cannot be known.
    """
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        unpacked = sum(item.file_size for item in zipfile.ZipFile(io.BytesIO(content)).infolist())
        if unpacked > limits.file_bytes:
            raise too_large(path, f"{unpacked / 1e6:,.0f} MB unpacked", f"{limits.file_bytes / 1e6:,.0f} MB")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        chosen = _sheet(path, book, sheet)
        table = table_of(path, _lines(chosen), limits, typed=True)
    except (InvalidFileException, *UNREADABLE):
        raise SitesError(
            f"Invalid SITES file {path}: it is not a readable Excel workbook, or locked by a password. Save it as .xlsx again."
        ) from None
    return Table(table.columns, table.rows, shapes=False, remarks=(f"sheet '{chosen.title}'",))


def _sheet(path: Path, book: Any, wanted: str | None) -> Any:
    """The sheet that is read."""
    sheets = [s for s in book.worksheets if s.sheet_state == "visible" or s.title == wanted]
    for sheet in sheets:
        sheet.reset_dimensions()  # programs write wrong ones, and openpyxl believes them
    if wanted is not None:
        sheets = [s for s in sheets if s.title == wanted]
        if not sheets:
            titles = ", ".join(book.sheetnames)
            raise SitesError(f"Invalid SITES file {path}: it has no sheet '{wanted}'. Name one of: {titles}.")
        return sheets[0]
    holding = [s for s in sheets if head_of([line for _, line in islice(_lines(s), LOOKED_AT)]) is not None]
    if len(holding) == 1:
        return holding[0]
    titles = ", ".join(s.title for s in holding or sheets)
    if not holding:
        raise SitesError(f"Invalid SITES file {path}: no sheet ({titles}) lists places. Give one of them {HEADER}.")
    raise SitesError(
        f"Invalid SITES file {path}: several sheets list places: {titles}. Name one, e.g. SITES='{path}:{holding[0].title}'."
    )


def _lines(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Cells of each line with its number; lines without any cell are left out."""
    for number, line in enumerate(sheet.iter_rows(values_only=True), start=1):
        if any(cell is not None for cell in line):
            yield number, tuple(cell.strip() if isinstance(cell, str) else cell for cell in line)
