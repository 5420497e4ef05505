"""The command ``map``: the page of a result folder again, or one line about what is missing."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from sitefinder.cli import map as commands_map
from tests.helpers.map_run import map_run
from tests.helpers.paths import DATA

#: seconds to minutes each
pytestmark = pytest.mark.slow


def test_the_map_of_a_folder_is_written_into_it():
    """Beside the files it was made from."""
    ran = map_run()
    where = ["--out", str(ran.out), "--data", str(DATA), "--cache", str(ran.cache)]
    done = CliRunner().invoke(commands_map.map_command, where, catch_exceptions=False)
    assert done.exit_code == 0
    assert (ran.out / commands_map.MAP_FILE).read_bytes() == ran.page
    assert "map.html" in done.output


def test_a_folder_without_a_run_is_refused(tmp_path):
    """The remedy is to rank first; no map is written."""
    done = CliRunner().invoke(commands_map.map_command, ["--out", str(tmp_path), "--data", str(DATA), "--cache", str(tmp_path)])
    assert "make rank" in str(done.exception)
    assert list(tmp_path.iterdir()) == []
