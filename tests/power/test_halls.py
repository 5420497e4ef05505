"""The campus itself: when its first hall runs, and how the load grows."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.config import load_config
from sitefinder.power.halls import HALL_STEPS, Halls
from sitefinder.power.timetable import random_numbers
from tests.helpers.power import CERTAIN, sites

NOW = np.zeros((1, 1), np.float32)


def halls(config, *changes):
    """Halls of made-up sites."""
    return Halls(sites(*changes), config.delivery, random_numbers(config.delivery))


def reached(found, mw, powered=NOW):
    """Months of the first draw of each site."""
    return np.broadcast_to(found.reach(mw, powered), (found.load.size, 200))[:, 0].tolist()


def test_halls_grow_from_the_first_to_the_whole_load(certain):
    """200 MW at 13, the other 800 over 10 months: 500 MW after three eighths of them, all at 23."""
    found = halls(certain, {})
    assert [reached(found, mw)[0] for mw in (50.0, 200.0, 500.0, np.inf)] == [13, 13, 16.75, 23]
    at = [float(found.mw(t, NOW)[0, 0]) for t in (12.9, 13.0, 18.0, 23.0, 99.0)]
    assert at == pytest.approx([0, 200, 600, 1000, 1000])


def test_further_halls_wait_for_the_first_power(certain):
    """Power at 30 finds the first hall waiting; the others grow from there on."""
    found, powered = halls(certain, {}), np.full((1, 1), 30.0, np.float32)
    assert reached(found, 200.0, powered) == [13]
    assert reached(found, np.inf, powered) == [40]
    assert float(found.mw(35.0, powered)[0, 0]) == pytest.approx(600)


def test_no_campus_builds_more_than_so_much_a_month(certain):
    """The other 4,000 MW of 5,000 at 100 a month take 40 months, not 10."""
    assert reached(halls(certain, {"load_mw": 5000.0}), np.inf) == [53]


def test_nothing_runs_before_the_whole_where_halls_do_not_run_one_by_one(certain):
    """500 MW and 50 of them come together, after 1 + 12 x 1.5 months, whenever power comes; 1,000 MW not before 13 + 8."""
    found = halls(certain, {"phased": False, "load_mw": 500.0})
    assert [reached(found, mw)[0] for mw in (50.0, np.inf)] == [19, 19]
    assert reached(found, np.inf, np.full((1, 1), 30.0, np.float32)) == [19]
    assert [float(found.mw(t, NOW)[0, 0]) for t in (18.9, 19.0)] == [0, 500]
    assert reached(halls(certain, {"phased": False}), np.inf) == [21]


@pytest.mark.parametrize("said", ["flexible", "mobile"])
def test_who_takes_interruptible_power_or_brings_generators_builds_light_halls(certain, said):
    """1 + 4 months instead of 1 + 12."""
    assert reached(halls(certain, {said: True}, {}), 50.0) == [5, 13]


def test_a_small_campus_is_one_hall(certain):
    """The first hall holds 50 MW at least and the load at most."""
    assert reached(halls(certain, {"load_mw": 30.0}, {"load_mw": 100.0}), np.inf) == [13, 23]
    assert halls(certain, {"load_mw": 100.0}).block[0, 0] == 50


def test_slopes_and_few_workers_take_time(default_path):
    """2 months per percent; 6 months where 30,000 jobs are near, none from 2,000,000 on, half of them at their geometric mean."""
    settings = {"delivery.halls.labour": "[6, 6, 6]", "delivery.halls.earthworks_per_slope": "[2, 2, 2]"}
    config = load_config(default_path, CERTAIN | settings).config
    crowds = [{"jobs": j, "slope_pct": 0.0} for j in (1000.0, 3e4, np.sqrt(3e4 * 2e6), 2e6, 9e6)]
    assert reached(halls(config, *crowds, {"jobs": 9e6, "slope_pct": 3.0}), 50.0) == pytest.approx([19, 19, 16, 13, 13, 19])


def test_the_first_hall_goes_by_the_year(config):
    """Campuses of 2024 and later build faster than those before, in every draw."""
    before, after = halls(config, {"year": 2022}, {"year": 2026}).construction
    assert (after < before).all()


def test_the_pace_of_a_region_is_a_factor(certain):
    """Half as fast again in one region, for hall and growth, not for approvals; elsewhere 1."""
    delivery = certain.delivery
    slow = delivery.model_copy(update={"pace": delivery.pace.model_copy(update={"region": {"PJM": 1.5}})})
    found = Halls(sites({"region": "PJM"}, {"region": "MISO"}, {"region": None}), slow, random_numbers(slow))
    assert reached(found, 50.0) == [1 + 18, 13, 13]
    assert reached(found, np.inf) == [1 + 18 + 15, 23, 23]


def test_megawatts_and_months_agree(config):
    """In every draw the halls take a load at the month in which they reach it, and not a month before."""
    found = halls(config, {}, {"phased": False}, {"load_mw": 60.0})
    powered = np.full((1, 1), 20.0, np.float32)
    for mw in (50.0, 500.0, np.inf):
        months = found.reach(mw, powered)
        target = np.minimum(mw, found.load)
        assert (found.mw(months + 1e-2, powered) >= target - 1e-1).all()
        assert (found.mw(months - 1.0, powered) < target).all()


def test_lengths_are_those_of_the_steps(certain):
    """P10, P50 and P90 of approvals, first hall and growth."""
    found = halls(certain, {}).lengths()
    assert found.shape == (1, len(HALL_STEPS), 3)
    assert found[0, :, 1].tolist() == pytest.approx([1, 12, 10])
