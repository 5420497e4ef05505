"""Gas, water and energy of a campus against numbers computed by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitefinder.columns import HIGH, LOW, MID
from sitefinder.config import load_config
from sitefinder.costs.formulas import (
    COOLINGS,
    Supply,
    climate_factor,
    drought_verdict,
    dry_penalty,
    dry_year_supply,
    gas_share,
    gas_verdict,
    it_mw,
    litres_to_mgd,
    peak_mgd,
    pue,
    trunk_mw,
    water_mgd,
)
from sitefinder.layers.files import CLIMATE_STATIONS
from tests.helpers.paths import DATA, ROOT

NEEDS = load_config(ROOT / "config" / "default.yaml").config.needs
WATER, GAS = NEEDS.water, NEEDS.gas
UNKNOWN = np.array([np.nan])


def test_verdict_follows_the_share_of_the_company():
    """A twentieth is a small share, more an expansion, over a fifth a pipeline of one's own; unknown stays unknown."""
    capacity = np.array([4000.0, 2000.0, 500.0, np.nan])
    need = GAS.mmcfd(1000.0)
    assert gas_share(need, capacity)[:3, MID] == pytest.approx([0.0376, 0.0752, 0.3009], abs=1e-4)
    assert list(gas_verdict(need, capacity, GAS)) == ["small_share", "expansion", "own_pipeline", "unknown"]


def test_five_gigawatts_need_a_pipeline_of_their_own_anywhere():
    """Whatever the company moves, known or not."""
    assert list(gas_verdict(GAS.mmcfd(5000.0), np.array([90_000.0, np.nan]), GAS)) == ["own_pipeline"] * 2


def test_the_load_of_a_trunk_is_that_at_which_the_verdict_turns():
    """A fifth of 570 MMcf/d are 758 MW; unknown companies feed up to the need that asks for a pipeline in any case."""
    capacity = np.array([570.0, 3000.0, np.nan])
    able = trunk_mw(capacity, GAS)
    assert able == pytest.approx([757.7, 400 / 0.15043, 400 / 0.15043], rel=1e-3)
    for i, mw in enumerate(able):
        below, above = (gas_verdict(GAS.mmcfd(mw * more), capacity, GAS)[i] for more in (0.999, 1.001))
        assert below != "own_pipeline"
        assert above == "own_pipeline"


def test_litres_per_kwh_make_the_published_megagallons():
    """0.06, 0.49 and 2.2 L/kWh are 0.4, 3.1 and 13.9 Mgd per GW of computers."""
    assert litres_to_mgd(1000.0, np.array([0.06, 0.49, 2.2])) == pytest.approx([0.38, 3.11, 13.95], abs=0.005)
    assert litres_to_mgd(1000.0, 3.785411784) == pytest.approx(24.0)


def test_computers_are_the_load_over_pue():
    """The worst PUE leaves the fewest computers."""
    assert it_mw(1000.0, "dry", WATER) == pytest.approx([1000 / 1.40, 1000 / 1.22, 1000 / 1.12])


def test_water_at_the_reference_climate():
    """Hybrid: 1000 MW / 1.18 x 0.85 x 0.49 L/kWh."""
    found = water_mgd(1000.0, "hybrid", NEEDS, np.array([WATER.reference_free_hours]))
    assert found[0, MID] == pytest.approx(1000 / 1.18 * 0.85 * 0.49 * 24 / 3785.411784)
    assert found[0, LOW] < found[0, MID] < found[0, HIGH]


@given(st.floats(0, 8700), st.floats(1, 60), st.sampled_from(COOLINGS))
def test_water_falls_with_free_cooling(hours, more, cooling):
    """An hour more of free cooling never takes more water, and dry cooling does not mind."""
    found = water_mgd(1000.0, cooling, NEEDS, np.array([hours, hours + more]))
    assert (found[1] <= found[0] + 1e-12).all()
    assert (np.diff(found, axis=1) >= 0).all()
    if cooling == "dry":
        assert (found[0] == found[1]).all()


@pytest.mark.parametrize(
    ("station", "low", "high"),
    [
        ("Miami Intl Ap", 0.773, 2.361),  # 1A
        ("Houston Bush Intercontinental", 0.799, 1.803),  # 2A
        ("Phoenix Sky Harbor Intl Ap", 0.468, 1.123),  # 2B
        ("Atlanta Hartsfield Intl Ap", 0.408, 1.147),  # 3A
        ("Las Vegas Mccarran Intl Ap", 0.259, 0.768),  # 3B
        ("San Francisco Intl Ap", 0.004, 1.139),  # 3C
        ("Baltimore Blt Washngtn IntL", 0.272, 0.833),  # 4A
        ("Albuquerque Intl Arpt  Isis", 0.047, 0.323),  # 4B
        ("Seattle Seattle Tacoma Intl A", 0.003, 0.552),  # 4C
        ("Chicago Ohare Intl Ap", 0.203, 0.712),  # 5A
        ("Denver Intl Ap", 0.042, 0.300),  # 5B
        ("Madison Dane Co Regional Arpt", 0.153, 0.524),  # 6A
        ("Helena Regional Airport", 0.011, 0.114),  # 6B
        ("Duluth", 0.073, 0.518),  # 7
    ],
)
def test_hybrid_coolers_use_what_was_published_for_the_climate(station, low, high):
    """Between the 5th and 95th percentile of airside economisers with adiabatic cooling in the ASHRAE zone of the station.

    N. Lei and E. Masanet, Resources, Conservation and Recycling, 2022, doi 10.1016/j.resconrec.2022.106323.
    """
    stations = pd.read_parquet(DATA / CLIMATE_STATIONS, columns=["name", "free_cooling_hours"]).set_index("name")
    hours = stations.loc[station, "free_cooling_hours"]
    factor = climate_factor(np.array([hours]), WATER.climate_response.hybrid, WATER)[0, MID]
    assert low <= WATER.wue.hybrid[MID] * factor <= high


