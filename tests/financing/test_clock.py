"""Conditions, chances and dates of a deal."""

from __future__ import annotations

import datetime
import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitefinder.columns import Quantiles
from sitefinder.financing import clock as deal_clock
from sitefinder.financing.clock import (
    PAPERS,
    Chance,
    chance_by,
    chance_of,
    conditions,
    environmental_category,
    funded_by,
    last_selection,
    power_evidence,
    verdict,
    year_end_before,
)
from sitefinder.layers import REGISTRY
from tests.helpers.financing_case import site

DAY = datetime.date


SURE = Chance(0.9, 1.0)


def listed(of, chance=SURE):
    """Conditions of a site for a load of 1,000 MW."""
    return conditions(of, mw=1000.0, chance=chance, wanted=0.5)


def states(of, chance=SURE):
    """State of every condition."""
    return {c.key: c.state for c in listed(of, chance)}


def test_examples_in_the_docstrings_hold():
    """The examples a reader sees are true."""
    assert doctest.testmod(deal_clock).failed == 0


@given(st.lists(st.floats(0, 1000), min_size=41, max_size=41), st.floats(1, 1000))
def test_the_interval_holds_the_share_of_the_draws(draws, mw):
    """The share of draws with that much lies within what the three quantiles tell."""
    low, high = chance_of(Quantiles(*np.quantile(draws, (0.1, 0.5, 0.9))), mw)
    share = np.mean(np.array(draws) >= mw)
    assert low - 1 / 40 <= share <= high + 1 / 40


def test_unknown_megawatts_are_an_unknown_chance():
    """Missing is not zero."""
    assert chance_by(site(mw_p50_2028=None).power, 2028, 200) is None
    assert chance_by(None, 2028, 200) is None
    assert chance_by(site().power, 2099, 200) is None
    assert chance_by(site().power, 2028, 200) == Chance(0.5, 0.9)


def test_the_last_year_end_counts():
    """The end of 2028 is the last before January 2029; a 31 December counts itself."""
    assert year_end_before(DAY(2029, 1, 19)) == 2028
    assert year_end_before(DAY(2028, 12, 31)) == 2028


@given(st.dates(DAY(2026, 1, 1), DAY(2030, 1, 1)), st.integers(1, 100))
def test_business_days_are_weekdays(day, count):
    """Counted one by one, weekends left out, from the day itself or the Friday before."""
    date, seen = day, 0
    while date.weekday() > 4:
        date -= datetime.timedelta(days=1)
    while seen < count:
        date += datetime.timedelta(days=1)
        seen += date.weekday() < 5
    assert funded_by(day, count) == date


@given(st.dates(DAY(2026, 1, 1), DAY(2030, 1, 1)), st.integers(1, 100))
def test_the_last_selection_is_just_in_time(day, count):
    """Selected then, it is funded by the day; selected a business day later, it is not."""
    last = last_selection(day, count)
    assert funded_by(last, count) <= day
    later = last + datetime.timedelta(days=3 if last.weekday() == 4 else 1)
    assert funded_by(later, count) > day or day.weekday() > 4


def test_a_pathway_that_nobody_has_described_fails():
    """It is not taken for one without gas; a site without dates burns none that is known."""
    assert [deal_clock.burns_gas(site(pathway=p)) for p in ("grid", "onsite_gas", "hybrid", None)] == [False, True, True, False]
    with pytest.raises(ValueError, match="fusion"):
        listed(site(pathway="fusion"))


def test_a_good_site_meets_every_condition_that_data_can_show():
    """What only papers show stays open and does not make it unready."""
    good = listed(site())
    assert {c.state for c in good if c.column} == {"met"}
    assert {c.state for c in good if not c.column} == {"open"}
    assert verdict(good) == "ready on public data"


@pytest.mark.parametrize(
    ("change", "key", "state"),
    [
        ({"grid_headroom_mw_p10": 500}, "headroom", "open"),
        ({"grid_headroom_mw_p10": 0, "grid_headroom_mw_p50": 10, "grid_headroom_mw_p90": 500}, "headroom", "not met"),
        ({"grid_headroom_mw_p10": None}, "headroom", "open"),
        ({"gas_adequacy": "expansion"}, "gas", "open"),
        ({"gas_adequacy": "own_pipeline"}, "gas", "not met"),
        ({"nonattainment_count": 1.0}, "air", "open"),
        ({"nonattainment_count": None}, "air", "open"),
        ({"drought_ok": "no"}, "water", "not met"),
        ({"drought_ok": "unknown"}, "water", "open"),
        ({"local_rule": 2.0}, "moratorium", "not met"),
        ({"local_rule": None}, "moratorium", "open"),
        ({"expandable_to_x": 0}, "land", "not met"),
        ({"expandable_to_x": None}, "land", "open"),
    ],
)
def test_each_condition_follows_its_column(change, key, state):
    """One column, one condition; unknown is open, never met."""
    assert states(site(**change))[key] == state


@pytest.mark.parametrize(
    ("chance", "state"),
    [(Chance(0.5, 0.9), "met"), (Chance(0.0, 0.1), "not met"), (Chance(0.1, 0.5), "not met"), (None, "open")],
)
def test_first_power_needs_the_chance_asked(chance, state):
    """An even chance is asked: an interval below it fails, unknown stays open."""
    assert states(site(), chance)["first_power"] == state


def test_a_grid_site_has_no_conditions_on_gas():
    """What the pathway does not need is not asked."""
    assert not {"gas", "air"} & set(states(site(pathway="grid")))


def test_one_unmet_condition_makes_a_site_unready():
    """Not met outweighs open."""
    unmet, open_ = listed(site(drought_ok="no", local_rule=None)), listed(site(local_rule=None))
    assert (verdict(unmet), verdict(open_)) == ("not ready", "not shown")


def test_gas_plants_and_protected_land_are_category_a():
    """The indication follows the list of examples; it is never C for a campus."""
    assert environmental_category(site())[0] == "A"
    assert environmental_category(site(pathway="grid"))[0] == "B"
    assert environmental_category(site(pathway="grid", protected_prior_pct=80.0))[0] == "A"
    assert set(PAPERS) == {"A", "B", "C"}


def test_power_evidence_is_the_weakest_of_its_layers():
    """A proxy in the chain is not hidden by the rest."""
    assert power_evidence() == max(REGISTRY[k].spec.grade for k in deal_clock.POWER_LAYERS)
