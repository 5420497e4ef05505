"""Megawatts by date of each site, as its columns tell them."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from sitefinder.columns import Quantiles
from sitefinder.config import load_config
from sitefinder.config.delivery import YEARS
from sitefinder.config.project import PATHWAYS
from sitefinder.power.columns import PowerPart, power_parts
from sitefinder.power.timetable import STEPS, timetable
from tests.helpers.paths import ROOT
from tests.helpers.power import NAN, sites
from tests.helpers.sections import of_power

DEFAULT = ROOT / "config" / "default.yaml"
FACTS = sites({}, {"headroom_mw": (NAN,) * 3, "station": None, "station_kv": NAN, "station_km": NAN})


@pytest.fixture(scope="module")
def table():
    """Timetable of a good site and one of unknown headroom, with few draws."""
    return timetable(FACTS, *of_power(load_config(DEFAULT, {"delivery.draws": "200"}).config))


@pytest.fixture(scope="module")
def parts(table):
    """What their columns say."""
    return power_parts(table, FACTS)


def test_the_chosen_pathway_is_told(table, parts):
    """Megawatts, dates and probability are those of the pathway named."""
    part = parts[0]
    chosen = table.pathways[part.pathway]
    assert part.pathway == table.chosen[0]
    assert {year: tuple(mw) for year, mw in part.mw.items()} == {y: tuple(chosen.mw[0, i]) for i, y in enumerate(YEARS)}
    assert part.p_full_by_date == chosen.p_full[0] == part.pathways[part.pathway].p_full
    assert part.first_200mw_p50 == part.pathways[part.pathway].first_200mw_p50
    assert part.binding_step in STEPS[part.pathway]


def test_the_binding_step_is_the_one_that_binds_most_often(table, parts):
    """Over the draws of the chosen pathway."""
    part = parts[0]
    shares = table.pathways[part.pathway].binding[0]
    assert shares[STEPS[part.pathway].index(part.binding_step)] == shares.max()


def test_months_are_in_order(parts):
    """Early, half and late draws of full load, as calendar months."""
    full = parts[0].full_load
    assert full.p10 <= full.p50 <= full.p90
    assert len(full.p50) == len("2030-01")


def test_a_month_is_the_one_in_which_it_happens(table, parts):
    """One month after the start of December 2026 lies the end of December 2026."""
    months = int(table.pathways[parts[0].pathway].first_months[0, 1])
    year, month = divmod(2026 * 12 + 11 + months - 1, 12)
    assert parts[0].first_200mw_p50 == f"{year}-{month + 1:02d}"


def test_every_pathway_has_its_columns(table, parts):
    """What it would deliver, chosen or not."""
    assert list(parts[0].pathways) == list(PATHWAYS)
    for name, pathway in parts[0].pathways.items():
        assert pathway.p_full == table.pathways[name].p_full[0]


def test_the_station_is_that_of_the_facts(parts):
    """Name, voltage, distance and headroom with their range."""
    part = parts[0]
    assert (part.grid_station, part.grid_station_kv, part.grid_station_km) == ("HUB", 345.0, 5.0)
    assert part.grid_headroom_mw == Quantiles(600.0, 1500.0, 2500.0)
    assert (part.grid_headroom_before_mw, part.grid_claimed_mw, part.grid_connects_by) == (1600.0, 200.0, "bay")
    cut_in = sites({"cut_in": True}, {"station": None})
    by = [part.grid_connects_by for part in power_parts(timetable(cut_in, *of_power(load_config(DEFAULT).config)), cut_in)]
    assert by == ["new switching station", None]


def test_unknown_and_never_are_null(table, parts):
    """Neither 0 nor the last year: without known headroom the grid has no date, and what never comes has none either."""
    part = parts[1]
    assert part.pathways["grid"].first_200mw_p50 is None
    assert part.grid_station is None
    assert math.isnan(part.grid_headroom_mw.p50)
    pathway = table.pathways["onsite_gas"]
    never = dataclasses.replace(pathway, full_months=np.full_like(pathway.full_months, np.inf))
    late = dataclasses.replace(
        table, pathways={**table.pathways, "onsite_gas": never}, chosen=np.array(["onsite_gas"] * 2, object)
    )
    assert power_parts(late, FACTS)[0].full_load == Quantiles(None, None, None)


def test_an_unknown_share_of_the_steps_names_no_step(table):
    """Where the best and the worst case differ, nobody knows what binds."""
    grid = dataclasses.replace(table, chosen=np.array(["grid"] * 2, object))
    assert [part.binding_step is None for part in power_parts(grid, FACTS)] == [False, True]


def test_full_load_of_the_timetable_is_that_of_the_columns(table, parts):
    """The months that costs count from and those in the list are the same."""
    for part, numbers in zip(parts, table.full_load(), strict=True):
        for month, number in zip(part.full_load, numbers, strict=True):
            assert month == (None if math.isnan(number) else f"{int(number) // 12}-{int(number) % 12 + 1:02d}")


def test_columns_are_named_by_year_pathway_and_end():
    """As in the files since the first list; three columns a year, two a pathway."""
    names = PowerPart.names()
    assert [n for n in names if n.startswith("mw_")] == [f"mw_{q}_{year}" for year in YEARS for q in Quantiles._fields]
    assert [
        n
        for n in names
        if n.startswith(PATHWAYS) and not n.startswith(("grid_station", "grid_headroom", "grid_claimed", "grid_connects"))
    ] == [f"{p}_{what}" for p in PATHWAYS for what in ("first_200mw_p50", "p_full")]
    meanings = {c.name: c.meaning for c in PowerPart.columns()}
    assert meanings["hybrid_p_full"] == "p_full_by_date of the pathway hybrid"
    assert meanings["mw_p10_2031"] == "Megawatts at the end of 2031: one draw in ten has less; null if unknown"
    assert meanings["grid_headroom_mw_p90"] == (
        "Estimated load that the station can take with one line out, less a share of grid_claimed_mw, P90; null if unknown"
    )
