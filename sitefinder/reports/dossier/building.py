"""All dossiers of a run and the page that compares them, as files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sitefinder.files import write_all
from sitefinder.layers.package import DataPackage
from sitefinder.reports.dossier.comparison import comparison
from sitefinder.reports.dossier.page import dossier, file_name
from sitefinder.reports.dossier.panels import Book
from sitefinder.reports.dossier.places import Surroundings
from sitefinder.reports.dossier.printing import print_pdf
from sitefinder.reports.dossier.reading import Folder, Site

#: the page that leads to the others
INDEX = "index.html"


def chosen_sites(folder: Folder, top: int) -> list[Site]:
    """Sites that get a dossier: the first of the list, and all of the user's own."""
    return [*folder.sites[:top], *folder.own]


def pages(book: Book, sites: Sequence[Site], *, paper: str | None = None) -> dict[str, bytes]:
    """File name -> bytes of every page."""
    found = {INDEX: comparison(book, sites)}
    return found | {file_name(site): dossier(book, site, paper=paper) for site in sites}


def write_dossiers(folder: Folder, out: Path, *, data: Path, top: int, pdf: bool = False) -> list[str]:
    """Write the dossiers of a run; names of the files written.

    Parameters
    ----------
    folder : Folder
        From :func:`sitefinder.reports.dossier.reading.read_folder`.
    out : Path
        Folder of the pages.
    data : Path
        Compiled layers.
    top : int
        Sites of the country's list that get one.
    pdf : bool
        Print each dossier to PDF as well.

    Raises
    ------
    SitefinderError
        A file is missing, the folder cannot be written, or no browser is there to print.
    """
    book = Book(folder, Surroundings(DataPackage(data)))
    contents = pages(book, chosen_sites(folder, top))
    if pdf:
        names = [name for name in contents if name != INDEX]
        printed = print_pdf([contents[name] for name in names])
        contents |= {f"{name.removesuffix('.html')}.pdf": found for name, found in zip(names, printed, strict=True)}
    write_all(out, contents)
    return list(contents)
