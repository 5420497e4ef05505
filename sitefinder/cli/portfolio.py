"""The command ``portfolio``: the best set of campuses of a finished run; the command line registers it."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import click

from sitefinder.errors import SitefinderError


@click.command()
@click.option("--config", "config_path", type=click.Path(path_type=Path), default=Path("config/default.yaml"), show_default=True)
@click.option(
    "--run", "run_path", type=click.Path(path_type=Path), default=Path("out/latest"), show_default=True, help="Result folder."
)
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Override, e.g. portfolio.campuses=5; repeatable.")
@click.option("-v", "--verbose", is_flag=True, help="Show the time of each stage.")
def portfolio(config_path: Path, run_path: Path, settings: tuple[str, ...], verbose: bool) -> None:  # noqa: FBT001 - a click flag
    """Choose the best set of campuses; writes portfolio.json, .csv and .geojson into the result folder."""
    from sitefinder.config import load_config
    from sitefinder.files import write_all
    from sitefinder.portfolio.choice import choose
    from sitefinder.portfolio.pool import read_run_sites
    from sitefinder.portfolio.report import contents, words

    logging.getLogger("sitefinder").setLevel(logging.DEBUG if verbose else logging.INFO)
    config = load_config(config_path, _overrides(settings)).config
    choice = choose(read_run_sites(run_path), config)
    run = json.loads((run_path / "run.json").read_text(encoding="utf-8"))
    write_all(run_path, contents(choice, fingerprint=run.get("config_fingerprint")))
    click.echo(words(choice))
    click.echo(f"\nportfolio.json, portfolio.csv and portfolio.geojson in {run_path}")


def _overrides(settings: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for setting in settings:
        key, separator, value = setting.partition("=")
        if not separator or not key:
            raise SitefinderError(f"Invalid --set '{setting}'. Write KEY=VALUE, e.g. --set portfolio.campuses=5.")
        found[key.strip()] = value
    return found


COMMANDS = (portfolio,)
