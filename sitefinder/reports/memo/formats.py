"""Other formats of a page, on request: Word and PDF."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sitefinder.reports.dossier.printing import print_pdf
from sitefinder.reports.memo import word
from sitefinder.reports.memo.document import Block

#: formats by the suffix of their files
FORMATS = ("docx", "pdf")


def names(stem: str) -> set[str]:
    """Files that a page may have in these formats: those not written again are removed, for they are of another state."""
    return {f"{stem}.{suffix}" for suffix in FORMATS}


def more(stem: str, title: str, blocks: Sequence[Block], page: bytes, wanted: Collection[str]) -> dict[str, bytes]:
    """File name -> bytes of the formats wanted.

    Parameters
    ----------
    stem, title : str
        Name of the files without suffix, and title of the document.
    blocks : sequence of Block
    page : bytes
        The same as HTML.
    wanted : collection of str
        Of ``FORMATS``.

    Raises
    ------
    OutputError
        python-docx or Chromium, which a format needs, is not installed.
    """
    files: dict[str, bytes] = {}
    if "docx" in wanted:
        files[f"{stem}.docx"] = word.document(title, blocks)
    if "pdf" in wanted:
        (files[f"{stem}.pdf"],) = print_pdf([page])
    return files
