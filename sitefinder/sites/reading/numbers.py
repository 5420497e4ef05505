"""Numbers as people write them: decimal commas, degrees with minutes and seconds, pairs of coordinates, acres in words."""

from __future__ import annotations

import html
import math
import re

#: the sign that word processors put before a negative number
MINUS = "\N{MINUS SIGN}"
#: signs of degrees, minutes and seconds as keyboards and word processors give them
SIGNS = re.compile(r"[°º˚\u2032\u2019'″”\"“:]|\bdeg(?:rees)?\b|\bd\b", re.IGNORECASE)
#: a plain number, its decimals behind a point
PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.IGNORECASE)
#: a number with a decimal comma and nothing that could be thousands
COMMA = re.compile(r"[+-]?\d+,\d+")
#: a number whose thousands are set apart by commas
THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?")
#: letter before or behind a coordinate
SIDE = re.compile(r"^\s*([NSEW])(?=[\s\d.])|([NSEW])(?:orth|outh|ast|est)?\.?\s*$", re.IGNORECASE)
#: two coordinates of which each ends or begins with its letter
LETTERED = re.compile(r"^(.*?[NS])[\s,;/]*(.*[EW])$|^([NS].*?)[\s,;/]*([EW].*)$", re.IGNORECASE)
#: acres behind a number
UNIT = re.compile(r"\s*(?:ac|acs|acre|acres)\.?$", re.IGNORECASE)
#: acres in a text, the unit behind or before the number
ACRES_AFTER = re.compile(r"(?<![\d.,$])(\d[\d,]*(?:\.\d+)?)\s*(?:\+/-|±|\+)?\s*-?(?:acres?|ac)\b", re.IGNORECASE)
ACRES_BEFORE = re.compile(r"\b(?:gis[ _]?acres|acreage|acres?)\b\s*[:=]?\s*(?:\+/-|±)?\s*(\d[\d,]*(?:\.\d+)?)", re.IGNORECASE)


def number(text: str, *, decimal_comma: bool = False) -> float:
    """A number as it is written, NaN where it is none.

    Parameters
    ----------
    text : str
    decimal_comma : bool
        Commas stand before decimals, points between thousands.

    >>> number("1,200.5"), number("1.200,5", decimal_comma=True)
    (1200.5, 1200.5)
    """
    text = text.strip().replace(MINUS, "-").replace("\N{NO-BREAK SPACE}", "").replace("\N{NARROW NO-BREAK SPACE}", "")
    if decimal_comma and "," in text:
        text = text.replace(".", "").replace(",", ".")
    elif THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    return float(text) if PLAIN.fullmatch(text) else math.nan


def acres_of(text: str, *, decimal_comma: bool = False) -> float:
    """Acres with or without their unit, NaN where they are none.

    >>> acres_of("1,200 ac")
    1200.0
    """
    return number(UNIT.sub("", text), decimal_comma=decimal_comma)


def degrees(text: str) -> float:
    r"""A coordinate in degrees, with or without minutes, seconds and the letter of its side; NaN where it is none.

    >>> degrees("99°43'59.2\" W")
    -99.73311111111111
    >>> degrees("32,4487")
    32.4487
    """
    text = text.strip().replace(MINUS, "-")
    side = SIDE.search(text)
    letter = (side.group(1) or side.group(2)).upper() if side else ""
    text = SIDE.sub("", text)
    parts = [COMMA.sub(lambda m: m.group().replace(",", "."), p) for p in SIGNS.sub(" ", text).split()]
    if len(parts) == 1 and re.fullmatch(r"\d{1,3}-\d{1,2}-\d{1,2}(\.\d*)?", parts[0]):
        parts = parts[0].split("-")
    if not 1 <= len(parts) <= 3 or not all(PLAIN.fullmatch(p) for p in parts):
        return math.nan
    values = [float(p) for p in parts]
    if any(not 0 <= v < 60 for v in values[1:]) or (letter and values[0] < 0):
        return math.nan
    size = abs(values[0]) + sum(v / 60**i for i, v in enumerate(values[1:], start=1))
    return -size if letter in ("S", "W") or parts[0].startswith("-") else size


def pair(text: str, *, longitude_first: bool = False) -> tuple[float, float]:
    r"""Latitude and longitude of one field, NaN where they cannot be read.

    Parameters
    ----------
    text : str
        "32.4487, -99.7331", "32°26'55\"N 99°43'59\"W", in brackets or not.
    longitude_first : bool
        Which comes first where no letter says so.

    >>> pair("(32.4487, -99.7331)")
    (32.4487, -99.7331)
    """
    text = text.strip().strip("()[]{}").strip()
    lettered = LETTERED.match(text)
    if lettered:
        north, east = lettered.group(1) or lettered.group(3), lettered.group(2) or lettered.group(4)
        return degrees(north), degrees(east)
    splits = (re.split(separator, text) for separator in (r"\s*[;/|]\s*|,\s+", r"\s+", r"\s*,\s*"))
    parts = next((s for s in splits if len(s) == 2), None)
    if parts is None:
        return math.nan, math.nan
    first, second = (degrees(p) for p in parts)
    return (second, first) if longitude_first else (first, second)


def acres_in(text: str) -> float:
    """Acres that a description names, NaN where it names none or several.

    >>> acres_in("<b>Smith Farm</b><br/>1,200 +/- acres, zoned AG")
    1200.0
    """
    plain = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())
    for pattern in (ACRES_AFTER, ACRES_BEFORE):
        sizes = {number(m.rstrip(",")) for m in pattern.findall(plain)}
        if sizes:
            return sizes.pop() if len(sizes) == 1 else math.nan
    return math.nan
