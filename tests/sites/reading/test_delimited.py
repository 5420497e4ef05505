"""CSV in all its kinds."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitefinder.errors import SitesError
from sitefinder.sites.reading.delimited import decoded, read_delimited
from sitefinder.sites.reading.entry import Limits

PATH = Path("a.csv")


def rows(content):
    """Values of the rows of a file, and what was remarked."""
    table = read_delimited(PATH, content if isinstance(content, bytes) else content.encode(), Limits())
    return [dict(row.values) for row in table.rows], table.remarks


@pytest.mark.parametrize(("sign", "words"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
def test_separators_are_known_by_the_header(sign, words):
    """And told; a comma within a field is no separator then."""
    values, remarks = rows(f"lat{sign}lon{sign}name\n32,4{sign}-99,7{sign}a, b\n")
    assert values == [{"lat": "32,4", "lon": "-99,7", "name": "a, b"}]
    assert remarks == (f"separated by {words}",)


def test_a_line_for_excel_names_the_separator():
    """It goes before what the header looks like."""
    assert rows("sep=;\nlat;lon\n1;2\n")[0] == [{"lat": "1", "lon": "2"}]
    assert rows("sep=,\nlat,lon\n1,2\n")[1] == ()


def test_a_title_with_semicolons_is_no_header():
    """Only a line that names the columns decides."""
    assert rows("Sites; open; 2026\nlat,lon\n1,2\n")[0] == [{"lat": "1", "lon": "2"}]


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8", ()), ("utf-8-sig", ()), ("cp1252", ("encoded as Windows-1252",)), ("utf-16", ("encoded as utf-16",))],
)
def test_encodings_are_known_by_mark_or_content(encoding, said):
    """Names come out right, and an unusual encoding is told."""
    values, remarks = rows("lat,lon,name\n1,2,Cañón “norte”\n".encode(encoding))
    assert values[0]["name"] == "Cañón “norte”"
    assert remarks == said


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\x00\xff", b"lat,lon\n\x81\xff", b"\xff\xfea"], ids=["picture", "no page", "half"]
)
def test_what_is_no_text_is_refused(content):
    """Binary files, bytes of no code page, half a character."""
    with pytest.raises(SitesError, match="not text"):
        decoded(PATH, content)


def test_a_quote_that_never_ends_is_told_with_its_row():
    """The rest of the file must not vanish into one name."""
    with pytest.raises(SitesError, match="row 2: unexpected end of data"):
        rows('lat,lon,name\n1,2,"a\n3,4,b\n')


def test_rows_after_a_line_break_in_a_name_keep_their_line():
    """As an editor shows it."""
    table = read_delimited(PATH, b'lat,lon,name\n1,2,"a\nb"\n3,4,c\n', Limits())
    assert [row.place for row in table.rows] == ["row 2", "row 4"]
