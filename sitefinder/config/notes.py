"""Notes on a key in the comments of a configuration: its unit, the marks of its source, and the source.

A comment beside a key begins with the unit in brackets: ``agreement: [2, 4, 9]  # [months] contract (K)``. Longer sources stand
in the comment lines right above the key.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sitefinder.config.keyed_yaml import KeyTree, Place

#: mark of a source -> how far the number was checked
MARKS = {
    "P": "public page, read as an excerpt",
    "M": "measured on the data",
    "J": "judgement made for this tool",
    "K": "general knowledge, not checked",
    "O": "table itself was opened",
    "F": "fitted to finished campuses",
}
_BESIDE = re.compile(r"(?:^|\s)#\s*(?:\[(?P<unit>[^\]]+)\])?\s*(?P<text>.*)$")
_ABOVE = re.compile(r"^(?P<indent>\s*)#\s?(?P<text>(?:(?!\s#\s).)*)$")
_MARK = re.compile(rf"\b[{''.join(MARKS)}]\b")


@dataclass(frozen=True)
class Note:
    """Unit and source of a key, empty where the file does not say.

    Parameters
    ----------
    unit : str
    source : str
    """

    unit: str = ""
    source: str = ""

    @property
    def marks(self) -> tuple[str, ...]:
        """Marks in the source, in the order of :data:`MARKS`."""
        marks = set(_MARK.findall(self.source))
        return tuple(mark for mark in MARKS if mark in marks)


def note_of(tree: KeyTree, keys: Sequence[str]) -> Note:
    """Unit and source of a key; what is not said beside it or right above it is taken from the nearest section around it.

    A key whose value is that of another one has the unit and the source of that one.

    Parameters
    ----------
    tree : KeyTree
    keys : sequence of str
        From the top.
    """
    for depth in range(len(keys), 0, -1):
        target = tree.references.get(tuple(keys[:depth]))
        if target:
            return note_of(tree, [*target, *keys[depth:]])
    places = [tree.places.get(tuple(keys[:depth])) for depth in range(len(keys), 0, -1)]
    notes = [note_at(place) for place in dict.fromkeys(places) if place]
    units = (note.unit for note in notes if note.unit)
    sources = (note.source for note in notes if note.source)
    return Note(next(units, ""), next(sources, ""))


def note_at(place: Place) -> Note:
    """Unit and source that the comments at a line give: beside it and right above it."""
    lines = _lines(place.path)
    line = lines[place.line - 1]
    beside = _BESIDE.search(line)
    above: list[str] = []
    for earlier in reversed(lines[: place.line - 1]):
        comment = _ABOVE.match(earlier)
        if not comment or len(comment["indent"]) != len(line) - len(line.lstrip()):
            break
        above.insert(0, comment["text"].strip())
    unit, text = (beside["unit"] or "", beside["text"].strip()) if beside else ("", "")
    return Note(unit, " ".join(part for part in [*above, text] if part))


@functools.lru_cache
def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()
