"""Megawatts by date of each site, as its columns tell them."""

from __future__ import annotations

import dataclasses
import math

import geopandas
import numpy as np
import pandas
import pytest

from sitefinder.columns import Quantiles
from sitefinder.config import load_config
from sitefinder.config.delivery import YEARS
from sitefinder.config.project import PATHWAYS
from sitefinder.months import month_name
from sitefinder.power.columns import Network, PowerPart, power_parts
from sitefinder.power.flexible import Curtailed, NonFirm
from sitefinder.power.station_limits import StationLimits
from sitefinder.power.timetable import STEPS, timetable
from tests.helpers.paths import ROOT
from tests.helpers.power import NAN, sites
from tests.helpers.sections import of_power

DEFAULT = ROOT / "config" / "default.yaml"
FACTS = sites({}, {"headroom_mw": (NAN,) * 3, "station": None, "station_kv": NAN, "station_km": NAN})


def network(facts):
    """A station of which the limit is known, and further ones of which it is not; the service is that of the facts."""
    n = facts.size
    words, numbers = np.full(n, None, object), np.full(n, NAN)

    def first(value, rest):
        return np.concatenate([np.array([value], rest.dtype), rest[1:]])

    given = {"limit": first("line HUB-B", words), "lost": first("line HUB-C", words), "limit_kind": first("line", words)}
    amounts = {
        "typical_mw": first(1500.0, numbers),
        "lifted_mw": first(1800.0, numbers),
        "limit_kv": numbers,
        "limit_km": numbers,
    }
    limits = StationLimits(**given, **amounts, short_circuit_mva=numbers)
    curtailed = Curtailed(numbers, first(44.0, numbers), numbers, first(9.0, numbers), numbers)
    service = NonFirm(first("ERCO", words), facts.non_firm_mw, numbers, first("station", words), curtailed)
    return Network(service, limits, first(12.0, numbers), contested=0.7)


@pytest.fixture(scope="module")
def table():
    """Timetable of a good site and one of unknown headroom, with few draws."""
    return timetable(FACTS, *of_power(load_config(DEFAULT, {"delivery.draws": "200"}).config))


@pytest.fixture(scope="module")
def parts(table):
    """What their columns say."""
    return power_parts(table, FACTS, network(FACTS))


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


def test_the_station_is_that_of_the_facts(table, parts):
    """Name, voltage, distance and headroom with their range."""
    part = parts[0]
    assert (part.grid_station, part.grid_station_kv, part.grid_station_km) == ("HUB", 345.0, 5.0)
    assert part.grid_headroom_mw == Quantiles(600.0, 1500.0, 2500.0)
    assert (part.grid_headroom_before_mw, part.grid_claimed_mw, part.grid_connects_by) == (1600.0, 200.0, "bay")
    cut_in = sites({"cut_in": True}, {"station": None})
    by = [part.grid_connects_by for part in power_parts(table, cut_in, network(cut_in))]
    assert by == ["new switching station", None]


def test_the_line_of_the_first_megawatts_is_that_of_the_facts(table):
    """Class and distance; without one in the country there is no distance."""
    facts = sites({"cut_in_kv": 69.0, "cut_in_km": 3.5}, {})
    parts = power_parts(table, facts, network(facts))
    assert (parts[0].cut_in_kv, parts[0].cut_in_km) == (69.0, 3.5)
    assert math.isnan(parts[1].cut_in_km)


def test_limits_and_service_are_those_of_the_network(parts):
    """The lift is what strengthening brings beyond today; where nothing is known of the limit there is none."""
    one, other = parts
    assert (one.grid_limit, one.grid_limit_lost, one.grid_lift_mw, one.grid_lift_musd) == (
        "line HUB-B",
        "line HUB-C",
        300.0,
        12.0,
    )
    assert (one.non_firm_mw, one.non_firm_limit) == (Quantiles(900.0, 1800.0, 2800.0), "station")
    assert (one.balancing_authority, one.non_firm_hours, one.non_firm_longest_h) == ("ERCO", 44.0, 9.0)
    assert other.grid_limit is None
    assert math.isnan(other.grid_lift_mw)


def test_every_load_has_its_months(table, parts):
    """50, 200 and 500 MW of the chosen pathway, none after a larger one."""
    part, chosen = parts[0], table.pathways[parts[0].pathway]
    for i, mw in enumerate((50, 200, 500)):
        assert part.first[mw].p50 == month_name(int(table.month_numbers(chosen.reach_months)[0, i, 1]))
    assert part.first[50].p50 <= part.first[200].p50 <= part.first[500].p50 <= part.full_load.p50


