"""The command ``map``: writes the interactive map of a result folder again; the command line registers it."""

from __future__ import annotations

from pathlib import Path

import click

from sitefinder.cli.options import cache_option, data_option, out_option

MAP_FILE = "map.html"


@click.command("map")
@out_option("out/latest")
@data_option
@cache_option
def map_command(out: Path, data: Path, cache: Path) -> None:
    """Write map.html of a result folder again."""
    from sitefinder.files import write_all
    from sitefinder.pipeline.finished import rebuilt
    from sitefinder.results.run import MANIFEST
    from sitefinder.results.verification import recorded

    content = rebuilt(out, data=data, cache=cache)
    write_all(out, {MAP_FILE: content, MANIFEST: recorded(out, {MAP_FILE: content})})
    click.echo(f"map in {out / MAP_FILE} ({len(content) / 1e6:.1f} MB)")
