"""Options that several commands share, each declared once, and what they mean together."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from sitefinder.errors import SitefinderError

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
_PATH = click.Path(path_type=Path)

config_option = click.option(
    "--config", "config_path", type=_PATH, default=Path("config/default.yaml"), show_default=True, help="Configuration."
)
data_option = click.option("--data", type=_PATH, default=Path("data"), show_default=True, help="Compiled layers.")
cache_option = click.option("--cache", type=_PATH, default=Path(".cache"), show_default=True, help="Built layers.")
run_option = click.option(
    "--run", "run_path", type=_PATH, default=Path("out/latest"), show_default=True, help="Result folder of a run."
)
resolution_option = click.option("--resolution", type=str, help="Short for --set grid.resolution_m=… (metres)")
verbose_option = click.option("-v", "--verbose", is_flag=True, help="Show the time of each stage.")


def out_option(folder: str) -> Decorator:
    """The option ``--out`` with a folder to write to by default."""
    return click.option("--out", type=_PATH, default=Path(folder), show_default=True, help="Result folder.")


def set_option(example: str) -> Decorator:
    """The option ``--set``, repeatable, with an example of a key and its value."""
    return click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help=f"Override, e.g. {example}; repeatable.")


def overrides(settings: Sequence[str], *, example: str = "weights.water=0.3", **short: str | None) -> dict[str, str]:
    """Dotted key -> text of all ``--set`` options and of the short forms ``mw`` and ``resolution``.

    Raises
    ------
    SitefinderError
        An option has no ``=`` or no key.

    >>> overrides(["weights.water=0.3"], mw="2000")
    {'project.mw': '2000', 'weights.water': '0.3'}
    """
    keys = {"mw": "project.mw", "resolution": "grid.resolution_m"}
    values = {keys[name]: value for name, value in short.items() if value is not None}
    for setting in settings:
        key, separator, value = setting.partition("=")
        if not separator or not key:
            raise SitefinderError(f"Invalid --set '{setting}'. Write KEY=VALUE, e.g. --set {example}.")
        values[key.strip()] = value
    return values


def show_progress(*, verbose: bool = False) -> None:
    """Let the stages say on stderr what they do."""
    logging.getLogger("sitefinder").setLevel(logging.DEBUG if verbose else logging.INFO)
