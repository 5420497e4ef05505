"""Drawings as SVG text: megawatts by year, lengths of steps, maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sitefinder.reports.html.markup import Safe, join, tag
from sitefinder.reports.html.words import figure

#: size of a chart of megawatts: width, height, and the room of its axes, in units of the drawing
WIDE, HIGH, LEFT, FOOT, HEAD = 220.0, 120.0, 34.0, 16.0, 20.0
#: room to the right of the last year
RIGHT = 14.0
#: size of the bar of a step
BAR_WIDE, BAR_HIGH = 120.0, 9.0


def num(value: float) -> str:
    """Text of a coordinate with at most one decimal."""
    decimal = f"{value:.1f}"
    return decimal[:-2] if decimal.endswith(".0") else decimal


def path(points: Sequence[tuple[float, float]], *, close: bool = False) -> str:
    """SVG path data through points, rounded to a tenth; repeated points are left out."""
    kept: list[str] = []
    for x, y in points:
        point = f"{num(x)} {num(y)}"
        if not kept or kept[-1] != point:
            kept.append(point)
    return ("M" + "L".join(kept) + ("Z" if close else "")) if kept else ""


@dataclass(frozen=True)
class Curve:
    """Megawatts of one pathway by year.

    Parameters
    ----------
    title : str
    years : sequence of int
    low, mid, high : sequence of float or None
        P10, P50, P90; None = unknown.
    full : float
        Load of the project.
    chosen : bool
    wanted : float or None
        Year and part of it in which full load is wanted.
    """

    title: str
    years: Sequence[int]
    low: Sequence[float | None]
    mid: Sequence[float | None]
    high: Sequence[float | None]
    full: float
    chosen: bool = False
    wanted: float | None = None


def curve(data: Curve) -> Safe:
    """Chart of a pathway: band from P10 to P90, line P50, full load, the date wanted."""
    top = max([data.full, *(v for v in data.high if v is not None)]) or 1.0
    first, last = data.years[0], data.years[-1]

    def at(year: float, mw: float) -> tuple[float, float]:
        x = LEFT + (year - first) / max(last - first, 1) * (WIDE - LEFT - RIGHT)
        return x, HIGH - FOOT - mw / top * (HIGH - FOOT - HEAD)

    parts = [tag("text", data.title, x=2, y=10, class_="title")]
    parts += [_level(at, data, 0.0), _level(at, data, data.full)]
    ends = [(y, lo, hi) for y, lo, hi in zip(data.years, data.low, data.high, strict=True) if lo is not None and hi is not None]
    if ends:
        band = [at(y, hi) for y, _, hi in ends] + [at(y, lo) for y, lo, _ in reversed(ends)]
        parts.append(tag("path", d=path(band, close=True), class_="band"))
    middle = [at(y, v) for y, v in zip(data.years, data.mid, strict=True) if v is not None]
    if middle:
        parts.append(tag("path", d=path(middle), class_="mid"))
    unknown = any(v is None for v in data.mid)
    if unknown:
        words = "middle unknown" if ends else "unknown"
        parts.append(tag("text", words, x=num((LEFT + WIDE) / 2), y=num(HIGH / 2), class_="unknown"))
    if data.wanted is not None and first <= data.wanted <= last + 1:
        x = num(at(data.wanted, 0.0)[0])
        parts.append(tag("line", x1=x, x2=x, y1=num(HEAD), y2=num(HIGH - FOOT), class_="wanted"))
    parts += [
        tag("text", str(y), x=num(at(y, 0.0)[0]), y=num(HIGH - 4), class_="tick", data_t="year")
        for y in data.years[:: max(1, (len(data.years) - 1) // 3)]
    ]
    return tag(
        "svg",
        *parts,
        viewBox=f"0 0 {num(WIDE)} {num(HIGH)}",
        role="img",
        aria_label=f"Megawatts by year, {data.title}",
        class_="curve chosen" if data.chosen else "curve",
    )


def _level(at: Any, data: Curve, mw: float) -> Safe:
    (x1, y), (x2, _) = at(data.years[0], mw), at(data.years[-1], mw)
    label = tag("text", figure(mw), x=num(LEFT - 3), y=num(y + 3), class_="level", data_r="project.mw" if mw else "zero")
    return join([tag("line", x1=num(x1), x2=num(x2), y1=num(y), y2=num(y), class_="grid"), label])


def bar(low: float | None, mid: float | None, high: float | None, longest: float) -> Safe:
    """Bar of the months of a step from P10 to P90, with a mark at P50."""
    if low is None or mid is None or high is None or longest <= 0:
        return tag("i", "unknown")
    x1, x2, x3 = (v / longest * BAR_WIDE for v in (low, mid, high))
    return tag(
        "svg",
        tag("rect", x=0, y=0, width=num(x1), height=num(BAR_HIGH), class_="sure"),
        tag("rect", x=num(x1), y=0, width=num(x3 - x1), height=num(BAR_HIGH), class_="range"),
        tag("rect", x=num(x2 - 1), y=0, width=2, height=num(BAR_HIGH), class_="dot"),
        viewBox=f"0 0 {num(BAR_WIDE)} {num(BAR_HIGH)}",
        preserveAspectRatio="none",
        class_="step",
        aria_hidden="true",
    )


def share(value: float) -> Safe:
    """Filled bar of a share 0..1."""
    filled = tag("rect", x=0, y=0, width=num(max(0.0, min(value, 1.0)) * BAR_WIDE), height=num(BAR_HIGH), class_="range")
    back = tag("rect", x=0, y=0, width=num(BAR_WIDE), height=num(BAR_HIGH), class_="sure")
    box = f"0 0 {num(BAR_WIDE)} {num(BAR_HIGH)}"
    return tag("svg", back, filled, viewBox=box, preserveAspectRatio="none", class_="share", aria_hidden="true")


@dataclass
class Labels:
    """Labels on a map that do not overlap; a label without room is left out.

    Parameters
    ----------
    width, height : float
        Of the drawing.
    """

    width: float
    height: float
    taken: list[tuple[float, float, float, float]] = field(default_factory=list)

    def block(self, x1: float, y1: float, x2: float, y2: float) -> None:
        """Keep a rectangle free of text."""
        self.taken.append((x1, y1, x2, y2))

    def place(self, x: float, y: float, words: str, size: float) -> tuple[float, float, str] | None:
        """Position and anchor of a label near a point; None where there is no room."""
        length = 0.56 * size * len(words)
        for anchor, dx, dy in (("start", 4, size / 3), ("end", -4, size / 3), ("middle", 0, -4), ("middle", 0, size + 3)):
            left = x + dx - {"start": 0.0, "middle": length / 2, "end": length}[anchor]
            box = (left, y + dy - size, left + length, y + dy + 2)
            inside = box[0] >= 2 and box[1] >= 2 and box[2] <= self.width - 2 and box[3] <= self.height - 2
            if inside and not any(overlap(box, other) for other in self.taken):
                self.taken.append(box)
                return x + dx, y + dy, anchor
        return None


def overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    """Whether two boxes (left, top, right, bottom) share any area."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def dots(points: Mapping[str, Sequence[tuple[float, float]]], outline: Sequence[str], box: tuple[float, float]) -> Safe:
    """The country with numbered places: class of the dot -> points, in units of the drawing, in order of their numbers."""
    parts: list[Any] = [tag("path", d="".join(outline), class_="state")]
    for kind, places in points.items():
        for x, y in places:
            parts.append(tag("circle", cx=num(x), cy=num(y), r="4", class_=kind))
    return tag("svg", *parts, viewBox=f"0 0 {num(box[0])} {num(box[1])}", class_="country", role="img", aria_label="The sites")
