"""Command ``memo``: financing and memo of a run with its portfolio; the command line registers it."""

from __future__ import annotations

from pathlib import Path

import click

from sitefinder.cli.options import data_option, overrides, run_option, set_option, terms_option


@click.command()
@run_option
@terms_option
@data_option
@set_option("programme.on=false")
def memo(run_path: Path, terms_path: Path, data: Path, settings: tuple[str, ...]) -> None:
    """Write the financing and the committee memo of the chosen set: memo.html, memo.md, financing.json."""
    from sitefinder.config.financing import load_terms
    from sitefinder.reports.memo.building import write_memo

    terms = load_terms(terms_path, overrides(settings, example="programme.on=false"))
    tree = write_memo(run_path, terms, data=data)
    money = tree["set"]["money"]
    if money:
        uses, cover = money["uses"], money["dscr"]
        click.echo(
            f"{tree['set']['count']} campuses, uses {uses['mid']:,.0f} million USD ({uses['low']:,.0f} to {uses['high']:,.0f}), "
            f"cover {cover['mid']:.2f}"
        )
    click.echo(f"memo in {run_path / 'memo.html'}")
