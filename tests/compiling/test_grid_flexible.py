"""Curtailment of the compiled authorities against the published report and against an independent computation.

Published: Norris, Profeta, Patino-Echeverri and Cowie-Haskell, Rethinking Load Growth, Duke University, NI R 25-01 (2025). The
numbers below are single facts of it; the rows of authorities are those that are known to follow from these hours. Its lengths of
events do not follow from them and are not tested.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sitefinder.compiling.grid_flexible import (
    HOURS_RAW,
    REPORTED,
    SHARES,
    UTC_OFFSET_H,
    authority_table,
    local,
    peaks_of,
    product,
)
from sitefinder.kernels.curtailment import curtailed_hours, room_of, sorted_room
from tests.helpers.paths import DATA, ROOT

RAW = ROOT.parent / "shared" / "data"
needs_raw = pytest.mark.skipif(not (RAW / HOURS_RAW).exists(), reason="the raw downloads are not on this machine")
#: GW at 0.25, 0.5 and 1 %
PUBLISHED_GW = {
    "PJM": (13.3, 17.8, 23.6),
    "ERCO": (6.5, 10.0, 14.7),
    "SWPP": (7.7, 9.7, 12.0),
    "CISO": (4.2, 5.0, 5.9),
    "ISNE": (2.8, 3.5, 4.3),
    "NYIS": (3.2, 4.0, 4.8),
    "SOCO": (6.4, 7.7, 9.3),
    "DUK": (2.2, 2.8, 3.7),
    "CPLE": (0.9, 1.3, 1.8),
    "FPC": (1.7, 2.1, 2.5),
    "TVA": (3.5, 4.5, 5.9),
    "BPAT": (1.6, 1.9, 2.3),
    "PGE": (0.8, 0.9, 1.1),
    "PSCO": (0.9, 1.2, 1.4),
    "SCEG": (0.4, 0.6, 0.8),
}
#: the same report: all 22 authorities together, at 0.25, 0.5, 1 and 5 %
NATIONAL_GW = (76.0, 98.0, 126.0, 215.0)
NATIONAL_HOURS = {
    "hours": (85.0, 177.0, 366.0, 1848.0),
    "hours_half_left": (73.0, 155.0, 323.0, 1644.0),
    "hours_three_quarters_left": (50.0, 106.0, 224.0, 1127.0),
}
LOAD_FACTORS = {"load_factor": 0.53, "winter_load_factor": 0.59, "summer_load_factor": 0.63}
#: GW at 0.5 % by an independent solution from the same hours, for the authorities whose published rows do not follow from them
SOLVED_GW = {"MISO": 15.355, "AZPS": 1.386, "FPL": 3.95, "PACE": 0.856, "PACW": 0.801, "SRP": 1.251, "SC": 0.636}


@pytest.fixture(scope="module")
def shipped() -> pd.DataFrame:
    """The compiled table, by authority and share in per cent."""
    table = pd.read_parquet(DATA / "grid" / "curtailment.parquet")
    return table.assign(pct=table["curtailed_pct"].round(6)).set_index(["ba", "pct"])


def at(shipped: pd.DataFrame, share: float) -> pd.DataFrame:
    """All authorities at one share."""
    return shipped.xs(round(100 * share, 6), level="pct")


@pytest.mark.parametrize("code", PUBLISHED_GW)
def test_headroom_is_the_published_one(shipped: pd.DataFrame, code: str) -> None:
    """Within the rounding of the report, 0.05 GW, and 2 %."""
    for share, gw in zip(REPORTED, PUBLISHED_GW[code], strict=False):
        assert at(shipped, share).loc[code, "added_mw"] / 1000.0 == pytest.approx(gw, abs=0.05 + 0.02 * gw)


@pytest.mark.parametrize("code", SOLVED_GW)
def test_headroom_of_the_others_is_that_of_an_independent_solution(shipped: pd.DataFrame, code: str) -> None:
    """A thousandth, or the rounding of the number."""
    gw = SOLVED_GW[code]
    assert at(shipped, 0.005).loc[code, "added_mw"] / 1000.0 == pytest.approx(gw, abs=0.0005 + 0.001 * gw)


def test_national_sums_and_hours_are_the_published_ones(shipped: pd.DataFrame) -> None:
    """Sums within 3 %, mean hours within 6 %, hours with half and three quarters of the load left within 10 %."""
    for i, share in enumerate(REPORTED):
        rows = at(shipped, share)
        assert len(rows) == 22
        assert rows["added_mw"].sum() / 1000.0 == pytest.approx(NATIONAL_GW[i], rel=0.03)
        for name, hours in NATIONAL_HOURS.items():
            assert rows[name].mean() == pytest.approx(hours[i], rel=0.06 if name == "hours" else 0.10)


def test_load_factors_are_the_published_ones(shipped: pd.DataFrame) -> None:
    """Means over the authorities, within 0.02; the extremes of all hours, too."""
    rows = at(shipped, 0.005)
    for name, mean in LOAD_FACTORS.items():
        assert rows[name].mean() == pytest.approx(mean, abs=0.02)
    assert rows["load_factor"].agg(["min", "max"]).tolist() == pytest.approx([0.43, 0.61], abs=0.02)


def test_the_table_rises_with_the_share(shipped: pd.DataFrame) -> None:
    """Load, hours and longest runs of every authority; no longest run is above the worst one, and none above the year's hours."""
    for _, rows in shipped.groupby(level="ba"):
        assert len(rows) == len(SHARES)
        for name in ("added_mw", "hours", "longest_worst_h"):
            assert (np.diff(rows[name]) >= 0).all()
        assert (rows["longest_h"] <= rows["longest_worst_h"]).all()
        assert (rows["hours_nine_tenths_left"] <= rows["hours_half_left"]).all()
        assert (rows["hours_half_left"] <= rows["hours"]).all()


