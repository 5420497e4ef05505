"""The command ``dossiers``: one page per leading site and a page that compares them; the command line registers it."""

from __future__ import annotations

from pathlib import Path

import click

from sitefinder.cli.options import cache_option, data_option, run_option

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
    """Write a dossier of every leading site. Of all your own too, and a page that compares them."""
    from sitefinder.reports.dossier.benchmarks import benchmark_sites
    from sitefinder.reports.dossier.building import write_dossiers
    from sitefinder.results.run import Entry, read_run

    run, folder = read_run(run_path), out or run_path / FOLDER
    known: list[Entry] = []
    if benchmarks and any(entry is None for _, entry in benchmark_sites(run)):
        from sitefinder.pipeline.finished import ranked_benchmarks

        known = ranked_benchmarks(run, folder / KNOWN, data=data, cache=cache)
    names = write_dossiers(run, folder, data=data, top=top, known=known, pdf=pdf)
    click.echo(f"{len(names)} files in {folder}; start with {folder / 'index.html'}")
