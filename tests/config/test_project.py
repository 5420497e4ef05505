"""What is to be built: its date and its acres."""

from __future__ import annotations

import pytest

from sitefinder.config import load_config
from sitefinder.config.project import NON_FIRM, PATHWAYS, SOURCES, sources_of, with_source
from tests.helpers.config_text import GOOD, refusal, saved


@pytest.mark.parametrize(("given", "meant"), [("2030", "2030-12"), ("2030-06", "2030-06"), ("2030-06-15", "2030-06")])
def test_a_year_means_its_end_and_a_day_its_month(default_path, given, meant):
    """The deadline may be written as year, month or day."""
    assert load_config(default_path, {"project.energise_by": given}).config.project.energise_by == meant


@pytest.mark.parametrize("bad", ["soon", "2030-13", "1999", "2030-6", "true"])
def test_what_is_no_month_is_refused(default_path, bad):
    """Text, a thirteenth month, another century."""
    assert "project.energise_by" in refusal(default_path, {"project.energise_by": bad})


@pytest.mark.parametrize(
    ("settings", "acres"),
    [
        ({}, 1000.0),
        ({"project.mw": "400"}, 400.0),
        ({"candidates.acres_per_mw": "1.5"}, 1500.0),
        ({"candidates.acres": "640"}, 640.0),
    ],
)
def test_campus_acres_follow_load_and_overrides(tmp_path, settings, acres):
    """Acres per megawatt times megawatts, unless acres are given."""
    assert load_config(saved(tmp_path, GOOD), settings).config.campus_acres == acres


def test_every_pathway_says_which_sources_it_draws_on():
    """No more and no fewer than there are pathways; none without a source, and firm ones none twice."""
    assert tuple(SOURCES) == PATHWAYS
    firm = [sources for pathway, sources in SOURCES.items() if pathway != NON_FIRM]
    assert len(set(firm)) == len(firm) == len(PATHWAYS) - 1
    assert {source for sources in SOURCES.values() for source in sources} == {"grid", "gas"}
    assert with_source("gas") == ("onsite_gas", "hybrid")
    assert with_source("grid") == ("grid", "non_firm", "hybrid")


@pytest.mark.parametrize("pathway", ["", "nuclear", "Grid"])
def test_a_pathway_without_sources_fails(pathway):
    """With the place where they have to be added."""
    with pytest.raises(ValueError, match=r"config/project\.py"):
        sources_of(pathway)
