"""The commands ``show`` and ``list``."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from sitefinder.cli.show import list_command, show
from tests.helpers.dossier_run import write_run
from tests.helpers.paths import DATA


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run of three sites, and two of the user's own."""
    return write_run(tmp_path_factory.mktemp("shown") / "run")


def _list(folder, *arguments):
    return CliRunner().invoke(list_command, ["--run", str(folder), "--data", str(DATA), *map(str, arguments)])


@pytest.mark.parametrize("key", ["IL-600221", "il-600221", "OH-694260"])
def test_a_site_is_shown_by_its_key(folder, key):
    """Of either list, in letters of any case."""
    done = CliRunner().invoke(show, [key, "--run", str(folder)])
    assert done.exit_code == 0, done.output
    assert done.output.startswith(f"{key.upper()}  rank ")


def test_an_unknown_key_is_refused_with_a_suggestion(folder):
    """The nearest key."""
    error = str(CliRunner().invoke(show, ["IL-60022", "--run", str(folder)]).exception)
    assert "did you mean 'IL-60022" in error


def test_a_list_has_the_columns_asked_for(folder):
    """In their order; the last line counts."""
    head, first, *_, last = _list(folder, "--columns", "site_id,lat,rank", "--top", 2).output.splitlines()
    assert head.split() == ["site_id", "lat", "rank"]
    assert first.split() == ["IL-600220", "41.4765", "1"]
    assert last.startswith("2 of 3 that pass, of 3 ")


def test_filters_and_places_narrow_the_list(folder):
    """By distance from a point, and by people."""
    near = _list(folder, "--near", "41.5,-88.2,50", "--columns", "site_id").output
    assert "IL-600220" in near
    assert "1 of 1 that pass, of 3" in near
    assert "0 of 0 that pass" in _list(folder, "--people", 0).output
    assert "3 of 3 that pass" in _list(folder, "--where", "IL", "--by", 2040).output
    assert "1 of 1 that pass" in _list(folder, "--best-of", "region").output


def test_own_sites_are_listed_when_asked_for(folder, tmp_path):
    """A run without any is refused."""
    assert "OH-694261" in _list(folder, "--own").output
    assert "Rank them with" in str(_list(write_run(tmp_path / "run", own=False), "--own").exception)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--columns", "scor"), "did you mean 'score'"),
        (("--columns", "nonsense-at-all"), "docs/reference.md"),
        (("--by", "soon"), "Invalid --by 'soon'"),
        (("--near", "1,2"), "Invalid --near '1,2'"),
        (("--where", "TXX"), "'TXX' in --where"),
        (("--not", "TXX"), "'TXX' in --not"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(folder, arguments, said):
    """With the option and the remedy."""
    error = str(_list(folder, *arguments).exception)
    assert said in error
    assert len(error.splitlines()) == 1
