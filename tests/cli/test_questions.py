"""The commands ``ready`` and ``demand``: what they say, and where the page is."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from sitefinder.cli.questions import demand, ready
from sitefinder.errors import SitefinderError
from tests.helpers.financing_case import TERMS, write_run


def call(command, folder, *more):
    """Run a command on a small run."""
    arguments = ["--run", str(folder), "--terms", str(TERMS), *more]
    return CliRunner().invoke(command, arguments, catch_exceptions=False, standalone_mode=False)


def test_ready_counts_the_campuses_and_names_the_page(tmp_path):
    """Of the chosen set."""
    write_run(tmp_path)
    result = call(ready, tmp_path, "--by", "2027-09-30")
    assert "3 campuses on 2027-09-30: " in result.output
    assert result.output.splitlines()[-1] == f"page in {tmp_path / 'ready.html'}"
    assert (tmp_path / "ready.html").is_file()


def test_ready_asks_about_the_sites_named(tmp_path):
    """Instead of the set."""
    write_run(tmp_path)
    assert "1 campus on" in call(ready, tmp_path, "--by", "2027-09-30", "--site", "IA-4").output


def test_ready_wants_a_day(tmp_path):
    """None is assumed."""
    write_run(tmp_path)
    with pytest.raises(click.MissingParameter) as error:
        call(ready, tmp_path)
    assert "--by" in error.value.format_message()


def test_demand_tells_the_worth_on_each_path(tmp_path):
    """Three lines and the page."""
    write_run(tmp_path)
    lines = call(demand, tmp_path).output.splitlines()
    assert [line.split(":")[0] for line in lines[:3]] == ["Demand holds", "Demand slows", "Demand turns"]
    assert lines[-1] == f"page in {tmp_path / 'demand.html'}"


def test_terms_can_be_set(tmp_path):
    """As for the memo."""
    write_run(tmp_path)
    call(demand, tmp_path, "--set", "programme.on=false")
    assert "Japan" not in (tmp_path / "demand.md").read_text(encoding="utf-8")
    with pytest.raises(SitefinderError, match="KEY=VALUE"):
        call(demand, tmp_path, "--set", "x")


def test_formats_are_asked_for_by_option(tmp_path, monkeypatch):
    """Both commands hand them on."""
    from sitefinder.reports.memo import questions

    asked = []
    monkeypatch.setattr(questions.formats, "more", lambda stem, *rest: asked.append((stem, rest[-1])) or {})
    write_run(tmp_path)
    call(ready, tmp_path, "--by", "2027-09-30", "--docx")
    call(demand, tmp_path, "--pdf", "--docx")
    assert asked == [("ready", ("docx",)), ("demand", ("docx", "pdf"))]
