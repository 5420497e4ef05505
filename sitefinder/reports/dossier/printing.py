"""PDF of pages, written by an installed Chromium; optional."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sitefinder.errors import OutputError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
#: a page that takes longer is stuck, seconds
PATIENCE_S = 120
_PAGE = re.compile(rb"/Type\s*/Page(?![a-zA-Z])")


def browser() -> str | None:
    """Path of the browser; None where none is installed."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def print_pdf(pages: Sequence[bytes]) -> list[bytes]:
    """Each HTML page as PDF.

    Raises
    ------
    OutputError
        No browser is installed, or it fails.
    """
    program = browser()
    if program is None:
        raise OutputError("Cannot write PDF: no Chromium or Chrome is installed. Install one, or leave out --pdf.")
    with tempfile.TemporaryDirectory() as folder:
        return [_print(program, Path(folder), page) for page in pages]


def _print(program: str, folder: Path, page: bytes) -> bytes:
    source, target = folder / "page.html", folder / "page.pdf"
    source.write_bytes(page)
    target.unlink(missing_ok=True)
    options = ["--headless", "--disable-gpu", "--no-sandbox", "--no-first-run", f"--user-data-dir={folder / 'profile'}"]
    command = [program, *options, "--no-pdf-header-footer", f"--print-to-pdf={target}", source.as_uri()]
    try:
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OutputError(f"Cannot write PDF with {program}: {error}. Leave out --pdf.") from None
    if done.returncode or not target.is_file():
        raise OutputError(f"Cannot write PDF with {program}: it ended with code {done.returncode}. Leave out --pdf.")
    return target.read_bytes()


def page_count(pdf: bytes) -> int:
    """Pages of a PDF file as Chromium writes it, with its page objects uncompressed."""
    return len(_PAGE.findall(pdf))
