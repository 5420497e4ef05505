"""The command line of the memo."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from sitefinder.cli.memo import memo
from sitefinder.errors import SitefinderError
from tests.helpers.financing_case import ROOT, TERMS, write_run


def call(folder, *more):
    """Run the command."""
    arguments = ["--run", str(folder), "--terms", str(TERMS), "--data", str(ROOT / "data"), *more]
    return CliRunner().invoke(memo, arguments, catch_exceptions=False, standalone_mode=False)


def test_it_writes_and_tells(tmp_path):
    """Uses, cover and where the memo is."""
    write_run(tmp_path)
    result = call(tmp_path)
    assert "3 campuses, uses" in result.output
    assert (tmp_path / "memo.html").is_file()


def test_terms_can_be_set(tmp_path):
    """The scenario is switched from the command line."""
    write_run(tmp_path)
    call(tmp_path, "--set", "programme.on=false")
    assert "Japan" not in (tmp_path / "memo.md").read_text(encoding="utf-8").split("What is not known")[0]


@pytest.mark.parametrize("setting", ["programme.on", "=1"])
def test_a_setting_without_a_value_is_refused(tmp_path, setting):
    """The message shows how."""
    write_run(tmp_path)
    with pytest.raises(SitefinderError, match="KEY=VALUE"):
        call(tmp_path, "--set", setting)
