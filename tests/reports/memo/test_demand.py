"""The page about demand: every number from a field, in every scenario, on one printed page."""

from __future__ import annotations

import re

import pytest

from sitefinder.reports.dossier.printing import page_count, print_pdf
from sitefinder.reports.memo.demand import LENDERS, demand_page
from sitefinder.reports.memo.document import Drawing, Fields
from sitefinder.reports.memo.questions import demand_contents
from tests.helpers.financing_case import tree
from tests.helpers.memo_trace import faults
from tests.helpers.printed import needs_printer

VARIANTS = {
    "programme": {},
    "market": {"programme__on": "false"},
    "campus": {"scope": "campus"},
    "low price": {"income__delivered_usd_mwh": "[30, 40, 50]"},
    "high price": {"income__delivered_usd_mwh": "[200, 300, 400]"},
}


@pytest.mark.parametrize("name", VARIANTS)
def test_every_number_is_a_field(name):
    """No digit stands outside a value, and each value is its field."""
    content = tree(**VARIANTS[name])
    assert faults(demand_contents(content)["demand.html"].decode(), content) == []


def test_the_answer_says_who_bears_the_loss():
    """Owners and lenders together bear all of it."""
    text = demand_contents(tree())["demand.md"].decode()
    owners, lenders = (float(v) for v in re.search(r"owners bear (\d+) % and lenders (\d+) %", text).groups())
    assert owners + lenders == pytest.approx(100.0, abs=1.0)


def test_lenders_of_the_scenario_are_named():
    """The programme's with it, the market's without, and the split only with it."""
    programme, market = (demand_contents(tree(**v))["demand.md"].decode() for v in ({}, {"programme__on": "false"}))
    assert LENDERS["jbic"] in programme
    assert "Japan's side of the split" in programme
    assert LENDERS["megabank"] not in programme
    assert LENDERS["megabank"] in market
    assert "Japan" not in market


def test_the_chart_has_a_line_for_each_path_and_the_debt():
    """Told apart by more than colour, and said in the caption."""
    blocks = demand_page(Fields(tree()))
    (drawing,) = [b for b in blocks if isinstance(b, Drawing)]
    assert all(f'class="{style}"' in drawing.svg for style in ("mid", "slow", "turn", "due"))


def test_the_price_has_the_unit_of_the_scope():
    """Power per MWh, buildings per kW and month."""
    assert " per MWh on" in demand_contents(tree())["demand.md"].decode()
    assert " per kW of computers and month on" in demand_contents(tree(scope="campus"))["demand.md"].decode()


@needs_printer
def test_it_prints_on_one_page():
    """Whatever the scenario."""
    pages = [demand_contents(tree(**v))["demand.html"] for v in VARIANTS.values()]
    assert [page_count(pdf) for pdf in print_pdf(pages)] == [1] * len(pages)
