"""Changes of inputs at random: bytes, and trees of plain values; the same generator makes the same changes."""

from __future__ import annotations

import json
import random
import re
from typing import Any

#: most bytes of an input after its changes
LONGEST = 200_000
#: bytes that change what a program makes of those around them
BYTES = b"\x00\x01\x0a\x0d\x1b\x20\x22\x27\x2c\x2d\x2e\x30\x3a\x3b\x3c\x5c\x7b\x7d\x7f\x80\xbf\xc0\xed\xef\xfe\xff"
#: what may stand in place of a word or a number
WORDS = (
    *("", " ", "0", "-0", "-1", "1e308", "-1e999", "nan", "NaN", "inf", "-Infinity", "1e-320", "2147483648", "9" * 25),
    *("null", "~", "true", "yes", "[]", "{}", "[[]]", "&a *a", "*a", "!!set", "<<", "${weights}", "${}", "2030-13", "9999-12"),
    *("=1+1", "<b>", "\x00", "\x1b[31m", "\u202e", "\u2028", "\U0001f3ed", "é" * 40, "x" * 3000, "../x", "/", "%s", "{0}"),
    *("lat", "lon", "wkt", "name", "acres", "group", "POINT(0 0)", "POLYGON EMPTY", "-99,5", "32°15'N", "TX", "17093", "ba:SWPP"),
)
#: what may stand in place of a value of a tree; the last are nested
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2, 3.5, 1e308, -1e308, 1e-320, 2**31, 2**53 + 1, -(2**63), 10**30),
    *(float("nan"), float("inf"), float("-inf")),
    *WORDS,
    *([], {}, [[]], [None], [0, 0], [1, 2, 3], {"": 0}, {"a": {"b": []}}, {"0": 1}, [{}], ["x"] * 50),
)
NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")

Tree = Any


def bytes_changed(rng: random.Random, content: bytes, others: tuple[bytes, ...] = (), words: tuple[str, ...] = ()) -> bytes:
    """The content after one to six changes.

    Parameters
    ----------
    rng : random.Random
    content : bytes
    others : tuple of bytes
        Contents of the same kind, of which pieces are taken.
    words : tuple of str
        Written besides :data:`WORDS`.
    """
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        content = _one_change(rng, content, others, words)
    return content[:LONGEST]


def _one_change(rng: random.Random, content: bytes, others: tuple[bytes, ...], words: tuple[str, ...]) -> bytes:
    size = len(content)
    start = rng.randrange(size + 1)
    end = min(size, start + int(2 ** rng.uniform(0, 8)))
    kind = rng.randrange(9)
    if kind == 0 and size:  # a bit
        at = rng.randrange(size)
        return content[:at] + bytes([content[at] ^ 1 << rng.randrange(8)]) + content[at + 1 :]
    if kind == 1 and size:  # a byte
        at = rng.randrange(size)
        return content[:at] + bytes([rng.choice(BYTES)]) + content[at + 1 :]
    if kind == 2:  # a piece less
        return content[:start] + content[end:]
    if kind == 3:  # a piece twice or often
        return content[:end] + content[start:end] * rng.choice((1, 1, 2, 40)) + content[end:]
    if kind == 4:  # cut short
        return content[:start]
    if kind == 5:  # zeros
        return content[:start] + bytes(end - start) + content[end:]
    if kind == 6 and others:  # a piece of another one
        other = rng.choice(others)
        at = rng.randrange(len(other) + 1)
        return content[:start] + other[at : at + int(2 ** rng.uniform(0, 10))] + content[end:]
    if kind == 7 and (numbers := list(NUMBER.finditer(content))):  # another number
        number = rng.choice(numbers)
        return content[: number.start()] + rng.choice(WORDS).encode() + content[number.end() :]
    word = rng.choice(words) if words and rng.random() < 0.5 else rng.choice(WORDS)
    return content[:start] + word.encode(errors="surrogatepass") + content[end if rng.random() < 0.5 else start :]


def text_changed(rng: random.Random, text: str, words: tuple[str, ...] = ()) -> str:
    """A text of the command line after some changes; what is no UTF-8 comes as the system hands it on."""
    return (
        bytes_changed(rng, text.encode(errors="surrogateescape"), words=words)
        .replace(b"\0", b"")
        .decode(errors="surrogateescape")
    )


def tree_changed(rng: random.Random, tree: Tree, values: tuple[Any, ...] = ()) -> Tree:
    """A tree of mappings, lists and plain values after one to three changes; the given one stays as it is."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        tree = _changed_at(rng, tree, values, 0)
    return tree


def _changed_at(rng: random.Random, node: Tree, values: tuple[Any, ...], depth: int) -> Tree:
    """Copies what lies on the way to the change alone."""
    keys = list(node) if isinstance(node, dict) else list(range(len(node))) if isinstance(node, list) else []
    if not keys or (depth and rng.random() < 0.05):
        return _value(rng, node, values)
    inner = [k for k in keys if isinstance(node[k], dict | list)]  # otherwise few changes would reach what lies deep
    key, copy = rng.choice(inner if inner and rng.random() < 0.75 else keys), node.copy()
    if rng.random() < 0.85:
        copy[key] = _changed_at(rng, node[key], values, depth + 1)
        return copy
    kind = rng.randrange(4)
    if kind == 0:
        del copy[key]
    elif kind == 1:
        copy[key] = node[rng.choice(keys)]
    elif isinstance(copy, list):
        copy.insert(key, _value(rng, node[key], values))
    elif kind == 2:
        copy[rng.choice(WORDS)] = copy.pop(key)
    else:
        copy[rng.choice((*WORDS, 7, 1.5, None, True))] = _value(rng, node[key], values)
    return copy


def _value(rng: random.Random, old: Tree, values: tuple[Any, ...]) -> Tree:
    chance = rng.random()
    if isinstance(old, int | float) and not isinstance(old, bool) and chance < 0.5:
        return rng.choice(
            (-old, 0, old * 10, old / 10, old + 1, old - 1, old * 1e6, str(old), [old], int(old) if abs(old) < 1e9 else 0)
        )
    if isinstance(old, str) and chance < 0.3:
        return text_changed(rng, old)
    if chance < 0.02:
        nested: Tree = 0
        for _ in range(rng.choice((20, 60, 400, 3000))):
            nested = [nested]
        return nested
    return rng.choice(values) if values and chance < 0.6 else rng.choice(VALUES)


def json_of(tree: Tree) -> bytes:
    """A tree as JSON, half characters and numbers without end among it; what is nested too deep for the writer as brackets."""
    try:
        return json.dumps(tree).encode()
    except (RecursionError, TypeError, ValueError):
        return b"[" * 3000 + b"]" * 3000
