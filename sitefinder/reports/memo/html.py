"""The memo, or a page beside it, as one HTML file: no script, no network."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files

from sitefinder.reports.html.glossary import linked
from sitefinder.reports.html.markup import Safe, join, tag, text
from sitefinder.reports.html.shell import document
from sitefinder.reports.memo.document import Block, Bullets, Drawing, Heading, Inline, Para, Table, Val


def inline(part: Inline) -> Safe:
    """Text and values as markup; a value carries the path of its field and its format."""
    if isinstance(part, Val):
        return tag("data", part.text, data_f=part.path, data_k=part.kind, title=part.path)
    if isinstance(part, list | tuple):
        return join([inline(p) for p in part])
    return text(part)


def block(item: Block) -> Safe:
    """Markup of a block."""
    if isinstance(item, Heading):
        return tag(f"h{item.level}", inline(item.text))
    if isinstance(item, Para):
        return tag("p", inline(list(item.parts)), class_="small" if item.small else "lead" if item.lead else None)
    if isinstance(item, Bullets):
        return tag("ul", *(tag("li", inline(list(entry))) for entry in item.items))
    if isinstance(item, Drawing):
        return tag("figure", item.svg, tag("figcaption", inline(list(item.words))))
    return _table(item)


def _table(table: Table) -> Safe:
    def aligned(column: int) -> str | None:
        return "n" if table.right[0] <= column < table.right[1] else None

    head = tag("tr", *(tag("th", inline(h), scope="col", class_=aligned(i)) for i, h in enumerate(table.head)))
    rows = [
        tag(
            "tr",
            tag("th", inline(row[0]), scope="row"),
            *(tag("td", inline(c), class_=aligned(i)) for i, c in enumerate(row[1:], 1)),
        )
        for row in table.rows
    ]
    markup = tag("table", tag("thead", head), tag("tbody", *rows))
    return join([tag("div", markup, class_="scroll"), tag("p", inline(list(table.note)), class_="small") if table.note else None])


def page(title: str, blocks: Iterable[Block], *, one: bool = False) -> bytes:
    """HTML of the memo, or of a page beside it; ``one`` prints on one sheet, in smaller letters.

    The first use of each word of the glossary is a link to its meaning at the end, which is on the screen only.
    """
    css = files("sitefinder.reports.memo").joinpath("style.css").read_text(encoding="utf-8")
    return document(title, css, tag("main", linked(join([block(b) for b in blocks])), class_="one" if one else None))
