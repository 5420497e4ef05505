"""Options that several commands share, each declared once, and what they mean together."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from sitefinder.errors import SitefinderError

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
_PATH = click.Path(path_type=Path)


def _note_source(context: click.Context, option: click.Parameter, path: Path) -> Path:
    """Say which installed files are used where neither an option nor the working folder has any."""
    from sitefinder.config.shipped import is_installed

    if context.get_parameter_source(str(option.name)) is ParameterSource.DEFAULT and is_installed(path):
        click.echo(f"{option.opts[0].lstrip('-')}: {path}", err=True)
    return path


def _shipped_option(*names: str, default: str, holds: str) -> Decorator:
    """An option for files that travel with the package; by default those of the working folder, else those installed."""

    def path() -> Path:
        from sitefinder.config.shipped import DATA, data_folder, resolved  # at the first use: --help needs no configuration

        return data_folder() if default == DATA else resolved(default)

    default_text = f"{default}, or as installed"
    return click.option(*names, type=_PATH, default=path, show_default=default_text, callback=_note_source, help=holds)


config_option = _shipped_option("--config", "config_path", default="config/default.yaml", holds="Configuration.")
terms_option = _shipped_option("--terms", "terms_path", default="config/assumptions/financing.yaml", holds="Terms of money.")
data_option = _shipped_option("--data", default="data", holds="Compiled layers.")
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
    """Show the log of the stages on stderr."""
    logging.getLogger("sitefinder").setLevel(logging.DEBUG if verbose else logging.INFO)
