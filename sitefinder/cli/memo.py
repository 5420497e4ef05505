"""Command ``memo``: financing and memo of a run with its portfolio; the command line registers it."""

from __future__ import annotations

from pathlib import Path

import click

from sitefinder.errors import SitefinderError


@click.command()
@click.option(
    "--run", "run_path", type=click.Path(path_type=Path), default=Path("out/latest"), show_default=True, help="Result folder."
)
@click.option("--terms", "terms_path", type=click.Path(path_type=Path), default=Path("config/finance.yaml"), show_default=True)
@click.option("--data", type=click.Path(path_type=Path), default=Path("data"), show_default=True, help="Compiled layers.")
@click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE", help="Override a term, e.g. programme.on=false; repeatable."
)
def memo(run_path: Path, terms_path: Path, data: Path, settings: tuple[str, ...]) -> None:
    """Write the financing and the committee memo of the chosen set: memo.html, memo.md, financing.json."""
    from sitefinder.config.financing import load_terms
    from sitefinder.reports.memo.building import write_memo

    overrides = {}
    for setting in settings:
        key, separator, value = setting.partition("=")
        if not separator or not key:
            raise SitefinderError(f"Invalid --set '{setting}'. Write KEY=VALUE, e.g. --set programme.on=false.")
        overrides[key.strip()] = value
    tree = write_memo(run_path, load_terms(terms_path, overrides), data=data)
    money = tree["set"]["money"]
    if money:
        uses, cover = money["uses"], money["dscr"]
        click.echo(
            f"{tree['set']['count']} campuses, uses {uses['mid']:,.0f} million USD ({uses['low']:,.0f} to {uses['high']:,.0f}), "
            f"cover {cover['mid']:.2f}"
        )
    click.echo(f"memo in {run_path / 'memo.html'}")


COMMANDS = (memo,)
