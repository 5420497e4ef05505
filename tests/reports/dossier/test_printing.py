"""Printing: two pages on both papers."""

from __future__ import annotations

import pytest

from sitefinder.errors import OutputError
from sitefinder.layers import REGISTRY
from sitefinder.reports.dossier import printing
from sitefinder.reports.dossier.page import PAPERS, dossier
from sitefinder.reports.dossier.places import Surroundings
from tests.helpers.dossier_run import WHY, open_book, write_run
from tests.helpers.printed import needs_printer

#: seconds to minutes each
pytestmark = pytest.mark.slow


@needs_printer
def test_a_full_dossier_prints_on_two_pages_of_either_paper(package, tmp_path):
    """With every column, a long name and long reasons, and with hardly any column."""
    land = Surroundings(package)
    long = "A rather long name of a parcel of land that somebody wrote into a table, north of the river"
    full = open_book(write_run(tmp_path / "full", name=long, tax_relief=long, precedents=long, gas_pipeline=long), land)
    left_out = ("costs", "routes", "needs", "certainty", "power", *(k for k in REGISTRY if k.startswith(("gas_", "water"))))
    bare = open_book(write_run(tmp_path / "bare", own=False, without=left_out), land)
    chosen = ((full, full.run.sites[0]), (full, full.run.own[0]), (bare, bare.run.sites[0]))
    pages = [dossier(b, s, paper=paper) for paper in PAPERS for b, s in chosen]
    assert [printing.page_count(pdf) for pdf in printing.print_pdf(pages)] == [2] * len(pages)
    assert len(WHY) > 500


def test_without_a_browser_the_remedy_is_named(monkeypatch):
    """One line says what is missing and how to go without."""
    monkeypatch.setattr(printing, "BROWSERS", ("no-such-browser",))
    with pytest.raises(OutputError, match="leave out --pdf"):
        printing.print_pdf([b"<p>x"])


def test_a_browser_that_fails_is_reported(monkeypatch, tmp_path):
    """A program that writes no file, or that cannot be run, is named."""
    for program in ("false", str(tmp_path)):
        monkeypatch.setattr(printing, "browser", lambda program=program: program)
        with pytest.raises(OutputError, match="Leave out --pdf"):
            printing.print_pdf([b"<p>x"])


def test_pages_are_counted_and_their_tree_is_not():
    """Page objects count; the object that lists them does not."""
    assert printing.page_count(b"/Type /Pages /Type /Page\n/Type/Page>>") == 2
