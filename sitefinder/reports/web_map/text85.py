"""Bytes as printable text for the page: five characters for four bytes, a quarter longer where base64 is a third longer.

The number of four bytes, high byte first, is written in base 85. A short last group of n bytes takes n + 1 characters. The
alphabet holds nothing that means something in HTML, in a script or in a string of a script.
"""

from __future__ import annotations

import numpy as np

#: the 85 digits
ALPHABET = "".join(chr(c) for c in range(33, 127) if chr(c) not in "\"&'/<>\\`-")
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
    numbers = np.frombuffer(content + b"\0" * short, ">u4")
    digits = np.empty((numbers.size, DIGITS), np.uint8)
    rest = numbers.astype(np.uint32)
    for place in range(DIGITS - 1, -1, -1):
        digits[:, place] = rest % 85
        rest //= 85
    text = np.frombuffer(ALPHABET.encode(), np.uint8)[digits].tobytes()
    return text[: len(text) - short]
