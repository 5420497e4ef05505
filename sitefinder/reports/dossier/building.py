"""All dossiers of a run and the page that compares them, as files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sitefinder.layers.package import DataPackage
from sitefinder.reports.dossier.comparison import comparison
from sitefinder.reports.dossier.page import dossier, file_name
from sitefinder.reports.dossier.panels import Book
from sitefinder.reports.dossier.places import Surroundings
from sitefinder.reports.dossier.printing import print_pdf
from sitefinder.results.derived import write_derived
from sitefinder.results.run import Entry, Run

#: the page that leads to the others
INDEX = "index.html"


def chosen_sites(run: Run, top: int) -> list[Entry]:
    """Sites that get a dossier: the first of the national list, and all of the user's own."""
    return [*run.sites[:top], *run.own]


def pages(book: Book, entries: Sequence[Entry], *, paper: str | None = None) -> dict[str, bytes]:
    """File name -> bytes of every page."""
    dossiers = {file_name(entry.site): dossier(book, entry, paper=paper) for entry in entries}
    return {INDEX: comparison(book, entries)} | dossiers


def write_dossiers(run: Run, out: Path, *, data: Path, top: int, known: Sequence[Entry] = (), pdf: bool = False) -> list[str]:
    """Write the dossiers of a run; names of the files written.

    Parameters
    ----------
    run : Run
    out : Path
        Folder of the pages.
    data : Path
        Compiled layers.
    top : int
        Sites of the national list that get one.
    known : sequence of Entry
        Named campuses that were put through the same screen besides.
    pdf : bool
        Print each dossier to PDF as well.

    Raises
    ------
    SitefinderError
        A file is missing, the folder cannot be written, or no browser is there to print.
    """
    book = Book(run, Surroundings(DataPackage(data)), known)
    contents = pages(book, chosen_sites(run, top))
    if pdf:
        names = [name for name in contents if name != INDEX]
        printed = print_pdf([contents[name] for name in names])
        contents |= {f"{name.removesuffix('.html')}.pdf": page for name, page in zip(names, printed, strict=True)}
    write_derived(out, contents, run=run.folder)
    return list(contents)
