"""The command ``dossiers``: one page per leading site and a page that compares them; the command line registers it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sitefinder.reports.dossier.reading import Folder

#: folders below that of the run: of the pages, and below it of the named campuses put through the same screen
FOLDER, KNOWN = "dossiers", "benchmarks"
#: files of the named campuses that are kept for the next time
KEPT = ("own_sites.geojson", "own_delivery.csv", "own_critical_path.csv", "own_connections.geojson", "run.json")


@click.command()
@click.option(
    "--run", "run_path", type=click.Path(path_type=Path), default=Path("out/latest"), show_default=True, help="Result folder."
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the pages; by default 'dossiers' in the result folder.")
@click.option("--data", type=click.Path(path_type=Path), default=Path("data"), show_default=True, help="Compiled layers.")
@click.option("--cache", type=click.Path(path_type=Path), default=Path(".cache"), show_default=True, help="Built layers.")
@click.option("--top", type=click.IntRange(min=1), default=25, show_default=True, help="Sites of the list that get a page.")
@click.option("--benchmarks", is_flag=True, help="Rank the named campuses the same way first where the run does not hold them.")
@click.option("--pdf", is_flag=True, help="Print each page to PDF too; needs Chromium.")
def dossiers(  # noqa: PLR0913 - one parameter per option
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


def with_benchmarks(found: Folder, kept: Path, *, data: Path, cache: Path) -> Folder:
    """The same run with the named campuses as further rows, scored under its own configuration.

    They are taken from the folder ``kept`` if they were put there for the same configuration and data.

    Parameters
    ----------
    found : Folder
    kept : Path
    data, cache : Path
        Compiled layers and the folder of built ones.

    Raises
    ------
    SitefinderError
        The configuration in run.json does not fit this version, or ranking fails.
    """
    from dataclasses import replace

    from sitefinder.reports.dossier.reading import read_own

    key = ("config_fingerprint", "inputs")
    try:
        before = json.loads((kept / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        before = {}
    if any(before.get(k) != found.manifest.get(k) for k in key):
        _rank(found, kept, data=data, cache=cache)
    return replace(found, known=read_own(kept))


def _rank(found: Folder, kept: Path, *, data: Path, cache: Path) -> None:
    from pydantic import ValidationError
    from ruamel.yaml.comments import CommentedMap

    from sitefinder.config import Config, ConfigFile
    from sitefinder.errors import DataError
    from sitefinder.files import write_all
    from sitefinder.pipeline import run
    from sitefinder.reports.dossier.reading import BENCHMARKS

    path = found.path / "run.json"
    try:
        config = Config.model_validate_json(json.dumps(found.manifest["config"]))
    except ValidationError:
        raise DataError(f"Invalid {path}: its 'config' does not fit this version. Rank again: make rank.") from None
    with tempfile.TemporaryDirectory() as scratch:
        places = Path(scratch) / "benchmarks.csv"
        lines = ["name,lat,lon", *(f'"{name}",{lat},{lon}' for name, (lat, lon) in BENCHMARKS.items())]
        places.write_text("\n".join(lines) + "\n", encoding="utf-8")
        out = Path(scratch) / "out"
        run(ConfigFile(path, CommentedMap(), config), out=out, data=data, cache=cache, sites=places)
        write_all(kept, {name: (out / name).read_bytes() for name in KEPT if (out / name).is_file()})


COMMANDS = (dossiers,)
