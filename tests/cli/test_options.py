"""Options that commands share: what ``--set`` and its short forms mean together, and how much is said on stderr."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from sitefinder.cli import options
from sitefinder.cli.options import out_option, overrides, set_option, show_progress
from sitefinder.errors import SitefinderError


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """The logger of the package, its level put back afterwards."""
    log = logging.getLogger("sitefinder")
    level = log.level
    yield log
    log.setLevel(level)


def test_a_setting_is_cut_at_its_first_equals_sign() -> None:
    """Values may hold further ones, spaces around the key do not count, and an empty value is one."""
    assert overrides(["a.b=x=y", " c =1", "d="]) == {"a.b": "x=y", "c": "1", "d": ""}


def test_the_short_forms_name_their_keys() -> None:
    """Megawatts and cell size; a short form that is not given changes nothing."""
    assert overrides([], mw="2000", resolution="500") == {"project.mw": "2000", "grid.resolution_m": "500"}
    assert overrides([], mw=None, resolution=None) == {}


def test_a_setting_in_full_stands_above_the_short_form() -> None:
    """Both for one key: the explicit one counts."""
    assert overrides(["project.mw=1"], mw="2") == {"project.mw": "1"}


@pytest.mark.parametrize("setting", ["weights.water", "=3", ""])
def test_a_setting_without_key_or_sign_is_refused_with_an_example(setting: str) -> None:
    """The message shows how the command at hand writes it."""
    with pytest.raises(SitefinderError, match=r"KEY=VALUE, e\.g\. --set a\.b=1"):
        overrides([setting], example="a.b=1")


@pytest.mark.parametrize(("verbose", "level"), [(False, logging.INFO), (True, logging.DEBUG)])
def test_verbose_shows_the_time_of_each_stage(logger: logging.Logger, verbose: bool, level: int) -> None:
    """Stages log at INFO, their times at DEBUG."""
    show_progress(verbose=verbose)
    assert logger.level == level


def test_options_reach_their_command_as_paths_and_lists() -> None:
    """Defaults are paths, --set can be repeated, and what the user gives stands above the default."""
    seen: list[dict[str, object]] = []

    @click.command()
    @options.config_option
    @options.data_option
    @out_option("out/here")
    @set_option("a=1")
    def command(**values: object) -> None:
        seen.append(values)

    CliRunner().invoke(command, [], catch_exceptions=False)
    CliRunner().invoke(command, ["--set", "a=1", "--set", "b=2", "--out", "elsewhere"], catch_exceptions=False)
    default = {"config_path": Path("config/default.yaml"), "data": Path("data"), "out": Path("out/here"), "settings": ()}
    assert seen == [default, default | {"settings": ("a=1", "b=2"), "out": Path("elsewhere")}]
