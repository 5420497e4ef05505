"""Reading portfolio.json."""

from __future__ import annotations

import json

import pytest

from sitefinder.errors import DataError
from sitefinder.results.chosen import read_chosen
from tests.helpers.financing_case import portfolio


def write(folder, content):
    """A portfolio file."""
    (folder / "portfolio.json").write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def test_sets_and_the_rest_are_read(tmp_path):
    """Set, runner-up and what the memo shows of the file."""
    write(tmp_path, portfolio())
    found = read_chosen(tmp_path, "abc")
    assert found.best == ("TX-1", "OH-2", "NY-3")
    assert found.runner_up == ("TX-1", "OH-2", "IA-4")
    assert found.facts()["runner_up"]["loss_busd"] == 0.5


def test_no_runner_up_is_fine(tmp_path):
    """There may be no second set."""
    write(tmp_path, portfolio() | {"runner_up": None})
    assert read_chosen(tmp_path).runner_up == ()


@pytest.mark.parametrize(
    ("content", "said"),
    [("{", "names no set"), ({"set": {}}, "names no set"), ([], "names no set"), ({"set": {"sites": []}}, "is empty")],
)
def test_damaged_files_are_refused(tmp_path, content, said):
    """One line with the remedy."""
    write(tmp_path, content)
    with pytest.raises(DataError, match=said):
        read_chosen(tmp_path)


def test_a_missing_file_names_the_command(tmp_path):
    """The set has to be chosen first."""
    with pytest.raises(DataError, match="sitefinder portfolio"):
        read_chosen(tmp_path)


def test_another_run_is_refused(tmp_path):
    """Fingerprints differ; without one on either side there is nothing to compare."""
    write(tmp_path, portfolio())
    with pytest.raises(DataError, match="another run"):
        read_chosen(tmp_path, "other")
    assert read_chosen(tmp_path, None).best
