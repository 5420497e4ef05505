"""Commands ``ready`` and ``demand``: two questions about the chosen set, answered on a page each."""

from __future__ import annotations

from pathlib import Path

import click

from sitefinder.cli.options import formats_option, overrides, run_option, set_option, terms_option


@click.command()
@click.option("--by", "day", required=True, metavar="YYYY-MM-DD", help="Day on which the project would be announced.")
@click.option("--site", "keys", multiple=True, metavar="KEY", help="Ask about this site; repeatable. Default: the chosen set.")
@run_option
@terms_option
@formats_option
@set_option("programme.on=false")
def ready(
    day: str, keys: tuple[str, ...], run_path: Path, terms_path: Path, settings: tuple[str, ...], wanted: tuple[str, ...]
) -> None:
    """Say whether campuses are ready to be announced. By a day: conditions, evidence, clock; ready.html, ready.md, ready.json."""
    from sitefinder.config.financing import load_terms
    from sitefinder.reports.memo.questions import write_ready

    terms = load_terms(terms_path, overrides(settings, example="programme.on=false"))
    tree = write_ready(run_path, terms, day, keys, wanted=wanted)
    counts = ", ".join(f"{count} {standing}" for standing, count in tree["ready"]["standing"].items())
    number = tree["set"]["count"]
    click.echo(f"{number} {'campus' if number == 1 else 'campuses'} on {tree['ready']['day']}: {counts}")
    click.echo(f"page in {run_path / 'ready.html'}")


@click.command()
@run_option
@terms_option
@formats_option
@set_option("programme.on=false")
def demand(run_path: Path, terms_path: Path, settings: tuple[str, ...], wanted: tuple[str, ...]) -> None:
    """Say what happens if demand turns. Value of the chosen set on each path, who bears the loss: demand.html, demand.md."""
    from sitefinder.config.financing import load_terms
    from sitefinder.reports.memo.questions import write_demand

    terms = load_terms(terms_path, overrides(settings, example="programme.on=false"))
    tree = write_demand(run_path, terms, wanted=wanted)
    for path in tree["demand"]["paths"].values():
        value, loss = path["value"], path["loss"]["mid"]
        click.echo(
            f"{path['title']}: worth {value['mid']:,.0f} million USD ({value['low']:,.0f} to {value['high']:,.0f}), "
            f"loss {loss:,.0f}, debt short in {path['short_years']} years"
        )
    click.echo(f"page in {run_path / 'demand.html'}")
