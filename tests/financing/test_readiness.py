"""Ready by a day: timing of the steps, what follows for a campus, and refusals."""

from __future__ import annotations

import datetime

import pytest

from sitefinder.errors import SitefinderError
from sitefinder.financing.readiness import read_day, readiness, steps_of, timing
from sitefinder.results.chosen import Chosen
from tests.helpers.financing_case import chosen, run, sites, terms

START = "2026-12"
DAY = datetime.date(2027, 9, 30)


def asked(day=DAY, listed=(), keys=("TX-1",), **overrides):
    """Fields of the page for some campuses."""
    return readiness(run(listed), Chosen(keys, (), {}), terms(**overrides), day)["ready"]


@pytest.mark.parametrize(
    ("months", "day", "expected"),
    [
        ((1, 2, 3), "2027-03-01", "in time"),
        ((1, 2, 3), "2027-02-28", "likely"),
        ((1, 2, 3), "2027-01-15", "at best"),
        ((1, 2, 3), "2026-12-31", "too late"),
        ((0.1, 0.1, 0.1), "2026-12-31", "too late"),
        ((0, 0, 0), "2026-12-01", "in time"),
    ],
)
def test_a_step_is_done_in_the_month_after_its_months(months, day, expected):
    """Begun in December, three months end in March; parts of a month count whole."""
    assert timing(months, START, datetime.date.fromisoformat(day)) == expected


def test_a_later_day_is_never_worse():
    """The standing of a campus only gets better, until only papers that no step brings are left."""
    order = ["not met", "not by then", "only if all goes fast", "ready if the papers are clean"]
    days = [datetime.date(2026 + n // 12, n % 12 + 1, 1) for n in range(11, 60)]
    listed = sites({"TX-1": {"mw_p50_2028": 600, "mw_p10_2028": 400}})
    ranks = [order.index(asked(day, listed)["campuses"]["TX-1"]["standing"]) for day in days]
    assert ranks == sorted(ranks)
    assert (ranks[0], ranks[-1]) == (1, 3)


def test_a_condition_that_is_not_met_is_named_and_decides():
    """Whatever the day."""
    ready = asked(datetime.date(2040, 1, 1), keys=("OH-2",))
    campus = ready["campuses"]["OH-2"]
    assert campus["standing"] == "not met"
    assert "The pipeline can feed the plant" in campus["against"]
    assert ready["conditions"]["gas"]["not met"] == 1


def test_the_date_of_power_is_told_apart_from_the_rest():
    """A campus that fails only on its date stands better without that condition."""
    late = {"mw_p10_2028": 0, "mw_p50_2028": 0, "mw_p90_2028": 100}
    campus = asked(datetime.date(2035, 1, 1), sites({"TX-1": late}))["campuses"]["TX-1"]
    assert campus["standing"] == "not met"
    assert campus["without_date"] == "ready if the papers are clean"
    assert campus["against"] == "First megawatts by the date"


def test_a_condition_that_no_step_brings_holds_a_campus_back():
    """Air that is over a standard wants a permit, and the plan has no step for it."""
    campus = asked(datetime.date(2035, 1, 1), sites({"TX-1": {"nonattainment_count": 1.0}}))["campuses"]["TX-1"]
    assert campus["standing"] == "not by then"
    assert campus["without_step"] == "Air standards are met at the place"
    assert steps_of("air", terms()) == []


def test_counts_are_those_of_the_campuses():
    """Every campus stands once; states of a condition add up."""
    ready = readiness(run(), chosen(), terms(), DAY)["ready"]
    assert sum(ready["standing"].values()) == sum(ready["without_date"].values()) == len(ready["campuses"]) == 3
    for row in ready["conditions"].values():
        assert row["met"] + row["open"] + row["not met"] <= 3
    assert ready["grades"] == {"E3": 3}


def test_the_clock_of_the_programme():
    """Business days from the day on, and whether it can still be funded."""
    assert asked()["funded_by"] == "2027-12-02"
    assert asked()["in_programme"] is True
    assert asked(datetime.date(2028, 11, 18))["in_programme"] is False
    assert asked()["days"] == (DAY - datetime.date(2026, 12, 1)).days


def test_a_paper_comes_with_the_last_step_that_it_needs():
    """Water waits for the engineer, who waits for the option on the land."""
    water = asked(listed=sites({"TX-1": {"drought_ok": "unknown"}}))["conditions"]["water"]
    assert (water["due"], water["latest"], water["timing"]) == ("2027-07", "2028-02", "likely")


@pytest.mark.parametrize("text", ["soon", "2027-13-01", "2027-06", "2026-11-30"])
def test_a_wrong_day_is_one_line(text):
    """No day, half a day, or one before the clock starts."""
    with pytest.raises(SitefinderError, match=r"^Invalid --by [^\n]+\.$"):
        read_day(text, START)
