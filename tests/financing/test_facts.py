"""The tree behind the memo."""

from __future__ import annotations

import doctest
import json

import pytest

from sitefinder.errors import DataError
from sitefinder.financing import facts as deal_facts
from sitefinder.financing.facts import SHOWN, at, deal, facts, facts_json
from sitefinder.financing.inputs import risk_bp
from sitefinder.layers import REGISTRY
from sitefinder.results.chosen import Chosen
from sitefinder.results.site import columns
from tests.helpers.financing_case import PROJECT, chosen, portfolio, run, site, sites, terms, tree


def test_examples_in_the_docstrings_hold():
    """The examples a reader sees are true."""
    assert doctest.testmod(deal_facts).failed == 0


def test_money_of_the_set_is_the_sum_over_its_sites():
    """Amounts in the tree add up as a reader would add them."""
    content = tree()
    for key in ("capital", "uses", "jbic", "service", "cash"):
        parts = sum(content["sites"][k]["money"][key]["mid"] for k in content["set"]["sites"])
        assert content["set"]["money"][key]["mid"] == pytest.approx(parts, rel=1e-5)


def test_expected_first_power_is_the_sum_of_the_chances():
    """0.5 to 0.9 twice and 0.1 to 0.5 once."""
    assert tree()["set"]["expected_first"] == {"low": pytest.approx(1.1), "high": pytest.approx(2.3)}


def test_an_unknown_chance_is_anything_between_none_and_all():
    """A site whose megawatts are unknown may have first power or not."""
    content = facts(run(sites({"TX-1": {"mw_p50_2028": None}})), chosen(), terms())
    assert content["set"]["expected_first"] == {"low": pytest.approx(0.6), "high": pytest.approx(2.4)}


def test_the_clock_runs_from_the_selection():
    """45 business days from 1 December 2026; the selection may be set."""
    assert tree()["clock"]["funded_by"] == "2027-02-02"
    later = tree(programme__select_on="2027-03-01")["clock"]
    assert later["selected_on"] == "2027-03-01"
    assert later["funded_by"] == "2027-05-03"


def test_a_site_that_the_run_lacks_is_named():
    """A portfolio of another list is refused with the first site that is missing."""
    with pytest.raises(DataError, match="ZZ-9"):
        facts(run(), Chosen(("ZZ-9",), (), portfolio()), terms())


def test_the_tree_is_json_without_nan():
    """Unknown is null; reading gives the same tree."""
    assert json.loads(facts_json(tree())) == json.loads(json.dumps(tree()))
    assert b"NaN" not in facts_json(tree())


def test_shares_of_lenders_are_told_only_where_they_lend():
    """A lender without a share has no rate in the tree."""
    assert set(tree()["sites"]["TX-1"]["rates"]) == {"jbic", "nexi"}
    assert set(tree(programme__on="false")["sites"]["TX-1"]["rates"]) == {"megabank"}


def test_paths_lead_into_lists_and_mappings():
    """The way by which values find their fields."""
    assert at(facts(run(), chosen(), terms()), "portfolio.set.mw_by_year.2.year") == 2028


def test_every_column_that_is_repeated_exists():
    """No misspelled name shows as unknown for ever."""
    assert set(SHOWN) <= {c.name for c in columns(tuple(REGISTRY))}


def test_the_risk_of_a_deal_is_the_sum_of_its_parts():
    """What the rates follow from is what the tree shows part by part."""
    each = deal(site(), PROJECT, terms())
    assert each.risk_bp == risk_bp(site(), terms())
    assert each.risk_bp.mid == sum(part.mid for part in each.risk.values())
