"""The entry point: exit codes, one line on stderr per problem, and every command registered."""

from __future__ import annotations

import contextlib
import io
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import click
import pytest
from click.testing import CliRunner

from sitefinder.cli import compare, dossiers, map, memo, portfolio, power_backtest, rank, train, tune
from sitefinder.cli.main import cli, main
from sitefinder.errors import SitefinderError
from tests.helpers.paths import ROOT

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


def test_the_help_of_the_program_cuts_no_word():
    """Every command has a line that fits into eighty characters."""
    said = CliRunner().invoke(cli, ["--help"], terminal_width=80).output
    assert "..." not in said.replace("[ARGS]...", "")
    assert all(name in said for name in cli.commands)


def test_too_little_memory_is_one_line_with_a_remedy(capsys: pytest.CaptureFixture[str], failing: type) -> None:
    """Code 2, and what helps."""
    failing.error = MemoryError()
    code, lines = ended(capsys, "fail")
    assert (code, len(lines)) == (2, 1)
    assert "--resolution" in lines[0]


def test_what_a_terminal_cannot_show_is_a_question_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name in an alphabet that the terminal lacks is printed as far as it goes, and the call is done."""
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding="latin-1", errors="strict"))

    @click.command()
    def say() -> None:
        click.echo("Peñasco \u2603")

    monkeypatch.setitem(cli.commands, "say", say)
    with pytest.raises(SystemExit) as stop:
        main(["say"])
    sys.stdout.flush()
    assert stop.value.code == 0
    assert raw.getvalue().decode("latin-1").split() == ["Peñasco", "?"]


@pytest.mark.parametrize("variable", ["PROJ_LIB", "PROJ_DATA"])
def test_tables_of_another_installation_are_left_alone(tmp_path: Path, variable: str) -> None:
    """A proj.db of an older version changes nothing: both libraries read their own."""
    with contextlib.closing(sqlite3.connect(tmp_path / "proj.db")) as tables, tables:
        tables.execute("CREATE TABLE metadata (key TEXT, value TEXT)")
        rows = [("DATABASE.LAYOUT.VERSION.MAJOR", "1"), ("DATABASE.LAYOUT.VERSION.MINOR", "0")]
        tables.executemany("INSERT INTO metadata VALUES (?, ?)", rows)
    program = (
        "from sitefinder.cli.main import cli, main\n"
        "import click\n"
        "@cli.command()\n"
        "def say():\n"
        "    import pyproj, rasterio.crs\n"
        "    click.echo(rasterio.crs.CRS.from_epsg(5070).is_projected and pyproj.CRS.from_epsg(5070).is_projected)\n"
        "main(['say'])\n"
    )
    environment = os.environ | {variable: str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


@pytest.mark.parametrize("value", ["\x1b[31mred", "\x1b]0;title\x07", "a\x08\x08b", "\x9b2J", "\u202eevil"])
def test_a_terminal_obeys_no_message(capsys: pytest.CaptureFixture[str], failing: type, value: str) -> None:
    """Names and values of the user's files stand in messages; what moves the cursor or turns the text around becomes ?."""
    failing.error = SitefinderError(f"Invalid name '{value}'. Correct it.")
    code, lines = ended(capsys, "fail")
    assert code == 2
    (line,) = lines
    assert line.startswith("sitefinder: Invalid name '")
    assert line.endswith("'. Correct it.")
    assert "?" in line
    assert line.isprintable()
    code, lines = ended(capsys, "rank", "--where", value, "--config", value)
    assert code == 2
    assert all(line.isprintable() for line in lines)


def test_a_terminal_obeys_no_log(failing: type) -> None:
    """Notes and warnings name files and rows, too."""
    program = (
        "import click, logging; from sitefinder.cli import main\n"
        "@click.command()\ndef noisy(): logging.getLogger('sitefinder').warning('Note: %s', '\\x1b[2Jgone')\n"
        "main.cli.add_command(noisy); main.main(['noisy'])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "Note: ?[2Jgone\n")
