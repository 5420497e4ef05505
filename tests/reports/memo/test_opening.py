"""First half of the memo: what is asked follows from the figures."""

from __future__ import annotations

from sitefinder.financing.facts import facts
from sitefinder.reports.memo.document import Fields, Table
from sitefinder.reports.memo.markdown import text
from sitefinder.reports.memo.opening import all_ready, carries, opening
from tests.helpers.financing_case import OUTLINES, run, sites, terms, tree
from tests.helpers.financing_case import chosen as portfolio_chosen


def said(content):
    """The first half as text."""
    return text(opening(Fields(content), OUTLINES)).decode()


def ready_tree(**overrides):
    """All sites meet every gate that data can show."""
    good = sites(mw_p50_2028=300, gas_adequacy="small_share", drought_ok="yes")
    return facts(run(good), portfolio_chosen(), terms(**overrides))


def test_capital_is_asked_only_for_a_set_that_is_ready_and_carries_its_debt():
    """Commitment needs both; else the next step is asked."""
    price = {"income__delivered_usd_mwh": "[200, 300, 400]"}
    assert "We ask the committee to commit to" in said(ready_tree(**price))
    assert "take the next steps" in said(tree(**price))
    assert "We ask for no capital today" in said(ready_tree(income__delivered_usd_mwh="[30, 40, 50]"))


def test_a_set_that_does_not_carry_its_debt_is_called_so():
    """No soft words."""
    poor = tree(income__delivered_usd_mwh="[30, 40, 50]")
    assert not carries(Fields(poor))
    assert "does not carry its debt" in said(poor)


def test_ready_means_every_campus():
    """One campus with an open gate is enough to say no."""
    assert all_ready(Fields(ready_tree()))
    assert not all_ready(Fields(tree()))


def test_the_split_is_told_with_the_programme_only():
    """Switched off, no word of it."""
    assert "Japan" in said(tree())
    assert "Japan" not in said(tree(programme__on="false"))


def test_loans_and_split_that_fit_are_said_to_fit():
    """At a high price the lenders' half carries the debt."""
    assert "fit together" in said(tree(income__delivered_usd_mwh="[200, 300, 400]"))
    assert "do not fit together" in said(tree())


def test_every_site_of_the_set_has_a_row():
    """The table after the steps is the set."""
    table = [b for b in opening(Fields(tree()), OUTLINES) if isinstance(b, Table)][1]
    assert len(table.rows) == 3
    assert all(len(r) == len(table.head) for r in table.rows)


def test_each_step_has_sum_owner_date_and_stop_rule():
    """The ask is complete, and its sum is that of the draws of all steps."""
    content = tree()
    table = next(b for b in opening(Fields(content), OUTLINES) if isinstance(b, Table))
    assert [row[0][0].text for row in table.rows] == [step.title for step in terms().next_steps]
    assert all(cell for row in table.rows for cell in row)
    assert f"{content['steps']['musd']['p50']:.1f} million" in said(content).split("for the steps below")[0]


def test_terms_without_steps_ask_without_a_table():
    """Who removes the steps asks for the next ones in words."""
    bare = terms().model_copy(update={"next_steps": ()})
    content = text(opening(Fields(facts(run(), portfolio_chosen(), bare)), OUTLINES)).decode()
    assert "Stop there if" not in content
    assert "take the next steps with" in content


def test_the_campus_pays_rent():
    """Scope campus speaks of rent and does not add buildings again."""
    content = said(tree(scope="campus"))
    assert "per kW of computers and month" in content
    assert "Buildings would take" not in content
