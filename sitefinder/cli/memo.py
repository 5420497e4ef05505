"""Command ``memo``: financing and memo of a run with its portfolio; the command line registers it."""

from __future__ import annotations

from pathlib import Path

import click

from sitefinder.cli.options import data_option, formats_option, overrides, run_option, set_option, terms_option


@click.command()
@run_option
@terms_option
@data_option
@formats_option
@set_option("programme.on=false")
def memo(run_path: Path, terms_path: Path, data: Path, settings: tuple[str, ...], wanted: tuple[str, ...]) -> None:
    """Write the financing and the committee memo. Of the chosen set: memo.html, memo.md, financing.json; --docx, --pdf."""
    from sitefinder.config.financing import load_terms
    from sitefinder.reports.memo.building import write_memo

    terms = load_terms(terms_path, overrides(settings, example="programme.on=false"))
    tree = write_memo(run_path, terms, data=data, wanted=wanted)
    money = tree["joint"]
    if money:
        uses, cover = money["uses"], tree["set"]["money"]["dscr"]["mid"]
        click.echo(
            f"{tree['set']['count']} campuses, uses {uses['p50']:,.0f} million USD in half of the draws ({uses['p10']:,.0f} to "
            f"{uses['p90']:,.0f} in eight of ten), most likely cover {cover:.2f}, reached as asked in {money['covered']:.0%}"
        )
    click.echo(f"memo in {run_path / 'memo.html'}")
