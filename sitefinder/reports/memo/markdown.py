"""The memo as Markdown, for mail and version control; pictures are told in words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from sitefinder.reports.memo.document import Block, Bullets, Drawing, Heading, Para, Table, Val

#: characters that would be read as markup
_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~])")
_SPACE = re.compile(r"\s+")


def escaped(text: str) -> str:
    r"""Text that shows as it is written.

    >>> escaped("a|b <c>")
    'a\\|b \\<c\\>'
    """
    return _SPECIAL.sub(r"\\\1", _SPACE.sub(" ", text))


def inline(part: Any) -> str:
    """Text and values as Markdown."""
    if isinstance(part, Val):
        return escaped(part.text)
    if isinstance(part, list | tuple):
        return "".join(inline(p) for p in part)
    return escaped(str(part))


def block(found: Block) -> str:
    """One block."""
    if isinstance(found, Heading):
        return f"{'#' * found.level} {inline(found.text)}"
    if isinstance(found, Para):
        return inline(found.parts).strip()
    if isinstance(found, Bullets):
        return "\n".join(f"- {inline(item)}" for item in found.items)
    if isinstance(found, Drawing):
        return f"*{inline(found.words)}*"
    return _table(found)


def _table(found: Table) -> str:
    lines = [
        [inline(h) for h in found.head],
        ["---:" if found.right[0] <= i < found.right[1] else "---" for i in range(len(found.head))],
    ]
    lines += [[inline(cell) for cell in row] for row in found.rows]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{table}\n\n{inline(found.note)}" if found.note else table


def text(blocks: Iterable[Block]) -> bytes:
    """The whole file."""
    return ("\n\n".join(block(b) for b in blocks) + "\n").encode("utf-8", errors="replace")
