"""Documents for people who change the project: what they name exists, and records have their parts."""

from __future__ import annotations

import json
import re

import click
import pytest

from sitefinder.cli.main import cli
from tests.helpers.paths import ROOT

RECORDS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
PARTS = ("Context", "Decision", "Consequences", "What would change our mind")


@pytest.mark.parametrize("path", RECORDS, ids=lambda p: p.stem)
def test_a_decision_has_its_parts_and_its_number(path):
    """Context, decision, consequences and what would change our mind, in this order, on one page."""
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# {path.name[:3]}: ")
    assert tuple(re.findall(r"^\*\*(.+?)\.\*\*", text, re.MULTILINE)) == PARTS
    assert len(text.splitlines()) <= 40


def test_decisions_are_numbered_in_a_row_and_listed():
    """The list of decisions is complete."""
    assert [path.name[:3] for path in RECORDS] == [f"{n:03}" for n in range(1, len(RECORDS) + 1)]
    listed = re.findall(r"\((\d{3}-[\w-]+\.md)\)", (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8"))
    assert listed == [path.name for path in RECORDS]


def test_paths_that_the_guide_names_exist():
    """Whoever follows CONTRIBUTING.md finds every file."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    paths = re.findall(r"`((?:sitefinder|tests|scripts|docs|data)/[\w./]+)`", text)
    assert len(paths) > 5
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_weights_that_the_readme_tells_are_those_of_the_configuration(default_config):
    """Every family with its share in whole percent, and they add up."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    sentence = re.search(r"in eight families: (.+?)\. Each", text, re.DOTALL)
    told = {name.replace(" ", "_"): int(percent) for name, percent in re.findall(r"([a-z][a-z ]*?)\s(\d+) %", sentence[1])}
    assert told == {name: round(100 * weight) for name, weight in default_config.config.family_weights().items()}
    assert sum(told.values()) == 100


def test_the_readme_counts_the_compiled_files():
    """As many as the register lists."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    register = json.loads((ROOT / "data" / "datapackage.json").read_text(encoding="utf-8"))
    assert f"`data/` holds {len(register['resources'])} compiled files" in text


def test_the_configuration_that_a_newcomer_reads_fits_on_two_pages():
    """At most a hundred lines; the rest stands by topic in the files that it extends."""
    assert len((ROOT / "config" / "default.yaml").read_text(encoding="utf-8").splitlines()) <= 100


PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs" / "examples").glob("*.md"))]


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.stem)
def test_commands_and_options_that_the_pages_name_exist(path):
    """Each line of a code block that calls the program names a command and options that it has."""
    blocks = re.findall(r"```(?:sh)?\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
    for line in (line.split("#")[0] for block in blocks for line in block.splitlines()):
        called = re.match(r"\s*(?:\$ )?(?:\.venv/bin/)?sitefinder ([a-z-]+)(.*)", line)
        if called:
            command = cli.get_command(click.Context(cli), called[1])
            assert command is not None, line
            options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
            assert set(re.findall(r"(?<=\s)--[a-z-]+", called[2])) <= options, line


def test_the_readme_is_short():
    """A newcomer reads it in some minutes."""
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150