@pytest.mark.parametrize(
    ("cooling", "low", "high"),
    # the narrowest range of all zones: towers as water-cooled chillers with a waterside economiser, dry as air-cooled chillers
    [("evaporative", 1.761, 2.592), ("dry", 0.0235, 0.0976)],
)
@pytest.mark.parametrize("hours", [0.0, 6100.0, 8700.0])
def test_towers_and_dry_coolers_use_what_was_published_in_every_climate(cooling, low, high, hours):
    """Between the 5th and 95th percentile of the same paper, which hardly change with the zone."""
    factor = climate_factor(np.array([hours]), WATER.climate_response.of(cooling), WATER)[0, MID]
    assert low <= WATER.wue.of(cooling)[MID] * factor <= high


def test_climate_factor_by_hand():
    """One at the reference, twice as many warm hours twice the water, held at the limits, to the power of the response."""
    warm = 8766 - WATER.reference_free_hours
    hours = np.array([WATER.reference_free_hours, 8766 - 2 * warm, 0.0, 8766.0])
    assert climate_factor(hours, 1.0, WATER)[:, MID] == pytest.approx([1, 2, 2.2, 0.2])
    assert climate_factor(hours[:2], 0.25, WATER)[:, MID] == pytest.approx([1, 2**0.25])


def test_unknown_climate_widens_the_range_and_leaves_the_middle_unknown():
    """It is not taken for the average; dry cooling does not need to know."""
    assert climate_factor(UNKNOWN, 1.0, WATER)[0] == pytest.approx([0.2, np.nan, 2.2], nan_ok=True)
    assert climate_factor(UNKNOWN, 0.0, WATER)[0] == pytest.approx([1, 1, 1])


def test_hottest_day_takes_more_than_the_mean():
    """Whichever the option and the end of the range."""
    for cooling in COOLINGS:
        mean = water_mgd(1000.0, cooling, NEEDS, np.array([WATER.reference_free_hours]))[0]
        assert (peak_mgd(1000.0, cooling, WATER) >= mean).all()


def test_going_dry_costs_energy_and_more_where_it_is_hot():
    """1.22 / 1.15 - 1 at the reference; rising with the wet bulb; unknown where that is."""
    found = dry_penalty(WATER, np.array([18.0, 23.0, 27.0, np.nan]))
    assert found[1] == pytest.approx([1.12 / 1.08 - 1, 1.22 / 1.15 - 1, 1.40 / 1.25 - 1])
    assert (np.diff(found[:3], axis=0) > 0).all()
    assert np.isnan(found[3]).all()


def test_pue_never_falls_below_one():
    """However cold the place."""
    assert (pue("evaporative", WATER, np.array([-90.0])) == 1.0).all()


def test_dry_year_supply_by_hand():
    """100 m3/s are 2282.4 Mgd; a tenth is left, a fifth of it may be taken; of 40 Mgd reclaimed, 45 % could be had."""
    supply = dry_year_supply(np.array([100.0]), np.array([0.1]), np.array([40.0]), WATER)
    assert supply.river[0, MID] == pytest.approx(2282.45 * 0.1 * 0.2 * 0.9, rel=1e-4)
    assert supply.reclaimed[0] == pytest.approx([10, 18, 26])
    assert supply.total[0] == pytest.approx(supply.river[0] + supply.reclaimed[0])


def test_unknowns_of_the_supply_stay_open():
    """Unknown drought widens the river's range; unknown plants are nothing at the low end and open above."""
    supply = dry_year_supply(np.array([100.0, 100.0, 0.0]), np.array([np.nan, 0.0, np.nan]), np.array([0.0, np.nan, 0.0]), WATER)
    low, mid, high = supply.total[0]
    assert (low, high) == pytest.approx((2282.45 * 0.05 * 0.1 * 0.5, 2282.45 * 0.2 * 0.3), rel=1e-4)
    assert np.isnan(mid)
    assert supply.total[1, LOW] == pytest.approx(2282.45 * 0.005, rel=1e-4)
    assert np.isnan(supply.total[1, [MID, HIGH]]).all()
    assert (supply.total[2] == 0).all()


def test_drought_verdict_is_yes_at_the_low_end_and_no_at_the_high_end_only():
    """Between, and where the high end is open, it is unknown."""
    river = np.array([[10.0, 20.0, 30.0], [1.0, 5.0, 30.0], [1.0, 2.0, 3.0], [1.0, np.nan, np.nan]])
    assert list(drought_verdict(8.0, Supply(river, np.zeros((4, 3))))) == ["yes", "unknown", "no", "unknown"]


@given(st.floats(0, 1000), st.floats(0, 1), st.floats(0, 500), st.floats(0.1, 50))
def test_more_flow_never_makes_the_verdict_worse(flow, drought, reclaimed, peak):
    """Twice the river is at least as good."""
    order = ["no", "unknown", "yes"]
    supply = dry_year_supply(np.array([flow, 2 * flow]), np.full(2, drought), np.full(2, reclaimed), WATER)
    worse, better = drought_verdict(peak, supply)
    assert order.index(better) >= order.index(worse)
