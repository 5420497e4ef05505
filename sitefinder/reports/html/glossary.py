"""Words that need explaining: what they mean, linked where a page uses them first. The README has the same table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from sitefinder.reports.html.markup import Safe, join, tag


class Word(NamedTuple):
    """A word, the forms in which pages use it (regular expression), and its meaning."""

    word: str
    forms: str
    meaning: str


GLOSSARY = (
    Word("gate", "gates?",
         "rule that excludes a cell whatever its score: park, water, steep slope, other limits in config/default.yaml"),
    Word("weighted score", "weighted score", "0 to 100: the values of all criteria times the weights of the configuration"),
    Word("learned score", "learned score", "0 to 100: how much a cell resembles land on which large data centers were built"),
    Word("fused score", "fused score|fused",
         "the score of the list: weighted score, with the learned one mixed in where the model knows such ground"),
    Word("unknown points", "unknown points", "points that criteria without data could still add to the weighted score"),
    Word("headroom", "headroom",
         "megawatts of new load that a station can take before a line reaches its rating, with any one line out; an estimate"),
    Word("draw", "draws?",
         "one random choice of all uncertain inputs: of lead times for the dates, of weights and data for the ranks"),
    Word("P50", "P50", "value that half of the draws stay below; P10 and P90 leave out the lowest and the highest tenth"),
    Word("binding step", "binding step",
         "step of the way to power that most often decides the date of full load: the longest on the critical path"),
    Word("tier", "tiers?",
         "leads: among the first 50 in nine of ten draws; likely top 50: in half of them; the others cannot be told apart"),
    Word("evidence grade", "evidence grades?|of grade",
         "E1 (law, contract) to E5 (proxy): how good the data behind a value are"),
    Word("uses", "total uses|uses", "all that has to be paid before full load: capital, interest while building, fees"),
    Word("cover", "cover", "cash of a year over the debt service of that year; lenders ask for more than 1"),
    Word("basis point", "basis points?", "a hundredth of one percent, by the year"),
)  # fmt: skip
#: elements whose text is not linked: pictures, headings, links, code, values of fields
_SKIPPED = ("svg", "style", "title", "a", "h1", "h2", "h3", "summary", "code", "details", "data", "footer")
_VALUES = re.compile(r"\sdata-[cterfm]\b")
_PIECE = re.compile(r"<[^>]+>|[^<]+")
#: text with figures is checked against its fields as it stands
_DIGIT = re.compile(r"\d")
_NAME = re.compile(r"</?([a-z0-9]+)")
_VOID = ("br", "col", "meta", "hr")


def pattern(word: Word) -> re.Pattern[str]:
    """Where a word stands on its own, in any case."""
    return re.compile(rf"(?<![\w-])(?:{word.forms})(?![\w-])", re.IGNORECASE)


def used(text: str) -> list[Word]:
    """Words of the glossary that a text uses, in the order of the glossary.

    >>> [w.word for w in used("Half of the draws")]
    ['draw']
    """
    return [word for word in GLOSSARY if pattern(word).search(text)]


def anchor(word: Word) -> str:
    """Identifier of the entry of a word.

    >>> anchor(GLOSSARY[1])
    'word-weighted-score'
    """
    return f"word-{word.word.lower().replace(' ', '-')}"


def linked(body: Safe) -> Safe:
    """Markup in which the first use of each word of the glossary is a link to its entry, with the entries used at the end.

    Values of fields, headings, pictures and links stay as they are; so does text that holds digits.
    """
    pieces: list[str] = []
    open_: list[bool] = []
    seen: list[Word] = []
    for piece in _PIECE.findall(body):
        if not piece.startswith("<"):
            pieces.append(piece if any(open_) or _DIGIT.search(piece) else _linked_text(piece, seen))
            continue
        pieces.append(piece)
        name = _NAME.match(piece)
        if name is None or name[1] in _VOID or piece.endswith("/>"):
            continue
        if piece.startswith("</"):
            open_.pop()
        else:
            open_.append(name[1] in _SKIPPED or bool(_VALUES.search(piece)))
    return join([Safe("".join(pieces)), section([word for word in GLOSSARY if word in seen])])


def _linked_text(text: str, seen: list[Word]) -> str:
    """A text with its first uses linked; ``seen`` grows."""
    spots: list[tuple[int, int, Word]] = []
    for word in GLOSSARY:
        match = None if word in seen else pattern(word).search(text)
        if match and not any(a < match.end() and match.start() < b for a, b, _ in spots):
            spots.append((*match.span(), word))
            seen.append(word)
    for start, end, word in sorted(spots, reverse=True):
        text = f"{text[:start]}{tag('a', Safe(text[start:end]), href=f'#{anchor(word)}', class_='word')}{text[end:]}"
    return text


def section(words: Sequence[Word]) -> Safe:
    """Entries of the words that a page uses; nothing where it uses none. On the screen only."""
    if not words:
        return Safe("")
    entries = [tag("p", tag("b", w.word, id=anchor(w)), ": ", w.meaning, ".", data_g=w.word) for w in words]
    return tag("section", tag("h2", "Words"), *entries, class_="words screen")
