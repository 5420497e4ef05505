"""The memo as files: every number from a field, escaped, without network, the same bytes each time."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest

from sitefinder.errors import DataError
from sitefinder.financing.facts import facts
from sitefinder.reports.dossier.printing import page_count, print_pdf
from sitefinder.reports.memo.building import FILES, contents, write_memo
from sitefinder.reports.memo.markdown import escaped
from sitefinder.results.chosen import Chosen
from tests.helpers.financing_case import OUTLINES, ROOT, chosen, portfolio, run, site, sites, terms, tree, write_run
from tests.helpers.memo_trace import Page, faults
from tests.helpers.printed import needs_printer

VARIANTS = {
    "programme": {},
    "market": {"programme__on": "false"},
    "campus": {"scope": "campus"},
    "owner bears energy": {"income__energy_risk": "owner"},
    "low price": {"income__delivered_usd_mwh": "[30, 40, 50]"},
    "high price": {"income__delivered_usd_mwh": "[200, 300, 400]"},
}


@pytest.mark.parametrize("name", VARIANTS)
def test_every_number_is_a_field(name):
    """Text outside values holds no digit; each value is its field in its format, in every scenario."""
    content = tree(**VARIANTS[name])
    assert faults(contents(content, OUTLINES)["memo.html"].decode(), content) == []


def test_the_sceptic_sees_a_number_that_is_no_field():
    """The check itself works."""
    content = tree()
    html = contents(content, OUTLINES)["memo.html"].decode()
    assert faults(html.replace("</h2>", " 7</h2>", 1), content)
    assert faults(re.sub(r'(data-k="cover"[^>]*>)[\d.]+', r"\g<1>9.99", html), content)


@pytest.mark.parametrize("name", VARIANTS)
def test_markdown_says_the_same(name):
    """The words of the page come in the Markdown in the same order; numbers in drawings stand in its tables."""
    content = contents(tree(**VARIANTS[name]), OUTLINES)
    text, at = content["memo.md"].decode(), 0
    for piece, marks in Page(content["memo.html"].decode()).pieces:
        if "x" not in marks:
            at = text.index(escaped(piece).strip(), at)
    assert at > 0


def test_the_page_holds_no_script_and_no_network():
    """Nothing is loaded, nothing runs, and the content policy forbids both."""
    html = contents(tree(), OUTLINES)["memo.html"].decode()
    assert not re.search(r"<script|<link|<img|<iframe|https?://|url\((?!data:font/)", html)
    assert "default-src &#x27;none&#x27;" in html


def test_names_from_data_are_escaped():
    """A county whose name is markup stays text, in both files."""
    content = contents(tree(), OUTLINES)
    assert "<b>Polk" not in content["memo.html"].decode()
    assert "&lt;b&gt;Polk &amp; Co|&lt;/b&gt;" in content["memo.html"].decode()
    assert r"\<b\>Polk & Co\|\</b\>" in content["memo.md"].decode()


def test_same_tree_same_bytes():
    """Deterministic."""
    assert contents(tree(), OUTLINES) == contents(tree(), OUTLINES)


def test_tags_are_closed_in_order():
    """The parser of the sceptic raises where they are not."""
    assert Page(contents(tree(), OUTLINES)["memo.html"].decode()).stack == []


def test_unknown_columns_are_told_and_not_filled():
    """A site without costs has no figures, is named, and the set goes on without it."""
    unknown = ("capex_musd_low", "capex_musd_mid", "capex_musd_high", "mw_p50_2028", "first_200mw_p50")
    fields = facts(run(sites({"OH-2": dict.fromkeys(unknown)})), chosen(), terms())
    html = contents(fields, OUTLINES)["memo.html"].decode()
    assert faults(html, fields) == []
    assert fields["set"]["financed"] == 2
    assert "Campuses without a financing" in html
    assert "unknown" in html


def test_nothing_known_still_makes_a_memo():
    """A run without any cost column: the words say unknown, no traceback."""
    fields = facts(run([dataclasses.replace(s, costs=None) for s in sites()]), chosen(), terms())
    assert faults(contents(fields, OUTLINES)["memo.html"].decode(), fields) == []


def test_without_runner_up_and_curves_the_sections_are_left_out():
    """A portfolio that holds only a set."""
    least = Chosen(("TX-1",), (), {"set": {"sites": ["TX-1"]}, "sites": {"listed": 4}})
    fields = facts(run(), least, terms())
    html = contents(fields, OUTLINES)["memo.html"].decode()
    assert "The runner-up" not in html
    assert faults(html, fields) == []


def test_files_are_written_into_the_run(tmp_path):
    """Three files; financing.json is the tree that the page names."""
    write_run(tmp_path)
    fields = write_memo(tmp_path, terms(), data=ROOT / "data")
    assert all((tmp_path / name).is_file() for name in FILES)
    kept = json.loads((tmp_path / "financing.json").read_text(encoding="utf-8"))
    assert kept == json.loads(json.dumps(fields))
    assert faults((tmp_path / "memo.html").read_text(encoding="utf-8"), kept) == []


def test_a_portfolio_of_another_run_is_refused(tmp_path):
    """The set must come from the run in the same folder."""
    write_run(tmp_path)
    (tmp_path / "portfolio.json").write_text(json.dumps(portfolio() | {"config_fingerprint": "other"}))
    with pytest.raises(DataError, match="another run"):
        write_memo(tmp_path, terms(), data=ROOT / "data")
    assert not (tmp_path / "memo.html").exists()


@needs_printer
def test_it_prints_on_two_to_four_pages():
    """Ten campuses on four pages at most."""
    many = [site(f"TX-{i}", rank=i) for i in range(1, 14)]
    keys = tuple(s.site_id for s in many)
    content = portfolio()
    content["set"]["sites"], content["runner_up"]["sites"] = list(keys[:10]), list(keys[3:])
    content["runner_up"] |= {"enters": list(keys[10:]), "leaves": list(keys[:3])}
    fields = facts(run(many), Chosen(keys[:10], keys[3:], content), terms())
    (pdf,) = print_pdf([contents(fields, OUTLINES)["memo.html"]])
    assert 2 <= page_count(pdf) <= 4
