"""Words of the glossary: linked once, where a page uses them first, and never inside a value; the README has the same."""

from __future__ import annotations

import re

import pytest

from sitefinder.reports.html.glossary import GLOSSARY, anchor, linked, pattern, section, used
from sitefinder.reports.html.markup import Safe, tag
from tests.helpers.paths import ROOT


def test_the_first_use_is_a_link_and_the_second_is_not():
    """In any form and case; the entry stands at the end."""
    page = linked(Safe("<p>Draws here, a draw there.</p><p>More draws.</p>"))
    assert page.startswith('<p><a href="#word-draw" class="word">Draws</a> here, a draw there.</p><p>More draws.</p>')
    assert page.count("<a ") == 1
    assert page.count('id="word-draw"') == 1


def test_every_link_has_its_entry_and_every_entry_its_link():
    """Whatever words a text uses."""
    page = linked(tag("p", "; ".join(w.word for w in GLOSSARY if not re.search(r"\d", w.word))))
    links, entries = re.findall(r'href="#([^"]+)"', page), re.findall(r'id="([^"]+)"', page)
    assert sorted(links) == sorted(entries)
    assert len(links) == len(GLOSSARY) - 1


@pytest.mark.parametrize(
    "markup",
    [
        '<data data-f="a.b">draw</data>',
        '<span data-c="why">gate</span>',
        "<h2>Headroom</h2>",
        "<svg><text>cover</text></svg>",
        '<a href="x">draw</a>',
        '<p title="a draw">nothing</p>',
        "<p>in 5 draws</p>",
        "<p>withdraw, drawing, redraw, uncovered</p>",
    ],
)
def test_values_headings_pictures_attributes_and_other_words_stay(markup):
    """Unchanged, without any entry."""
    assert linked(Safe(markup)) == markup


def test_the_longer_word_wins():
    """A fused score is not a score that is fused twice."""
    page = linked(Safe("<p>the fused score</p>"))
    assert ">fused score</a>" in page
    assert page.count('class="word"') == 1


def test_void_elements_do_not_hide_what_follows():
    """A line break has no end."""
    assert 'href="#word-gate"' in linked(Safe('<p><data data-f="a">1<br></data> a gate</p>'))


def test_words_used_are_in_the_order_of_the_glossary():
    """And no others."""
    assert [w.word for w in used("a tier, two gates")] == ["gate", "tier"]
    assert used("nothing here") == []
    assert section([]) == ""


def test_each_word_is_one_of_its_forms():
    """So that its own name is found, and identifiers differ."""
    assert all(pattern(w).fullmatch(w.word) or pattern(w).search(w.word) for w in GLOSSARY)
    assert len({anchor(w) for w in GLOSSARY}) == len(GLOSSARY)


def test_the_readme_has_the_same_table():
    """Word for word, without the marks of Markdown."""
    table = (ROOT / "README.md").read_text(encoding="utf-8").split("| word | meaning |\n|---|---|\n")[1].split("\n\n")[0]
    rows = [tuple(re.sub(r"[*`]", "", cell).strip() for cell in line.strip("|").split("|")) for line in table.splitlines()]
    assert rows == [(w.word, w.meaning) for w in GLOSSARY]
