"""Documents for people who change the project: what they name exists, and records have their parts."""

from __future__ import annotations

import re

import pytest

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