def test_unknown_and_never_are_null(table, parts):
    """Neither 0 nor the last year: without known headroom the grid has no date, and what never comes has none either."""
    part = parts[1]
    assert part.pathways["grid"].first_200mw_p50 is None
    assert part.grid_station is None
    assert math.isnan(part.grid_headroom_mw.p50)
    pathway = table.pathways["onsite_gas"]
    never = dataclasses.replace(pathway, reach_months=np.full_like(pathway.reach_months, np.inf))
    late = dataclasses.replace(
        table, pathways={**table.pathways, "onsite_gas": never}, chosen=np.array(["onsite_gas"] * 2, object)
    )
    assert power_parts(late, FACTS, network(FACTS))[0].full_load == Quantiles(None, None, None)


def test_an_unknown_share_of_the_steps_names_no_step(table):
    """Where the best and the worst case differ, nobody knows what binds."""
    grid = dataclasses.replace(table, chosen=np.array(["grid"] * 2, object))
    assert [part.binding_step is None for part in power_parts(grid, FACTS, network(FACTS))] == [False, True]


def test_full_load_of_the_timetable_is_that_of_the_columns(table, parts):
    """The months that costs count from and those in the list are the same."""
    for part, numbers in zip(parts, table.full_load(), strict=True):
        for month, number in zip(part.full_load, numbers, strict=True):
            assert month == (None if math.isnan(number) else f"{int(number) // 12}-{int(number) % 12 + 1:02d}")


def test_columns_are_named_by_year_pathway_and_end():
    """As in the files since the first list; three columns a year, two a pathway."""
    names = PowerPart.names()
    assert [n for n in names if n.startswith("mw_")] == [f"mw_{q}_{year}" for year in YEARS for q in Quantiles._fields]
    assert [n for n in names if n.startswith(PATHWAYS) and n.endswith(("_first_200mw_p50", "_p_full"))] == [
        f"{p}_{what}" for p in PATHWAYS for what in ("first_200mw_p50", "p_full")
    ]
    meanings = {c.name: c.meaning for c in PowerPart.columns()}
    assert meanings["hybrid_p_full"] == "p_full_by_date of the pathway hybrid"
    assert meanings["mw_p10_2031"] == "Megawatts at the end of 2031: one draw in ten has less; null if unknown"
    assert meanings["grid_headroom_mw_p90"] == (
        "Estimated load that the station can take with one line out, less a share of grid_claimed_mw, P90; null if unknown"
    )


def test_the_chance_of_being_dropped_is_contested_times_blocked(parts):
    """0.7 of the proposals are contested, and half of the contested ones are blocked around the made-up site."""
    assert parts[0].p_dropped == pytest.approx(0.35)


def test_an_unknown_share_of_blocked_projects_leaves_the_chance_unknown(table):
    """Not 0, and not that of its neighbour."""
    facts = sites({"blocked": NAN}, {"blocked": 1.0})
    unknown, known = power_parts(table, facts, network(facts))
    assert math.isnan(unknown.p_dropped)
    assert known.p_dropped == pytest.approx(0.7)


@pytest.mark.stack
def test_the_contested_share_is_the_one_counted(package):
    """Large campuses first mapped since 2023 in counties where a contested project went ahead, over the share not blocked."""
    campuses = geopandas.read_parquet(package.verified("share_alike/campus_labels.parquet"))
    counties = geopandas.read_parquet(package.verified("boundaries/counties.parquet"), columns=["fips", "geometry"])
    events = pandas.read_parquet(package.verified("policy/community_precedents.parquet")).set_index("fips")
    large = (campuses["footprint_m2"] >= 20_000) | (campuses["mw"] >= 50)
    recent = campuses[large & (campuses["osm_first_seen"].astype(str).str[:4].between("2023", "2026"))]
    home = events.loc[geopandas.sjoin(recent, counties, predicate="within")["fips"]]
    ahead = float(((home["went_ahead"] + home["mixed"]) > 0).mean())
    proposed = ahead / (1.0 - events["blocked"].sum() / events["decided"].sum())
    counted = proposed / (proposed + 1.0 - ahead)
    assert load_config(DEFAULT).config.delivery.withdrawal.contested == pytest.approx(counted, abs=0.01)
