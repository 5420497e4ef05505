"""The command ``dossiers``: one page per leading site and a page that compares them; the command line registers it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sitefinder.cli.options import cache_option, data_option, run_option
from sitefinder.pipeline.finished import with_benchmarks

if TYPE_CHECKING:
    pass

#: folders below that of the run: of the pages, and below it of the named campuses put through the same screen
FOLDER, KNOWN = "dossiers", "benchmarks"


@click.command()
@run_option
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the pages; by default 'dossiers' in the result folder.")
@data_option
@cache_option
@click.option("--top", type=click.IntRange(min=1), default=25, show_default=True, help="Sites of the list that get a page.")
@click.option("--benchmarks", is_flag=True, help="Rank the named campuses the same way first where the run does not hold them.")
@click.option("--pdf", is_flag=True, help="Print each page to PDF too; needs Chromium.")
def dossiers(
    run_path: Path,
    out: Path | None,
    data: Path,
    cache: Path,
    top: int,
    benchmarks: bool,  # noqa: FBT001 - a click flag
    pdf: bool,  # noqa: FBT001 - a click flag
) -> None:
    """Write a dossier of every leading site and of all your own, and a page that compares them."""
    from sitefinder.reports.dossier.building import write_dossiers
    from sitefinder.reports.dossier.reading import read_folder

    folder, found = out or run_path / FOLDER, read_folder(run_path)
    if benchmarks and any(site is None for _, site in found.benchmarks()):
        found = with_benchmarks(found, folder / KNOWN, data=data, cache=cache)
    names = write_dossiers(found, folder, data=data, top=top, pdf=pdf)
    click.echo(f"{len(names)} files in {folder}; start with {folder / 'index.html'}")
