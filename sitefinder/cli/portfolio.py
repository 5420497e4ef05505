"""The command ``portfolio``: the best set of campuses of a finished run; the command line registers it."""

from __future__ import annotations

from pathlib import Path

import click

from sitefinder.cli.options import config_option, overrides, run_option, set_option, show_progress, verbose_option


@click.command()
@config_option
@run_option
@set_option("portfolio.campuses=5")
@verbose_option
def portfolio(config_path: Path, run_path: Path, settings: tuple[str, ...], verbose: bool) -> None:  # noqa: FBT001 - a click flag
    """Choose the best set of campuses. Writes portfolio.json, .csv and .geojson into the result folder."""
    from sitefinder.config import load_config
    from sitefinder.files import write_all
    from sitefinder.portfolio.choice import choose
    from sitefinder.portfolio.pool import pool_of
    from sitefinder.portfolio.report import contents, words
    from sitefinder.results.run import read_run

    show_progress(verbose=verbose)
    config = load_config(config_path, overrides(settings, example="portfolio.campuses=5")).config
    run = read_run(run_path)
    choice = choose(pool_of(run), config)
    write_all(run_path, contents(choice, fingerprint=run.manifest.get("config_fingerprint")))
    click.echo(words(choice))
    click.echo(f"\nportfolio.json, portfolio.csv and portfolio.geojson in {run_path}")
