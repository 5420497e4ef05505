"""The page that leads to the dossiers."""

from __future__ import annotations

import pytest

from sitefinder.reports.dossier.building import chosen_sites
from sitefinder.reports.dossier.comparison import PRINTED, TABLE, comparison
from sitefinder.reports.dossier.fields import SECTIONS, catalogue
from sitefinder.reports.dossier.page import file_name
from sitefinder.reports.dossier.places import Surroundings
from tests.helpers.dossier_run import open_book, write_run
from tests.helpers.dossier_trace import Page, faults


@pytest.fixture(scope="module")
def land(package):
    """Layers for the maps."""
    return Surroundings(package)


def test_every_figure_traces_to_a_row(land, tmp_path):
    """As in the dossiers, for each row of the table."""
    book = open_book(write_run(tmp_path / "run"), land)
    html = comparison(book, chosen_sites(book.run, 25)).decode()
    assert faults(html, book, None) == []


def test_each_site_has_one_row_and_a_link(land, tmp_path):
    """A named campus among the user's sites is not listed twice; all links lead to pages."""
    book = open_book(write_run(tmp_path / "run"), land)
    chosen = chosen_sites(book.run, 2)
    html = comparison(book, chosen).decode()
    assert html.count("data-s=") == 4
    assert all(html.count(f'href="{file_name(s.site)}"') == 1 for s in chosen)
    assert html.count('class="known"') == 2


def test_columns_that_a_run_lacks_are_named(land, tmp_path):
    """They are left out of the table and listed below it; missing campuses too."""
    book = open_book(write_run(tmp_path / "run", own=False, without=("costs", "certainty")), land)
    html = comparison(book, book.run.sites).decode()
    assert "Capital, gas plant included; " in html
    assert "Abilene TX: not computed in this run" in html
    assert "<script" not in html
    assert Page(html).tags.count("h1") == 1


def test_the_table_uses_known_fields_and_columns():
    """Groups are fields of the dossier, columns are in the registers."""
    assert {k for k, _ in TABLE} <= {s.key for s in SECTIONS}
    columns = {c for _, some in TABLE for _, c in some}
    assert set(PRINTED) <= columns <= set(catalogue())
