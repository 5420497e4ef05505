"""Command line: the commands, logging, exit codes; nothing else."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Sequence

import click

from sitefinder import __version__
from sitefinder.cli.compare import ahp, diff, presets
from sitefinder.cli.config import config_command
from sitefinder.cli.dossiers import dossiers
from sitefinder.cli.export import export
from sitefinder.cli.headroom import headroom
from sitefinder.cli.init import init
from sitefinder.cli.map import map_command
from sitefinder.cli.memo import memo
from sitefinder.cli.portfolio import portfolio
from sitefinder.cli.power_backtest import power_backtest
from sitefinder.cli.questions import demand, ready
from sitefinder.cli.rank import rank
from sitefinder.cli.score import score
from sitefinder.cli.show import list_command, show
from sitefinder.cli.train import backtest, train
from sitefinder.cli.tune import tune
from sitefinder.cli.verify import verify
from sitefinder.errors import SitefinderError

#: exit codes of the contract
DONE, OUR_FAULT, USERS_FAULT = 0, 1, 2
#: where another program (a GIS, a database) keeps its tables of reference systems; the libraries here bring their own
FOREIGN_TABLES = ("PROJ_LIB", "PROJ_DATA", "GDAL_DATA", "GDAL_DRIVER_PATH")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="sitefinder")
def cli() -> None:
    """Rank gigawatt data-center campus sites over the contiguous United States."""


COMMANDS = (
    *(rank, tune, show, list_command, score, diff, presets, ahp, dossiers, export, map_command, portfolio, memo, ready, demand),
    *(verify, train, backtest, power_backtest, headroom, init, config_command),
)
for command in COMMANDS:
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point: 0 done, 2 the user's input is wrong (one line per problem on stderr), 1 a fault of this program."""
    _prepare()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Plain("%(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    try:
        cli(args=arguments, standalone_mode=False)
    except click.ClickException as error:
        click.echo(f"sitefinder: {_plain(error.format_message())}", err=True)
        sys.exit(USERS_FAULT)
    except click.Abort:
        sys.exit(OUR_FAULT)
    except SitefinderError as error:
        for line in str(error).splitlines():
            click.echo(f"sitefinder: {_plain(line)}", err=True)
        sys.exit(USERS_FAULT)
    except MemoryError:
        click.echo("sitefinder: Not enough memory. Free some, or rank with larger cells: --resolution 2000.", err=True)
        sys.exit(USERS_FAULT)
    sys.exit(DONE)


def _plain(text: str) -> str:
    """A text without what a terminal would obey: names and values of files may hold anything."""
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in text)


class _Plain(logging.Formatter):
    """Messages without what a terminal would obey."""

    def format(self, record: logging.LogRecord) -> str:
        """The message of a record."""
        return _plain(super().format(record))


def _prepare() -> None:
    """Leave out tables of other installations, whose versions differ; write ? for what a terminal cannot show."""
    for name in FOREIGN_TABLES:
        os.environ.pop(name, None)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
