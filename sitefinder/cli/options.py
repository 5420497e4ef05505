"""Options that several commands share."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from sitefinder.errors import SitefinderError

if TYPE_CHECKING:
    from sitefinder.config.area import Area

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
_PATH = click.Path(path_type=Path)


def _note_source(context: click.Context, option: click.Parameter, path: Path) -> Path:
    """Log which installed files are used, where neither an option nor the working folder names any."""
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


def area_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options ``--where``, ``--not`` and ``--near``; :func:`area_of` reads them."""
    names = "states (TX), county codes, market regions (PJM), ba:CODE, utility:NAME, files of polygons; with commas"
    for option in (
        click.option("--near", metavar="LAT,LON,KM", help="Only within so many km of a point, e.g. 41.5,-88.2,50."),
        click.option("--not", "not_in", metavar="NAMES", help="Only outside these places."),
        click.option("--where", metavar="NAMES", help=f"Only within these places: {names}."),
    ):
        command = option(command)
    return command


def area_of(where: str | None, not_in: str | None, near: str | None) -> Area | None:
    """Where to look, from the texts of the options; None where none is given.

    Raises
    ------
    ConfigError
        A text cannot be read; the message names the option.
    """
    from pydantic import ValidationError

    from sitefinder.config.area import Area
    from sitefinder.errors import ConfigError

    texts = {"where": where, "not_in": not_in, "near": near}
    given: dict[str, Any] = {key: _listed(text) for key, text in texts.items() if text is not None}
    if "near" in given:
        given["near"] = [_number(part) for part in given["near"]]
    try:
        return Area.model_validate(given) if given else None
    except ValidationError as error:
        key = str(error.errors()[0]["loc"][0])
        option, message = AREA_OPTIONS[key], error.errors()[0]["msg"].removeprefix("Value error, ")
        raise ConfigError(f"Invalid {option} '{texts[key]}'. {message[0].upper()}{message[1:]}.") from None


#: key of the section ``area`` -> its option
AREA_OPTIONS = {"where": "--where", "not_in": "--not", "near": "--near"}


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _number(text: str) -> float | str:
    """A number, or the text where it is none."""
    try:
        return float(text)
    except ValueError:
        return text


def formats_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options ``--docx`` and ``--pdf``, handed on as one tuple ``wanted``."""

    @click.option("--pdf", is_flag=True, help="Print it to PDF too; needs Chromium.")
    @click.option("--docx", is_flag=True, help="Write it for Word too; needs python-docx.")
    @functools.wraps(command)
    def with_formats(*args: Any, docx: bool, pdf: bool, **options: Any) -> Any:
        wanted = tuple(name for name, asked in (("docx", docx), ("pdf", pdf)) if asked)
        return command(*args, wanted=wanted, **options)

    return with_formats


def out_option(folder: str) -> Decorator:
    """The option ``--out`` with a folder to write to by default."""
    return click.option("--out", type=_PATH, default=Path(folder), show_default=True, help="Result folder.")


def set_option(example: str) -> Decorator:
    """The option ``--set``, repeatable, with an example of a key and its value."""
    return click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help=f"Override, e.g. {example}; repeatable.")


def overrides(settings: Sequence[str], *, example: str = "weights.water=0.3", **short: str | None) -> dict[str, str]:
    """Dotted key -> text of all ``--set`` options and of the short forms ``mw``, ``resolution`` and ``area``.

    Raises
    ------
    SitefinderError
        An option has no ``=`` or no key.

    >>> overrides(["weights.water=0.3"], mw="2000")
    {'project.mw': '2000', 'weights.water': '0.3'}
    """
    keys = {"mw": "project.mw", "resolution": "grid.resolution_m", "area": "area"}
    values = {keys[name]: value for name, value in short.items() if value is not None}
    for setting in settings:
        key, separator, value = setting.partition("=")
        if not separator or not key:
            raise SitefinderError(f"Invalid --set '{setting}'. Write KEY=VALUE, e.g. --set {example}.")
        values[key.strip()] = value
    return values


def show_progress(*, verbose: bool = False) -> None:
    """Log the stages on stderr."""
    logging.getLogger("sitefinder").setLevel(logging.DEBUG if verbose else logging.INFO)
