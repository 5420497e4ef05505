"""Which limit to relax, and by how much, when no set keeps them all."""

from __future__ import annotations

import pytest

from sitefinder.config.portfolio import Portfolio
from sitefinder.portfolio.limits import build
from sitefinder.portfolio.relief import impossible, settings
from sitefinder.portfolio.solver import least_relaxation
from tests.helpers.portfolio_cases import FREE, campus, curve, pool_with


def message(default_config, rows, **terms):
    """What the user reads."""
    pool, wanted = pool_with(rows), Portfolio.model_validate(FREE | terms)
    return impossible(build(pool, wanted, default_config.config), pool, wanted, default_config.config)


@pytest.mark.parametrize(
    ("terms", "relief"),
    [
        ({"floor": {"mw": 4000.0, "by": 2031}}, "portfolio.floor.mw 4000 -> 3000 by 2031"),
        ({"budget_musd": 5000.0}, "portfolio.budget_musd 5000 -> 6000"),
        ({"caps": {"state": {"each": 2}}}, "portfolio.caps.state.T 2 -> 3"),
        ({"spacing_km": 300.0}, "portfolio.spacing_km 300 -> 182"),
        ({"hazards": {"seismic_pga_pct_g": {"above": 1.0, "within_km": 900.0, "share": 0.5}}}, ".share 0.5 -> 1"),
        ({"campuses": 6}, "portfolio.campuses 6 -> 5"),
        ({"floor": {"mw": 4000.0, "by": 2031}}, "portfolio.campuses 3 -> 4"),
    ],
)
def test_one_limit_alone_is_told_with_its_new_value(terms, relief, default_config):
    """Five campuses in a row, 91 km apart, all of one state, 2,000 million each: each ask is too much in one way."""
    rows = [campus(i, state="T") for i in range(5)]
    text = message(default_config, rows, **terms)
    assert relief in text
    assert "\n" not in text


def test_the_relief_lets_a_set_through(default_config):
    """With the settings of the message there is a set; with one megawatt more there is none."""
    rows = [campus(i, **curve(2031 + i % 2)) for i in range(6)]
    pool = pool_with(rows)
    wanted = Portfolio.model_validate(FREE | {"campuses": 4, "floor": {"mw": 4000.0, "by": 2031}})
    limits = build(pool, wanted, default_config.config)
    assert "floor.mw 4000 -> 3000" in settings(limits, pool, wanted, least_relaxation(limits, families=("floor",)))
    for mw, possible in ((3000.0, True), (3001.0, False)):
        eased = wanted.model_copy(update={"floor": wanted.floor.model_copy(update={"mw": mw})})
        relief = least_relaxation(build(pool, eased, default_config.config))
        assert (relief.amounts == {}) == possible


def test_shared_resources_name_the_switch(default_config):
    """Stations that may not be overdrawn, companies and rivers have no number to raise: the switch and the excess are told."""
    station = {"pathway": "grid", "grid_station": "A", "grid_headroom_mw_p50": 700}
    rows = [campus(i, lon=-100.0 + i / 100, **station) for i in range(2)]
    text = message(default_config, rows, campuses=2, headroom={"excess": "forbidden"})
    assert "portfolio.headroom.excess -> waits (station of S000 / S001: 700 MW too much)" in text
    rows = [campus(i, gas_pipeline="P", gas_company_mmcfd=500) for i in range(2)]
    assert "portfolio.gas_shared -> false (P: 50 MMcf/d too much)" in message(default_config, rows, campuses=2, gas_shared=True)
    rows = [campus(i, lon=-100.0 + i / 2, water_river="Creek", water_river_m3s=25.0) for i in range(2)]
    assert "portfolio.water.on -> false" in message(default_config, rows, campuses=2, water={"on": True})


def test_megawatts_asked_for_are_told_as_megawatts(default_config):
    """Where the size is in megawatts, so is the relief."""
    pool = pool_with([campus(i, state="T") for i in range(5)])
    terms = {k: v for k, v in FREE.items() if k != "campuses"} | {"mw": 4000.0, "caps": {"state": {"each": 2}}}
    wanted = Portfolio.model_validate(terms)
    limits = build(pool, wanted, default_config.config)
    assert "portfolio.mw 4000 -> 2000" in settings(limits, pool, wanted, least_relaxation(limits, families=("size",)))
