"""The dossier as a page: every figure accounted for, text escaped, nothing from the network, the same bytes each time."""

from __future__ import annotations

import dataclasses
import re

import pytest

from sitefinder.reports.dossier.fields import SECTIONS
from sitefinder.reports.dossier.page import dossier, file_name
from sitefinder.reports.dossier.places import Surroundings
from sitefinder.reports.html.markup import tag
from sitefinder.results.links import aerial_view
from tests.helpers.dossier_run import HOSTILE, first_page, open_book, write_run
from tests.helpers.dossier_trace import Page, faults
from tests.helpers.records import site as site_with


@pytest.fixture(scope="module")
def land(package):
    """Layers for the maps."""
    return Surroundings(package)


@pytest.fixture(scope="module")
def book(land, tmp_path_factory):
    """A run with every column."""
    return open_book(write_run(tmp_path_factory.mktemp("run") / "full"), land)


def test_every_figure_traces_to_a_column_a_step_or_a_setting(book):
    """Each number on the page stands in the row, the schedule or the configuration, rounded as shown."""
    for site in (*book.run.sites, *book.run.own):
        assert faults(dossier(book, site).decode(), book, site) == []


def test_columns_of_the_users_own_file_stand_among_all_columns(book):
    """Texts, numbers and empty cells of a file that the program knows nothing of; each figure still traces."""
    own = book.run.own[0]
    yours = {"your_row": 3, "your_status": "<b>signed</b>", "your_price": 12.5, "your_note": None}
    entry = dataclasses.replace(own, site=dataclasses.replace(own.site, yours=yours))
    html = dossier(book, entry).decode()
    assert faults(html, book, entry) == []
    assert all(f">{name}</code>" in html for name in yours)
    assert "&lt;b&gt;signed&lt;/b&gt;" in html
    assert html.count("column of your own file") == len(yours)


def test_a_figure_typed_into_the_page_is_found(book):
    """The search itself works: a wrong number and an unmarked number are both reported."""
    site = book.run.sites[0]
    html = dossier(book, site).decode()
    assert len(faults(html.replace("</h1>", " 42</h1>"), book, site)) == 1
    acres = re.search(r'data-c="buildable_acres">[^<]+', html)[0]
    assert faults(html.replace(acres, 'data-c="buildable_acres">7777 acres'), book, site)


def test_all_eighteen_fields_are_there_in_order(book):
    """The page has one section per field that a lender asks for."""
    html = dossier(book, book.run.sites[0]).decode()
    assert len(SECTIONS) == 18
    assert re.findall(r'<section id="(\w+)"', html) == [s.key for s in SECTIONS]


def test_hostile_names_are_shown_as_text(land, tmp_path):
    """A name with markup, quotes, right-to-left text and emoji adds no element and is kept apart."""
    plain = Page(first_page(write_run(tmp_path / "a", name="plain"), land))
    html = first_page(write_run(tmp_path / "b", name=HOSTILE, county=HOSTILE, gas_pipeline=HOSTILE, why_up=HOSTILE), land)
    assert "<script" not in html
    assert "\x07" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "\U0001f3ed" in html
    assert plain.tags.count("h1") == Page(html).tags.count("h1") == 1
    assert set(Page(html).tags) == set(plain.tags)
    assert re.search(r"<h1>.*<bdi>&lt;script", html)


def test_nothing_is_fetched_and_nothing_runs(book):
    """The content policy forbids everything but the page's own style; links lead to files beside it, one to an aerial picture."""
    entry = book.run.sites[0]
    html = dossier(book, entry).decode()
    link = str(tag("a", "aerial picture", href=aerial_view(entry.site.place.lat, entry.site.place.lon), rel="noreferrer"))
    assert html.count(link) == 1
    html = html.replace(link, "")
    assert re.search(r"default-src &#x27;none&#x27;; style-src &#x27;sha256-[\w+/=]+&#x27;", html)
    assert not re.search(r"https?://|url\((?!data:font/)|@import|<img|<link| style=| on\w+=", html)


def test_absent_columns_are_named_and_not_invented(land, tmp_path):
    """A run without costs, routes and certainty says so in each field."""
    html = first_page(write_run(tmp_path / "run", own=False, without=("costs", "routes", "needs", "certainty")), land)
    assert html.count("Not computed in this run") >= 4
    for label in ("Capital that depends on the site", "Route to that station: cost", "Rank, in nine draws of ten"):
        assert re.search(rf'<p class="absent">.*?{label}', html)
    assert "sitefinder dossiers --benchmarks" in html.partition('id="beside"')[2]


def test_unknown_values_are_shown_as_unknown(land, tmp_path):
    """A null is the word unknown, never a nought."""
    html = first_page(write_run(tmp_path / "run", gentle_pct=None, power_price_usd_mwh=None, p_full_by_date=None), land)
    assert re.search(r'Gently sloping land</th><td><i data-c="gentle_pct">unknown</i>', html)
    assert 'Full load comes after the date wanted</th><td class="likely is-unknown">unknown' in html


def test_bytes_are_the_same_each_time(book, land):
    """Two renderings of one run are equal, also with maps read anew."""
    site = book.run.sites[0]
    again = open_book(book.run.folder, Surroundings(land.package))
    assert dossier(book, site) == dossier(again, again.run.sites[0])


def test_file_names_hold_plain_letters_only(book):
    """A site id that is no file name becomes one; own sites do not overwrite those of the country."""
    site = book.run.sites[0]
    assert file_name(site.site) == "IL-600220.html"
    assert file_name(book.run.own[0].site).startswith("own-")
    assert file_name(site_with(site_id="../a b")) == "___a_b.html"


def test_the_style_sheet_asks_for_the_paper_that_is_named(book):
    """Left alone it takes the printer's own."""
    site = book.run.sites[0]
    assert b"@page{size:A4}" in dossier(book, site, paper="A4")
    assert b"@page{size:" not in dossier(book, site)
