"""The commands ``train`` and ``backtest`` of the learned score."""

from __future__ import annotations

from pathlib import Path

import click

from sitefinder.cli.options import (
    cache_option,
    config_option,
    data_option,
    out_option,
    overrides,
    resolution_option,
    show_progress,
)


@click.command()
@config_option
@data_option
@cache_option
@resolution_option
def train(config_path: Path, data: Path, cache: Path, resolution: str | None) -> None:
    """Fit the learned score and write its file. On all labels."""
    from sitefinder.config import load_config
    from sitefinder.config.shipped import is_installed
    from sitefinder.errors import DataError
    from sitefinder.pipeline.learning import train_model

    if is_installed(data):
        raise DataError(f"Cannot write the model to {data}: it is installed. Copy it with 'sitefinder init --data', then train.")
    show_progress()
    file = load_config(config_path, overrides((), resolution=resolution))
    click.echo(f"model in {train_model(file, data=data, cache=cache)}")


@click.command()
@config_option
@out_option("out/backtest")
@data_option
@cache_option
@resolution_option
def backtest(config_path: Path, out: Path, data: Path, cache: Path, resolution: str | None) -> None:
    """Validate the learned score. On held-out campuses, beside simple rules."""
    from sitefinder.config import load_config
    from sitefinder.pipeline.learning import backtest as run_backtest

    show_progress()
    file = load_config(config_path, overrides((), resolution=resolution))
    run_backtest(file, data=data, cache=cache, out=out)
    click.echo((out / "backtest.md").read_text(encoding="utf-8"))
