"""The memo as one HTML file: no script, no network, prints on two to four pages."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from typing import Any

from sitefinder.reports.html.markup import Safe, join, tag, text
from sitefinder.reports.html.shell import document
from sitefinder.reports.memo.document import Block, Bullets, Drawing, Heading, Para, Table, Val


def inline(part: Any) -> Safe:
    """Text and values as markup; a value carries its field and the way it is shown."""
    if isinstance(part, Val):
        return tag("data", part.text, data_f=part.path, data_k=part.kind, title=part.path)
    if isinstance(part, list | tuple):
        return join([inline(p) for p in part])
    return text(part)


def block(found: Block) -> Safe:
    """One block as markup."""
    if isinstance(found, Heading):
        return tag(f"h{found.level}", inline(found.text))
    if isinstance(found, Para):
        return tag("p", inline(list(found.parts)), class_="small" if found.small else None)
    if isinstance(found, Bullets):
        return tag("ul", *(tag("li", inline(list(item))) for item in found.items))
    if isinstance(found, Drawing):
        return tag("figure", found.svg, tag("figcaption", inline(list(found.words))))
    return _table(found)


def _table(found: Table) -> Safe:
    def aligned(column: int) -> str | None:
        return "n" if found.right[0] <= column < found.right[1] else None

    head = tag("tr", *(tag("th", inline(h), scope="col", class_=aligned(i)) for i, h in enumerate(found.head)))
    rows = [
        tag(
            "tr",
            tag("th", inline(row[0]), scope="row"),
            *(tag("td", inline(c), class_=aligned(i)) for i, c in enumerate(row[1:], 1)),
        )
        for row in found.rows
    ]
    table = tag("table", tag("thead", head), tag("tbody", *rows))
    return join([tag("div", table, class_="scroll"), tag("p", inline(list(found.note)), class_="small") if found.note else None])


def page(title: str, blocks: Iterable[Block]) -> bytes:
    """The whole file."""
    css = files("sitefinder.reports.memo").joinpath("style.css").read_text(encoding="utf-8")
    return document(title, css, tag("main", *(block(b) for b in blocks)))
