"""The command ``verify``: compares a run with its own record; the command line registers it."""

from __future__ import annotations

from pathlib import Path

import click

from sitefinder.cli.options import data_option


@click.command()
@click.argument("run_path", metavar="RUN", type=click.Path(path_type=Path), default=Path("out/latest"))
@data_option
def verify(run_path: Path, data: Path) -> None:
    """Confirm that a run and what made it are unchanged."""
    from sitefinder.errors import DataError
    from sitefinder.layers.package import DataPackage
    from sitefinder.results.verification import lines_of
    from sitefinder.results.verification import verify as compared

    verified = compared(run_path, DataPackage(data))
    click.echo(lines_of(verified))
    if verified.differences:
        raise DataError("\n".join(verified.differences))
    click.echo(f"{run_path} is what the run wrote, and the same data and program are here.")
