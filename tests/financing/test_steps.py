"""The next steps: what they cost over the set, and when they are done."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.errors import ConfigError
from sitefinder.financing.joint import Luck
from sitefinder.financing.steps import done_after, next_steps
from tests.helpers.financing_case import site, terms

LUCK = Luck(0.3, 0.3, 1)
STUDY = np.array([[5.0, 11.0, 24.0], [3.0, 6.0, 14.0]])
LAND = {"land_musd_low": 100.0, "land_musd_mid": 100.0, "land_musd_high": 100.0}


def stepped(steps=None):
    """Fields of two campuses whose land costs 100 million each."""
    asked = terms() if steps is None else terms().model_copy(update={"next_steps": steps})
    return next_steps([site("TX-1", **LAND), site("OH-2", **LAND)], asked, LUCK, "2026-12", STUDY)


def test_a_step_waits_for_the_one_before_it_and_the_slowest_campus():
    """Months add up along the order; the study is that of the slower market region."""
    by_key = {step["key"]: step for step in stepped()["list"]}
    assert (by_key["load_study"]["due"], by_key["load_study"]["latest"]) == ("2027-11", "2028-12")
    assert (by_key["land_option"]["due"], by_key["environment"]["due"]) == ("2027-03", "2027-05")


def test_an_option_costs_a_share_of_the_land():
    """Two percent of 100 million at two campuses, with nothing else drawn."""
    option = next(s for s in terms().next_steps if s.key == "land_option")
    fixed = option.model_copy(update={"land_share": (0.02, 0.02, 0.02), "musd": (0.0, 0.0, 0.0)})
    assert stepped((fixed,))["musd"] == {"p10": pytest.approx(4.0), "p50": pytest.approx(4.0), "p90": pytest.approx(4.0)}


def test_the_sum_of_all_steps_is_less_wide_than_their_sums():
    """Joint draws again."""
    fields = stepped()
    assert sum(s["musd"]["p10"] for s in fields["list"]) < fields["musd"]["p10"]
    assert fields["musd"]["p90"] < sum(s["musd"]["p90"] for s in fields["list"])
    assert fields["land_unknown"] == 0


def test_steps_out_of_order_are_refused():
    """A step cannot wait for one that stands below it."""
    with pytest.raises(ConfigError, match="write steps in order"):
        terms(next_steps="[{key: a, title: A, owner: B, after: b, months: [1, 1, 1], stop: c}]")


def test_months_until_a_step_is_done_are_those_of_each_campus():
    """Only the study differs by region; a step that waits adds the months of those before it, at every end."""
    ends = done_after(terms(), STUDY)
    np.testing.assert_array_equal(ends["load_study"], STUDY)
    np.testing.assert_array_equal(ends["engineer"], [[3.0, 7.0, 14.0]] * 2)
    assert list(ends) == [step.key for step in terms().next_steps]
