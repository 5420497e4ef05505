"""Files made of a run: kept while the run stands, removed when it is another."""

from __future__ import annotations

import json

import pytest

from sitefinder.results.derived import BASIS, RECORD, holds_full_run, mark_of, retire_outdated, write_derived
from tests.helpers.records import default_config, site, write_run


@pytest.fixture
def folder(tmp_path):
    """A run with two pages made of it, and a file of the user's own among them."""
    folder = write_run(tmp_path / "run", [site()])
    write_derived(folder / "dossiers", {"index.html": b"1", "TX-1.html": b"2"}, run=folder)
    (folder / "dossiers" / "notes.txt").write_text("mine", encoding="utf-8")
    return folder


def _names(folder):
    return sorted(p.name for p in (folder / "dossiers").iterdir())


def test_pages_of_the_same_run_stay(folder):
    """A run that wrote the same lists again changes nothing."""
    assert retire_outdated(folder) == []
    assert _names(folder) == ["TX-1.html", "index.html", RECORD, "notes.txt"]


@pytest.mark.parametrize("name", BASIS)
def test_pages_of_another_run_go_and_it_is_said(folder, caplog, name):
    """Whichever list has changed; what the user put there stays."""
    (folder / name).write_text("{}", encoding="utf-8")
    assert retire_outdated(folder) == ["dossiers"]
    assert _names(folder) == ["notes.txt"]
    assert "Removed 2 files" in caplog.text
    assert "make dossiers" in caplog.text
    assert retire_outdated(folder) == []


def test_a_folder_that_is_emptied_goes(folder):
    """Nothing of the user's own lies there."""
    (folder / "dossiers" / "notes.txt").unlink()
    (folder / "sites.geojson").write_text("{}", encoding="utf-8")
    retire_outdated(folder)
    assert not (folder / "dossiers").exists()


def test_fewer_pages_take_the_place_of_more(folder):
    """Pages of sites that are not written any more go with the next writing."""
    write_derived(folder / "dossiers", {"index.html": b"3"}, run=folder)
    assert _names(folder) == ["index.html", RECORD, "notes.txt"]


@pytest.mark.parametrize("text", ["{", "[]", '{"files": ["../run.json", "a/b", 3], "run": "x"}', '{"files": 3}'])
def test_a_foreign_record_removes_nothing_else(folder, text):
    """Not even what it names outside its folder."""
    (folder / "dossiers" / RECORD).write_text(text, encoding="utf-8")
    retire_outdated(folder)
    assert {"TX-1.html", "index.html", "notes.txt"} <= set(_names(folder))
    assert (folder / "run.json").exists()


def test_a_full_run_is_told_from_a_quick_one(tmp_path):
    """By its sections; a folder without a run holds none."""
    assert holds_full_run(write_run(tmp_path / "full", [site()]))
    quick = default_config().model_copy(update=dict.fromkeys(("connections", "costs", "uncertainty")))
    assert not holds_full_run(write_run(tmp_path / "quick", [site()], quick))
    assert not holds_full_run(tmp_path)
    (tmp_path / "run.json").write_text(json.dumps([1]), encoding="utf-8")
    assert not holds_full_run(tmp_path)


def test_the_mark_changes_with_the_lists_alone(folder):
    """Timings of run.json do not count."""
    mark = mark_of(folder)
    (folder / "run.json").write_text("{}", encoding="utf-8")
    assert mark_of(folder) == mark
    (folder / "delivery.csv").write_text("", encoding="utf-8")
    assert mark_of(folder) != mark
