"""HTML and SVG from Python values: every text is escaped, except markup built here."""

from __future__ import annotations

import html
import re
from typing import Any

#: characters that no document may hold: control characters but tab and line feed, and lone surrogates
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_VOID = ("br", "col", "meta", "hr")


class Safe(str):
    """Finished markup, which is not escaped again."""

    __slots__ = ()


def text(value: Any) -> Safe:
    """Escaped text of a value; markup stays unchanged.

    >>> text("<script>")
    '&lt;script&gt;'
    """
    if isinstance(value, Safe):
        return value
    return Safe(html.escape(clean(value), quote=True))


def clean(value: Any) -> str:
    """Text of a value with a mark in the place of each character that no document may hold."""
    return _FORBIDDEN.sub("\ufffd", str(value))


def join(parts: Any, between: str = "") -> Safe:
    """Markup of the parts in order, each escaped; None is left out."""
    return Safe(text(between).join(text(p) for p in parts if p is not None))


def tag(name: str, *children: Any, **attributes: Any) -> Safe:
    """One element; attributes with None or False are left out, ``class_`` and ``data_c`` mean ``class`` and ``data-c``.

    >>> tag("p", "a & b", class_="note")
    '<p class="note">a &amp; b</p>'
    """
    attribute_text = "".join(
        f' {k.rstrip("_").replace("_", "-")}="{text("" if v is True else v)}"'
        for k, v in attributes.items()
        if v is not None and v is not False
    )
    if name in _VOID:
        return Safe(f"<{name}{attribute_text}>")
    return Safe(f"<{name}{attribute_text}>{join(children)}</{name}>")


def name(value: Any) -> Safe:
    """Markup of a name from data, isolated from the writing direction of the text around it."""
    return tag("bdi", value)
