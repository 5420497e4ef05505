"""Blocks of the memo's text, and values in it with the path of the field that they show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sitefinder.financing.facts import at
from sitefinder.reports.html.glossary import used
from sitefinder.reports.html.markup import Safe
from sitefinder.reports.html.words import PATHWAYS, figure, month
from sitefinder.units import MUSD_PER_BUSD

UNKNOWN = "unknown"
PERCENT = 100.0
#: words for codes
CODES: Mapping[str, str] = PATHWAYS
SHORT: Mapping[str, str] = {"grid": "grid", "non_firm": "non-firm grid", "onsite_gas": "gas", "hybrid": "gas and grid"}


@dataclass(frozen=True)
class Val:
    """A value as text, with the path of its field and its format."""

    text: str
    path: str
    kind: str


#: text, a value, or a sequence of these
Inline: TypeAlias = "str | Val | Sequence[Inline]"


@dataclass(frozen=True)
class Heading:
    """Title of a section."""

    text: Inline
    level: int = 2


@dataclass(frozen=True)
class Para:
    """A paragraph."""

    parts: Sequence[Inline]
    small: bool = False
    lead: bool = False


@dataclass(frozen=True)
class Bullets:
    """A list."""

    items: Sequence[Sequence[Inline]]


@dataclass(frozen=True)
class Table:
    """A table; cells are sequences of parts, numbers stand to the right in the columns from ``right[0]`` up to ``right[1]``."""

    head: Sequence[Inline]
    rows: Sequence[Sequence[Sequence[Inline]]]
    right: tuple[int, int] = (0, 0)
    note: Sequence[Inline] = ()


@dataclass(frozen=True)
class Drawing:
    """An SVG drawing, and its caption, which replaces it in Markdown."""

    svg: Safe
    words: Sequence[Inline]


Block = Heading | Para | Bullets | Table | Drawing


def formatted(value: Any, kind: str) -> str:
    """Text of a field in a format.

    Parameters
    ----------
    value : any
        None is unknown.
    kind : str
        One of ``FORMATS``.

    Examples
    --------
    >>> formatted(2446.0, "musd"), formatted(573.0, "musd"), formatted(0.25, "share"), formatted("2030-05", "month")
    ('$2.4 billion', '$573 million', '25 %', 'May 2030')
    """
    return UNKNOWN if value is None or value == "" else FORMATS[kind](value)


def _musd(value: float) -> str:
    size, sign = abs(value), "minus " if value < 0 else ""
    if round(size) >= MUSD_PER_BUSD:
        billions = size / MUSD_PER_BUSD
        return f"{sign}${billions:,.0f} billion" if billions >= _WHOLE_BILLIONS else f"{sign}${billions:.1f} billion"
    return f"{sign}${size:,.0f} million"


def _day(value: str) -> str:
    year, number, day = value.split("-")
    return f"{int(day)} {month(f'{year}-{number}')}"


def _rounded(value: float) -> str:
    """Number rounded to two significant digits from a hundred on."""
    return figure(float(f"{value:.2g}") if abs(value) >= _HUNDRED else value, 0)


#: billions shown without a decimal from here on
_WHOLE_BILLIONS = 100.0
_HUNDRED = 100.0
FORMATS: Mapping[str, Callable[[Any], str]] = {
    "text": str,
    "code": lambda v: CODES.get(str(v), str(v)),
    "musd": _musd,
    "busd": lambda v: _musd(float(v) * MUSD_PER_BUSD),
    "busd_size": lambda v: _musd(abs(float(v)) * MUSD_PER_BUSD),
    "usd": lambda v: f"${figure(v, 0)}",
    "thousand_usd": lambda v: f"${_rounded(v)}",
    "mw": lambda v: f"{figure(v, 0)} MW",
    "number": lambda v: figure(v),
    "count": lambda v: figure(v, 0),
    "or_none": lambda v: figure(v, 0) if v else "none",
    "year": lambda v: f"{int(v)}",
    "years": lambda v: f"{figure(v, 0)} years",
    "times": lambda v: f"{v:.1f} times",
    "ratio": lambda v: figure(v, 1),
    "cover": lambda v: f"{v:.2f}".replace("-", "\u2212"),
    "share": lambda v: f"{figure(v * PERCENT, 1)} %",
    "whole_share": lambda v: f"{figure(v * PERCENT, 0)} %",
    "pathway": lambda v: SHORT.get(str(v), str(v)),
    "musd_fine": lambda v: _musd(v) if v >= _HUNDRED else f"${v:.1f} million",
    "bare_musd": lambda v: f"{v:.1f}",
    "bare_busd": lambda v: f"{v / MUSD_PER_BUSD:.1f}",
    "bp": lambda v: f"{figure(v, 0)}",
    "month": month,
    "day": _day,
    "km": lambda v: f"{figure(v, 0)} km",
}


def words_at_the_end(blocks: Sequence[Block]) -> list[Block]:
    """Words of the glossary that the text uses, for formats whose words are not linked; nothing where it uses none."""
    listed = used("\n".join(_prose(b) for b in blocks))
    return [Heading("Words"), *(Para([f"{w.word}: {w.meaning}."], small=True) for w in listed)] if listed else []


def _prose(part: Block | Inline) -> str:
    """Text of a block without its values, those of headings and drawings left out."""
    if isinstance(part, Heading | Val):
        return " "
    if isinstance(part, str):
        return part
    if isinstance(part, Para):
        return _prose(part.parts)
    if isinstance(part, Bullets):
        return "\n".join(_prose(item) for item in part.items)
    if isinstance(part, Drawing):
        return _prose(part.words)
    if isinstance(part, Table):
        cells = [*part.head, *(cell for row in part.rows for cell in row), part.note]
        return "\n".join(_prose(cell) for cell in cells)
    return "".join(_prose(p) for p in part)


class Fields:
    """Tree of fields that the memo is written from.

    Parameters
    ----------
    tree : mapping
        From :func:`sitefinder.financing.facts.facts`.
    """

    def __init__(self, tree: Mapping[str, Any]) -> None:
        self.tree = tree

    def get(self, path: str) -> Any:
        """The field at a path; None where there is none."""
        try:
            return at(self.tree, path)
        except (KeyError, IndexError, TypeError, ValueError):
            return None

    def val(self, path: str, kind: str = "text") -> Val:
        """The field as a value in the text."""
        return Val(formatted(self.get(path), kind), path, kind)

    def span(self, path: str, kind: str, ends: tuple[str, str] = ("low", "high")) -> list[Inline]:
        """Both ends of a range as ``a to b``."""
        return [self.val(f"{path}.{ends[0]}", kind), " to ", self.val(f"{path}.{ends[1]}", kind)]

    def mid_span(self, path: str, kind: str, *, alone: bool = False) -> list[Inline]:
        """The most likely value followed by its range."""
        ends = ("alone_low", "alone_high") if alone else ("low", "high")
        return [self.val(f"{path}.mid", kind), " (", *self.span(path, kind, ends), ")"]

    def names(self, keys: Sequence[str]) -> list[Inline]:
        """Places of several sites by county and state, joined by commas and a final and."""
        parts: list[Inline] = []
        for i, key in enumerate(keys):
            parts += ["" if i == 0 else " and " if i == len(keys) - 1 else ", ", self.place(key)]
        return parts

    def place(self, key: str) -> list[Inline]:
        """Place of a site: county and state, else its name."""
        if self.get(f"sites.{key}.county"):
            return [self.val(f"sites.{key}.county"), ", ", self.val(f"sites.{key}.state")]
        return [self.val(f"sites.{key}.name")]
