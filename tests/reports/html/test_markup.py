"""Markup: everything is escaped unless it was made here."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sitefinder.reports.html.markup import Safe, join, name, tag, text


@given(st.text())
def test_text_never_opens_an_element_or_an_attribute(value):
    """Whatever comes in, no angle bracket or quote goes out, and the file can be written."""
    escaped = text(value)
    assert not set(escaped) & set("<>\"'")
    escaped.encode("utf-8")


def test_finished_markup_is_not_escaped_again():
    """Nested elements stay elements; strings beside them do not."""
    assert tag("p", tag("b", "x"), " < y") == "<p><b>x</b> &lt; y</p>"
    assert isinstance(join(["a", Safe("<i>")]), Safe)


def test_attributes_are_escaped_and_can_be_left_out():
    """None and False leave an attribute out; a trailing underscore is none of the name."""
    assert tag("td", class_='a"b', data_c="x", title=None, hidden=False) == '<td class="a&quot;b" data-c="x"></td>'
    assert tag("br") == "<br>"


def test_control_characters_are_replaced():
    """Bytes that no document may hold become the replacement sign; a name is kept apart from the text around it."""
    assert text("a\x00\ud800b") == "a\ufffd\ufffdb"
    assert name("\u05d0") == "<bdi>\u05d0</bdi>"
