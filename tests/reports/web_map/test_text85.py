"""Bytes as text: what is read back is what was written, in characters that mean nothing to HTML."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitefinder.reports.web_map.text85 import ALPHABET, encode


def decoded(text: str) -> bytes:
    """The bytes again, by whole numbers."""
    short = -len(text) % 5
    full = text + ALPHABET[-1] * short
    groups = (full[i : i + 5] for i in range(0, len(full), 5))
    values = (sum(ALPHABET.index(c) * 85 ** (4 - k) for k, c in enumerate(group)) for group in groups)
    content = b"".join(value.to_bytes(4, "big") for value in values)
    return content[: len(content) - short]


@given(st.binary(max_size=64))
def test_what_is_read_back_is_what_was_written(content):
    """Any bytes, of any length."""
    assert decoded(encode(content).decode()) == content


@given(st.binary(max_size=64))
def test_digits_are_those_of_the_standard_library(content):
    """With the other alphabet it is base64.b85encode."""
    theirs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
    assert encode(content).decode().translate(str.maketrans(ALPHABET, theirs)).encode() == base64.b85encode(content)


@pytest.mark.parametrize("character", "<>&\"'`\\/-")
def test_nothing_in_it_means_something_to_html(character):
    """No element, entity, comment or string can begin or end in it."""
    assert len(set(ALPHABET)) == 85
    assert character not in ALPHABET
    assert ALPHABET.isascii()
    assert ALPHABET.isprintable()
