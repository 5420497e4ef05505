"""The summer peak: sales, people and plants that can be added up by hand, and the real ones."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from sitefinder.compiling.base import CRS, FRAME, NOT_CONUS, Compiler
from sitefinder.compiling.grid_peak import (
    FUELS,
    PEAKS_RAW,
    PLANTS_RAW,
    SALES_RAW,
    TEXAS,
    VOLTAGE_RAW,
    WESTERN,
    bus_load,
    load_points,
    peak_plants,
    state_peaks,
)
from sitefinder.compiling.powerflow.dispatch import Plants
from tests.helpers.paths import ROOT

RAW = ROOT.parent / "shared" / "data"
needs_raw = pytest.mark.skipif(not (RAW / SALES_RAW).exists(), reason="the raw downloads are not on this machine")


def written(root: Path, name: str, frame: pd.DataFrame) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    frame.to_csv(root / name, index=False)


def peaks_of(root: Path, sales: list[tuple], areas: list[tuple]) -> pd.DataFrame:
    """State peaks of sales as (part, state, authority, industrial MWh, total MWh) and areas as (name, peak, mean)."""
    written(root, SALES_RAW, pd.DataFrame(sales, columns=["part", "state", "ba", "ind_mwh", "tot_mwh"]))
    written(root, PEAKS_RAW, pd.DataFrame(areas, columns=["area", "peak_mw", "mean_mw"]))
    return state_peaks(Compiler(root, root)).set_index(["state", "grid"])


AREAS = [("PJM-AE", 100.0, 60.0), ("PJM-DOM", 50.0, 30.0), ("ERCO-WEST", 80.0, 40.0), ("CISO", 60.0, 30.0), ("AEC", 0.0, 0.0)]


def test_peak_of_an_authority_is_shared_by_energy_sold(tmp_path: Path) -> None:
    """PJM's two zones peak at 150 MW; Ohio with two thirds of its sales gets 100, Virginia 50."""
    peaks = peaks_of(tmp_path, [("A", "OH", "PJM", 100.0, 400.0), ("C", "VA", "PJM", 0.0, 200.0)], AREAS)
    assert peaks.loc[("OH", "Eastern"), "peak_mw"] == pytest.approx(100.0)
    assert peaks.loc[("VA", "Eastern"), "peak_mw"] == pytest.approx(50.0)
    assert peaks.loc[("OH", "Eastern"), "industrial_share"] == pytest.approx(0.25)


def test_energy_counts_once(tmp_path: Path) -> None:
    """Delivery and retail marketers count, the energy-only part of unbundled service would count it twice."""
    parts = [("A", "OH", "PJM", 0.0, 100.0), ("D", "VA", "PJM", 0.0, 100.0), ("B", "VA", "PJM", 0.0, 900.0)]
    peaks = peaks_of(tmp_path, parts, AREAS)
    assert peaks["peak_mw"].tolist() == pytest.approx([75.0, 75.0])


def test_state_in_two_interconnections_has_two_peaks(tmp_path: Path) -> None:
    """Texas sells in ERCOT, in the West (El Paso) and in the East."""
    sales = [("A", "TX", "ERCO", 0.0, 10.0), ("A", "TX", "CISO", 0.0, 10.0), ("A", "TX", "PJM", 0.0, 10.0)]
    peaks = peaks_of(tmp_path, sales, AREAS)["peak_mw"]
    assert peaks.to_dict() == {("TX", "Eastern"): 150.0, ("TX", "Texas"): 80.0, ("TX", "Western"): 60.0}


def test_authority_without_a_measured_load_gets_the_usual_ratio(tmp_path: Path) -> None:
    """Its energy peaks like the rest: 290 MW of peak on 800 MWh of sales in all, so 80 MWh give 29 MW."""
    sales = [("A", "OH", "PJM", 0.0, 500.0), ("A", "TX", "ERCO", 0.0, 200.0), ("A", "CA", "CISO", 0.0, 100.0)]
    peaks = peaks_of(tmp_path, [*sales, ("A", "OK", "AEC", 0.0, 80.0)], AREAS)
    assert peaks.loc[("OK", "Eastern"), "peak_mw"] == pytest.approx(29.0)


def test_sales_outside_the_country_or_without_an_authority_do_not_count(tmp_path: Path) -> None:
    """Alaska and Hawaii hang on no interconnection; a row without an authority has no peak."""
    sales = [("A", "OH", "PJM", 0.0, 100.0), ("A", "HI", "HECO", 0.0, 100.0), ("A", "AK", "CEA", 0.0, 50.0)]
    peaks = peaks_of(tmp_path, [*sales, ("A", "VT", None, 0.0, 100.0)], AREAS)
    assert peaks.index.tolist() == [("OH", "Eastern")]
    assert peaks["peak_mw"].tolist() == pytest.approx([150.0])


