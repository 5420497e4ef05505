"""Megawatts by date: common random numbers, pathways together, unknowns, and the choice between pathways."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sitefinder.config import load_config
from sitefinder.config.delivery import TARGETS_MW, YEARS
from sitefinder.config.project import PATHWAYS
from sitefinder.kernels import schedule
from sitefinder.months import month_number
from sitefinder.power import timetable as delivery
from sitefinder.power.facts import Facts
from sitefinder.power.gas_power import GasPower
from sitefinder.power.grid_power import GridPower
from sitefinder.power.timetable import STEPS, Pathway, draws_of, random_numbers, timetable
from tests.helpers.power import NAN, sites
from tests.helpers.sections import of_power

POOR = {"headroom_mw": (50.0, 150.0, 300.0), "station_km": 40.0, "region": "PJM", "gas_pipelines": 1.0}
REUSE = {"reusable_mw": 700.0, "reusable_km": 8.0, "reusable_months": 10.0}
UNKNOWN = {"headroom_mw": (NAN, NAN, NAN), "station": None}


@pytest.fixture(scope="module")
def config(default_path):
    """The shipped ranges with few draws."""
    return load_config(default_path, {"delivery.draws": "300"}).config


def with_settings(default_path, **overrides: str):
    """The shipped configuration with few draws and other settings."""
    return load_config(default_path, {"delivery.draws": "300"} | {k.replace("__", "."): v for k, v in overrides.items()}).config


def same(a: Pathway, b: Pathway, i: int, j: int) -> bool:
    """Whether site i of one result equals site j of another."""
    names = [f.name for f in dataclasses.fields(Pathway)]
    return all(np.array_equal(getattr(a, n)[i], getattr(b, n)[j], equal_nan=True) for n in names)


def test_a_site_gets_the_same_whatever_the_others_are(config):
    """Alone, among others, in another order: the same numbers."""
    alone = timetable(sites(POOR), *of_power(config))
    among = timetable(sites({}, REUSE, POOR, UNKNOWN), *of_power(config))
    for pathway in PATHWAYS:
        assert same(alone.pathways[pathway], among.pathways[pathway], 0, 2)


def test_the_result_does_not_depend_on_blocks_and_threads(config, monkeypatch):
    """One site per block and one thread give what one block gives."""
    facts = sites(*[{"station_km": float(k), "gas_km": float(k)} for k in range(7)])
    expected = timetable(facts, *of_power(config))
    monkeypatch.setattr(delivery, "BLOCK", 1)
    monkeypatch.setattr(delivery, "WORKERS", 1)
    found = timetable(facts, *of_power(config))
    for pathway in PATHWAYS:
        assert all(same(expected.pathways[pathway], found.pathways[pathway], i, i) for i in range(7))


def test_hybrid_is_never_less_than_either_alone(config):
    """In every draw and at every time, and never more than the project."""
    facts = sites({}, POOR, REUSE)
    u = random_numbers(config.delivery)
    grid, gas = GridPower(facts, config.delivery, u), GasPower(facts, config.delivery, u)
    for t in range(0, 170, 7):
        both = np.minimum(grid.mw(float(t)) + gas.mw(float(t)), config.project.mw)
        assert (both >= grid.mw(float(t))).all()
        assert (both >= gas.mw(float(t))).all()
        assert both.max() <= config.project.mw


def test_hybrid_dates_are_never_later_than_either_alone(config):
    """In every quantile of every load and of full load."""
    found = timetable(sites({}, POOR, REUSE), *of_power(config)).pathways
    for alone in ("grid", "onsite_gas"):
        assert (found["hybrid"].reach_months <= found[alone].reach_months).all()
    for alone in ("grid", "onsite_gas"):
        assert (found["hybrid"].p_full >= found[alone].p_full).all()
        assert (found["hybrid"].mw >= found[alone].mw).all()


def test_megawatts_rise_with_the_years_and_with_the_quantile(config):
    """Curves never fall, P10 <= P50 <= P90; larger loads come later, and so do later draws."""
    for found in timetable(sites({}, POOR, REUSE), *of_power(config)).pathways.values():
        assert found.mw.shape == (3, len(YEARS), 3)
        assert (np.diff(found.mw, axis=1) >= 0).all()
        assert (np.diff(found.mw, axis=2) >= 0).all()
        assert found.reach_months.shape == (3, len(TARGETS_MW) + 1, 3)
        assert (np.diff(found.reach_months, axis=1) >= 0).all()
        assert (np.diff(found.reach_months, axis=2) >= 0).all()


@hypothesis_settings(max_examples=15)
@given(size=st.sampled_from([50.0, 100.0, 300.0, 1000.0]), factor=st.floats(1.0, 8.0), room=st.floats(0.0, 3000.0))
def test_a_larger_project_is_never_full_earlier(config, size, factor, room):
    """On no pathway, in no quantile; with a line to be cut into, with what is in hand, and without."""
    places = ({"headroom_mw": (room / 3, room / 2, room)}, POOR | {"cut_in_km": 8.0, "flexible": True}, {"mobile": True})
    small = timetable(sites(*[p | {"load_mw": size} for p in places]), *of_power(config)).pathways
    large = timetable(sites(*[p | {"load_mw": size * factor} for p in places]), *of_power(config)).pathways
    for pathway in PATHWAYS:
        assert (large[pathway].full_months >= small[pathway].full_months).all()
        assert (large[pathway].p_full <= small[pathway].p_full).all()


def test_one_two_and_five_gigawatts_are_full_at_different_times(config):
    """At one place, on every pathway, months apart."""
    for found in timetable(sites(*[{"load_mw": mw} for mw in (1000.0, 2000.0, 5000.0)]), *of_power(config)).pathways.values():
        assert (np.diff(found.full_months[:, 1]) >= 2.0).all()


def test_a_campus_of_2022_is_not_one_of_2026(config):
    """Lead times go by the year of the start: transformers and turbines were sooner, the first hall later."""
    found = timetable(sites({"year": 2022}, {"year": 2026}), *of_power(config)).pathways

    def months(pathway, step):
        return found[pathway].step_months[:, STEPS[pathway].index(step), 1]

    assert np.diff(months("grid", "transformer")) > 6.0
    assert np.diff(months("onsite_gas", "turbine delivery")) > 6.0
    assert np.diff(months("grid", "first hall")) < -3.0
    assert np.abs(np.diff(found["grid"].full_months[:, 1])) > 2.0


@pytest.mark.parametrize(
    ("worse", "better"),
    [({"headroom_mw": (50.0, 150.0, 300.0)}, {"headroom_mw": (50.0, 200.0, 700.0)}), ({"station_km": 55.0}, {"station_km": 4.0})],
)
def test_more_headroom_and_a_nearer_station_are_never_later(config, worse, better):
    """On the grid and hybrid pathways, in every quantile and year."""
    found = timetable(sites(POOR | worse, POOR | better), *of_power(config)).pathways
    for pathway in ("grid", "hybrid"):
        assert (found[pathway].mw[1] >= found[pathway].mw[0]).all()
        assert (found[pathway].full_months[1] <= found[pathway].full_months[0]).all()
        assert (found[pathway].first_months[1] <= found[pathway].first_months[0]).all()


IN_HAND = {
    "powered land": {"powered": True},
    "signed": {"signed_mw": 300.0, "signed_months": 6.0},
    "turbines on order": {"ordered_mw": 400.0},
    "transformer": {"transformer": True},
    "zoning": {"approved": True},
    "mobile units": {"mobile": True},
    "flexible": {"flexible": True},
    "battery": {"battery": True},
}


@pytest.mark.parametrize("better", IN_HAND.values(), ids=IN_HAND)
def test_what_is_in_hand_makes_nothing_later_and_something_earlier(config, better):
    """In no draw, for no load, on no pathway; what brings first megawatts or halls is seen where a line is to be cut into."""
    place = POOR | {"cut_in_km": 6.0, "people": 800.0, "blocked": 0.7}
    u, earlier = random_numbers(config.delivery), 0
    for pathway in PATHWAYS:
        without, with_it = draws_of(sites(place, place | better), config.delivery, pathway, u).transpose(1, 0, 2)
        assert (with_it <= without).all()
        earlier += int((with_it < without).sum())
    assert earlier > 0


def test_an_owned_connection_makes_the_first_megawatts_earlier(config):
    """In every draw in which it comes first; what has to be built for the rest waits for the agreement, as it did elsewhere."""
    place = POOR | {"existing_mw": 300.0}
    u = random_numbers(config.delivery)
    without, owned = (GridPower(sites(place | h), config.delivery, u) for h in ({}, {"existing": True}))
    first = [schedule.reach(g.mw, 50.0, 168, g.shape) for g in (without, owned)]
    assert (first[1] <= first[0]).all()
    assert np.median(first[0]) > np.median(first[1]) + 12.0


def test_signed_megawatts_are_there_in_the_month_signed(config):
    """300 of 1,000 MW at the end of month 7, no earlier and no later, in every draw: no range has a part in them."""
    place = {"headroom_mw": (0.0,) * 3, "station_km": 50.0, "people": 3000.0}
    signed = place | {"signed_mw": 300.0, "signed_months": 7.0}
    u = random_numbers(config.delivery)
    without, with_it = draws_of(sites(place, signed), config.delivery, "grid", u).transpose(1, 0, 2)
    assert (with_it[:2] == 7).all()
    assert (without[:2] > 7).all()
    assert (with_it[2:] <= without[2:]).all()


def test_signed_megawatts_count_in_the_curves_from_their_month_on(config):
    """Month 13 is the end of 2027: nothing a year before, at least 300 MW from then on, in the lowest draws too."""
    place = {"signed_mw": 300.0, "signed_months": 13.0, "headroom_mw": (0.0,) * 3}
    found = timetable(sites(place), *of_power(config)).pathways
    for pathway in ("grid", "hybrid"):
        assert found[pathway].mw[0, YEARS.index(2027), 0] >= 300
        assert found[pathway].mw[0, YEARS.index(2026), 2] == 0
    assert found["onsite_gas"].mw[0, YEARS.index(2027), 0] == 0


def test_unknown_headroom_widens_the_range_and_leaves_no_middle(config):
    """P10 is that of no headroom, P90 that of ample headroom; P50, the probability and the binding step are unknown."""
    none, ample = {"headroom_mw": (0.0,) * 3}, {"headroom_mw": (9e5,) * 3}
    late = load_config("config/default.yaml", {"delivery.draws": "300", "project.energise_by": "2031"}).config
    grid = timetable(sites(UNKNOWN, none, ample), *of_power(late)).pathways["grid"]
    assert (grid.mw[0, :, 0] == grid.mw[1, :, 0]).all()
    assert (grid.mw[0, :, 2] == grid.mw[2, :, 2]).all()
    assert np.isnan(grid.mw[0, YEARS.index(2031), 1])
    assert np.isnan(grid.p_full[0])
    assert np.isnan(grid.full_months[0, 1])
    assert (grid.full_months[0, 0], grid.full_months[0, 2]) == (grid.full_months[2, 0], grid.full_months[1, 2])
    assert np.isnan(grid.binding[0]).any()


def test_unknown_headroom_does_not_touch_what_it_has_no_part_in(config):
    """Gas on the site is as known as ever; so are years in which nothing can come anyway."""
    found = timetable(sites(UNKNOWN, {}), *of_power(config)).pathways
    assert same(found["onsite_gas"], found["onsite_gas"], 0, 1)
    assert found["grid"].mw[0, 0].tolist() == [0, 0, 0]


def test_shares_of_the_steps_add_up(config):
    """Every draw has one binding step, and it is critical."""
    for pathway, found in timetable(sites({}, POOR, REUSE), *of_power(config)).pathways.items():
        assert found.binding.shape == (3, len(STEPS[pathway]))
        np.testing.assert_allclose(found.binding.sum(axis=1), 1.0)
        assert (found.critical >= found.binding - 1e-9).all()


def test_small_loads_have_their_first_load_when_they_are_full(config):
    """50 MW cannot have 200 MW first."""
    found = timetable(sites({"load_mw": 50.0}), *of_power(config)).pathways["grid"]
    assert (found.first_months == found.full_months).all()


def test_the_pathway_asked_for_is_reported(default_path):
    """Without a choice of its own."""
    for pathway in PATHWAYS:
        config = with_settings(default_path, project__pathway=pathway)
        assert timetable(sites({}, POOR), *of_power(config)).chosen.tolist() == [pathway] * 2


def test_the_simplest_pathway_that_delivers_as_much_is_best(default_path):
    """Gas so late that it adds nothing leaves the grid, and the other way round; a good grid beside some gas gives hybrid."""
    far_gas, little_gas = {"gas_km": 9000.0}, {"firm_mw": 300.0, "trunk_mw": 300.0}
    slow_grid = {"delivery__grid__study": "{elsewhere: [300, 300, 300]}"}
    assert timetable(sites(far_gas, little_gas), *of_power(with_settings(default_path))).chosen.tolist() == ["grid", "hybrid"]
    assert timetable(sites({}), *of_power(with_settings(default_path, **slow_grid))).chosen.tolist() == ["onsite_gas"]


def test_a_later_deadline_is_met_more_often(default_path):
    """The probability of full load rises with the deadline, to that of full load before the horizon in the end."""
    shares = [
        timetable(sites({}), *of_power(with_settings(default_path, project__energise_by=by))).pathways["grid"].p_full[0]
        for by in ("2028", "2030", "2032", "2045")
    ]
    assert shares == sorted(shares)
    assert shares[0] < 0.1
    assert shares[-1] > 0.99


def test_facts_are_the_only_input():
    """Every fact has a test site value: a new one is not forgotten here."""
    assert {f.name for f in dataclasses.fields(Facts)} == set(vars(sites()))


def test_months_from_the_start_are_counted_to_calendar_months(config):
    """One month and less end in the month of the start, thirteen a year later; unknown and never have no month."""
    table = dataclasses.replace(timetable(sites({}), *of_power(config)), start="2026-12")
    months = table.month_numbers(np.array([[0.0, 1.0, 1.9], [2.0, 13.0, 25.5], [NAN, np.inf, 14.0]]))
    start = month_number("2026-12")
    np.testing.assert_array_equal(months - start, [[0, 0, 0], [1, 12, 24], [NAN, NAN, 13]])


def test_full_load_is_that_of_the_pathway_chosen(config):
    """Each site's own, as calendar months."""
    table = timetable(sites({}, POOR, {"gas_km": 90.0}, {"flexible": True}), *of_power(config))
    mixed = dataclasses.replace(table, chosen=np.array(PATHWAYS, object))
    expected = [table.month_numbers(table.pathways[name].full_months[i]) for i, name in enumerate(PATHWAYS)]
    np.testing.assert_array_equal(mixed.full_load(), expected)
    assert np.isfinite(mixed.full_load()).any()
