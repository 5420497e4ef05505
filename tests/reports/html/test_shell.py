"""The shell of pages: the font is in the file, covers what pages say, and nothing else gets in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import sitefinder.reports
from sitefinder.reports.dossier.building import pages
from sitefinder.reports.dossier.places import Surroundings
from sitefinder.reports.html.markup import tag
from sitefinder.reports.html.shell import FACES, FAMILY, digest, document, styled
from sitefinder.reports.memo.building import contents
from tests.helpers.dossier_run import open_book, write_run
from tests.helpers.financing_case import OUTLINES, tree
from tests.helpers.map_browser import browser, foreign_fonts

REPORTS = Path(sitefinder.reports.__file__).parent
OWN = [p for p in REPORTS.rglob("*") if p.suffix in (".css", ".js", ".html", ".py") and not p.name.startswith("maplibre")]
#: bytes of the font in a page
MAX_FONT = 60_000


def test_the_font_is_small_and_comes_with_its_licence():
    """Both weights together; the licence lies beside them and the name of the family is not the one it reserves."""
    folder = REPORTS / "html" / "fonts"
    assert sum((folder / name).stat().st_size for name in FACES) < MAX_FONT
    licence = (folder / "LICENSE.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert re.search('Reserved Font Name "(.+)"', licence)[1] not in FAMILY


@pytest.mark.parametrize("path", [p for p in OWN if p.suffix == ".css"], ids=lambda p: p.name)
def test_no_style_sheet_names_a_font(path):
    """The shell alone does: what a machine has installed decides nothing."""
    fonts = re.findall(r"[;{\s]font(?:-family)?:([^;}]+)", path.read_text(encoding="utf-8"))
    assert [n for n in fonts if n.strip() != "inherit"] == []


def test_the_policy_allows_this_style_and_its_font_alone():
    """The digest is that of the sheet; no host and no unsafe word is named."""
    element, allowed = styled("p{}")
    sheet = element.removeprefix("<style>").removesuffix("</style>")
    assert allowed == f"style-src {digest(sheet)}; font-src data:"
    assert sheet.endswith("p{}")
    assert allowed != styled("q{}")[1]


def test_a_document_escapes_its_title_and_keeps_its_body():
    """A title from data is text; the body is markup already."""
    page = document("<b>", "", tag("p", "x")).decode()
    assert "<title>&lt;b&gt;</title>" in page
    assert "<body><p>x</p></body>" in page
    assert "default-src &#x27;none&#x27;; style-src" in page


@pytest.fixture(scope="module")
def chromium():
    """One browser for all tests."""
    with browser() as engine:
        yield engine


@pytest.mark.browser
def test_pages_of_a_run_are_set_in_their_own_font(chromium, package, tmp_path):
    """Dossier, index and memo: no letter on them comes from the machine."""
    book = open_book(write_run(tmp_path / "run"), Surroundings(package))
    written = pages(book, book.run.sites[:1])
    written["memo.html"] = contents(tree(), OUTLINES)["memo.html"]
    for name, page in written.items():
        (tmp_path / name).write_bytes(page)
        assert foreign_fonts(chromium, tmp_path / name) == [], name


@pytest.mark.browser
def test_the_font_covers_european_names_and_the_signs_in_the_sources(chromium, tmp_path):
    """Letters of Latin alphabets, and whatever sign stands in a program, a style or a page."""
    sources = "".join(p.read_text(encoding="utf-8") for p in OWN)
    signs = {*map(chr, range(0xA1, 0x180)), "\u2212", *(c for c in sources if ord(c) > ord("~"))}
    (tmp_path / "signs.html").write_bytes(document("signs", "", tag("main", tag("p", *sorted(signs)), tag("b", *sorted(signs)))))
    assert foreign_fonts(chromium, tmp_path / "signs.html") == []
