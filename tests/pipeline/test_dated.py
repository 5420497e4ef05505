"""The back-test on the campuses that travel with the data, and on tables of one's own."""

from __future__ import annotations

import ast
import csv
import dataclasses
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sitefinder.compiling.power_dates import LOOKED
from sitefinder.config import load_config
from sitefinder.config.early_power import Pace
from sitefinder.errors import SitesError
from sitefinder.layers.files import POWER_DATES
from sitefinder.months import month_number
from sitefinder.pipeline.dated import dated_campuses, dated_facts, result_csv, scores_text
from sitefinder.power.backtest import run_backtest, skills
from sitefinder.power.dated import RESULTS, read_dated
from tests.helpers.paths import DATA
from tests.helpers.stacks import warm_power

#: what the fit wrote
PAGE = Path(__file__).parents[2] / "docs" / "power-dates.md"
#: built layers of the country
pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def file(default_path):
    """The shipped configuration at 10 km: a coarser grid leaves campuses on shores off the land."""
    return load_config(default_path, {"grid.resolution_m": "10000", "delivery.draws": "400"})


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Path:
    """The layers that dates rest on."""
    return warm_power(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def shipped(file):
    """The campuses that travel with the data."""
    return dated_campuses(file, None, looked=LOOKED, data=DATA)


@pytest.fixture(scope="module")
def facts(file, shipped, cache):
    """Facts about power at these."""
    return dated_facts(file, *shipped, data=DATA, cache=cache)


@pytest.fixture(scope="module")
def done(file, shipped, facts):
    """Their estimates with the shipped pace."""
    return run_backtest(facts, shipped[0], file.config.section("delivery"))


def test_the_shipped_table_holds_31_campuses_committed_before_2024(package):
    """Named once, in the country, each with its month, sources and grade; 29 have power and 20 have 200 MW by the last look."""
    table = pd.read_parquet(package.verified(POWER_DATES))
    assert len(table) == table["name"].nunique() == 31
    assert table["commit"].between("2018-01", "2023-12").all()
    assert table["lat"].between(25, 49).all()
    assert table["lon"].between(-124, -67).all()
    assert table["grade"].isin(["A", "B", "C"]).all()
    assert (table["source"].str.len() > 5).all()
    came = [((table[f"{e}_kind"] == "r") & (table[e] <= LOOKED)).sum() for e in ("first_power", "date_200mw")]
    assert came == [29, 20]
    assert (table["mw_full"].dropna() > 0).all()
    for event in ("first_power", "date_200mw", "date_500mw", "date_full"):
        known = table.dropna(subset=[event])
        assert (known[event] >= known["commit"]).all()


def test_facts_of_two_known_campuses(facts, shipped):
    """Goodyear lies in Arizona outside the regions of operators, Red Oak in ERCOT; loads and years are those of the table."""
    names = shipped[0].names
    phoenix, red_oak = names.index("Microsoft Goodyear (PHX10-13)"), names.index("Google Red Oak")
    assert (facts.state[phoenix], facts.region[phoenix], facts.load_mw[phoenix], facts.year[phoenix]) == (
        "AZ",
        "non-ISO West",
        263,
        2021,
    )
    assert (facts.state[red_oak], facts.region[red_oak], facts.load_mw[red_oak], facts.year[red_oak]) == (
        "TX",
        "ERCOT",
        185,
        2023,
    )
    assert (facts.cut_in_km < 60).all()
    assert facts.hand.approved.all()


def test_a_campus_does_not_take_from_itself(facts):
    """The headroom is the one before claims: the median is that of the station as it is."""
    known = ~np.isnan(facts.before_mw)
    assert known.sum() > 25
    np.testing.assert_allclose(facts.headroom_mw[known, 1], facts.before_mw[known])


def test_a_load_that_is_not_said_is_that_of_the_project(file, facts, shipped):
    """Two campuses of the table have none."""
    unsaid = np.isnan(shipped[0].load_mw)
    assert unsaid.sum() == 2
    assert (facts.load_mw[unsaid] == file.config.project.mw).all()


def test_the_shipped_pace_agrees_with_the_campuses_it_was_fitted_to(done):
    """In sample: a guard against a change that breaks the fit, not a measure of skill, which docs/power-dates.md gives.

    P10 to P90 hold most realised dates but not all, medians are in about the right order, and the estimate is nearer than what
    the other campuses took.
    """
    scores = skills(done)
    for event in ("first_50mw", "first_200mw"):
        score = scores[event]
        assert score.early + score.within + score.late == score.realised
        assert 0.60 <= score.within / score.realised <= 0.95, event
        assert score.spearman > 0.45, event
        assert score.crps_months < score.constant_crps_months, event
    assert (scores["first_50mw"].realised, scores["first_200mw"].realised) == (29, 20)


def test_without_its_pace_the_estimate_is_worse(file, facts, shipped, done):
    """All factors 1: the fit to the same campuses has a use, for both loads together."""
    delivery = file.config.section("delivery")
    plain = delivery.pace.model_copy(update={"halls": 1.0, "light_halls": 1.0, "ramp": 1.0, "utility": 1.0, "region": {}})
    other = skills(run_backtest(facts, shipped[0], delivery.model_copy(update={"pace": plain})))
    fitted = skills(done)
    assert sum(fitted[e].crps_months for e in RESULTS[:2]) < sum(other[e].crps_months for e in RESULTS[:2])


def test_dates_that_nobody_knew_change_no_estimate(file, facts, shipped, done):
    """Estimates rest on the facts: with other realised dates they are the same."""
    wild = {e: dataclasses.replace(t, months=t.months + 50.0) for e, t in shipped[0].truth.items()}
    other = run_backtest(facts, dataclasses.replace(shipped[0], truth=wild), file.config.section("delivery"))
    assert all((other.draws[e] == done.draws[e]).all() for e in RESULTS)


def test_the_result_has_a_row_per_campus_and_is_empty_where_never(done):
    """Months in order of the quantiles; a campus of 48 MW has no 200."""
    rows = list(csv.DictReader(io.StringIO(result_csv(done).decode())))
    assert [r["name"] for r in rows] == done.campuses.names
    quantiles = ("p10", "p50", "p90")
    assert list(rows[0]) == ["name", "region", *(f"{e}_{q}" for e in RESULTS for q in quantiles)]
    for row in rows:
        for event in RESULTS:
            months = [float(row[f"{event}_{q}"] or np.inf) for q in quantiles]
            assert months == sorted(months)
    small = rows[0]
    assert small["name"].startswith("Digital Realty SJC37")
    assert all(small[f"full_{q}"] for q in quantiles)
    assert [small[f"{e}_{q}"] for e in ("first_200mw", "first_500mw") for q in quantiles] == [""] * 6


def test_scores_are_told_by_event(done):
    """A line per event with its counts, and the simple rules beside."""
    head, first, *_ = scores_text(done).splitlines()
    assert head.split()[:2] == ["realised", "one-sided"]
    assert first.split()[:3] == ["first_50mw", "29", "2"]
    assert "CRPS of the constant" in first
    assert "Kaplan-Meier" in first


def test_what_is_said_of_a_row_changes_its_dates(file, cache, tmp_path):
    """Megawatts signed for a month are there in it, in all quantiles; the row without them has later ones."""
    path = tmp_path / "my.csv"
    path.write_text(
        "name,lat,lon,commit,mw,signed_mw,energisation,flexible\n"
        "A,32.5,-99.7,2022-03,300,,,\nB,32.5,-99.7,2022-03,300,300,2026-03,1\n"
    )
    delivery = file.config.section("delivery")
    campuses = read_dated(path, delivery.options)
    both = run_backtest(dated_facts(file, campuses, path, data=DATA, cache=cache), campuses, delivery)
    assert (both.draws["full"][1] <= both.draws["full"][0]).all()
    power = month_number("2026-03") - month_number("2022-03")
    assert both.draws["first_200mw"][1].max() == power
    assert both.draws["first_200mw"][0].max() > power


def test_a_campus_off_the_land_is_told(file, cache, tmp_path):
    """File, row, name, remedy."""
    path = tmp_path / "my.csv"
    path.write_text("name,lat,lon,commit\nA,32.5,-99.7,2022-03\nAtlantis,32.5,-60,2022-03\nBerlin,52,13,2022-03\n")
    campuses = read_dated(path, file.config.section("delivery").options)
    with pytest.raises(
        SitesError, match=r"^[^\n]*my\.csv, row 2 \(Atlantis\): it lies off the land[^\n]*Correct lat and lon[^\n]*$"
    ):
        dated_facts(file, campuses, path, data=DATA, cache=cache)


def test_the_page_says_which_pace_is_shipped_and_how_near_it_is_to_the_fit(default_path):
    """The page names the configuration's own factors, or says that they are its fit; the two differ by at most a twentieth."""
    shipped = load_config(default_path).config.section("delivery").pace
    text = PAGE.read_text(encoding="utf-8")
    fitted = paces(text, "Fitted to all of them: ")
    if "That is the pace of `config/assumptions/delivery.yaml`." in text:
        assert fitted == shipped
    else:
        assert paces(text, "`config/assumptions/delivery.yaml` holds: ") == shipped
    for name, factor in shipped.model_dump(exclude={"region"}).items():
        assert getattr(fitted, name) == pytest.approx(factor, rel=0.05), name
    assert fitted.region == pytest.approx(shipped.region, rel=0.05)


def paces(text: str, begin: str) -> Pace:
    """The factors in a line of the page."""
    (line,) = [line for line in text.splitlines() if line.startswith(begin)]
    common, _, region = line.removeprefix(begin).removesuffix(".").partition(", region ")
    factors = {name: float(factor) for name, factor in (pair.split(" ") for pair in common.split(", "))}
    return Pace.model_validate({**factors, "region": ast.literal_eval(region)})
