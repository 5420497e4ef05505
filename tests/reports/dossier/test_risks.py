"""The risk register: words follow from the figures of the row."""

from __future__ import annotations

import doctest

import pytest

from sitefinder.reports.dossier import risks
from sitefinder.results.run import read_run
from tests.helpers.dossier_run import write_run


def _register(tmp_path, **over):
    run = read_run(write_run(tmp_path / "run", **over))
    return {r.title: r for r in risks.register(run, run.sites[0])}


def test_examples_in_the_docstrings_hold():
    """What the docstrings show is what the functions do."""
    assert doctest.testmod(risks).failed == 0


@pytest.mark.parametrize(("p", "word"), [(0.0, "very likely"), (0.5, "about even"), (0.95, "very unlikely"), (None, "unknown")])
def test_a_late_date_is_as_likely_as_the_schedule_says(tmp_path, p, word):
    """The chance of full load by the date, turned round."""
    assert _register(tmp_path, p_full_by_date=p)["Full load comes after the date wanted"].likely == word


@pytest.mark.parametrize(
    ("ends", "word"),
    [
        ((1200, 1500, 1900), "very unlikely"),
        ((500, 1500, 1900), "unlikely"),
        ((0, 500, 1900), "about even"),
        ((0, 1, 2), "likely"),
        ((None,) * 3, "unknown"),
    ],
)
def test_a_station_is_judged_by_its_headroom(tmp_path, ends, word):
    """Against the load of the project; unknown headroom is unknown."""
    over = {f"grid_headroom_mw_{q}": v for q, v in zip(("p10", "p50", "p90"), ends, strict=True)}
    assert _register(tmp_path, **over)["The station cannot carry the load"].likely == word


def test_pipeline_water_and_permit_follow_their_columns(tmp_path):
    """Verdicts of the needs where there are some, exposure by the criterion elsewhere."""
    lines = _register(tmp_path, gas_adequacy="own_pipeline", drought_ok="no", nonattainment_count=3.0)
    assert lines["The pipeline cannot feed the plant"].likely == "likely"
    assert lines["Water runs short in a dry year"].likely == "likely"
    assert lines["The air permit is refused or delayed"].likely == "likely"
    bare = _register(tmp_path, without=("needs",), gas_pipelines_10km=9.0, water_stress_ratio=0.0)
    assert bare["The pipeline cannot feed the plant"].likely == "unlikely"
    assert bare["Water runs short in a dry year"].likely == "unlikely"


def test_mixed_ownership_is_said_where_it_applies_and_nowhere_else(tmp_path):
    """Inside a former reservation, or a forest's outline, there is a line that says whom to ask; elsewhere there is none."""
    tribal, forest = (
        "Inside a tribal jurisdiction or statistical area: ask",
        "Within the outline of a national forest or park: who owns it?",
    )
    inside = _register(tmp_path, tribal_statistical_pct=100.0, park_forest_pct=40.0)
    assert inside[tribal].evidence == "tribal_statistical_pct"
    assert "40" in str(inside[forest].size)
    outside = _register(tmp_path / "b", tribal_statistical_pct=0.0, park_forest_pct=None)
    assert not {tribal, forest} & set(outside)


def test_the_worst_hazard_is_named(tmp_path):
    """Of the hazards, the one with the lowest value; a row of unknowns is unknown."""
    calm = {"flood_rank": 1.0, "tornado_per_decade": 0.0, "seismic_pga_pct_g": 1.0, "wildfire_high_share": 0.0}
    lines = _register(tmp_path, **calm, hurricane_per_decade=4.0)
    assert lines["Worst hazard: hurricanes per decade"].likely == "high exposure"
    unknown = _register(tmp_path, **dict.fromkeys(calm), hurricane_per_decade=None)
    assert next(r for t, r in unknown.items() if t.startswith("Worst hazard")).likely == "unknown"


def test_without_columns_nothing_is_invented(tmp_path):
    """A run with neither dates nor costs has words for that and no sizes."""
    left_out = ("power", "routes", "needs", "costs", "certainty", "gas_pipelines_10km")
    lines = _register(tmp_path, without=left_out)
    assert lines["Full load comes after the date wanted"].likely == "not computed in this run"
    assert lines["The station cannot carry the load"].likely == "not computed in this run"
    assert lines["The pipeline cannot feed the plant"].likely == "unknown"
    assert lines["The land cannot be had in one piece"].size is None


def test_land_is_held_against_the_acres_of_the_project(tmp_path):
    """A rectangle smaller than the project asks for more than one owner."""
    assert _register(tmp_path, largest_rectangle_acres=1200)["The land cannot be had in one piece"].likely == "unlikely"
    assert _register(tmp_path, largest_rectangle_acres=800)["The land cannot be had in one piece"].likely == "possible"


def test_opposition_names_the_layer_that_decides(tmp_path):
    """Without precedents the evidence is that of the worse of moratorium and neighbours."""
    title = "Neighbours or the county say no"
    crowded = {"local_rule": 0.0, "people_10km": 500000.0, "precedents_blocked_expected": 0.45}
    lines = _register(tmp_path, **crowded, precedents=None)[title]
    assert (lines.likely, lines.evidence) == ("likely", "people_10km")
    assert _register(tmp_path, local_rule=2.0, people_10km=0.0, precedents=None)[title].evidence == "local_rule"


@pytest.mark.parametrize(("blocked", "expected"), [(0.92, "likely"), (0.10, "unlikely"), (None, "possible")])
def test_what_became_of_others_counts(tmp_path, blocked, expected):
    """Projects blocked around make a no likely; too few of them are no sign of friends."""
    calm = {"local_rule": 0.0, "people_10km": 0.0, "precedents_blocked_expected": 0.45}
    known = {"precedents": "6.0 contested projects decided within 80 km", "precedents_blocked": blocked}
    lines = _register(tmp_path, **calm, people_2km=0.0, **known)["Neighbours or the county say no"]
    assert (lines.likely, lines.evidence) == (expected, "precedents")


def test_a_route_to_a_station_that_cannot_carry_the_load_is_said(tmp_path):
    """By what is left at the one station that dates, route and costs rest on; network upgrades are what it costs in months."""
    over = {"grid_headroom_mw_p10": 0.0, "grid_headroom_mw_p50": 100.0, "grid_headroom_mw_p90": 500.0}
    lines = _register(tmp_path, **over)["The station cannot carry the load"]
    assert (lines.likely, lines.evidence) == ("likely", "grid_headroom_mw_p50")
