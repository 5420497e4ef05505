"""The page about readiness: every number from a field, the answer that of the counts, one printed page."""

from __future__ import annotations

import datetime

import pytest

from sitefinder.financing.readiness import readiness
from sitefinder.reports.dossier.printing import page_count, print_pdf
from sitefinder.reports.memo.document import Fields, Heading
from sitefinder.reports.memo.questions import ready_contents
from sitefinder.reports.memo.ready import ready_page
from sitefinder.results.chosen import Chosen
from tests.helpers.financing_case import chosen, run, site, sites, terms
from tests.helpers.memo_trace import faults
from tests.helpers.printed import needs_printer

DAY = datetime.date(2027, 9, 30)
#: enough megawatts at the year end that counts
EARLY = {"mw_p10_2028": 400, "mw_p50_2028": 600}


def words(listed=(), day=DAY, keys=("TX-1",), **overrides):
    """Markdown of the page."""
    tree = readiness(run(listed), Chosen(keys, (), {}), terms(**overrides), day)
    return ready_contents(tree)["ready.md"].decode()


@pytest.mark.parametrize("overrides", [{}, {"programme__on": "false"}])
@pytest.mark.parametrize("change", [{}, {"nonattainment_count": 2.0}, {"first_200mw_p50": None, "mw_p50_2028": None}])
def test_every_number_is_a_field(overrides, change):
    """No digit stands outside a value, and each value is its field."""
    tree = readiness(run(sites({"TX-1": change})), chosen(), terms(**overrides), DAY)
    assert faults(ready_contents(tree)["ready.html"].decode(), tree) == []


def test_yes_in_part_and_no():
    """The first word follows the counts."""
    late = datetime.date(2035, 1, 1)
    good = sites({"TX-1": EARLY, "OH-2": EARLY})
    assert "\nYes, if every paper comes back clean. " in words(good, late)
    assert "\nIn part. " in words(good, late, ("TX-1", "OH-2"))
    assert "\nNo. " in words(good, late, ("OH-2",))


def test_what_fails_most_often_is_named():
    """With the number of campuses."""
    assert "What fails most often: The pipeline can feed the plant, at 1." in words(sites({"OH-2": EARLY}), keys=("OH-2",))


def test_a_permit_that_no_step_brings_is_a_remedy():
    """By campus and paper."""
    assert "No step of the plan brings the air permit" in words(sites({"TX-1": {"nonattainment_count": 1.0}}))


def test_without_the_programme_there_is_no_selection():
    """The clock of the programme is left out."""
    assert "selected on that day" in words()
    assert "selected on that day" not in words(programme__on="false")


def test_it_begins_with_the_question():
    """The day stands in the title."""
    tree = readiness(run(), chosen(), terms(), DAY)
    first = ready_page(Fields(tree))[0]
    assert isinstance(first, Heading)
    assert first.level == 1
    assert words().startswith("# Ready enough to be announced by 30 Sep 2027?")


@needs_printer
def test_it_prints_on_one_page():
    """With ten campuses."""
    many = [site(f"TX-{i}", rank=i) for i in range(1, 11)]
    tree = readiness(run(many), Chosen(tuple(s.site_id for s in many), (), {}), terms(), DAY)
    (pdf,) = print_pdf([ready_contents(tree)["ready.html"]])
    assert page_count(pdf) == 1
