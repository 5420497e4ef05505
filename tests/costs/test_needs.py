"""Gas and water of sites against what is there."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.config import load_config
from sitefinder.costs.needs import site_needs
from tests.helpers.cost_sites import sites
from tests.helpers.paths import ROOT
from tests.helpers.sections import of_needs

CONFIG = load_config(ROOT / "config" / "default.yaml").config
MID = 1


def with_cooling(cooling):
    """The shipped configuration with another cooling option."""
    return CONFIG.model_copy(update={"project": CONFIG.project.model_copy(update={"cooling": cooling})})


def test_shares_are_the_need_over_what_is_there():
    """2.24 Mgd of hybrid cooling over 2282 Mgd of river, 40 of wastewater and 30 of the county."""
    found = site_needs(sites(), *of_needs(CONFIG))
    need = found.water_mgd["hybrid"][0, MID]
    assert need == pytest.approx(2.238, abs=0.001)
    assert found.river_share[0] == pytest.approx(need / (100 / 0.0438126364), rel=1e-6)
    assert (found.reclaimed_share[0], found.county_share[0]) == pytest.approx((need / 40, need / 30))


def test_where_nothing_is_the_share_is_infinite_and_where_nothing_is_known_unknown():
    """No river and no plant are facts, an unknown county is none."""
    found = site_needs(sites({"river_m3s": 0.0, "reclaimed_mgd": 0.0, "county_mgd": None}), *of_needs(CONFIG))
    assert np.isinf([found.river_share[0], found.reclaimed_share[0]]).all()
    assert np.isnan(found.county_share[0])


def test_cooling_option_decides_the_drought_test():
    """A small river feeds dry coolers in a dry year, not towers."""
    small = sites({"river_m3s": 12.0, "reclaimed_mgd": 0.0, "drought": 0.0})
    verdicts = [site_needs(small, *of_needs(with_cooling(k))).drought_ok[0] for k in ("evaporative", "hybrid", "dry")]
    assert verdicts == ["unknown", "unknown", "yes"]
    assert (
        site_needs(sites({"river_m3s": 3.0, "reclaimed_mgd": 0.0}), *of_needs(with_cooling("evaporative"))).drought_ok[0] == "no"
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "Scioto River, mean 100 m3/s, 5 km away; 40 Mgd of wastewater"),
        ({"river": None}, "unnamed river, mean 100"),
        ({"river_m3s": 0.0, "river_km": None, "river": None}, "no river within reach"),
        ({"reclaimed_mgd": None}, "? Mgd"),
        ({"reclaimed_mgd": None}, "wastewater plants unknown"),
        ({"drought": None}, "drought record unknown"),
        ({"river_m3s": 1.0, "reclaimed_mgd": 1.0}, "not covered even at the high end"),
        ({"reclaimed_mgd": 400.0}, "covered even at the low end"),
    ],
)
def test_reason_names_the_sources(change, words):
    """Every verdict says what it rests on."""
    assert words in site_needs(sites(change), *of_needs(CONFIG)).drought_reason[0]


def test_gas_is_judged_by_the_company():
    """150 of 2000 MMcf/d ask for an expansion; an unknown company gives no verdict."""
    found = site_needs(sites({}, {"pipeline_mmcfd": None}), *of_needs(CONFIG))
    assert found.gas_share[0, MID] == pytest.approx(150.43 / 2000, rel=1e-4)
    assert list(found.gas_verdict) == ["expansion", "unknown"]


def test_climate_unknown_leaves_the_need_unknown():
    """Its middle, that is; the range holds what any climate would ask."""
    found = site_needs(sites({"free_hours": None, "wetbulb_c": None}), *of_needs(CONFIG))
    assert np.isnan(found.water_mgd["hybrid"][0, MID])
    assert np.isfinite(found.water_mgd["hybrid"][0, [0, 2]]).all()
    assert np.isnan(found.dry_penalty[0]).all()
