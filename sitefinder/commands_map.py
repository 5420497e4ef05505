"""The command ``map``: writes the interactive map of a result folder again; the command line registers it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sitefinder.config import Config

MAP_FILE = "map.html"


@click.command("map")
@click.option("--out", type=click.Path(path_type=Path), default=Path("out/latest"), show_default=True, help="Result folder.")
@click.option("--data", type=click.Path(path_type=Path), default=Path("data"), show_default=True, help="Compiled layers.")
@click.option("--cache", type=click.Path(path_type=Path), default=Path(".cache"), show_default=True, help="Built layers.")
def map_command(out: Path, data: Path, cache: Path) -> None:
    """Write map.html of a result folder again."""
    from sitefinder.files import write_all

    content = rebuilt(out, data=data, cache=cache)
    write_all(out, {MAP_FILE: content})
    click.echo(f"map in {out / MAP_FILE} ({len(content) / 1e6:.1f} MB)")


def rebuilt(out: Path, *, data: Path, cache: Path) -> bytes:
    """The map of a result folder, from its files and the built layers.

    Raises
    ------
    DataError
        The folder holds no run, or one of another version of the configuration.
    """
    from ruamel.yaml.comments import CommentedMap

    from sitefinder.config import ConfigFile
    from sitefinder.layers.package import DataPackage
    from sitefinder.layers.stack import open_stack
    from sitefinder.ml.learned import learn
    from sitefinder.pipeline import layers_needed
    from sitefinder.reports.web_map import Made, map_html, map_inputs
    from sitefinder.reports.web_map.gather import OWN, ROUTES, SITES
    from sitefinder.scoring.exclusions import exclude
    from sitefinder.sites.kept import read_list

    config = run_config(out / "run.json")
    read_list(out / SITES)
    results = {name: (out / name).read_bytes() for name in (SITES, OWN, ROUTES) if (out / name).is_file()}
    package = DataPackage(data)
    file = ConfigFile(out / "run.json", CommentedMap(), config)
    stack = open_stack(package, file, layers_needed(config), cache_folder=cache)
    learned = learn(stack, data) if config.model.share > 0 else None
    return map_html(map_inputs(Made(stack, config, package, exclude(stack, config), learned), results))


def run_config(path: Path) -> Config:
    """Configuration that a run was made with."""
    from pydantic import ValidationError

    from sitefinder.config import Config
    from sitefinder.errors import DataError

    try:
        return Config.model_validate_json(json.dumps(json.loads(path.read_text(encoding="utf-8"))["config"]))
    except OSError:
        raise DataError(f"Missing {path}. Run 'make rank' first, or name its folder with --out.") from None
    except (ValueError, KeyError, TypeError, ValidationError):
        raise DataError(f"Damaged {path}, or of another version. Run 'make rank' to write it again.") from None


COMMANDS = (map_command,)
