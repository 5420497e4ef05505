"""Drawings and tables of a dossier."""

from __future__ import annotations

import re

import pytest

from sitefinder.config.project import PATHWAYS
from sitefinder.layers import GRADES
from sitefinder.reports.dossier import panels
from sitefinder.reports.dossier.fields import SECTIONS
from sitefinder.reports.dossier.places import Surroundings
from tests.helpers.dossier_run import open_book, write_run


@pytest.fixture(scope="module")
def book(package, tmp_path_factory):
    """A run with every column."""
    return open_book(write_run(tmp_path_factory.mktemp("run") / "full"), Surroundings(package))


def test_panels_are_named_after_their_fields():
    """A method of another name would never be shown."""
    methods = {n for n in vars(panels.Panels) if not n.startswith("_")} - {"book", "entry"}
    assert methods <= {s.key for s in SECTIONS}


def test_a_curve_of_every_pathway_with_the_chosen_one_marked(book):
    """Grid, firm or not, gas and both, with the date wanted."""
    html = panels.Panels(book, book.run.sites[0]).delivery()
    assert html.count("<svg") == len(PATHWAYS) == 4
    assert html.count("curve chosen") == 1
    assert panels.year_of_month("2028-12") == 2028.0
    assert panels.year_of_month("2028-06") == 2027.5
    assert panels.year_of_month("2028") == 2028.0


def test_steps_that_count_stand_first(book):
    """By the share of the draws in which they are on the critical path, no more than fit."""
    html = panels.Panels(book, book.run.sites[0]).path()
    shares = [float(x) for x in re.findall(r'critical_share">([\d.]+) %', html)]
    assert len(shares) == panels.MOST_STEPS
    assert shares == sorted(shares, reverse=True)


def test_next_choice_is_the_next_of_the_list(book):
    """Below this one; above the last; for an own site the first of the country."""
    sites = book.run.sites
    assert panels.other_choice(book.run, sites[0]) is sites[1]
    assert panels.other_choice(book.run, sites[-1]) is sites[-2]
    assert panels.other_choice(book.run, book.run.own[0]) is sites[0]


def test_named_campuses_stand_beside_or_say_how_to_get_them(book, package, tmp_path):
    """Their own values where the run holds them; otherwise the words and the remedy."""
    assert 'data-s="own/OH-694260"' in panels.Panels(book, book.run.sites[0]).beside()
    assert 'data-s="own/OH-694260"' not in panels.Panels(book, book.run.own[0]).beside()
    bare = open_book(write_run(tmp_path / "bare", own=False), Surroundings(package))
    html = panels.Panels(bare, bare.run.sites[0]).beside()
    assert "--benchmarks" in html
    assert "not computed in this run" not in html  # no empty columns


def test_without_schedules_the_panels_say_so(book, package, tmp_path):
    """No curves, no steps, no invented ones."""
    folder = write_run(tmp_path / "bare", own=False)
    for name in ("delivery.csv", "critical_path.csv"):
        (folder / name).unlink()
    bare = open_book(folder, Surroundings(package))
    panel = panels.Panels(bare, bare.run.sites[0])
    assert "not computed in this run" in panel.delivery()
    assert "not computed in this run" in panel.path()


def test_grades_lenders_and_limits_are_told_in_words(book):
    """The legend of the marks, the lenders' classes by pathway, and what has to be asked elsewhere."""
    panel = panels.Panels(book, book.run.sites[0])
    assert all(meaning in panel.evidence() for meaning in GRADES.values())
    assert "strictest class" in panel.permits()
    assert panel.unseen().count("<li>") == len(panels.UNSEEN)
    assert panel.rank().count("<svg") == 8
    assert panel.risks().count("<tr>") > 10
    assert panel.place().startswith("<svg")


def test_whom_to_ask_is_named_where_a_register_names_it(book):
    """Utility, operator, county, water, gas, state: values of the site, or the word that none is named."""
    html = str(panels.Panels(book, book.run.sites[0]).unseen()).partition("</p>")[0]
    values = book.run.sites[0].site.values
    for column in ("county", "rto", "water_supplier", "gas_pipeline"):
        if column in values:
            assert f'data-c="{column}"' in html or "no register here names one" in html
    assert "planning office" in html
