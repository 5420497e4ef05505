"""The best set against enumeration, its proof, and the smallest change of limits."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest

from sitefinder.config.delivery import YEARS
from sitefinder.config.portfolio import Portfolio
from sitefinder.portfolio.limits import build
from sitefinder.portfolio.regret import waits
from sitefinder.portfolio.solver import GAP, Aim, best_set, least_relaxation
from sitefinder.portfolio.values import draw_values
from tests.helpers.portfolio_cases import FREE, campus, config_with, curve, pool_with, random_pool

#: every kind of limit at once, each of which shuts out some sets
ALL = {
    "campuses": 4,
    "value": {"busd_per_gw_year": [10, 11, 12], "realised": [[50, 0.4], [90, 0.8]]},
    "risk": {"draws": 40, "aversion": 0.5},
    "spacing_km": 120.0,
    "caps": {"rto": {"each": 2, "R1": 1}, "state": {"each": 1}, "gas_pipeline": {"each": 1}},
    "budget_musd": 11_000.0,
    "floor": {"mw": 2500.0, "by": 2031, "at": "p50"},
    "headroom": {"corridor_km": 400.0, "corridor_share": 0.5},
    "hazards": {"hurricane_per_decade": {"above": 0.5, "within_km": 400.0, "share": 0.25}},
}


def keeps(pool, terms, config, chosen):
    """Whether a set keeps all limits, told without a linear programme (no wastewater plants in these cases)."""
    pairs = list(itertools.combinations(chosen, 2))
    if any(pool.apart_km[i, j] < terms.spacing_km for i, j in pairs):
        return False
    for column, most in terms.caps.items():
        names = [pool.options[i].site.values[column] for i in chosen]
        if any(names.count(n) > most.get(n, most["each"]) for n in names):
            return False
    if sum(pool.options[i].costs.capex_musd.mid for i in chosen) > terms.budget_musd:
        return False
    hazard = terms.hazards["hurricane_per_decade"]
    centres = [i for i, o in enumerate(pool.options) if o.site.layer("hurricane_per_decade") >= hazard.above]
    exposed = [i for i in chosen if i in centres]
    most = max(hazard.share * terms.campuses * 1000.0, 1000.0)
    if any(1000.0 * sum(pool.apart_km[c, i] <= hazard.within_km for i in exposed) > most for c in centres):
        return False
    return _gas(chosen, pool, config) and _water(chosen, pool, config)


def _gas(chosen, pool, config):
    needs = [o.site.needs for o in pool.options]
    share, part = config.needs.gas.own_share, config.costs.generation.hybrid_share[1]
    for name in {needs[i].gas_pipeline for i in chosen}:
        held = max(share * n.gas_company_mmcfd for n in needs if n.gas_pipeline == name)
        drawn = sum(min(part * 150, share * needs[i].gas_company_mmcfd) for i in chosen if needs[i].gas_pipeline == name)
        if drawn > held + 1e-9:
            return False
    return True


def _water(chosen, pool, config):
    needs = [o.site.needs for o in pool.options]
    water = config.needs.water
    share = water.low_flow[1] * water.take[1]
    supply = [n.water_river_m3s * share / 0.0438126 if n.water_river else 0 for n in needs]
    for i, need in enumerate(needs):
        upstream = [j for j in chosen if need.water_river and needs[j].water_river == need.water_river and supply[j] <= supply[i]]
        if sum(min(8.0, supply[j]) for j in upstream) > supply[i] * (1 + 1e-5):
            return False
    return True


@pytest.mark.parametrize("aversion", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("seed", range(6))
def test_the_best_set_is_that_of_enumeration(seed, aversion, default_config):
    """Twelve campuses, four chosen, every limit at once: the same value as the best of all 495 sets, or none as there."""
    config = default_config.config
    pool = random_pool(12, seed, spread=0.4)
    terms = Portfolio.model_validate(ALL | {"water": {"river_km": 5000.0}})
    limits = build(pool, terms, config_with(config, ALL))
    aim = Aim(draw_values(pool, terms).value, aversion, terms.risk.tail)
    best = -np.inf
    for chosen in itertools.combinations(range(pool.size), terms.campuses):
        waiting, lost = waits(limits, chosen)
        mw = sum(pool.options[i].power.mw[terms.floor.by].p50 for i in chosen) - waiting
        if mw >= terms.floor.mw and keeps(pool, terms, config, chosen):
            best = max(best, aim.of(chosen) - lost)
    optimum = best_set(limits, aim)
    assert optimum.possible == np.isfinite(best)
    if optimum.possible:
        assert optimum.objective == pytest.approx(best, rel=GAP)
        assert optimum.gap <= GAP


def test_some_of_those_cases_are_possible_and_limits_change_the_answer(default_config):
    """The comparison above compares something: with all limits the value is lower than without."""
    changed = 0
    for seed in range(6):
        pool = random_pool(12, seed, spread=0.4)
        free, tied = Portfolio.model_validate(FREE | {"campuses": 4}), Portfolio.model_validate(ALL)
        aim = Aim(draw_values(pool, tied).value, 0.5, 0.2)
        optimum = [best_set(build(pool, t, default_config.config), aim) for t in (free, tied)]
        changed += optimum[1].possible and optimum[1].objective < optimum[0].objective - 0.01
    assert changed >= 2


@pytest.mark.parametrize("seed", range(3))
def test_five_hundred_campuses_are_proven_in_five_seconds(seed, default_config):
    """Ten of 500 with every limit: a gap below 0.1 % in under five seconds of one processor."""
    pool = random_pool(500, seed)
    terms = default_config.config.portfolio
    terms = terms.model_copy(update={"budget_musd": 22_000.0, "floor": terms.floor.model_copy(update={"mw": 9000.0})})
    limits = build(pool, terms, default_config.config)
    aim = Aim(draw_values(pool, terms).value, terms.risk.aversion, terms.risk.tail)
    started = time.process_time()
    optimum = best_set(limits, aim)
    assert time.process_time() - started < 5.0
    assert optimum.possible
    assert len(optimum.chosen) == terms.campuses
    assert optimum.gap < 1e-3


def test_aversion_buys_the_worst_draws_with_the_mean(default_config):
    """A campus whose date is certain is taken instead of a better one that may be late."""
    rows = [campus(0, **curve(2029, early=2027, late=2034)), campus(1, **curve(2031))]
    pool = pool_with(rows)
    terms = Portfolio.model_validate(FREE | {"campuses": 1, "risk": {"draws": 100, "tail": 0.1}})
    limits, value = build(pool, terms, default_config.config), draw_values(pool, terms).value
    assert best_set(limits, Aim(value, 0.0, 0.1)).chosen == (0,)
    assert best_set(limits, Aim(value, 1.0, 0.1)).chosen == (1,)


def test_forbidden_sites_stay_out(default_config):
    """The best set without a campus holds the next best one."""
    pool = pool_with([campus(i, capex_musd_mid=2000 + 100 * i) for i in range(5)])
    limits = build(pool, Portfolio.model_validate(FREE), default_config.config)
    aim = Aim(draw_values(pool, Portfolio.model_validate(FREE)).value, 0.5, 0.2)
    assert best_set(limits, aim).chosen == (0, 1, 2)
    assert best_set(limits, aim, forbidden=[1]).chosen == (0, 2, 3)


def test_megawatts_of_a_shared_station_wait_and_cost_value(default_config):
    """Two campuses on one station draw more than it has: the excess waits, unless another campus costs less."""
    station = {"pathway": "grid", "grid_station": "A", "grid_headroom_mw_p50": 900}
    rows = [campus(0, lat=35.0, lon=-100.0, **station), campus(1, lat=35.05, lon=-100.0, **station)]
    terms = Portfolio.model_validate(FREE | {"campuses": 2, "headroom": {"wait_years": [1, 2, 3]}, "spacing_km": 0.0})
    for capex, waiting in ((2000.0, 0.0), (90_000.0, 900.0)):
        pool = pool_with([*rows, campus(2, lon=-90.0, capex_musd_mid=capex)])
        limits = build(pool, terms, default_config.config)
        optimum = best_set(limits, Aim(draw_values(pool, terms).value, 0.0, 0.2))
        assert (2 in optimum.chosen) == (waiting == 0.0)
        assert waits(limits, optimum.chosen)[0] == waiting


def test_nothing_has_to_give_where_a_set_keeps_all_limits(default_config):
    """The smallest change of possible limits is none."""
    pool = pool_with([campus(i) for i in range(4)])
    limits = build(pool, Portfolio.model_validate(FREE), default_config.config)
    optimum = least_relaxation(limits)
    assert optimum is not None
    assert optimum.amounts == {}


def test_the_smallest_change_is_told_by_row(default_config):
    """A floor that no set reaches has to give by what is missing; a fixed set breaks the rows it breaks."""
    pool = pool_with([campus(i, state="T") for i in range(4)])
    terms = Portfolio.model_validate(FREE | {"floor": {"mw": 5000, "by": 2031}, "caps": {"state": {"each": 3}}})
    limits = build(pool, terms, default_config.config)
    chosen, amounts = least_relaxation(limits, families=("floor",))
    assert len(chosen) == 3
    assert {limits.rows[k].family: a for k, a in amounts.items()} == {"floor": pytest.approx(2000.0)}
    broken = least_relaxation(limits, fixed=(0, 1, 2, 3))
    assert {limits.rows[k].family for k in broken.amounts} == {"size", "caps.state", "floor"}


def test_the_last_year_is_in_the_curves():
    """The cases here speak of years that exist."""
    assert YEARS[0] == 2026
    assert YEARS[-1] == 2035
