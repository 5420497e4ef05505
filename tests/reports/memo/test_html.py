"""Blocks as HTML."""

from __future__ import annotations

from sitefinder.reports.memo.document import Bullets, Heading, Para, Table, Val
from sitefinder.reports.memo.html import block, inline, page


def test_a_value_carries_its_field():
    """Path and format stand on the element, the path under the pointer too."""
    assert inline(Val("7 MW", "a.b", "mw")) == '<data data-f="a.b" data-k="mw" title="a.b">7 MW</data>'


def test_text_is_escaped():
    """Markup from data stays text."""
    assert block(Para(["<script>", Val("<b>", "x", "text")])).count("<script>") == 0


def test_numbers_stand_to_the_right_in_the_columns_named():
    """Only columns of the range get the class."""
    html = block(Table(["a", "b", "c"], [[["x"], ["y"], ["z"]]], (1, 2), ["note"]))
    assert html.count('class="n"') == 2
    assert "note" in html


def test_headings_and_lists():
    """Levels and items."""
    assert block(Heading("T", 3)) == "<h3>T</h3>"
    assert block(Bullets([["a"], ["b"]])) == "<ul><li>a</li><li>b</li></ul>"


def test_the_page_has_language_and_title():
    """For readers of screens."""
    html = page("A & B", [Para(["x"])]).decode()
    assert '<html lang="en">' in html
    assert "<title>A &amp; B</title>" in html
