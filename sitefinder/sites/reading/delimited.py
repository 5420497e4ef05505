"""CSV in all its kinds: separated by commas, semicolons, tabs or bars, in UTF-8, UTF-16 or the code page of Windows."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from sitefinder.errors import SitesError
from sitefinder.sites.reading.entry import Limits
from sitefinder.sites.reading.headers import HEAD_LINES, is_header, is_separator_line
from sitefinder.sites.reading.table import Table
from sitefinder.sites.reading.tabular import table_of

#: separators in the order in which they are tried, and their words
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
#: marks of byte order and the encodings that they stand for
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
#: control characters that no text holds: such a file is binary
BINARY = frozenset(range(9)) | frozenset(range(14, 27)) | {127}
#: bytes looked at for control characters
LOOKED_AT = 4096


def read_delimited(path: Path, content: bytes, limits: Limits) -> Table:
    """The table of a CSV file.

    Raises
    ------
    SitesError
        The file is no text, a quote never ends, or no line names the columns.
    """
    text, encoding = decoded(path, content)
    separator = _separator(text)
    csv.field_size_limit(limits.file_bytes)
    table = table_of(path, _lines(path, text, separator), limits)
    remarks = [f"separated by {SEPARATORS[separator]}"] if separator != "," else []
    remarks += [f"encoded as {encoding}"] if encoding not in ("utf-8", "utf-8-sig") else []
    return Table(table.columns, table.rows, shapes=False, typed=False, remarks=tuple(remarks))


def decoded(path: Path, content: bytes) -> tuple[str, str]:
    """Text of a file and its encoding: by its byte order mark, else UTF-8, else Windows-1252.

    Raises
    ------
    SitesError
        It is no text.
    """
    marked = next((encoding for mark, encoding in MARKS.items() if content.startswith(mark)), None)
    try:
        return content.decode(marked or "utf-8"), marked or "utf-8"
    except UnicodeDecodeError:
        pass
    if marked is None and not BINARY & set(content[:LOOKED_AT]):
        try:
            return content.decode("cp1252"), "Windows-1252"
        except UnicodeDecodeError:
            pass
    raise SitesError(f"Cannot read SITES file {path}: it is not text in UTF-8 or Windows-1252. Save it as CSV in UTF-8.")


def _separator(text: str) -> str:
    """The separator by which a line names the columns; the comma if none does."""
    first = next((line for line in text.splitlines() if line.strip()), "").strip()
    if is_separator_line([first]) and first[4:5] in SEPARATORS:
        return first[4:5]
    for separator in SEPARATORS:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        try:
            if any(is_header(fields) for fields in islice(filter(None, reader), HEAD_LINES) if len(fields) > 1):
                return separator
        except csv.Error:
            continue
    return ","


def _lines(path: Path, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Fields of each line with the number of the line on which they begin."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for fields in reader:
            yield line, fields
            line = reader.line_num + 1  # a quoted name may run over several lines: the first one counts
    except csv.Error as error:
        raise SitesError(f"Invalid SITES file {path}, row {line}: {error}. Save it as plain CSV.") from None
