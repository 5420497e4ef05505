"""The memo as Markdown, for mail and version control; captions replace the pictures."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sitefinder.reports.memo.document import Block, Bullets, Drawing, Heading, Inline, Para, Table, Val, words_at_the_end

#: characters that would be read as markup
_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~])")
_SPACE = re.compile(r"\s+")


def escaped(text: str) -> str:
    r"""Text with the special characters of Markdown escaped.

    >>> escaped("a|b <c>")
    'a\\|b \\<c\\>'
    """
    return _SPECIAL.sub(r"\\\1", _SPACE.sub(" ", text))


def inline(part: Inline) -> str:
    """Text and values as Markdown."""
    if isinstance(part, Val):
        return escaped(part.text)
    if isinstance(part, list | tuple):
        return "".join(inline(p) for p in part)
    return escaped(str(part))


def block(item: Block) -> str:
    """Markdown of a block."""
    if isinstance(item, Heading):
        return f"{'#' * item.level} {inline(item.text)}"
    if isinstance(item, Para):
        return inline(item.parts).strip()
    if isinstance(item, Bullets):
        return "\n".join(f"- {inline(entry)}" for entry in item.items)
    if isinstance(item, Drawing):
        return f"*{inline(item.words)}*"
    return _table(item)


def _table(table: Table) -> str:
    lines = [
        [inline(h) for h in table.head],
        ["---:" if table.right[0] <= i < table.right[1] else "---" for i in range(len(table.head))],
    ]
    lines += [[inline(cell) for cell in row] for row in table.rows]
    markdown = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{markdown}\n\n{inline(table.note)}" if table.note else markdown


def text(blocks: Iterable[Block]) -> bytes:
    """Markdown of the memo."""
    listed = list(blocks)
    return ("\n\n".join(block(b) for b in [*listed, *words_at_the_end(listed)]) + "\n").encode("utf-8", errors="replace")
