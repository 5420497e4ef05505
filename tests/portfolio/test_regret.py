"""Simple rules to choose by."""

from __future__ import annotations

import numpy as np

from sitefinder.config.portfolio import Portfolio
from sitefinder.portfolio.limits import build
from sitefinder.portfolio.regret import first_that_fit, rule, simple_rules, waits
from sitefinder.portfolio.solver import Aim, best_set
from sitefinder.portfolio.values import draw_values
from tests.helpers.portfolio_cases import FREE, campus, pool_with, random_pool


def test_no_rule_that_keeps_the_limits_beats_the_best_set(default_config):
    """Rules within the limits and of full size are worth at most as much; those that break limits say which."""
    for seed in range(4):
        pool = random_pool(60, seed)
        terms = default_config.config.portfolio.model_copy(update={"campuses": 5, "floor": None})
        limits = build(pool, terms, default_config.config)
        aim = Aim(draw_values(pool, terms).value, 0.5, 0.2)
        best = best_set(limits, aim).objective
        rules = {r.name: r for r in simple_rules(limits, aim, pool.ranks, 5)}
        assert len(rules) == 4
        for r in rules.values():
            if not r.breaks:
                assert r.objective <= best + 1e-9
        assert not rules["most valuable that fit"].breaks


def test_rules_without_limits_take_the_first():
    """The first of the list are its first, the most valuable those of most value."""
    pool = pool_with([campus(i, capex_musd_mid=3000 - 100 * i) for i in range(5)])
    terms = Portfolio.model_validate(FREE)
    limits, aim = build(pool, terms, None), Aim(draw_values(pool, terms).value, 0.5, 0.2)
    rule_sets = {r.name: r.chosen for r in simple_rules(limits, aim, pool.ranks, 2)}
    assert rule_sets["first of the list"] == (0, 1)
    assert rule_sets["most valuable"] == (3, 4)


def test_a_rule_that_fits_skips_what_breaks_a_cap(default_config):
    """The second of the same state is passed over."""
    pool = pool_with([campus(i, state="A" if i < 2 else f"B{i}") for i in range(4)])
    terms = Portfolio.model_validate(FREE | {"caps": {"state": {"each": 1}}})
    limits = build(pool, terms, default_config.config)
    assert first_that_fit(limits, range(4), 3) == (0, 2, 3)
    aim = Aim(draw_values(pool, terms).value, 0.0, 0.2)
    assert rule("x", (0, 1, 2), limits, aim).breaks == ("caps.state.A",)


def test_a_rule_that_fits_leaves_a_river_to_the_first(default_config):
    """Water is checked with the splitting between sources, not row by row."""
    rows = [campus(i, lon=-100.0 + i / 2, water_river="Creek" if i < 2 else None, water_river_m3s=25.0) for i in range(3)]
    terms = Portfolio.model_validate(FREE | {"campuses": 2, "water": {"on": True}})
    limits = build(pool_with(rows), terms, default_config.config)
    assert first_that_fit(limits, range(3), 2) == (0, 2)


def test_waiting_megawatts_have_a_value(default_config):
    """What exceeds the station, times the loss per megawatt."""
    station = {"pathway": "grid", "grid_station": "A", "grid_headroom_mw_p50": 700}
    pool = pool_with([campus(0, lon=-100.0, **station), campus(1, lon=-100.05, **station)])
    limits = build(pool, Portfolio.model_validate(FREE | {"headroom": {}}), default_config.config)
    mw, lost = waits(limits, (0, 1))
    assert mw == 700.0
    assert np.isclose(lost, 700.0 * limits.loss[0])
    assert waits(limits, (0,)) == (0.0, 0.0)
