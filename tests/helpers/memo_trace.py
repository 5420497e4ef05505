"""Reads a memo as a sceptic: every figure has to be a field, shown as that field says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from sitefinder.reports.html.glossary import GLOSSARY
from sitefinder.reports.memo.document import Fields, formatted

#: texts of the glossary
MEANINGS = {w.meaning for w in GLOSSARY} | {w.word for w in GLOSSARY}
VOID = {"meta", "br", "hr"}
DIGIT = re.compile(r"\d")


class Page(HTMLParser):
    """Pieces of text with the attributes of the element around them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.stack: list[tuple[str, dict[str, str | None]]] = []
        self.pieces: list[tuple[str, dict[str, str | None]]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        name, _ = self.stack.pop()
        if name != tag:
            raise ValueError(f"</{tag}> closes <{name}>")

    def handle_data(self, data: str) -> None:
        if data.strip() and not any(name in ("style", "title") for name, _ in self.stack):
            self.pieces.append((data, self.stack[-1][1]))


def faults(html: str, tree: Mapping[str, Any]) -> list[str]:
    """Figures without a field, and values that are not what their field says."""
    untraced, facts = [], Fields(tree)
    for text, marks in Page(html).pieces:
        path = marks.get("data-f")
        if path is None:
            if DIGIT.search(text) and text.strip(": .") not in MEANINGS:
                untraced.append(f"no field: {text}")
        elif formatted(facts.get(path), str(marks["data-k"])) != text:
            untraced.append(f"{path} is {facts.get(path)}, not {text}")
    return untraced
