"""The commands ``show`` and ``list``: sites of a finished run in the terminal; the command line registers them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sitefinder.cli.options import AREA_OPTIONS, area_of, area_options, data_option, run_option

if TYPE_CHECKING:
    from sitefinder.config.area import Area
    from sitefinder.results.run import Entry, Run
    from sitefinder.results.selection import Filters
    from sitefinder.results.site import Site


@click.command()
@click.argument("site_id")
@run_option
@click.option("--all", "every", is_flag=True, help="Every fact, not only those of the printed dossier.")
def show(site_id: str, run_path: Path, every: bool) -> None:  # noqa: FBT001 - a click flag
    """Print one site of a run, as in its dossier."""
    from sitefinder.reports.terminal import card
    from sitefinder.results.run import read_run

    click.echo(card(_entry(read_run(run_path), site_id).site, every=every))


def _entry(run: Run, site_id: str) -> Entry:
    """The site of a key, of either list; letters of any case."""
    from sitefinder.config.keyed_yaml import suggest
    from sitefinder.errors import SitesError

    known = {entry.site_id.upper(): entry for entry in (*run.own, *run.sites)}
    if site_id.upper() in known:
        return known[site_id.upper()]
    close = suggest(site_id.upper(), known)
    hint = close if close.startswith("did you mean") else "'sitefinder list' prints the keys."
    raise SitesError(f"Unknown site '{site_id}' in {run.folder}; {hint}")


@click.command("list")
@run_option
@data_option
@click.option("--top", type=click.IntRange(min=1), default=20, show_default=True, help="Sites printed.")
@click.option("--columns", metavar="NAMES", help="Columns with commas; docs/reference.md has them all.")
@click.option("--own", is_flag=True, help="Your own sites instead of the ranked ones.")
@click.option("--best-of", type=click.Choice(["region", "state", "utility", "authority"]), help="The best site of each.")
@click.option("--by", metavar="MONTH", help="Full load in half of the draws by this month, e.g. 2031-06.")
@click.option("--price", type=click.FloatRange(min=0), help="Industrial power price of at most USD/MWh.")
@click.option("--min-mw", type=click.FloatRange(min=0), help="Headroom left at the station of at least MW.")
@click.option("--acres", type=click.FloatRange(min=0), help="At least so many buildable acres.")
@click.option("--people", type=click.FloatRange(min=0), help="At most so many people within 5 km.")
@area_options
def list_command(
    run_path: Path,
    data: Path,
    top: int,
    columns: str | None,
    own: bool,  # noqa: FBT001 - a click flag
    best_of: str | None,
    by: str | None,
    price: float | None,
    min_mw: float | None,
    acres: float | None,
    people: float | None,
    where: str | None,
    not_in: str | None,
    near: str | None,
) -> None:
    """Print the sites of a run. All, or those that pass filters."""
    from sitefinder.errors import SitesError
    from sitefinder.reports.terminal import LEGEND, table, usual
    from sitefinder.results.run import read_run
    from sitefinder.results.selection import best_of_each

    run = read_run(run_path)
    sites = [entry.site for entry in (run.own if own else run.sites)]
    if not sites:
        raise SitesError(f"No sites of your own in {run.folder}. Rank them with SITES=… or --sites, or leave out --own.")
    names = _names(columns, sites) if columns is not None else None
    limits = {"price": price, "mw": min_mw, "acres": acres, "people": people}
    filters = _filters(by, {k: v for k, v in limits.items() if v is not None}, area_of(where, not_in, near), data)
    chosen = [site for site in sites if filters.passes(site)]
    unknown = sum(filters.unknown(site) is not None for site in sites)
    if best_of:
        chosen = best_of_each(chosen, best_of)
    click.echo(usual(chosen[:top]) if names is None else table(chosen[:top], names))
    left_out = f"; {unknown} have an unknown value and cannot pass" if unknown else ""
    if names is None:
        click.echo(f"\n{LEGEND}")
    click.echo(f"\n{min(top, len(chosen))} of {len(chosen)} that pass, of {len(sites)} in {run.folder}{left_out}")


def _filters(by: str | None, limits: dict[str, float], area: Area | None, data: Path) -> Filters:
    from sitefinder.errors import SitefinderError
    from sitefinder.layers.area import resolved
    from sitefinder.layers.package import DataPackage
    from sitefinder.months import read_month
    from sitefinder.results.selection import Filters

    month = read_month(f"{by}-12" if by and by.isdigit() else by) if by else None
    if by and month is None:
        raise SitefinderError(f"Invalid --by '{by}'. Write a month or a year, e.g. 2031-06.")
    within = resolved(area, DataPackage(data), AREA_OPTIONS.__getitem__) if area else None
    return Filters(month, limits, within)


def _names(columns: str, sites: Sequence[Site]) -> list[str]:
    """Columns asked for."""
    from sitefinder.config.keyed_yaml import suggest
    from sitefinder.errors import SitefinderError

    known = sites[0].values
    names = [name.strip() for name in columns.split(",") if name.strip()]
    for name in names:
        if name not in known:
            close = suggest(name, known)
            hint = close if close.startswith("did you mean") else "docs/reference.md has them all."
            raise SitefinderError(f"Unknown column '{name}' in --columns; {hint}")
    return names
