"""Command line: arguments, logging, exit codes; nothing else."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from sitefinder.cli.compare import ahp, diff, presets
from sitefinder.cli.dossiers import dossiers
from sitefinder.cli.map import map_command
from sitefinder.cli.memo import memo
from sitefinder.cli.portfolio import portfolio
from sitefinder.errors import SitefinderError

#: exit codes of the contract
DONE, OUR_FAULT, USERS_FAULT = 0, 1, 2
#: rows of the table on the terminal
TABLE_ROWS = 15


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Rank gigawatt data-center campus sites over the contiguous United States."""


for command in (diff, presets, ahp, dossiers, map_command, portfolio, memo):
    cli.add_command(command)


@cli.command()
@click.option("--config", "config_path", type=click.Path(path_type=Path), default=Path("config/default.yaml"), show_default=True)
@click.option("--out", type=click.Path(path_type=Path), default=Path("out/latest"), show_default=True, help="Result folder.")
@click.option("--data", type=click.Path(path_type=Path), default=Path("data"), show_default=True, help="Compiled layers.")
@click.option("--cache", type=click.Path(path_type=Path), default=Path(".cache"), show_default=True, help="Built layers.")
@click.option("--sites", type=click.Path(path_type=Path), help="CSV, GeoJSON or GeoParquet of your own sites.")
@click.option("--skip-bad", is_flag=True, help="Leave out bad rows of --sites instead of refusing the file.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Override, e.g. weights.water=0.3; repeatable.")
@click.option("--mw", type=str, help="Short for --set project.mw=…")
@click.option("--resolution", type=str, help="Short for --set grid.resolution_m=… (metres)")
@click.option("--quick", is_flag=True, help="For tuning: no routes, costs, certainty and map.")
@click.option("-v", "--verbose", is_flag=True, help="Show the time of each stage.")
def rank(
    config_path: Path,
    out: Path,
    data: Path,
    cache: Path,
    sites: Path | None,
    skip_bad: bool,  # noqa: FBT001 - a click flag
    settings: tuple[str, ...],
    mw: str | None,
    resolution: str | None,
    quick: bool,  # noqa: FBT001 - a click flag
    verbose: bool,  # noqa: FBT001 - a click flag
) -> None:
    """Rank sites; writes sites.geojson, rasters and run.json."""
    from sitefinder.config import load_config
    from sitefinder.pipeline.listing import ranking_only
    from sitefinder.pipeline.stages import run

    logging.getLogger("sitefinder").setLevel(logging.DEBUG if verbose else logging.INFO)
    overrides = _overrides(settings, mw=mw, resolution=resolution)
    file = load_config(config_path, overrides)
    if quick:
        file = ranking_only(file)
    result = run(file, out=out, data=data, cache=cache, sites=sites, skip_bad=skip_bad, with_map=not quick)
    click.echo(_table(result.own or result.sites))
    click.echo(f"\n{len(result.sites)} sites in {out / 'sites.geojson'}" + ("" if quick else f"; open {out / 'map.html'}"))
    if result.own:
        click.echo(f"{len(result.own)} own sites in {out / 'own_sites.geojson'}")


@cli.command()
@click.option("--config", "config_path", type=click.Path(path_type=Path), default=Path("config/default.yaml"), show_default=True)
@click.option("--data", type=click.Path(path_type=Path), default=Path("data"), show_default=True, help="Compiled layers.")
@click.option("--cache", type=click.Path(path_type=Path), default=Path(".cache"), show_default=True, help="Built layers.")
@click.option("--resolution", type=str, help="Short for --set grid.resolution_m=… (metres)")
def train(config_path: Path, data: Path, cache: Path, resolution: str | None) -> None:
    """Fit the learned score on all labels and write its file."""
    from sitefinder.config import load_config
    from sitefinder.pipeline.learning import train_model

    logging.getLogger("sitefinder").setLevel(logging.INFO)
    file = load_config(config_path, _overrides((), resolution=resolution))
    click.echo(f"model in {train_model(file, data=data, cache=cache)}")


@cli.command()
@click.option("--config", "config_path", type=click.Path(path_type=Path), default=Path("config/default.yaml"), show_default=True)
@click.option("--out", type=click.Path(path_type=Path), default=Path("out/backtest"), show_default=True, help="Result folder.")
@click.option("--data", type=click.Path(path_type=Path), default=Path("data"), show_default=True, help="Compiled layers.")
@click.option("--cache", type=click.Path(path_type=Path), default=Path(".cache"), show_default=True, help="Built layers.")
@click.option("--resolution", type=str, help="Short for --set grid.resolution_m=… (metres)")
def backtest(config_path: Path, out: Path, data: Path, cache: Path, resolution: str | None) -> None:
    """Validate the learned score on held-out campuses, beside simple rules."""
    from sitefinder.config import load_config
    from sitefinder.pipeline.learning import backtest as run_backtest

    logging.getLogger("sitefinder").setLevel(logging.INFO)
    file = load_config(config_path, _overrides((), resolution=resolution))
    run_backtest(file, data=data, cache=cache, out=out)
    click.echo((out / "backtest.md").read_text(encoding="utf-8"))


def _overrides(settings: Sequence[str], **short: str | None) -> dict[str, str]:
    keys = {"mw": "project.mw", "resolution": "grid.resolution_m"}
    overrides = {keys[name]: value for name, value in short.items() if value is not None}
    for setting in settings:
        key, separator, value = setting.partition("=")
        if not separator or not key:
            raise SitefinderError(f"Invalid --set '{setting}'. Write KEY=VALUE, e.g. --set weights.water=0.3.")
        overrides[key.strip()] = value
    return overrides


def _table(rows: Sequence[dict[str, Any]]) -> str:
    lines = [
        f"{'rank':>4} {'90 %':>9} {'score':>6}  {'site':<11} {'place':<30} {'county':<22} {'RTO':<10} {'200 MW':<7} {'full':<7}"
    ]
    if "excluded_by" in rows[0]:
        lines[0] += "  excluded by"
    for row in rows[:TABLE_ROWS]:
        score = "-" if row["score"] is None else f"{row['score']:.1f}"
        county = f"{row['county']}, {row['state']}"
        lines.append(
            f"{row['rank']:>4} {_interval(row):>9} {score:>6}  {row['site_id']:<11} {row['name'][:30]:<30} {county[:22]:<22} "
            f"{(row['rto'] or '-')[:10]:<10} {row.get('first_200mw_p50') or '-':<7} {row.get('full_load_p50') or '-':<7} "
            f"{row.get('excluded_by', '')}".rstrip()
        )
    return "\n".join(lines)


def _interval(row: dict[str, Any]) -> str:
    """Ranks between which the site lies in nine draws of ten."""
    return f"{row['rank_p05']:.0f}-{row['rank_p95']:.0f}" if row.get("rank_p05") is not None else "-"


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point: 0 done, 2 the user's input is wrong (one line per problem on stderr), 1 our fault."""
    logging.basicConfig(stream=sys.stderr, format="%(message)s", level=logging.WARNING)
    try:
        cli(args=arguments, standalone_mode=False)
    except click.ClickException as error:
        click.echo(f"sitefinder: {error.format_message()}", err=True)
        sys.exit(USERS_FAULT)
    except click.Abort:
        sys.exit(OUR_FAULT)
    except SitefinderError as error:
        for line in str(error).splitlines():
            click.echo(f"sitefinder: {line}", err=True)
        sys.exit(USERS_FAULT)
    sys.exit(DONE)
