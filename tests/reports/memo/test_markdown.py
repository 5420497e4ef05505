"""Blocks as Markdown."""

from __future__ import annotations

import doctest

from sitefinder.reports.html.markup import Safe
from sitefinder.reports.memo import markdown
from sitefinder.reports.memo.document import Bullets, Drawing, Heading, Para, Table, Val
from sitefinder.reports.memo.markdown import block, text


def test_examples_in_the_docstrings_hold():
    """The examples a reader sees are true."""
    assert doctest.testmod(markdown).failed == 0


def test_a_pipe_in_a_name_does_not_break_the_table():
    """Each row has as many cells as the head."""
    lines = block(Table(["a", "b"], [[[Val("x|y", "p", "text")], ["1"]]], (1, 2))).splitlines()
    assert lines[1] == "| --- | ---: |"
    assert lines[2] == r"| x\|y | 1 |"


def test_a_line_feed_in_a_name_does_not_start_a_block():
    """Names from data stay on their line."""
    assert block(Para([Val("a\n# b", "p", "text")])) == r"a \# b"


def test_pictures_are_told_in_words():
    """Where there is no picture the caption stands."""
    assert block(Drawing(Safe("<svg></svg>"), ["what it shows"])) == "*what it shows*"


def test_blocks_are_parted_by_blank_lines():
    """Heading, list, end of file."""
    assert text([Heading("T"), Bullets([["a"], ["b"]])]) == b"## T\n\n- a\n- b\n"
