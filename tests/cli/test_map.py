"""The command ``map``: the page of a result folder again, or one line about what is missing."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from sitefinder.cli import map as commands_map
from sitefinder.errors import DataError
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
    """The remedy is to rank first."""
    with pytest.raises(DataError, match="make rank"):
        commands_map.rebuilt(tmp_path, data=DATA, cache=tmp_path)


@pytest.mark.parametrize("content", ["", "{}", '{"config": {"weights": 3}}'])
def test_a_damaged_manifest_is_refused(tmp_path, content):
    """One line that names the file."""
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(DataError, match=r"Damaged .*run\.json"):
        commands_map.run_config(tmp_path / "run.json")


def test_a_run_without_its_list_is_refused(tmp_path):
    """A manifest alone makes no map."""
    (tmp_path / "run.json").write_bytes((map_run().out / "run.json").read_bytes())
    with pytest.raises(DataError, match="Missing list of sites"):
        commands_map.rebuilt(tmp_path, data=DATA, cache=map_run().cache)
