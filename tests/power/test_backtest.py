"""Estimates beside what happened: facts as of the commitment, scores, and a pace that is found again."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from sitefinder.config import load_config
from sitefinder.months import month_number
from sitefinder.power.backtest import (
    FITTED,
    Backtest,
    fit_pace,
    leave_one_out,
    of_rows,
    region_factors,
    run_backtest,
    skills,
    take,
)
from sitefinder.power.dated import RESULTS, Dated
from sitefinder.power.in_hand import InHand
from sitefinder.power.skill import Truth
from tests.helpers.power import CERTAIN, NAN, sites

N = 24
#: campuses with their whole power at hand, so that their halls decide
OWNED = {"existing": True, "existing_mw": 9000.0, "slope_pct": 0.0, "jobs": 9e6, "approved": True}


@pytest.fixture(scope="module")
def delivery(default_path):
    """The shipped ranges with few draws and no region of its own pace."""
    pace = "{halls: 1, light_halls: 1, ramp: 1, utility: 1, utility_slip: 0.25, own_slip: 0.25}"
    return load_config(default_path, {"delivery.draws": "100", "delivery.pace": pace}).config.delivery


def campuses(facts, truth=None, *, commit="2022-06", pathway=None):
    """Campuses of made-up facts, all committed in one month."""
    n = facts.size
    start = np.full(n, month_number(commit))
    names = [f"campus {i}" for i in range(n)]
    return Dated(names, np.zeros(n), np.zeros(n), start, facts.load_mw, pathway or [None] * n, facts.hand, truth or {})


def came(months):
    """Realised months."""
    values = np.asarray(months, np.float64)
    return Truth(values, np.ones(len(values), bool))


def simulated(facts, delivery, **pace):
    """Campuses whose first power and 200 MW came as one draw of the model with another pace has them."""
    other = delivery.model_copy(update={"pace": delivery.pace.model_copy(update=pace)})
    draws = run_backtest(facts, campuses(facts), other).draws
    at = (np.arange(facts.size) * 37 + 11) % delivery.draws
    return campuses(facts, {e: came(draws[e][np.arange(facts.size), at]) for e in RESULTS[:2]})


def test_facts_are_those_of_the_month_of_commitment(delivery):
    """A closure 18 months before the start of 2026-12 lies 36 after a commitment of 2022-06; the year is that of the row."""
    places = sites({"reusable_months": -18.0, "planned_months": NAN}, {"planned_months": 6.0})
    found = of_rows(places, campuses(places, commit="2022-06"), delivery)
    assert found.year.tolist() == [2022, 2022]
    np.testing.assert_array_equal(found.reusable_months, [36, NAN])
    np.testing.assert_array_equal(found.planned_months, [NAN, 60])


def test_estimates_follow_the_pathway_of_the_row(default_path):
    """The grid of 1 + 3 + 18 + 2 months, where nothing is said too; gas where it is burnt; mobile units beside the grid."""
    delivery = load_config(default_path, CERTAIN | {"delivery.draws": "100"}).config.delivery
    ample = {"headroom_mw": (9000.0,) * 3}
    places = sites(*[ample] * 3, ample | {"mobile": True})
    done = run_backtest(places, campuses(places, pathway=["grid", None, "onsite_gas", None]), delivery)
    first = [np.median(m) for m in done.draws["first_50mw"]]
    assert first == [24, 24, 13, 7]
    assert done.draws["full"].shape == (4, 100)


def test_unknown_facts_count_at_their_worse_bound(delivery):
    """As a site without headroom."""
    places = sites({"headroom_mw": (NAN,) * 3}, {"headroom_mw": (0.0,) * 3})
    done = run_backtest(places, campuses(places), delivery)
    assert (done.draws["full"][0] == done.draws["full"][1]).all()


def made(draws, truth, load=1000.0):
    """A back-test of given draws of first power and 200 MW."""
    facts = sites(*[{"load_mw": load}] * len(draws))
    return Backtest(campuses(facts, truth), ["PJM"] * len(draws), facts.load_mw, dict.fromkeys(RESULTS, np.array(draws, float)))


def test_a_campus_that_is_too_small_for_a_load_is_no_miss():
    """150 MW never have 200: such a bound counts for nothing, but that of the first power does."""
    late = Truth(np.array([30.0, 12.0, 14.0, 16.0]), np.array([False, True, True, True]))
    done = made([[10.0, 20.0]] * 4, {"first_200mw": late, "first_50mw": late}, load=150.0)
    assert done.truth("first_200mw").known.tolist() == [False, True, True, True]
    assert done.truth("first_50mw").known.all()
    assert done.truth("full") is None
    assert made([[1.0]], {"first_200mw": late}, load=180.0).large_enough[1].tolist() == [True]


def test_scores_count_what_they_say():
    """By hand: P10 10 and P90 20, dates at 8, 12, 15, 30, and a bound at 25 that all draws lie before."""
    truth = Truth(np.array([8.0, 12.0, 15.0, 30.0, 25.0]), np.array([True, True, True, True, False]))
    found = skills(made([[10.0, 20.0]] * 5, {"first_50mw": truth}))
    assert set(found) == {"first_50mw"}
    score = found["first_50mw"]
    assert (score.realised, score.one_sided, score.early, score.within, score.late) == (4, 1, 1, 2, 1)
    assert score.pit == [1, 0, 2, 0, 1]
    # |dates - draws| less half the spread of 5: 7 - 2.5, 5 - 2.5 twice, 15 - 2.5; and 10/4 + 5 before the bound
    assert score.crps_realised_months == pytest.approx((4.5 + 2.5 + 2.5 + 12.5) / 4)
    assert score.crps_months == pytest.approx((4.5 + 2.5 + 2.5 + 12.5 + 7.5) / 5)


def test_two_dates_are_no_score():
    """Nothing is said of so few."""
    assert skills(made([[10.0]] * 2, {"first_50mw": came([9.0, 11.0])})) == {}


def test_a_pace_is_found_again(delivery):
    """Dates drawn with halls twice as slow as the ranges: the fit finds the factor to a quarter, and leaves the utility alone."""
    facts = sites(*[OWNED | {"load_mw": 300.0 + 40.0 * i} for i in range(N)])
    dated = simulated(facts, delivery, halls=1.8)
    pace = fit_pace(facts, dated, delivery, use=np.ones(N, bool), steps=60)
    assert pace.halls == pytest.approx(1.8, rel=0.25)
    assert pace.utility == pytest.approx(1.0, rel=0.35)
    fitted = delivery.model_copy(update={"pace": pace})
    before, after = (skills(run_backtest(facts, dated, d))["first_50mw"].crps_months for d in (delivery, fitted))
    assert after < 0.8 * before


def test_campuses_that_do_not_count_change_nothing(delivery):
    """The fit to the others is the same whatever happened at one."""
    facts = sites(*[OWNED | {"load_mw": 300.0 + 40.0 * i} for i in range(8)])
    dated = simulated(facts, delivery, halls=1.5)
    use = np.arange(8) != 3
    wild = {e: came(np.where(use, t.months, 200.0)) for e, t in dated.truth.items()}
    found = [fit_pace(facts, d, delivery, use=use, steps=12) for d in (dated, dataclasses.replace(dated, truth=wild))]
    assert found[0] == found[1]
    assert fit_pace(facts, dataclasses.replace(dated, truth=wild), delivery, use=np.ones(8, bool), steps=12) != found[0]


def test_no_campus_is_judged_by_its_own_date(delivery):
    """Its draws stay the same when its date changes; those of the others do not."""
    facts = sites(*[OWNED | {"load_mw": 300.0 + 90.0 * i} for i in range(4)])
    dated = simulated(facts, delivery, halls=1.5)
    wild = {e: came(np.where(np.arange(4) == 2, 150.0, t.months)) for e, t in dated.truth.items()}
    one = leave_one_out(facts, dated, delivery, steps=10)
    other = leave_one_out(facts, dataclasses.replace(dated, truth=wild), delivery, steps=10)
    same = [bool((one.draws["first_50mw"][i] == other.draws["first_50mw"][i]).all()) for i in range(4)]
    assert same[2]
    assert not all(same)


def test_the_factor_of_a_region_is_drawn_to_one(delivery):
    """Four campuses in PJM took half as long again as the median, twice: exp(8 ln 1.5 / (8 + 4)); those of SPP as long."""
    facts = sites(*[OWNED | {"region": r} for r in ("PJM",) * 4 + ("SPP",) * 4])
    middle = run_backtest(facts, campuses(facts), delivery)
    longer = np.repeat([1.5, 1.0], 4)
    truth = {e: came(middle.quantiles(e)[:, 1] * longer) for e in RESULTS[:2]}
    factors = region_factors(facts, campuses(facts, truth), delivery, delivery.pace)
    assert factors["PJM"] == pytest.approx(1.5 ** (8 / 12), abs=2e-3)
    assert factors["SPP"] == pytest.approx(1.0, abs=2e-3)


def test_one_odd_campus_does_not_make_the_pace_of_its_region(delivery):
    """Ten times as long counts as e^0.6 times, of two events among four more: e^0.2."""
    facts = sites(OWNED | {"region": None})
    middle = run_backtest(facts, campuses(facts), delivery)
    truth = {e: came(middle.quantiles(e)[:, 1] * 10.0) for e in RESULTS[:2]}
    assert region_factors(facts, campuses(facts, truth), delivery, delivery.pace) == {"elsewhere": pytest.approx(1.221, abs=1e-3)}


def test_the_pace_of_land_outside_all_regions_is_applied_there(delivery):
    """A fitted factor under its name of the configuration changes the dates of such a campus, and of no other."""
    facts = sites(OWNED | {"region": None}, OWNED)
    slow = delivery.model_copy(update={"pace": delivery.pace.model_copy(update={"region": {"elsewhere": 1.5}})})
    usual, slower = (run_backtest(facts, campuses(facts), d).draws["full"] for d in (delivery, slow))
    assert np.median(slower[0]) > np.median(usual[0]) + 3.0
    assert (slower[1] == usual[1]).all()


def test_some_campuses_can_be_taken():
    """All that is known of them, in the order asked for."""
    facts = sites({"flexible": True}, {}, {})
    part = take(campuses(facts, {"full": came([1.0, 2.0, 3.0])}), np.array([2, 0]))
    assert (part.names, part.truth["full"].months.tolist()) == (["campus 2", "campus 0"], [3, 1])
    assert part.hand.flexible.tolist() == [False, True]
    assert isinstance(part.hand, InHand)


def test_a_fit_stays_within_the_bounds_of_its_factors(delivery):
    """However late the campuses were."""
    facts = sites(*[OWNED] * 4)
    pace = fit_pace(facts, campuses(facts, {e: came([200.0] * 4) for e in RESULTS[:2]}), delivery, use=np.ones(4, bool), steps=40)
    assert pace.halls > 1.2
    for name, (low, high) in FITTED.items():
        assert low <= getattr(pace, name) <= high
