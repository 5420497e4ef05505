"""The entry point: exit codes, one line on stderr per problem, and every command registered."""

from __future__ import annotations

from types import ModuleType

import click
import pytest
from click.testing import CliRunner

from sitefinder.cli import compare, dossiers, map, memo, portfolio, power_backtest, rank, train, tune
from sitefinder.cli.main import cli, main
from sitefinder.errors import SitefinderError

MODULES = (compare, dossiers, map, memo, portfolio, power_backtest, rank, train, tune)


def ended(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str]]:
    """Exit code of a call and its lines on stderr."""
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    return int(stop.value.code), capsys.readouterr().err.splitlines()


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> type:
    """A command ``fail`` that raises what its class attribute ``error`` holds."""

    class Failing:
        error: BaseException = click.Abort()

    @click.command()
    def fail() -> None:
        raise Failing.error

    monkeypatch.setitem(cli.commands, "fail", fail)
    return Failing


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__)
def test_every_command_of_a_module_is_registered(module: ModuleType) -> None:
    """A command that is written can be called."""
    written = {c for c in vars(module).values() if isinstance(c, click.Command)}
    assert written
    assert written <= set(cli.commands.values())


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_says_in_a_sentence_what_it_does(name: str) -> None:
    """Its help begins with a sentence, and so does every option."""
    command = cli.commands[name]
    assert len(command.get_short_help_str(200)) > 20
    assert [p.name for p in command.params if isinstance(p, click.Option) and not p.help] == []
    assert command.get_short_help_str(200) in " ".join(CliRunner().invoke(cli, [name, "--help"]).output.split())


def test_help_ends_with_zero_and_an_empty_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """Asking for help is no mistake."""
    assert ended(capsys, "--help") == (0, [])


@pytest.mark.parametrize("arguments", [("rank", "--weight", "3"), ("nonsense",), ("diff", "one")])
def test_a_call_that_is_not_understood_is_the_users_mistake(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    """Unknown option, unknown command, missing argument: code 2 and one line that begins with the program's name."""
    code, lines = ended(capsys, *arguments)
    assert code == 2
    assert len(lines) == 1
    assert lines[0].startswith("sitefinder: ")


def test_each_problem_of_a_refused_input_is_a_line(capsys: pytest.CaptureFixture[str], failing: type) -> None:
    """An error of three lines gives three lines that begin with the program's name, and code 2."""
    failing.error = SitefinderError("row 2: bad\nrow 4: bad\nMend them.")
    assert ended(capsys, "fail") == (2, ["sitefinder: row 2: bad", "sitefinder: row 4: bad", "sitefinder: Mend them."])


def test_an_aborted_call_ends_with_one(capsys: pytest.CaptureFixture[str], failing: type) -> None:
    """Ctrl-C is neither done nor the user's mistake."""
    failing.error = click.Abort()
    assert ended(capsys, "fail")[0] == 1


def test_a_fault_of_ours_is_not_hidden(failing: type) -> None:
    """An unexpected error comes out whole, with its traceback."""
    failing.error = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        main(["fail"])
