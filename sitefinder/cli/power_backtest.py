"""The command ``power-backtest``: estimated months to megawatts of campuses with a known start, beside what happened."""

from __future__ import annotations

from pathlib import Path

import click

from sitefinder.cli.options import (
    cache_option,
    config_option,
    data_option,
    overrides,
    resolution_option,
    set_option,
    show_progress,
)


@click.command("power-backtest")
@click.argument("table", type=click.Path(path_type=Path), required=False)
@click.option("--out", type=click.Path(path_type=Path), help="CSV to write; standard output where it is not given.")
@click.option("--looked", help="Month of the last look, YYYY-MM: what had not come is later. Default: the latest realised.")
@config_option
@data_option
@cache_option
@resolution_option
@set_option("delivery.draws=2000")
def power_backtest(
    table: Path | None,
    out: Path | None,
    looked: str | None,
    config_path: Path,
    data: Path,
    cache: Path,
    resolution: str | None,
    settings: tuple[str, ...],
) -> None:
    """Estimate campuses whose start is known.

    Months from ``commit`` to 50, 200, 500 MW and full load of every campus of TABLE, and the scores where dates are realised.

    TABLE is a CSV with name, lat, lon and commit (YYYY-MM); pathway, mw_full, facts in hand (flexible, existing_connection_mw,
    signed_mw, …) and realised months (first_power, date_200mw, …, each with a column _kind of r or p) are optional. Without
    TABLE, the dated campuses of the compiled data.
    """
    from sitefinder.config import load_config
    from sitefinder.files import write_all
    from sitefinder.pipeline.dated import backtest_table, result_csv, scores_text

    show_progress()
    file = load_config(config_path, overrides(settings, resolution=resolution))
    done = backtest_table(file, table, looked=looked, data=data, cache=cache)
    content = result_csv(done)
    if out is None:
        click.echo(content.decode(), nl=False)
    else:
        write_all(out.parent, {out.name: content})
        click.echo(f"{len(done.campuses.names)} campuses in {out}", err=True)
    click.echo(scores_text(done), err=out is None)
