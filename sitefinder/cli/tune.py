"""The command ``tune``: weights moved by hand on a page of this machine; the command line registers it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from sitefinder.cli.options import (
    area_of,
    area_options,
    cache_option,
    config_option,
    data_option,
    overrides,
    resolution_option,
    run_option,
    set_option,
    show_progress,
    verbose_option,
)

if TYPE_CHECKING:
    from sitefinder.config import Config
    from sitefinder.tuning.saved import Saved


@click.command()
@config_option
@data_option
@cache_option
@run_option
@set_option("project.mw=2000")
@click.option("--mw", type=str, help="Short for --set project.mw=…")
@resolution_option
@area_options
@click.option("--folder", type=click.Path(path_type=Path), default=Path(), show_default=True, help="Where YAML files are saved.")
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="Port of the page; a free one by default.")
@verbose_option
def tune(
    config_path: Path,
    data: Path,
    cache: Path,
    run_path: Path,
    settings: tuple[str, ...],
    mw: str | None,
    resolution: str | None,
    where: str | None,
    not_in: str | None,
    near: str | None,
    folder: Path,
    port: int,
    verbose: bool,  # noqa: FBT001 - a click flag
) -> None:
    """Move weights on a local page; the exact list follows."""
    from sitefinder.config import load_config
    from sitefinder.errors import OutputError
    from sitefinder.tuning.country import open_country
    from sitefinder.tuning.ranking import Ranker
    from sitefinder.tuning.serving import listening, serve
    from sitefinder.tuning.session import Session

    show_progress(verbose=verbose)
    area = area_of(where, not_in, near)
    file = load_config(
        config_path, overrides(settings, mw=mw, resolution=resolution, area=area.model_dump_json() if area else None)
    )
    if not folder.is_dir():
        raise OutputError(f"No folder {folder}. Make it, or name another with --folder.")
    saved, note = _saved(run_path, file.config, data)
    with listening(port) as server:
        session = Session(Ranker(open_country(file, data=data, cache=cache)), folder, saved, note)
        session.ranker.rank(file.config)
        serve(session, server, lambda address: click.echo(f"Open {address}\nOnly this machine can; Ctrl-C ends it."))


def _saved(path: Path, config: Config, data: Path) -> tuple[Saved | None, str]:
    """The run to compare with, or why there is none: one that is named has to be there, ``out/latest`` may be missing or other.

    Raises
    ------
    SitefinderError
        The run that is named cannot be compared with.
    """
    from sitefinder.errors import SitefinderError
    from sitefinder.layers.package import DataPackage
    from sitefinder.tuning.saved import read_saved

    package = DataPackage(data)
    try:
        return read_saved(path, config, package), ""
    except SitefinderError as error:
        if click.get_current_context().get_parameter_source("run_path") is not ParameterSource.DEFAULT:
            raise
        return None, str(error)
