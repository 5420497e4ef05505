"""Bytes as printable text for the page: five characters for four bytes, a quarter longer where base64 is a third longer.

The number of four bytes, high byte first, is written in base 85. A short last group of n bytes takes n + 1 characters. The
alphabet holds nothing that means something in HTML, in a script or in a string of a script.
"""

from __future__ import annotations

import numpy as np

#: the 85 digits
ALPHABET = "".join(chr(c) for c in range(33, 127) if chr(c) not in "\"&'/<>\\`-")
#: their number, and the character of every byte that is a digit
BASE, CHARACTERS = len(ALPHABET), ALPHABET.encode().ljust(256, b" ")
#: bytes and characters of a group
GROUP, DIGITS = 4, 5


def encode(content: bytes) -> bytes:
    """ASCII text of some bytes.

    >>> encode(b"")
    b''
    >>> len(encode(b"12345"))
    7
    """
    short = -len(content) % GROUP
    rest = np.frombuffer(content + b"\0" * short, ">u4").astype(np.uint32)
    digits = np.empty((rest.size, DIGITS), np.uint8)
    for place in range(DIGITS - 1, 0, -1):
        above = rest // np.uint32(BASE)
        digits[:, place] = rest - above * np.uint32(BASE)  # half the time of a remainder
        rest = above
    digits[:, 0] = rest
    text = digits.tobytes().translate(CHARACTERS)
    return text[: len(text) - short]
