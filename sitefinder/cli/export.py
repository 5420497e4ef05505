"""The command ``export``: results of a finished run in the formats of other programs; the command line registers it."""

from __future__ import annotations

from pathlib import Path

import click

from sitefinder.cli.options import data_option, run_option

#: folder below that of the run
FOLDER = "exports"


@click.command()
@run_option
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the files; by default 'exports' in the result folder.")
@data_option
def export(run_path: Path, out: Path | None, data: Path) -> None:
    """Write a run for Excel, Google Earth and QGIS. For ArcGIS Online and as GeoParquet, too."""
    from sitefinder.reports.exports.building import write_exports
    from sitefinder.results.run import read_run

    run, folder = read_run(run_path), out or run_path / FOLDER
    paths = write_exports(run, folder, data=data)
    for path in paths:
        click.echo(f"{path.stat().st_size / 1e6:8.2f} MB  {path}")