def test_every_authority_has_a_time_zone(shipped: pd.DataFrame) -> None:
    """Its months are those of local standard time."""
    assert set(shipped.index.get_level_values("ba")) == set(UTC_OFFSET_H)
    assert set(product().fields) == set(pd.read_parquet(DATA / "grid" / "curtailment.parquet").columns)


def test_a_small_authority_by_hand() -> None:
    """Flat demand of 900 MW with one summer hour of 1,000 MW a year and winter peaks of 900: no room in the cold months."""
    hours = 9 * 8760 + 72
    demand = pd.Series(np.full(hours, 900.0), name="PJM")
    here = pd.date_range("2016-01-01", periods=hours, freq="h") - pd.Timedelta(hours=5)
    hot = (here.month == 7) & (here.day == 4) & (here.hour == 17)
    demand[hot] = 1000.0
    table = authority_table("PJM", local(demand))
    assert (table["summer_peak_mw"].iloc[0], table["winter_peak_mw"].iloc[0]) == (1000.0, 900.0)
    assert hot.sum() == 9
    # any load is curtailed wholly from November to March, 41 % of the year: no share of the table allows one
    assert (table["added_mw"] == 0).all()


@needs_raw
def test_the_hours_give_the_shipped_table(shipped: pd.DataFrame) -> None:
    """Straight lines between its rows answer for any load: hours within 2 or 2 %."""
    raw = pd.read_parquet(Path(RAW / HOURS_RAW))
    for code in ("PJM", "ERCO", "PSCO"):
        demand = local(raw[code])
        peaks = peaks_of(code, demand)
        room = sorted_room(room_of(demand.mw, demand.month, peaks), 9.0)
        rows = shipped.loc[code]
        load = np.linspace(0.2, 0.9, 8) * rows["added_mw"].iloc[-1]
        between = np.interp(load, rows["added_mw"], rows["hours"])
        np.testing.assert_allclose(between, curtailed_hours(room, load), rtol=0.02, atol=2.0)
        table = authority_table(code, demand)
        np.testing.assert_allclose(table["added_mw"], rows["added_mw"], rtol=1e-9)