def test_people_get_the_jobs_of_their_county(tmp_path: Path) -> None:
    """A county's 90 jobs follow its people 2:1; a county without a figure has none; state and county come by place."""
    squares = gpd.GeoDataFrame(
        {"fips": ["39001", "39003"], "state": ["OH", "OH"]}, geometry=shapely.box([0, 1000], 0, [1000, 2000], 1000), crs=CRS
    )
    blocks = gpd.GeoDataFrame({"population": [200.0, 100.0, 50.0]}, geometry=shapely.points([100, 900, 1500], 500.0), crs=CRS)
    for name, frame in (
        ("land/population", blocks),
        ("boundaries/counties", squares),
        ("policy/county_economy", pd.DataFrame({"fips": ["39001"], "employment": [90.0]})),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        frame.to_parquet(tmp_path / f"{name}.parquet")
    points = load_points(Compiler(tmp_path, tmp_path))
    assert points["people"].tolist() == [200.0, 100.0, 50.0]
    assert points["jobs"].tolist() == pytest.approx([60.0, 30.0, 0.0])
    assert points["fips"].tolist() == ["39001", "39001", "39003"]
    assert set(points["state"]) == {"OH"}


def points_of(state: list[str], people: list[float], jobs: list[float]) -> gpd.GeoDataFrame:
    frame = {"state": state, "people": people, "jobs": jobs}
    return gpd.GeoDataFrame(frame, geometry=shapely.points(np.zeros((len(state), 2))), crs=CRS)


PEAKS = pd.DataFrame({"state": ["OH", "VA"], "grid": "Eastern", "peak_mw": [100.0, 40.0], "industrial_share": [0.25, 0.0]})


def test_industry_follows_jobs_and_the_rest_follows_people() -> None:
    """Of Ohio's 100 MW 75 follow people 1:3 and 25 follow jobs 4:1; Virginia's 40 stay in Virginia."""
    points = points_of(["OH", "OH", "VA"], [100.0, 300.0, 10.0], [80.0, 20.0, 5.0])
    load = bus_load(points, np.full(3, "Eastern"), np.array([0, 2, 3]), 5, PEAKS)
    np.testing.assert_allclose(load, [75 / 4 + 20.0, 0.0, 75 * 3 / 4 + 5.0, 40.0, 0.0])


def test_points_of_one_bus_add_up_and_other_interconnections_get_nothing() -> None:
    """Two towns on a bus are one load; a town served from an interconnection without sales in its state draws nothing."""
    points = points_of(["OH", "OH", "OH"], [100.0, 100.0, 500.0], [1.0, 1.0, 1.0])
    load = bus_load(points, np.array(["Eastern", "Eastern", "Western"]), np.array([1, 1, 0]), 2, PEAKS)
    np.testing.assert_allclose(load, [0.0, 100.0])


def test_state_without_jobs_spreads_its_industry_over_people() -> None:
    """No employment figure: nothing of the peak is lost."""
    points = points_of(["OH", "OH"], [100.0, 300.0], [0.0, 0.0])
    np.testing.assert_allclose(bus_load(points, np.full(2, "Eastern"), np.array([0, 1]), 2, PEAKS), [25.0, 75.0])


def fleet(root: Path, plants: list[dict], volts: dict[int, object]) -> tuple[Plants, np.ndarray]:
    """Plants of a made-up register; every fuel that is not named is 0."""
    blank = {f: 0.0 for f in FUELS if f not in ("combined_cycle_MW", "other_gas_MW")} | {"NG_MW": 0.0, "tech_desc": None}
    rows = [{"Plant_Code": 100 + k, "Longitude": -90.0, "Latitude": 40.0} | blank | p for k, p in enumerate(plants)]
    written(root, PLANTS_RAW, pd.DataFrame(rows))
    written(root, VOLTAGE_RAW, pd.DataFrame({"Plant Code": list(volts), "Grid Voltage (kV)": list(volts.values())}))
    return peak_plants(Compiler(root, root))


def test_plant_counts_with_the_share_of_each_fuel(tmp_path: Path) -> None:
    """100 MW of wind and 50 of batteries at one plant are two rows with 18 and 25 MW and the plant's nameplate."""
    plants, code = fleet(tmp_path, [{"Wind_MW": 100.0, "Bat_MW": 50.0}], {})
    wind, battery = FUELS["Wind_MW"], FUELS["Bat_MW"]
    assert code.tolist() == [100, 100]
    assert plants.mw.tolist() == pytest.approx([100.0 * wind[0], 50.0 * battery[0]])
    assert plants.order.tolist() == [wind[1], battery[1]]
    assert plants.dispatchable.tolist() == [False, True]
    assert plants.nameplate.tolist() == [150.0, 150.0]


def test_only_what_turns_is_synchronous(tmp_path: Path) -> None:
    """Wind, solar and batteries feed in through inverters; coal and pumped storage turn."""
    names = ["Wind_MW", "Solar_MW", "Bat_MW", "Coal_MW", "HydroPS_MW"]
    plants, code = fleet(tmp_path, [{name: 100.0} for name in names], {})
    turns = dict(zip(code.tolist(), plants.synchronous.tolist(), strict=True))
    assert [turns[100 + k] for k in range(5)] == [False, False, False, True, True]


def test_combined_cycles_come_before_other_gas(tmp_path: Path) -> None:
    """The technology tells them apart; a gas plant without one is no combined cycle."""
    gas = [{"NG_MW": 100.0, "tech_desc": t} for t in ("Natural Gas Fired Combined Cycle", "Natural Gas Steam Turbine", None)]
    plants, code = fleet(tmp_path, gas, {})
    order = dict(zip(code.tolist(), plants.order.tolist(), strict=True))
    assert order == {100: FUELS["combined_cycle_MW"][1], 101: FUELS["other_gas_MW"][1], 102: FUELS["other_gas_MW"][1]}
    assert len(code) == 3


def test_register_voltage_becomes_a_class(tmp_path: Path) -> None:
    """Nominal voltages fall into the classes of the lines; below 100 kV and unknown are 0."""
    volts = [69.0, 100.0, 115.0, 161.0, 230.0, 287.0, 345.0, 500.0, 765.0]
    plants, code = fleet(tmp_path, [{"Coal_MW": 1.0}] * 10, {100 + k: v for k, v in enumerate(volts)})
    kv_of = dict(zip(code.tolist(), plants.kv.tolist(), strict=True))
    assert [kv_of[100 + k] for k in range(10)] == [0, 138, 138, 138, 230, 230, 345, 500, 765, 0]


def test_plants_overseas_are_left_out(tmp_path: Path) -> None:
    """Plants of Alaska, Hawaii and Puerto Rico feed no bus of the contiguous grid."""
    places = [(-149.9, 61.2), (-158.0, 21.3), (-66.1, 18.4), (-84.4, 33.7)]
    plants, code = fleet(tmp_path, [{"Coal_MW": 10.0, "Longitude": x, "Latitude": y} for x, y in places], {})
    assert code.tolist() == [103]
    assert plants.xy[0] == pytest.approx([1_065_000.0, 1_250_000.0], abs=30_000.0)


def test_authorities_of_the_interconnections_are_distinct() -> None:
    """No balancing authority is both Western and Texan, and the codes are whole."""
    assert not WESTERN & TEXAS
    assert {"CISO", "BPAT", "PACE", "WACM", "EPE"} <= WESTERN
    assert {len(code) for code in WESTERN | TEXAS} <= {3, 4}


@needs_raw
def test_real_peaks_add_up_to_the_measured_ones() -> None:
    """Texas peaks as ERCOT's zones do together, the three at 780-880 GW, each state served by its neighbours' grid at most."""
    peaks, areas = state_peaks(Compiler(RAW, ROOT / "data")), pd.read_csv(RAW / PEAKS_RAW)
    by_grid = peaks.groupby("grid")["peak_mw"].sum()
    assert by_grid["Texas"] == pytest.approx(areas.loc[areas["area"].str.startswith("ERCO"), "peak_mw"].sum(), rel=1e-9)
    assert 780e3 < by_grid.sum() < 880e3
    assert not set(peaks["state"]) & NOT_CONUS
    assert not peaks.duplicated(["state", "grid"]).any()
    assert set(peaks.loc[peaks["grid"] == "Texas", "state"]) <= {"TX", "OK"}
    assert peaks["industrial_share"].between(0.0, 1.0).all()


@needs_raw
def test_real_plants_lie_in_the_frame_and_exceed_the_peak() -> None:
    """Every plant is in the contiguous states, each fuel counted with its share, and together they carry the peak.

    The fleet is that of the register, beside which the network was fitted: later plants stand in the compiled file alone.
    """
    plants, code = peak_plants(Compiler(RAW, ROOT / "data"))
    west, south, east, north = FRAME
    assert ((plants.xy >= [west, south]) & (plants.xy <= [east, north])).all()
    assert 800e3 < plants.mw.sum() < 1000e3
    assert (plants.mw <= plants.nameplate).all()
    assert (plants.mw > 0.0).all()
    total = pd.Series(plants.nameplate).groupby(code).first().sum()
    committed = gpd.read_parquet(ROOT / "data/grid/power_plants.parquet")
    assert total == pytest.approx(committed.loc[committed["source"] != "inventory", "mw"].sum(), rel=0.01)


@pytest.mark.slow
def test_real_load_points_hold_the_people_and_jobs_of_the_country() -> None:
    """325-340 million people in 49 states, every point with a county; jobs add up to the counties' employment."""
    points = load_points(Compiler(RAW, ROOT / "data"))
    economy = pd.read_parquet(ROOT / "data/policy/county_economy.parquet")
    assert points["state"].nunique() == 49
    assert 325e6 < points["people"].sum() < 345e6
    assert points[["people", "jobs", "state", "fips"]].notna().all().all()
    assert points["jobs"].sum() == pytest.approx(economy["employment"].sum(), rel=0.005)
